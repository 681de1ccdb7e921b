"""The command `keras-robust`."""

import argparse
import os
import sys
import time
from pathlib import Path

import keras

from keras_robust import __version__
from keras_robust import demo


def main(arguments=None):
    """Runs the command.

    Args:
        arguments: List of strings; defaults to those of the process.

    Returns:
        The exit status: 0, 2 for an argument or a file that will not do, 130
        if interrupted.
    """
    if sys.stdout is None:  # closed by the caller; Keras's bar writes to it
        sys.stdout = open(os.devnull, "w")
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read the output has had enough; so will the interpreter's
        # own last flush.
        sys.stdout = open(os.devnull, "w")
        return 0
    except (ValueError, OSError, ImportError) as error:
        print(f"keras-robust: {error}", file=sys.stderr)
        return 2


def _parser():
    parser = argparse.ArgumentParser(
        prog="keras-robust",
        description="Train Keras models on wrong labels, and find them.",
    )
    parser.add_argument(
        "--version", action="version", version=f"keras-robust {__version__}"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    shown = commands.add_parser(
        "demo",
        help="train on digits with wrong labels and find them",
        description=(
            "Trains a small CNN on scikit-learn's digits with wrong labels, "
            "with cross-entropy and with a robust loss, prints the accuracy "
            "on clean test images, and finds the wrong labels."
        ),
        epilog="example: keras-robust demo --loss agce --rate 0.4 --seed 1",
    )
    shown.add_argument(
        "--loss",
        default="agce",
        help="robust loss: a name such as agce, aul, gce or nce+agce "
        "(default: agce, which stands for AsymmetricGCE(q=3))",
    )
    shown.add_argument(
        "--noise",
        default="symmetric",
        choices=sorted(demo.NOISES),
        help="kind of label noise (default: symmetric)",
    )
    shown.add_argument(
        "--rate",
        type=float,
        default=0.4,
        help="share of wrong training labels, 0 to 1 (default: 0.4)",
    )
    shown.add_argument(
        "--epochs",
        type=int,
        default=demo.EPOCHS,
        help=f"epochs of each training (default: {demo.EPOCHS})",
    )
    shown.add_argument(
        "--seed", type=int, default=0, help="seed of everything (default: 0)"
    )
    shown.add_argument(
        "--output",
        default="keras_robust_demo.png",
        help="the picture to write (default: keras_robust_demo.png)",
    )
    shown.set_defaults(run=_demo)
    return parser


def _demo(options):
    start = time.perf_counter()
    loss = demo.robust_loss(options.loss)
    demo.check(options.rate, options.epochs, options.seed)
    output = demo.check_output(Path(options.output))
    print(
        f"Keras {keras.__version__} on {keras.backend.backend()}. Digits, "
        f"{options.rate:.0%} {options.noise} label noise, "
        f"{options.epochs} epochs, seed {options.seed}."
    )
    result = demo.run(
        loss,
        options.noise,
        options.rate,
        options.epochs,
        options.seed,
        bar=keras.utils.Progbar(2 * options.epochs, unit_name="epoch"),
    )
    demo.picture(result, output)
    for line in demo.summary(result, loss):
        print(line)
    print(
        f"\nThe picture is in {output} "
        f"({time.perf_counter() - start:.0f} s in all)."
    )
    return 0
