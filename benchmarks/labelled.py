"""The data sets of the detection benchmark: samples, given and true labels.

With a folder of files (see benchmarks/data.py for its images) the nine sets
and one more with unequal classes; without, three of scikit-learn's digits.
Beside those images the folder holds

- `fashion_mnist.npz` with `noisy_sym20`, `noisy_pair45`, `noisy_asym40`,
  `noisy_idn40`: labels of the training images with made noise;
- `cifar10n_dev.npz` with `noisy_aggre`, `noisy_random1`, `noisy_worst`;
- `hausa_news.npz`: `text_train`, `y_train`, `noisy_distant`;
- `sentiment_crowd.npz`: `text_train`, `y_train`, `noisy_one_worker`.
"""

import functools
from dataclasses import dataclass

import numpy as np

from benchmarks import data
from keras_robust import demo
from keras_robust import noise


@dataclass(frozen=True)
class Labelled:
    """Samples in an order without meaning.

    Attributes:
        x: Images `(N, H, W, C)` or features of texts `(N, D)`, float32.
        given: The labels to be judged, int32.
        true: The labels taken as right.
        num_classes: K.
    """

    x: np.ndarray
    given: np.ndarray
    true: np.ndarray
    num_classes: int

    @property
    def wrong(self):
        return self.given != self.true


def fashion_mnist(folder, seed, labels, count=8_000):
    """A draw of the training images with labels of the file."""
    found = data.read(folder, data.FASHION_MNIST, labels)
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(len(found["y_train"]))[:count]
    return _images(found, drawn, found[labels][drawn], 0.1307, 0.3081)


def fashion_unequal(folder, seed, rate=0.2, largest=3_000, ratio=50):
    """Classes of 3,000 down to 60 images, with symmetric noise."""
    found = data.read(folder, data.FASHION_MNIST)
    rng = np.random.default_rng(seed)
    sizes = largest * ratio ** (-np.arange(10) / 9)
    rng.shuffle(sizes)
    order = rng.permutation(len(found["y_train"]))
    classes = found["y_train"][order]
    place = np.empty(len(order), np.int64)
    for k in range(10):
        own = classes == k
        place[own] = np.arange(own.sum())
    drawn = order[place < sizes.round()[classes]]
    true = found["y_train"][drawn]
    given = noise.symmetric(true, rate, 10, seed=rng).labels
    return _images(found, drawn, given, 0.1307, 0.3081)


def cifar10n(folder, seed, labels):
    """Every image of the file, with the labels that people gave them."""
    found = data.read(folder, data.CIFAR10N, labels)
    order = np.random.default_rng(seed).permutation(len(found["y_train"]))
    return _images(found, order, found[labels][order], 0.5, 0.25)


def texts(folder, seed, name, labels, analyzer, num_classes):
    """The training texts of a file as their terms, weighed (TF-IDF)."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    found = data.read(folder, name, labels, needed=("text_train", "y_train"))
    order = np.random.default_rng(seed).permutation(len(found["y_train"]))
    terms = TfidfVectorizer(
        analyzer=analyzer,
        ngram_range=(1, 4) if analyzer == "char_wb" else (1, 2),
        max_features=5_000,
        sublinear_tf=True,
    )
    # Which terms there are is known without labels: no leak between folds.
    x = terms.fit_transform(found["text_train"]).toarray().astype("float32")
    # Of length 1 in thousands of dimensions a row is too small to learn from.
    x *= np.sqrt(x.shape[1]) / 10
    return Labelled(
        x[order],
        found[labels][order].astype("int32"),
        found["y_train"][order].astype("int32"),
        num_classes,
    )


def digits(folder, seed, kind, rate):
    """scikit-learn's digits; needs no folder."""
    made = demo.load_digits(kind, rate, seed)
    return Labelled(made.x_train, made.y_train, made.true_train, 10)


def _images(found, drawn, given, mean, deviation):
    return Labelled(
        data.standardised(found["x_train"][drawn], mean, deviation),
        np.asarray(given).astype("int32"),
        found["y_train"][drawn].astype("int32"),
        10,
    )


def _of(loader, **more):
    return functools.partial(loader, **more)


OF_FILES = {
    "fashion-sym20": _of(fashion_mnist, labels="noisy_sym20"),
    "fashion-pair45": _of(fashion_mnist, labels="noisy_pair45"),
    "fashion-asym40": _of(fashion_mnist, labels="noisy_asym40"),
    "fashion-idn40": _of(fashion_mnist, labels="noisy_idn40"),
    "cifar10n-aggre": _of(cifar10n, labels="noisy_aggre"),
    "cifar10n-random1": _of(cifar10n, labels="noisy_random1"),
    "cifar10n-worst": _of(cifar10n, labels="noisy_worst"),
    "hausa": _of(
        texts,
        name="hausa_news.npz",
        labels="noisy_distant",
        analyzer="char_wb",
        num_classes=5,
    ),
    "sentiment": _of(
        texts,
        name="sentiment_crowd.npz",
        labels="noisy_one_worker",
        analyzer="word",
        num_classes=2,
    ),
    "fashion-unequal": fashion_unequal,
}
OF_DIGITS = {
    "digits-sym20": _of(digits, kind="symmetric", rate=0.2),
    "digits-sym40": _of(digits, kind="symmetric", rate=0.4),
    "digits-pair30": _of(digits, kind="pair", rate=0.3),
}
