"""The confident joint: how often a given label stands for which true one."""

import numpy as np

from keras_robust.noise.probabilities import as_classes_and_rows
from keras_robust.noise.probabilities import blocks
from keras_robust.noise.probabilities import checked_blocks

# cleanlab's: as near as this counts as reached; no threshold is lower than
# twice of it; and of a class without labels none is reached.
NEAR = 1e-6
_OUT_OF_REACH = 2.0
COLLISIONS = ("most_probable", "most_probable_confident")


def confident_joint(
    labels,
    pred_probs,
    thresholds=None,
    calibrate=False,
    collisions="most_probable",
):
    """Counts the samples of each given class that are surely of which class.

    Formula: `C[i, j]` is the number of samples of given label i whose
    confident class is j. A sample is confidently of class j if
    `p_j >= t_j`, with the threshold `t_j` the mean of `p_j` over the samples
    of given label j; if no class is reached it is not counted. Each class has
    a count of 1 at least on the diagonal.

    Where several classes are reached the paper takes the most probable of
    those, cleanlab the most probable of all, even if that one is not reached
    (rare: 7 of 1200 samples of a set of 50 classes); this is as cleanlab.

    Use it for noise rates, class by class, and for the number of wrong labels
    of each kind. It needs probabilities of models that have not seen the
    sample, as of cross-validation.

    Two passes over the probabilities, a block of rows at a time; O(N K)
    time, and memory for `(K, K)` numbers and the labels.

    Args:
        labels: given labels, integers in [0, K - 1], `(N,)` or `(N, 1)`.
        pred_probs: predicted probabilities, `(N, K)`, each row of sum 1; an
            array, a memory map, or an array of zarr or h5py.
        thresholds: `t`, `(K,)`. Defaults to the means, at least 2e-6, and 2
            for a class without labels, which nothing reaches.
        calibrate: whether the counts are scaled so that each row's sum is
            the number of its labels, rounded to integers. Defaults to
            `False`.
        collisions: `"most_probable"` (cleanlab's) or
            `"most_probable_confident"` (the paper's). Defaults to
            `"most_probable"`.

    Returns:
        int64 `(K, K)`, rows given and columns true classes.

    Raises:
        ValueError: if labels, probabilities or thresholds are not usable, or
            `collisions` is not one of the two.

    Example:

    >>> from keras_robust.noise import confident_joint
    >>> pred_probs = [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.1, 0.9]]
    >>> confident_joint([0, 0, 1, 0], pred_probs)
    array([[2, 1],
           [0, 1]])

    Reference:
        Northcutt et al., "Confident Learning: Estimating Uncertainty in
        Dataset Labels", JAIR 2021, equations 1 and 2.
    """
    classes, pred_probs = as_classes_and_rows(labels, pred_probs)
    if thresholds is not None:
        thresholds = as_thresholds(thresholds, pred_probs.shape[1])
    means = thresholds_of(classes, pred_probs)
    thresholds = means if thresholds is None else thresholds
    confident = ConfidentClasses(thresholds, collisions)
    joint = empty_joint(pred_probs.shape[1])
    for where, block in blocks(pred_probs):
        count(joint, classes[where], confident.of(block, *most_probable(block)))
    joint = with_diagonal(joint)
    return calibrated(joint, classes) if calibrate else joint


def confident_thresholds(labels, pred_probs):
    """How sure a model is of each class on average: `t` of confident learning.

    Formula: `t_j`, the mean of `p_j` over the samples of given label j.

    Args:
        labels, pred_probs: As of `confident_joint`.

    Returns:
        float64 `(K,)`, at least 2e-6, and 2 for a class without labels.

    Raises:
        ValueError: if the labels or the probabilities are not usable.

    Example:

    >>> from keras_robust.noise import confident_thresholds
    >>> confident_thresholds([0, 0, 1], [[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]])
    array([0.7, 0.8])

    Reference:
        Northcutt et al., "Confident Learning: Estimating Uncertainty in
        Dataset Labels", JAIR 2021, equation 2.
    """
    return thresholds_of(*as_classes_and_rows(labels, pred_probs))


def as_thresholds(thresholds, num_classes):
    """One threshold a class, float64 `(K,)`, or a `ValueError`."""
    try:
        found = np.asarray(thresholds, np.float64)
    except (TypeError, ValueError):
        found = np.empty(0)
    if found.shape == (num_classes, 1):
        found = found[:, 0]
    if found.shape != (num_classes,) or not np.isfinite(found).all():
        raise ValueError(
            "`thresholds` must hold one number for each class, shape "
            f"({num_classes},). Received: thresholds={thresholds!r}"
        )
    return found


def thresholds_of(classes, pred_probs):
    """`confident_thresholds`; checks the probabilities on its way."""
    num_classes = pred_probs.shape[1]
    total = np.zeros(num_classes)
    for where, block in checked_blocks(pred_probs):
        own = classes[where]
        given = block[np.arange(own.size), own]
        np.add.at(total, own, given.astype(np.float64))
    return means_of_classes(total, np.bincount(classes, minlength=num_classes))


def means_of_classes(total, sizes):
    """Thresholds of the sum over each class and the number of its labels."""
    means = np.full(sizes.size, _OUT_OF_REACH)
    np.divide(total, sizes, out=means, where=sizes > 0)
    return np.maximum(means, 2 * NEAR)


class ConfidentClasses:
    """Says which class each sample is of, confidently.

    Args:
        thresholds: float64 `(K,)`.
        collisions: As of `confident_joint`.
    """

    def __init__(self, thresholds, collisions="most_probable"):
        if collisions not in COLLISIONS:
            raise ValueError(
                f"`collisions` must be one of {', '.join(COLLISIONS)}. "
                f"Received: collisions={collisions!r}"
            )
        self._papers = collisions != "most_probable"
        self._limits = thresholds - NEAR
        self._narrow = _least_above(self._limits)

    def of(self, block, predicted, highest):
        """The confident class of each row, int64, -1 where none is reached.

        Args:
            block: Rows of probabilities.
            predicted, highest: The most probable class of each row, and its
                probability.
        """
        limits = self._limits
        if block.dtype == np.float32:
            limits = self._narrow
        confident = predicted.copy()
        # Whose most probable class is reached is of that class by any rule.
        others = np.flatnonzero(highest < limits[predicted])
        rows = block[others]
        reached = rows >= limits
        among = reached.argmax(axis=1)
        any_reached = reached[np.arange(among.size), among]
        among[~any_reached] = -1
        several = np.flatnonzero(any_reached)
        several = several[reached[several].sum(axis=1) > 1]
        if self._papers:
            shown = np.where(reached[several], rows[several], -np.inf)
            among[several] = shown.argmax(axis=1)
        else:
            among[several] = predicted[others[several]]
        confident[others] = among
        return confident


def most_probable(block):
    """The most probable class of each row, and its probability."""
    predicted = block.argmax(axis=1)
    return predicted, block[np.arange(len(block)), predicted]


def _least_above(limits):
    """The smallest float32 not below each: `>=` says the same of them."""
    narrow = limits.astype(np.float32)
    higher = np.nextafter(narrow, np.float32(np.inf))
    return np.where(narrow < limits, higher, narrow)


def empty_joint(num_classes):
    return np.zeros((num_classes, num_classes), np.int64)


def count(joint, classes, confident):
    """Adds samples to the joint, without those whose confident class is -1."""
    pairs = (classes * len(joint) + confident)[confident >= 0]
    np.add.at(joint.reshape(-1), pairs, 1)


def with_diagonal(joint):
    """The joint with a count of 1 at least of each class that is right."""
    np.fill_diagonal(joint, np.maximum(joint.diagonal(), 1))
    return joint


def calibrated(joint, classes):
    """The joint scaled to the number of labels of each class, int64.

    Args:
        joint: Counts `(K, K)`, rows given classes.
        classes: The given labels, checked, `(N,)`.
    """
    sizes = np.bincount(classes, minlength=len(joint))
    # Laid out as in cleanlab: how a sum is rounded decides what is alike.
    joint = np.asfortranarray(joint)
    scaled = joint.T / np.maximum(joint.sum(axis=1), 1e-100) * sizes
    scaled = scaled.T / max(scaled.sum(), 1e-100) * classes.size
    return rounded(scaled)


def rounded(counts):
    """Integers of the same sum in each row, each within 1.

    What is rounded off most is put back first. Among equals it is as in
    cleanlab, where the order is that of `np.argsort`, which is not the same
    on every processor.
    """
    whole = np.round(counts)
    missing = np.round(counts.sum(axis=1)) - whole.sum(axis=1)
    for row in np.flatnonzero(missing):
        step = 1 if missing[row] > 0 else -1
        order = np.argsort(counts[row] - whole[row])[::step]
        whole[row, order[-int(abs(missing[row])) :]] += step
    return whole.astype(np.int64)
