"""The images of the benchmarks that train: digits, or files of your own.

`--data DIR` names a folder with files that are not part of this project:

- `fashion_mnist.npz`: `x_train`, `y_train`, `x_test`, `y_test`, what
  `keras.datasets.fashion_mnist.load_data()` gives.
- `cifar10n_dev.npz`: CIFAR-10 and the "worst" labels of CIFAR-10N, whole or a
  part: `x_train`, `y_train`, `noisy_worst`, `x_test`, `y_test`. Images may
  also be stored as differences (`x_train_enc`, `x_test_enc`).
"""

import pathlib
from dataclasses import dataclass

import numpy as np

from keras_robust import demo
from keras_robust import noise

NUM_CLASSES = 10
FASHION_MNIST = "fashion_mnist.npz"
CIFAR10N = "cifar10n_dev.npz"


# name -> function of true labels, images of bytes, a rate and a generator.
NOISES = {
    "symmetric": lambda true, x, rate, rng: noise.symmetric(
        true, rate, NUM_CLASSES, seed=rng
    ),
    "asymmetric": lambda true, x, rate, rng: noise.asymmetric(
        true, rate, "fashion_mnist", NUM_CLASSES, seed=rng
    ),
    "instance": lambda true, x, rate, rng: noise.instance_dependent(
        true, x, rate, NUM_CLASSES, seed=rng
    ),
}


@dataclass(frozen=True)
class Images:
    """Images in an order without meaning; the training labels are noisy."""

    x_train: np.ndarray
    y_train: np.ndarray
    true_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray

    @property
    def noise_rate(self):
        return float((self.y_train != self.true_train).mean())

    @property
    def transition_matrix(self):
        counts = np.zeros((NUM_CLASSES, NUM_CLASSES))
        np.add.at(counts, (self.true_train, self.y_train), 1)
        return counts / counts.sum(axis=1, keepdims=True)

    def first(self, train, test):
        """The same of fewer images."""
        return Images(
            self.x_train[:train],
            self.y_train[:train],
            self.true_train[:train],
            self.x_test[:test],
            self.y_test[:test],
        )


def digits(folder, seed, rate=0.4):
    """scikit-learn's digits with symmetric noise; needs no folder."""
    made = demo.load_digits("symmetric", rate, seed)
    return Images(
        made.x_train, made.y_train, made.true_train, made.x_test, made.y_test
    )


def fashion_mnist(folder, seed, rate, kind="symmetric", count=10_000):
    """A draw of the training images with noise of `NOISES`, all test images."""
    found = read(folder, FASHION_MNIST)
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(len(found["y_train"]))[:count]
    true = found["y_train"][drawn].astype("int32")
    images = found["x_train"][drawn]
    return Images(
        standardised(images, 0.1307, 0.3081),
        NOISES[kind](true, images, rate, rng).labels,
        true,
        standardised(found["x_test"], 0.1307, 0.3081),
        found["y_test"].astype("int32"),
    )


def cifar10n(folder, seed, labels="noisy_worst"):
    """Every image of the file, with these labels of it."""
    found = read(folder, CIFAR10N, labels)
    order = np.random.default_rng(seed).permutation(len(found["y_train"]))
    return Images(
        standardised(found["x_train"][order], 0.5, 0.25),
        found[labels][order].astype("int32"),
        found["y_train"][order].astype("int32"),
        standardised(found["x_test"], 0.5, 0.25),
        found["y_test"].astype("int32"),
    )


def read(
    folder, name, *more, needed=("x_train", "y_train", "x_test", "y_test")
):
    """The arrays of a file in the folder of the data, images decoded."""
    path = pathlib.Path(folder) / name
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no {name} in the folder of the data; "
            "benchmarks/data.py says what it holds. Received: "
            f"--data {folder}"
        )
    with np.load(path, allow_pickle=False) as file:
        found = {key: file[key] for key in file.files}
    for key in ("x_train", "x_test"):
        if f"{key}_enc" in found:
            found[key] = _decoded(found[f"{key}_enc"])
    missing = [key for key in (*needed, *more) if key not in found]
    if missing:
        raise ValueError(
            f"{path} lacks the arrays {missing}; benchmarks/data.py says what "
            f"it holds. Received: {sorted(found)}"
        )
    return found


def _decoded(differences):
    """Images of differences along rows and columns, of R - G, G and B - G."""
    planes = np.cumsum(differences, axis=3, dtype=np.uint8)
    np.cumsum(planes, axis=2, dtype=np.uint8, out=planes)
    planes[:, 0] += planes[:, 1]
    planes[:, 2] += planes[:, 1]
    return planes.transpose(0, 2, 3, 1)


def standardised(images, mean, deviation):
    """Images of bytes as float32 `(N, H, W, C)`."""
    if images.ndim == 3:
        images = images[..., np.newaxis]
    scaled = images.astype("float32") / 255.0
    return np.ascontiguousarray((scaled - mean) / deviation)
