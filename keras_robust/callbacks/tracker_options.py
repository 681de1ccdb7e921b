"""The arguments of a tracker, checked before anything is trained."""

import difflib
import warnings

import keras

from keras_robust.callbacks.epoch_logs import EpochLogs
from keras_robust.losses.masking import mask_of
from keras_robust.training import labels
from keras_robust.training.signals import SIGNALS


def check(mode, reduce, store, resume):
    """Raises for a bad `mode` or `reduce`, or `resume` without `store`."""
    if mode not in ("train", "eval"):
        raise ValueError(
            f'`mode` must be "train" or "eval". Received: mode={mode!r}'
        )
    number = isinstance(reduce, (int, float)) and not isinstance(reduce, bool)
    if reduce != "mean" and not (number and 0 <= reduce <= 1):
        raise ValueError(
            '`reduce` must be "mean" or a quantile in [0, 1]. '
            f"Received: reduce={reduce!r}"
        )
    if resume and store is None:
        raise ValueError(
            "`resume` needs the `store` to go on with. Received: "
            f"resume={resume!r}, store=None"
        )


def checked_signals(signals, logs=()):
    """Returns the names of signals, with those the tracker itself needs."""
    names = _checked(signals, SIGNALS, "signal")
    if set(logs) - {"coverage"}:
        names.append("cross_entropy")
    return list(dict.fromkeys([*names, "predicted"]))


def checked_logs(logs):
    """Returns the names of numbers for the logs."""
    return _checked(logs, EpochLogs.NAMES, "name in `logs`")


def _checked(names, known, what):
    names = (names,) if isinstance(names, str) else tuple(names)
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, 1, 0.0)[0]
            raise ValueError(
                f"Unknown {what}. Did you mean {near!r}? There are: "
                f"{', '.join(known)}. Received: {name!r}"
            )
    return list(dict.fromkeys(names))


def check_classes(tracked, output):
    """Raises for labels that the recorded output has no class for."""
    known = output.num_classes
    if known is None:
        return
    if not tracked.dense:
        labels.check_range(tracked.given_label, known)
    given = tracked.num_classes
    if given is not None and given != known:
        raise ValueError(
            "The labels and the model disagree on the number of classes: "
            "give the last layer as many outputs as there are classes. "
            f"Received: {given} classes in the labels, {known} in the model"
        )


def check_blended(tracked, mode):
    """Raises for labels of several samples at once, where they are trained."""
    if tracked.blended and mode == "eval":
        warnings.warn(
            "The labels are shares of several classes; their largest counts "
            "as the given label. If they are blended (mixup, cutmix), track "
            "the data as it was before, and fit on the blended data.",
            stacklevel=3,
        )
    elif tracked.blended:
        raise ValueError(
            "The labels look blended (mixup, cutmix): a row stands for "
            "several samples, so what the training pass says of it is of "
            "none. Track the data as it was before blending, with "
            'LossTrajectory(mode="eval"), and fit on the blended data. '
            "Received: rows whose labels are shared out differently"
        )


def check_masks(outputs):
    """Raises for outputs that the model masks: `predict` loses that."""
    outputs = keras.tree.flatten(outputs)
    if any(mask_of(output) is not None for output in outputs):
        raise ValueError(
            "The model masks positions, and what it predicts outside of "
            'training does not tell which: record with mode="train". '
            'Received: mode="eval"'
        )
