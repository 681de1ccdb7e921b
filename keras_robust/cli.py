"""The command `keras-robust`."""

import argparse
import os
import sys

from keras_robust import __version__
from keras_robust.commands import demo
from keras_robust.commands import find


def main(arguments=None):
    """Runs the command.

    Args:
        arguments: List of strings; defaults to those of the process.

    Returns:
        The exit status: 0; 1 where `find --fail-above` found more; 2 for an
        argument or a file that will not do; 130 if interrupted.
    """
    if sys.stdout is None:  # closed by the caller; Keras's bar writes to it
        sys.stdout = open(os.devnull, "w")
    options = parser().parse_args(arguments)
    try:
        return options.run(options)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read the output has had enough; so will the interpreter's
        # own last flush.
        sys.stdout = open(os.devnull, "w")
        return 0
    except (ValueError, OSError, ImportError, MemoryError) as error:
        # One line, whatever a library puts into its message.
        text = " ".join(str(error).split()) or type(error).__name__
        print(f"keras-robust: {text}", file=sys.stderr)
        return 2


def parser():
    """The parser of the command and its commands."""
    parser = argparse.ArgumentParser(
        prog="keras-robust",
        description="Train Keras models on wrong labels, and find them.",
        epilog="example: keras-robust find --labels y.npy --probs p.npy; "
        "`keras-robust COMMAND --help` shows more of each.",
    )
    parser.add_argument(
        "--version", action="version", version=f"keras-robust {__version__}"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    demo.add(commands)
    find.add(commands)
    return parser
