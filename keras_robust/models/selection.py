"""Which samples of a batch have the smallest loss."""

from keras import ops


def smallest(losses, share):
    """Weights of a batch: those of the smallest loss count, others do not.

    How many that are may change without a new trace, so it is no shape but a
    rank that every sample is compared with.

    Args:
        losses: `(B,)`, without gradient.
        share: Of the samples that count, a scalar tensor.

    Returns:
        `(chosen, count)`: 1 for the samples that count, rounded down, one at
        least, and 0 for the others, `(B,)`; and how many they are. A sample
        whose loss is NaN is NaN, so that it does not go unseen.
    """
    size = ops.cast(ops.shape(losses)[0], "float32")
    # A little more, for float32 may put 0.6 * 10 just below 6.
    count = ops.floor(size * share + size * 1e-6)
    count = ops.minimum(ops.maximum(count, 1.0), size)
    rank = ops.argsort(ops.argsort(losses))
    chosen = ops.cast(ops.cast(rank, "float32") < count, "float32")
    chosen = ops.where(ops.isnan(losses), float("nan"), chosen)
    return chosen, count
