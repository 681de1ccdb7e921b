import numpy as np
import pytest

from keras_robust.noise.probabilities import as_probabilities
from keras_robust.noise.probabilities import blocks


def rows(num_samples, num_classes=3):
    return np.full((num_samples, num_classes), 1.0 / num_classes)


def refused(pred_probs, num_samples=None, num_classes=None):
    num_samples = len(pred_probs) if num_samples is None else num_samples
    with pytest.raises(ValueError, match="`pred_probs` must") as error:
        as_probabilities(pred_probs, num_samples, num_classes)
    return str(error.value)


def test_an_array_is_not_copied():
    given = rows(4).astype(np.float32)
    assert as_probabilities(given, 4, 3) is given


def test_the_first_bad_row_is_named():
    # In the second block of 64 rows or more.
    given = rows(70_000)
    for bad, why in (
        ([np.nan, 0.5, 0.5], "NaN"),
        ([-0.1, 0.6, 0.5], "softmax"),
        ([2.0, -3.0, 0.1], "softmax"),
        ([np.inf, -np.inf, 0.1], "softmax"),
        ([0.4, 0.4, 0.4], "its sum is 1.2"),
        ([0.0, 0.0, 0.0], "its sum is 0"),
    ):
        spoilt = given.copy()
        spoilt[66_123] = spoilt[66_200] = bad
        text = refused(spoilt)
        assert "row 66123 does not" in text and why in text
        assert "Received: pred_probs[66123]=[" in text


def test_logits():
    logits = np.random.default_rng(0).normal(size=(5, 3))
    assert "softmax" in refused(logits)


def test_shapes():
    assert "pred_probs.shape=(3,)" in refused(np.zeros(3))
    assert "np.stack([1 - p, p], axis=1)" in refused(np.zeros((3, 1)))
    assert "pred_probs.shape=(0, 3)" in refused(rows(0))
    assert "4 labels" in refused(rows(3), 4)
    assert "num_classes=4" in refused(rows(3), 3, 4)


def test_what_is_no_array_of_numbers():
    assert "dtype" in refused(np.array([["a", "b"]]))
    assert "dtype" in refused(np.array([[1j, 1]]))
    assert "of which NumPy makes none" in refused([[0.5, 0.5], [1.0]])
    assert "pred_probs.shape=()" in refused(None, 1)
    assert "pred_probs.shape=()" in refused(0.5, 1)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_rounding_is_let_through(dtype):
    p = np.random.default_rng(0).dirichlet(np.ones(1000), 20).astype(dtype)
    as_probabilities(p, 20)


def test_ones_and_zeros_are_probabilities():
    for dtype in (bool, np.int64, np.uint8):
        found = as_probabilities(np.eye(3, dtype=dtype), 3)
        ((where, block),) = blocks(found)
        assert where == slice(0, 3) and block.dtype == np.float64
        np.testing.assert_array_equal(block, np.eye(3))


class Stored:
    """Rows in chunks, read by slices only."""

    def __init__(self, values, chunk):
        self.values, self.chunks = values, (chunk, values.shape[1])
        self.shape, self.dtype = values.shape, values.dtype
        self.read = []

    def __getitem__(self, where):
        assert isinstance(where, slice)
        self.read.append((where.start, where.stop))
        return self.values[where]


def test_what_is_stored_is_read_by_whole_chunks():
    values = np.random.default_rng(0).dirichlet(np.ones(4), 50_000)
    stored = Stored(values, 15_000)
    assert as_probabilities(stored, 50_000) is stored
    assert stored.read == [
        (0, 15_000),
        (15_000, 30_000),
        (30_000, 45_000),
        (45_000, 60_000),
    ]
    found = list(blocks(stored))
    assert [len(block) for _, block in found] == [
        15_000,
        15_000,
        15_000,
        5000,
    ]
    np.testing.assert_array_equal(
        np.concatenate([block for _, block in found]), values
    )
    for where, block in found:
        np.testing.assert_array_equal(values[where], block)


def test_memory_map_and_zarr(tmp_path):
    zarr = pytest.importorskip("zarr")
    values = np.random.default_rng(0).dirichlet(np.ones(4), 1000)
    np.save(tmp_path / "p.npy", values)
    stored = zarr.open_array(
        tmp_path / "p.zarr",
        mode="w",
        shape=values.shape,
        chunks=(300, 4),
        dtype="float64",
    )
    stored[:] = values
    for given in (np.load(tmp_path / "p.npy", mmap_mode="r"), stored):
        assert as_probabilities(given, 1000) is given
        read = np.concatenate([block for _, block in blocks(given)])
        np.testing.assert_array_equal(read, values)
