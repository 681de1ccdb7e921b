"""The parts of a sum of losses: it tolerates what each of them tolerates."""


def parts_of(loss):
    """The losses that a sum adds up, those inside of sums in it too.

    Args:
        loss: A loss. A sum is what has `losses` and as many `weights`, as
            `keras_robust.losses.WeightedSum` and its kin.

    Returns:
        A list: the loss alone if it is no sum. Parts with a weight of 0 are
        left out.
    """
    losses = getattr(loss, "losses", None)
    weights = getattr(loss, "weights", None)
    listed = isinstance(losses, list | tuple)
    if not listed or not isinstance(weights, list | tuple):
        return [loss]
    pairs = zip(weights, losses, strict=True)
    return [inner for w, part in pairs if w for inner in parts_of(part)]


def is_sum(loss):
    """Whether a loss is a sum of at least two parts that count."""
    return len(parts_of(loss)) > 1
