"""Trajectories and suspects, for TensorBoard."""

import functools

import numpy as np

from keras_robust.detect import LabelIssues
from keras_robust.detect.scores.reading import opened
from keras_robust.report import pixels
from keras_robust.report.class_noise_plot import plot_class_noise
from keras_robust.report.event_file import EventFile
from keras_robust.report.gallery import plot_worst
from keras_robust.report.groups import as_mask
from keras_robust.report.label_matrix_plot import plot_label_matrix
from keras_robust.report.quality_plot import plot_quality
from keras_robust.report.style import names_of
from keras_robust.trajectories import Trajectories

# Class numbers have neither a mean nor a histogram.
_NO_NUMBERS = ("predicted",)


def write_tensorboard(
    log_dir,
    trajectories,
    issues=None,
    images=None,
    class_names=None,
    k=20,
):
    """Writes a recorded run, and what was found in it, for TensorBoard.

    For each epoch a histogram of every signal over the samples and its mean,
    with `issues` also those of the suspects and of the rest; at the last
    epoch the number of flagged labels, the plots of `report` and, with
    `images`, the most suspicious ones under given and suggested label.

    `TrajectoryTensorBoard` writes the same while `fit` runs.

    Args:
        log_dir: The folder that TensorBoard looks into; a new file is written
            there, and none is changed.
        trajectories: `Trajectories` of N samples, or their path.
        issues: The `LabelIssues` found, of the same samples. Defaults to
            `None`.
        images: As of `plot_gallery`, in the order of the samples; they need
            `issues`. Defaults to `None`.
        class_names: Names of the classes, in order. Defaults to their
            numbers.
        k: How many images, 1 to 200. Defaults to `20`.

    Returns:
        The path of the file.

    Raises:
        ImportError: If tensorboard or matplotlib is missing.
        OSError: If the file cannot be written.
        ValueError: If the samples, images or names do not fit.

    Example:

    >>> import os
    >>> import tempfile
    >>> from keras_robust.report import write_tensorboard
    >>> from keras_robust.trajectories import Trajectories
    >>> t = Trajectories([7, 8], [0], {"margin": [[1, 2]]}, [0, 1], 2)
    >>> path = write_tensorboard(tempfile.mkdtemp(), t)
    >>> "tfevents" in os.path.basename(path)
    True
    """
    path, trajectories = trajectories, opened(trajectories)
    read = getattr(trajectories, "select", None)
    if read is None:
        # Of a store an epoch at a time.
        read = functools.partial(Trajectories.load, path)
    check(len(trajectories), images, class_names, k, trajectories.num_classes)
    mask = None
    if issues is not None:
        if not isinstance(issues, LabelIssues):
            raise ValueError(
                "`issues` must be LabelIssues. Received: "
                f"{type(issues).__name__}"
            )
        mask = as_mask(issues, trajectories.ids)
    elif images is not None:
        raise ValueError(
            "`images` are shown in the order of suspicion, so they need "
            "`issues`. Received: issues=None"
        )
    epochs = [int(epoch) for epoch in trajectories.epochs]
    with EventFile(log_dir) as file:
        for epoch in epochs:
            part = read(epochs=[epoch])
            signals = {n: values[0] for n, values in part.signals.items()}
            write_epoch(file, epoch, signals, mask)
        if issues is not None:
            write_found(file, epochs[-1], issues, images, class_names, k)
    return file.path


def check(size, images, class_names, k, num_classes=None):
    """Raises for images, names or a number of them that do not fit.

    Args:
        size: The number of samples, `None` if it is not known yet.
        images, class_names, k: As of `write_tensorboard`.
        num_classes: `None` if it is not known yet.
    """
    if not isinstance(k, int | np.integer) or not 1 <= k <= 200:
        raise ValueError(
            f"`k` must be an integer from 1 to 200. Received: k={k!r}"
        )
    names_of(class_names, num_classes or 0)
    if images is None:
        return
    count = pixels.count(images)
    if size not in (None, count):
        raise ValueError(
            "There must be an image for each sample, None for a missing one. "
            f"Received: {count} images, {size} samples"
        )


def write_epoch(file, epoch, signals, mask=None):
    """Writes what was recorded in an epoch.

    Args:
        file: An `EventFile`.
        epoch: Its number.
        signals: dict of name to values `(N,)`, NaN where not seen.
        mask: bool `(N,)`, the suspects, or `None`.
    """
    groups = {"all": slice(None)}
    if mask is not None:
        groups.update(suspects=mask, others=~mask)
    seen = np.zeros(1)
    for name, values in signals.items():
        seen = ~np.isnan(values)
        if name in _NO_NUMBERS:
            continue
        for group, members in groups.items():
            own = values[members]
            own = own[~np.isnan(own)]
            if own.size:
                file.scalar(f"mean_{name}/{group}", own.mean(), epoch)
                file.histogram(f"{name}/{group}", own, epoch)
    file.scalar("coverage", seen.mean(), epoch)


def write_found(file, epoch, issues, images, class_names, k):
    """Writes what was found after an epoch: numbers and pictures."""
    file.scalar("label_issues/flagged", issues.num_issues, epoch)
    share = issues.num_issues / max(len(issues), 1)
    file.scalar("label_issues/share", share, epoch)
    file.histogram("label_issues/quality", issues.label_quality, epoch)
    for tag, figure in (
        ("quality", plot_quality(issues)),
        ("classes", plot_class_noise(issues, class_names)),
        ("given_and_suggested", plot_label_matrix(issues, class_names)),
    ):
        file.picture(f"label_issues/{tag}", figure, epoch)
    if images is not None:
        worst = plot_worst(issues, images, k, class_names)
        file.picture("label_issues/suspects", worst, epoch)
