"""What the methods that act during training are worth.

`python -m benchmarks.acting [--data DIR] [--runs DIR] [--quick] [--json FILE]`
trains the same network from the same weights, once with every method of
benchmarks/methods.py, and prints the accuracy on clean test images at the end
of the training; of methods that stop and go back, at the epoch they went back
to. All see the samples in the same order but two: NoisyEarlyStopping trains on
nine tenths, the rest is its validation data, and CoTeaching, which has no
tracker and a second network, leaves the order to Keras. With `--data` (see
benchmarks/data.py) on Fashion-MNIST and CIFAR-10N, without on digits. `--runs`
keeps every run in a file: what is there is not run again, and refused if its
setting or method was another one. TensorFlow is the fastest backend on a
processor; TF_NUM_INTRAOP_THREADS=1 holds it to one.
"""

import functools

from benchmarks import data
from benchmarks.methods import METHODS
from benchmarks.study import Setting
from benchmarks.study import Study


def _fashion(rate):
    return Setting(
        f"Fashion-MNIST, symmetric {rate}",
        functools.partial(data.fashion_mnist, rate=rate),
        "mnist",
        (32, 64),
    )


# The names that `--settings` takes.
OF_FILES = {
    "fashion-0.4": _fashion(0.4),
    "fashion-0.8": _fashion(0.8),
    "cifar10n-worst": Setting(
        "CIFAR-10N, worst", data.cifar10n, "cifar10", (16, 32, 64), warm_up=4
    ),
}
OF_DIGITS = {
    "digits-0.4": Setting(
        "digits, symmetric 0.4", data.digits, "mnist", (16, 32), 30, 5
    )
}

STUDY = Study("acting", __doc__, OF_FILES, OF_DIGITS, METHODS)


def main(arguments=None):
    STUDY.main(arguments)


if __name__ == "__main__":
    main()
