"""Which fold a sample is in."""

import warnings

import numpy as np

from keras_robust.training.sources.layout import as_numpy


def assign(classes, folds, groups, stratified, seed):
    """Returns the number of each sample's fold, from 0 on, `(N,)`.

    Args:
        classes: The class of each sample, int64 `(N,)`.
        folds: How many folds, at least 2.
        groups: Group numbers `(N,)` (see `as_groups`), or `None`.
        stratified: Whether the folds have the classes in equal shares.
        seed: Of the shuffling, an integer, or `None` for any.

    Raises:
        ValueError: If there are fewer samples, groups or samples of a class
            than folds.
    """
    from sklearn import model_selection

    _check(classes, folds, groups, stratified)
    rng = np.random.default_rng(seed)
    state = int(rng.integers(2**31))
    if groups is None:
        kind = "StratifiedKFold" if stratified else "KFold"
        options = {"shuffle": True, "random_state": state}
    else:
        kind = "StratifiedGroupKFold" if stratified else "GroupKFold"
        options = {}
        # They go by size, and among equals by number.
        groups = rng.permutation(groups.max() + 1)[groups]
    splitter = getattr(model_selection, kind)(folds, **options)
    number = np.zeros(len(classes), np.int64)
    with warnings.catch_warnings():
        # What it says of small classes is said better by `warn_of_unseen`.
        warnings.simplefilter("ignore")
        parts = splitter.split(np.zeros(len(classes)), classes, groups)
        for fold, (_, test) in enumerate(parts):
            number[test] = fold
    empty = np.flatnonzero(np.bincount(number, minlength=folds) == 0)
    if empty.size:
        raise ValueError(
            "The groups are so unequal that a fold has no sample: take fewer "
            f"folds, or stratified=False. Received: folds={folds}, "
            f"{int(groups.max()) + 1} groups"
        )
    return number


def as_groups(groups, count):
    """Returns group numbers from 0 on, int64 `(N,)`, of names of any kind.

    Raises:
        ValueError: If there is not one name for every sample.
    """
    array = as_numpy(groups)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.shape != (count,):
        raise ValueError(
            f"`groups` must have shape ({count},), the group of every sample. "
            f"Received: shape={array.shape}"
        )
    if array.dtype.kind == "O":
        kinds = {type(name) for name in array.tolist()}
        if kinds == {str}:
            array = array.astype(str)
    if array.dtype.kind not in "biuUS":
        raise ValueError(
            "`groups` must be integers or strings. "
            f"Received: dtype={array.dtype}, groups[0]={array[0]!r}"
        )
    return np.unique(array, return_inverse=True)[1].reshape(-1)


def warn_of_unseen(classes, number):
    """Warns of classes that a fold is to be asked about, and has not seen."""
    folds = int(number.max()) + 1
    in_fold = np.bincount(
        number * (classes.max() + 1) + classes,
        minlength=folds * (int(classes.max()) + 1),
    ).reshape(folds, -1)
    unseen = np.flatnonzero((in_fold == in_fold.sum(axis=0)).any(axis=0))
    unseen = unseen[in_fold.sum(axis=0)[unseen] > 0]
    if unseen.size:
        first = int(np.flatnonzero(classes == unseen[0])[0])
        warnings.warn(
            f"All samples of {unseen.size} classes are in one fold, so the "
            "model that is asked about them has not seen their class, and "
            "gives it a probability near 0: that says nothing about their "
            "labels. Received: "
            f"classes {unseen[:5].tolist()}, among them sample {first}",
            stacklevel=3,
        )


def _check(classes, folds, groups, stratified):
    if folds > len(classes):
        raise ValueError(
            "There must be a sample for every fold. "
            f"Received: folds={folds}, {len(classes)} samples"
        )
    if groups is not None and folds > groups.max() + 1:
        raise ValueError(
            "There must be a group for every fold. "
            f"Received: folds={folds}, {int(groups.max()) + 1} groups"
        )
    largest = int(np.bincount(classes).max())
    if stratified and folds > largest:
        raise ValueError(
            "No class has a sample for every fold: take fewer folds, or "
            f"stratified=False. Received: folds={folds}, largest class of "
            f"{largest} samples"
        )
