"""`keras-robust demo`: wrong labels put into digits, and found."""

import time
from pathlib import Path

import keras

from keras_robust import demo


def add(commands):
    """Adds the command to the parser's `commands`."""
    shown = commands.add_parser(
        "demo",
        help="train on digits with wrong labels and find them",
        description=(
            "Trains a small CNN on scikit-learn's digits with wrong labels, "
            "with cross-entropy and with a robust loss, prints the accuracy "
            "on clean test images, finds the wrong labels, and writes a page "
            "to review them."
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
        help="the picture to write, and beside it the review page, .html "
        "(default: keras_robust_demo.png)",
    )
    shown.set_defaults(run=run)


def run(options):
    """Runs the command; returns the exit status."""
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
    page = demo.page_path(output)
    demo.page(result, page)
    for line in demo.summary(result, loss):
        print(line)
    print(
        f"\nThe picture is in {output}. To look at the suspects and decide "
        f"about them, open {page} in a browser "
        f"({time.perf_counter() - start:.0f} s in all)."
    )
    return 0
