"""`track`: from whatever a user hands over to data whose samples are known."""

from functools import partial

import keras

from keras_robust.training.sources.arrays import track_arrays
from keras_robust.training.sources.iterables import is_iterable
from keras_robust.training.sources.iterables import track_iterable
from keras_robust.training.sources.py_dataset import track_py_dataset
from keras_robust.training.sources.tf_data import is_dataset
from keras_robust.training.sources.tf_data import track_dataset
from keras_robust.training.sources.torch_loader import is_loader
from keras_robust.training.sources.torch_loader import track_loader


def track(
    x,
    y=None,
    *,
    batch_size=None,
    sample_weight=None,
    class_weight=None,
    shuffle=True,
    seed,
    ids=None,
    id_key=None,
    num_classes=None,
    output=None,
    steps_per_epoch=None,
):
    """Makes training data say which samples its batches hold.

    Data that is not arrays is read once here, for its labels, and must yield
    the same samples in the same order every epoch, unless it says which
    sample is which with `id_key`. Of PyTorch's loaders the sampler may
    shuffle: positions are those of the dataset.

    Args:
        x: Array of N samples (NumPy, JAX, PyTorch, pandas, or a nested dict,
            list or tuple of such); or what yields batches `(x, y)` or
            `(x, y, sample_weight)`: a `tf.data.Dataset` (single samples
            too), a `keras.utils.PyDataset`, a PyTorch or grain `DataLoader`,
            a grain dataset, any iterable that can be iterated again, a
            function that returns a fresh iterator; or a generator with
            `steps_per_epoch`.
        y: Labels, for arrays only: integers `(N,)` or `(N, 1)`, one-hot
            `(N, K)`, or of several positions a sample, `(N, ...)` or one-hot
            `(N, ..., K)`; for several outputs a dict or list of labels.
        batch_size: Samples a step. Arrays: defaults to 32. A
            `tf.data.Dataset` of single samples is shuffled and batched here
            where it is given.
        sample_weight: Weights `(N,)`, for arrays only.
        class_weight: Dict `{class: weight}`, in place of that of `fit`; other
            classes weigh 1. It multiplies the sample weights.
        shuffle: Whether to shuffle arrays and single samples before every
            epoch, and the batches of a PyDataset with workers. Defaults to
            `True`.
        seed: Seed of the shuffling.
        ids: Names of the samples, N unique integers or strings. Defaults to
            their positions.
        id_key: The key of the samples' ids in the data, unique integers or
            strings, where inputs or labels are a dict. The model does not see
            them. Not for arrays.
        num_classes: Number of classes, to check labels now.
        output: Which of several labels to track, by key or number.
        steps_per_epoch: Batches an epoch. For generators, whose first
            `steps_per_epoch` batches are kept in memory until the first epoch
            has read them; for iterables, to read that many of them. Of
            other data only `fit` needs it.

    Returns:
        A `Tracked`.

    Raises:
        ValueError: If the labels cannot be read, lengths differ, or options
            do not fit the data.

    Example:

    >>> import numpy as np
    >>> from keras_robust.training import sources
    >>> tracked = sources.track(np.zeros((3, 2)), [0, 1, 1], seed=0)
    >>> tracked.given_label.tolist()
    [0, 1, 1]
    """
    named = {"ids": ids, "num_classes": num_classes, "output": output}
    if y is None and _is_list_of_batches(x):
        # A list stands for several inputs otherwise.
        x = partial(iter, x)
    if not _brings_labels(x):
        if id_key is not None:
            raise ValueError(
                "`id_key` is for data that yields ids: name the samples of "
                f"arrays with `ids`. Received: id_key={id_key!r}"
            )
        return track_arrays(
            x,
            y,
            batch_size,
            sample_weight,
            class_weight,
            shuffle,
            seed,
            **named,
        )
    if y is not None or sample_weight is not None:
        raise ValueError(
            "A dataset carries its labels and weights itself: leave `y` and "
            "`sample_weight` out. Received: "
            f"y={type(y).__name__}, "
            f"sample_weight={type(sample_weight).__name__}"
        )
    if ids is not None and id_key is not None:
        raise ValueError(
            "Samples are named by `ids` or by what the data yields at "
            "`id_key`, not both. Received: "
            f"ids of type {type(ids).__name__}, id_key={id_key!r}"
        )
    named["id_key"] = id_key
    if is_dataset(x):
        return track_dataset(
            x, batch_size, class_weight, shuffle, seed, **named
        )
    if isinstance(x, keras.utils.PyDataset):
        return track_py_dataset(
            x, batch_size, class_weight, shuffle, seed, **named
        )
    if is_loader(x):
        return track_loader(x, batch_size, class_weight, **named)
    return track_iterable(
        x, batch_size, class_weight, steps_per_epoch=steps_per_epoch, **named
    )


def _is_list_of_batches(x):
    """Whether `x` is a list of `(x, y)`, and no list of inputs."""
    return (
        isinstance(x, list)
        and bool(x)
        and all(
            isinstance(batch, tuple) and len(batch) in (2, 3) for batch in x
        )
    )


def _brings_labels(x):
    """Whether `x` is a source of batches, rather than arrays."""
    known = is_dataset(x) or isinstance(x, keras.utils.PyDataset)
    return known or is_loader(x) or is_iterable(x)
