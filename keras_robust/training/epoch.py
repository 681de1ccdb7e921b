"""What the steps of an epoch recorded, on the host."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Epoch:
    """Arrays of N samples.

    Attributes:
        fingerprint: What the labels were that the steps saw, `(N,)`: the
            class, or the mean class of dense labels.
        values: The signals, `(M, N)`.
        total: Sums of the outputs, `(N,)`; with dense labels their mean.
        largest: The largest probability, `(N,)`, likewise.
    """

    fingerprint: np.ndarray
    values: np.ndarray
    total: np.ndarray
    largest: np.ndarray
