"""Labels of many positions a sample: read in chunks, and checked."""

import dataclasses

import numpy as np

from keras_robust.detect.beyond.arrays import as_array
from keras_robust.noise.probabilities import as_probabilities

# Numbers in a chunk, unless one sample has more: small samples together,
# because each call of NumPy has its price.
_CHUNK = 2**18


@dataclasses.dataclass(frozen=True)
class Chunk:
    """The positions that count of some samples, one after another.

    Args:
        sizes: How many positions each has, int64 `(n,)`.
        labels: int64 `(P,)`, P the sum of the sizes.
        probs: `(P, K)`.
    """

    sizes: np.ndarray
    labels: np.ndarray
    probs: np.ndarray

    @property
    def num_classes(self):
        """K."""
        return self.probs.shape[1]


def chunks(batches, ignore_class):
    """Reads batches into chunks.

    Args:
        batches: An iterable of pairs: labels `(B, ...)` and probabilities
            `(B, ..., K)`, arrays or lists of one array a sample.
        ignore_class: A label whose positions do not count, or `None`.

    Yields:
        `Chunk`.

    Raises:
        ValueError: For the first sample that is not as described.
    """
    held, size, start, classes = [], 0, 0, None
    for number, sample in enumerate(_samples(batches)):
        labels, probs = _flat(number, *sample, ignore_class)
        if classes not in (None, probs.shape[1]):
            raise ValueError(
                "`pred_probs` must have the same number of classes in every "
                f"sample. Received: {probs.shape[1]} in sample {number}, "
                f"{classes} in those before it"
            )
        classes = probs.shape[1]
        held.append((labels, probs))
        size += probs.size
        if size >= _CHUNK:
            chunk = _chunk(held, start)
            # Nothing of it is held while it is worked on.
            held, size, start = [], 0, number + 1
            yield chunk
    if held:
        yield _chunk(held, start)


def _samples(batches):
    for batch in batches:
        if not isinstance(batch, list | tuple) or len(batch) != 2:
            raise ValueError(
                "Batches must be pairs of labels (B, ...) and probabilities "
                f"(B, ..., K). Received: a {type(batch).__name__}"
            )
        labels, probs = (_as_samples(part) for part in batch)
        if len(labels) != len(probs):
            raise ValueError(
                "There must be labels and `pred_probs` of every sample. "
                f"Received: {len(labels)} and {len(probs)} samples"
            )
        yield from zip(labels, probs, strict=True)


def _as_samples(part):
    """What has a length and can be gone through: not read as a whole."""
    if isinstance(part, list | tuple) or np.ndim(part):
        return part
    raise ValueError(
        "Labels and `pred_probs` must be arrays (B, ...) and (B, ..., K), or "
        f"lists of one array a sample. Received: a {type(part).__name__}"
    )


def _flat(number, labels, probs, ignore_class):
    """The labels `(P,)` and probabilities `(P, K)` that count of a sample."""
    labels = as_array(
        f"labels[{number}]", labels, "iu", "integer class numbers"
    )
    probs = as_array(f"pred_probs[{number}]", probs, "fiub", "probabilities")
    shape, received = labels.shape, probs.shape
    if not shape:
        raise ValueError(
            "A sample must have several positions; one label a sample is what "
            "`find_label_issues` and `confident_learning` take. Received: "
            f"labels[{number}]={labels}"
        )
    if received[:-1] != shape or received[-1] < 2:
        hint = ""
        if received[1:] == shape:
            hint = "; classes last: `np.moveaxis(pred_probs, 1, -1)`"
        elif received in (shape, (*shape, 1)):
            hint = (
                "; the probability `p` of the second of two classes becomes "
                "two by `np.stack([1 - p, p], axis=-1)`"
            )
        raise ValueError(
            "`pred_probs` must have the shape of the labels and an axis of "
            f"K >= 2 classes at its end{hint}. Received, of sample {number}: "
            f"labels of shape {shape}, pred_probs of shape {received}"
        )
    num_classes = received[-1]
    flat, rows = labels.reshape(-1), probs.reshape(-1, num_classes)
    bad = (flat < 0) | (flat >= num_classes)
    if ignore_class is not None:
        counted = flat != ignore_class
        bad &= counted
    if bad.any():
        first = int(np.argmax(bad))
        place = np.unravel_index(first, shape)
        place = ", ".join(str(int(i)) for i in place)
        raise ValueError(
            f"Labels must be in [0, K - 1] = [0, {num_classes - 1}], or the "
            "label of positions that do not count (`ignore_class`). Received, "
            f"of sample {number}: labels[{place}]={flat[first]}, "
            f"ignore_class={ignore_class}"
        )
    if ignore_class is not None and not counted.all():
        flat, rows = flat[counted], rows[counted]
    return flat.astype(np.int64), rows


def _chunk(held, start):
    labels, probs = zip(*held, strict=True)
    sizes = np.array([len(part) for part in labels])
    # One sample alone is not copied.
    single = len(held) == 1
    rows = probs[0] if single else np.concatenate(probs)
    try:
        # One check of many samples: each has its price.
        if len(rows):
            rows = as_probabilities(rows, len(rows))
    except ValueError:
        for number, part in enumerate(probs, start):
            _check(number, part)
        raise
    labels = labels[0] if single else np.concatenate(labels)
    return Chunk(sizes, labels, rows)


def _check(number, rows):
    try:
        if len(rows):
            as_probabilities(rows, len(rows))
    except ValueError as error:
        raise ValueError(
            f"Of sample {number}, its positions in one column: {error}"
        ) from error
