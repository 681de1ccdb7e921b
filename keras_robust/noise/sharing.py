"""A whole number of samples shared out in proportion to weights."""

import numpy as np


def largest_remainder(weights, total):
    """Shares `total` out in proportion to `weights`, in whole numbers.

    Each part is its proportional share rounded down or up; those with the
    largest remainders are rounded up, the first among equals.

    Args:
        weights: non-negative numbers, shape `(..., K)`. What is not an
            integer counts to a millionth of a sample.
        total: what each row of `weights` shares out, integers of shape
            `(...)`; 0 where a row has no weight.

    Returns:
        int64 array of the shape of `weights`, its rows summing to `total`.
    """
    weights = np.asarray(weights)
    total = np.asarray(total)[..., np.newaxis]
    sums = weights.sum(axis=-1, keepdims=True)
    if weights.dtype.kind in "iu":
        counts, remainders = np.divmod(total * weights, np.maximum(sums, 1))
    else:
        shares = total * (weights / np.where(sums > 0, sums, 1))
        # A share of 2.9999999 is 3.
        counts = np.floor(shares + 1e-6)
        remainders = shares - counts
        counts = counts.astype(np.int64)
    missing = total - counts.sum(axis=-1, keepdims=True)
    order = np.argsort(-remainders, axis=-1, kind="stable")
    places = np.arange(weights.shape[-1])
    more = np.broadcast_to(places, order.shape) < missing
    rounded_up = np.zeros(order.shape, np.int64)
    np.put_along_axis(rounded_up, order, more.astype(np.int64), axis=-1)
    return counts + rounded_up
