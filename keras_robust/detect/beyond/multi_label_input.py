"""Labels and probabilities of several classes a sample, checked."""

import numpy as np

from keras_robust.detect.beyond.arrays import as_array
from keras_robust.detect.beyond.arrays import check_all

MISSING = -1

_WHAT = (
    "0 and 1 for every sample and class, shape (N, K), -1 or NaN where it is "
    "not known; or a list with the list of classes of each sample"
)


def as_yes_or_no(labels, num_classes):
    """Multi-label labels as int8 `(N, K)`: 0, 1, and -1 where missing.

    Args:
        labels: An array of 0 and 1, or lists of classes.
        num_classes: K.

    Raises:
        ValueError: If they are neither, naming the first bad entry.
    """
    if isinstance(labels, list | tuple):
        return _of_lists(labels, num_classes)
    array = as_array("labels", labels, "iufb", _WHAT)
    if array.ndim != 2 or array.shape[1] != num_classes or not array.size:
        hint = ""
        if array.ndim == 1 or array.shape[1:] == (1,):
            hint = (
                ". One class a sample is what `find_label_issues` and "
                "`confident_learning` take"
            )
        raise ValueError(
            f"`labels` must be {_WHAT}; `pred_probs` have K = {num_classes}"
            f"{hint}. Received: labels.shape={array.shape}"
        )
    if array.dtype.kind == "b":
        return array.astype(np.int8)
    missing = array == -1
    if array.dtype.kind == "f":
        missing |= np.isnan(array)
    check_all(
        (array == 0) | (array == 1) | missing,
        "labels",
        array,
        "`labels` must be 0 or 1, or -1 or NaN where they are not known",
    )
    yes = (array == 1).astype(np.int8)
    yes[missing] = MISSING
    return yes


def _of_lists(labels, num_classes):
    array = np.zeros((len(labels), num_classes), np.int8)
    for sample, classes in enumerate(labels):
        row = _as_row(sample, classes)
        outside = (row < 0) | (row >= num_classes)
        if outside.any():
            raise ValueError(
                "`labels` as lists of classes must be in [0, K - 1] = "
                f"[0, {num_classes - 1}]. Received: labels[{sample}]={classes}"
            )
        if np.unique(row).size != row.size:
            raise ValueError(
                "`labels` as lists must name a class once. If they are 0 and "
                "1 for every class, give `np.asarray(labels)`. Received: "
                f"labels[{sample}]={classes}"
            )
        array[sample, row] = 1
    if not len(labels):
        raise ValueError(f"`labels` must be {_WHAT}. Received: labels=[]")
    # No row repeats a class, so of these only two classes or one are left.
    if num_classes < 3 and all(len(row) == num_classes for row in labels):
        raise ValueError(
            "`labels` may be lists of classes, or 0 and 1 for every class: "
            "give `np.asarray(labels)` for the latter. (All classes for all "
            "samples are nothing to learn.) Received: "
            f"labels[0]={labels[0]}"
        )
    return array


def _as_row(sample, classes):
    name = f"labels[{sample}]"
    if isinstance(classes, set | frozenset):
        classes = list(classes)
    if not isinstance(classes, list | tuple | np.ndarray):
        raise ValueError(
            f"`labels` must be {_WHAT}. Received: {name}={classes!r}"
        )
    row = as_array(name, classes, "iu", "a list of class numbers")
    if row.ndim != 1:
        raise ValueError(
            f"`labels` must be {_WHAT}. Received: {name}={classes!r}"
        )
    return row.astype(np.int64)


def as_shares(pred_probs):
    """Probabilities of every class by itself, `(N, K)`, as an array.

    NaN pass: where there is no label, nothing is asked for.

    Raises:
        ValueError: If they have not two axes, or are not in [0, 1], naming the
            first that is not.
    """
    array = as_array(
        "pred_probs", pred_probs, "fiub", "probabilities of shape (N, K)"
    )
    if array.ndim != 2 or not array.size:
        hint = ""
        if array.ndim == 3:
            hint = " (of several epochs: `mean_multi_label_probs`)"
        raise ValueError(
            "`pred_probs` must be probabilities of shape (N, K), one sample "
            f"and one class at least{hint}. Received: "
            f"pred_probs.shape={array.shape}"
        )
    check_all(
        # Written so that NaN pass.
        ~((array < 0) | (array > 1)),
        "pred_probs",
        array,
        "`pred_probs` must be in [0, 1]; logits become probabilities by a "
        "sigmoid",
    )
    if array.dtype.kind != "f" or array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    return array
