"""The main job, shown: digits with wrong labels, trained and cleaned.

Its data and its network are also what the benchmarks measure on.
"""

import os
from dataclasses import dataclass

import keras
import numpy as np

from keras_robust import losses
from keras_robust import noise
from keras_robust import report
from keras_robust.losses import RobustLoss
from keras_robust.report.review.rendering import need_jinja2
from keras_robust.workflow import WARM_UP
from keras_robust.workflow import audit

NUM_CLASSES = 10
BATCH_SIZE = 64
EPOCHS = 40
NOISES = {"symmetric": noise.symmetric, "pair": noise.pair_flip}


@dataclass(frozen=True)
class Digits:
    """scikit-learn's digits, 8 x 8 in [0, 1], the training labels noisy."""

    x_train: np.ndarray
    y_train: np.ndarray
    true_train: np.ndarray
    x_valid: np.ndarray
    y_valid: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def load_digits(kind, rate, seed):
    """Splits the digits 60:15:25 and makes all but the test labels noisy."""
    from sklearn.datasets import load_digits as load
    from sklearn.model_selection import train_test_split

    x, y = load(return_X_y=True)
    x = (x / 16.0).reshape(-1, 8, 8, 1).astype("float32")
    x, x_test, y, y_test = train_test_split(
        x, y, test_size=0.25, stratify=y, random_state=seed
    )
    noisy = NOISES[kind](y, rate, NUM_CLASSES, seed=seed).labels
    x_train, x_valid, y_train, y_valid, true_train, _ = train_test_split(
        x, noisy, y, test_size=0.2, stratify=y, random_state=seed
    )
    return Digits(
        x_train, y_train, true_train, x_valid, y_valid, x_test, y_test
    )


def small_cnn(loss):
    """The network of the demo, compiled: two convolutions, two dense layers."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(NUM_CLASSES, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(1e-3), loss=loss, metrics=["accuracy"])
    return model


class _Watch(keras.callbacks.Callback):
    """Clean test accuracy after every epoch, and a step of the bar."""

    def __init__(self, digits, bar):
        super().__init__()
        self.digits = digits
        self.bar = bar
        self.test_accuracy = []

    def on_epoch_end(self, epoch, logs=None):
        predicted = self.model.predict(self.digits.x_test, verbose=0)
        hits = predicted.argmax(axis=1) == self.digits.y_test
        self.test_accuracy.append(float(hits.mean()))
        if self.bar is not None:
            self.bar.add(1)


@dataclass(frozen=True)
class Result:
    """Accuracies on clean test images, and what was found in the training set.

    Attributes:
        last: Of cross-entropy at its last epoch.
        stopped: Of cross-entropy at the epoch best on noisy validation labels.
        robust: Of the robust loss at its last epoch.
        audit: The `keras_robust.workflow.Audit` of the robust training.
        digits: The data.
    """

    last: float
    stopped: float
    robust: float
    audit: object
    digits: Digits

    @property
    def found(self):
        """Precision, recall, F1 and more of the flags against the truth."""
        return self.audit.issues.evaluate(self.digits.true_train)


def run(
    loss="agce", kind="symmetric", rate=0.4, epochs=EPOCHS, seed=0, bar=None
):
    """Trains cross-entropy and a robust loss on the same noisy digits.

    Args:
        loss: A `RobustLoss` or its name; `"agce"` stands for
            `AsymmetricGCE(q=3)`.
        kind: `"symmetric"` or `"pair"` noise.
        rate: Share of wrong labels.
        epochs: Epochs of each training.
        seed: Seed of the split, the noise, the weights and the shuffling.
        bar: A `keras.utils.Progbar` of `2 * epochs` steps, or `None`.

    Returns:
        A `Result`.
    """
    digits = load_digits(kind, rate, seed)
    keras.utils.set_random_seed(seed)
    plain = _Watch(digits, bar)
    history = small_cnn(losses.CrossEntropy()).fit(
        digits.x_train,
        digits.y_train,
        batch_size=BATCH_SIZE,
        epochs=epochs,
        validation_data=(digits.x_valid, digits.y_valid),
        callbacks=[plain],
        verbose=0,
    )
    best = int(np.argmax(history.history["val_accuracy"]))

    keras.utils.set_random_seed(seed)
    robust = _Watch(digits, bar)
    audited = audit(
        small_cnn(robust_loss(loss)),
        digits.x_train,
        digits.y_train,
        epochs=epochs,
        batch_size=BATCH_SIZE,
        # What the figures of the README were measured with.
        score="aum",
        split="gmm",
        seed=seed,
        callbacks=[robust],
        verbose=0,
    )
    return Result(
        last=plain.test_accuracy[-1],
        stopped=plain.test_accuracy[best],
        robust=robust.test_accuracy[-1],
        audit=audited,
        digits=digits,
    )


def robust_loss(loss):
    """The loss a name of the demo stands for."""
    if isinstance(loss, RobustLoss):
        return loss
    if "+" not in loss and losses.canonical_name(loss) == "asymmetric_gce":
        return losses.AsymmetricGCE(q=3)
    return losses.get(loss)


def check(rate, epochs, seed):
    """Raises for a rate, a number of epochs or a seed that will not do."""
    if not 0 <= rate <= 1:
        raise ValueError(
            f"`rate` must be between 0 and 1. Received: rate={rate}"
        )
    if epochs < 1:
        raise ValueError(
            f"`epochs` must be at least 1. Received: epochs={epochs}"
        )
    if not 0 <= seed < 2**32:
        raise ValueError(
            f"`seed` must be between 0 and 2**32 - 1. Received: seed={seed}"
        )


def check_output(path):
    """Returns `path` with its suffix; raises if it cannot be written."""
    report.new_figure(1, 1)  # raises where matplotlib is missing
    need_jinja2()
    path = path if path.suffix else path.with_suffix(".png")
    if path.is_dir() or path.suffix.lower() != ".png":
        raise ValueError(
            "The picture is a PNG file: give a file name that ends in .png. "
            f"Received: output={path}"
        )
    if not path.parent.is_dir():
        raise ValueError(
            f"The folder of the picture is not there: make it first. "
            f"Received: output={path}"
        )
    if not os.access(path.parent, os.W_OK):
        raise ValueError(
            "The folder of the picture cannot be written. "
            f"Received: output={path}"
        )
    page = page_path(path)
    if page.exists() and not report.is_review(page):
        raise ValueError(
            "The review page would replace a file of yours: give another "
            f"name. Received: output={path}, and there is {page}"
        )
    return path


def page_path(path):
    """Where the review page is written, beside the picture."""
    return path.with_suffix(".html")


def summary(result, loss):
    """Yields the lines of the report."""
    issues, digits, found = result.audit.issues, result.digits, result.found
    wrong = int(np.count_nonzero(digits.y_train != digits.true_train))
    total = len(issues)
    rows = {
        "cross-entropy, last epoch": result.last,
        "cross-entropy, stopped early on noisy validation": result.stopped,
        f"{loss!r}, {WARM_UP} epochs of warm-up": result.robust,
    }
    width = max(map(len, rows))
    yield "\nAccuracy on clean test images"
    for name, accuracy in rows.items():
        yield f"  {name:<{width}}  {accuracy:.3f}"
    yield f"\nWrong labels: {wrong} of {total} training labels are wrong"
    rates = ", ".join(
        f"{name} " + ("-" if np.isnan(value) else f"{value:.3f}")
        for name, value in found.items()
        if name in ("precision", "recall", "f1")
    )
    yield f"  flagged {issues.num_issues}: {rates}"
    yield "\nThe twenty most suspicious (quality 0 is worst)"
    yield "   image   given   suggested   truth   quality"
    for position in issues.top(20):
        yield (
            f"  {issues.ids[position]:>6}  {issues.given_label[position]:>6}"
            f"  {issues.suggested_label[position]:>10}"
            f"  {digits.true_train[position]:>6}"
            f"  {issues.label_quality[position]:>8.1e}"
        )


def picture(result, path):
    """Writes trajectories and the worst images to a PNG file."""
    issues, digits = result.audit.issues, result.digits
    figure = report.new_figure(9, 6.4)
    top, bottom = figure.subfigures(2, 1, height_ratios=[3, 2])
    report.plot_trajectories(
        result.audit.trajectories,
        digits.y_train != digits.true_train,
        ax=top.subplots(),
        names=("right labels", "wrong labels"),
    )
    report.plot_gallery(
        digits.x_train,
        issues.given_label,
        issues.suggested_label,
        positions=issues.top(20),
        figure=bottom,
    )
    report.save_figure(figure, path)


def page(result, path):
    """Writes the review page; samples are alike by their pixels."""
    images = result.digits.x_train
    result.audit.issues.to_html(
        path,
        images,
        "image",
        trajectories=result.audit.trajectories,
        embeddings=images.reshape(len(images), -1),
        title="Digits with wrong labels",
        overwrite=True,
    )
