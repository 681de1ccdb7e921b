import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from keras_robust.noise.sharing import largest_remainder


def test_by_hand():
    assert largest_remainder([10, 10, 10], 7).tolist() == [3, 2, 2]
    assert largest_remainder([5, 0, 1], 3).tolist() == [3, 0, 0]
    assert largest_remainder([0.5, 0.3, 0.2], 10).tolist() == [5, 3, 2]
    rows = largest_remainder([[1.0, 1.0], [0.0, 0.0]], [3, 0])
    assert rows.tolist() == [[2, 1], [0, 0]]


@given(
    weights=st.lists(st.integers(0, 50), min_size=1, max_size=9),
    total=st.integers(0, 200),
    scale=st.sampled_from([1, 1.0, 1 / 3, 1e-9, 1e9]),
)
def test_each_within_one_of_its_share(weights, total, scale):
    weights = np.array(weights) * scale
    if not weights.sum():
        total = 0
    counts = largest_remainder(weights, total)
    assert counts.sum() == total
    shares = total * weights / max(weights.sum(), 1e-300)
    assert (np.abs(counts - shares) < 1 + 1e-5).all()
    assert (counts[weights == 0] == 0).all()
