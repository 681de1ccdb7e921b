import numpy as np
import pytest

from keras_robust.noise import knn_search
from keras_robust.noise import nearest_neighbours

INPUTS = {
    "normal": lambda rng: rng.normal(size=(300, 20)),
    "few values": lambda rng: rng.integers(0, 2, (300, 3)),
    "all the same": lambda rng: np.full((200, 3), 0.1),
    "far from 0": lambda rng: 1e3 + 1e-3 * rng.normal(size=(300, 8)),
    "two tight groups": lambda rng: np.concatenate(
        [s + 1e-6 * rng.normal(size=(150, 4)) for s in (5.0, -5.0)]
    ),
    "one far away": lambda rng: np.vstack(
        [rng.normal(size=(200, 4)), np.full((1, 4), 1e9)]
    ),
    "half precision": lambda rng: rng.normal(size=(200, 4)).astype("float16"),
    "rows of 0": lambda rng: np.vstack(
        [np.zeros((20, 3)), rng.normal(size=(100, 3))]
    ),
}


@pytest.fixture
def small_blocks(monkeypatch):
    """Several blocks of 64 samples, instead of one of all."""
    monkeypatch.setattr(knn_search, "_QUERIES", 50)
    monkeypatch.setattr(knn_search, "_BLOCK_BYTES", 50 * 4 * 64)


def by_hand(x, metric):
    """All distances, by differences in float64."""
    x = np.asarray(x, np.float64)
    if metric == "euclidean":
        return np.sqrt(((x[:, None] - x[None]) ** 2).sum(axis=-1))
    length = np.linalg.norm(x, axis=1, keepdims=True)
    x = x / np.where(length, length, 1)
    distances = ((x[:, None] - x[None]) ** 2).sum(axis=-1) / 2
    none = length[:, 0] == 0
    distances[none] = distances[:, none] = 1
    return distances


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("k", [1, 7, 100])
@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.usefixtures("small_blocks")
def test_they_are_the_nearest(name, k, metric):
    x = INPUTS[name](np.random.default_rng(0))
    indices, distances = nearest_neighbours(x, k, metric)
    every = by_hand(x, metric)
    np.testing.assert_allclose(
        np.take_along_axis(every, indices, axis=1),
        distances,
        rtol=1e-6,
        atol=1e-20,
    )
    np.fill_diagonal(every, np.inf)
    np.testing.assert_allclose(
        distances, np.sort(every, axis=1)[:, :k], rtol=1e-6, atol=1e-20
    )
    assert (indices != np.arange(len(x))[:, None]).all()
    assert (np.diff(np.sort(indices, axis=1)) > 0).all()


@pytest.mark.usefixtures("small_blocks")
def test_among_equals_the_first_ones():
    x = np.tile(np.arange(3.0), 100)[:, None]
    indices, distances = nearest_neighbours(x, 4, "euclidean")
    assert (distances == 0).all()
    assert indices[0].tolist() == [3, 6, 9, 12]
    assert indices[299].tolist() == [2, 5, 8, 11]
    assert indices[5].tolist() == [2, 8, 11, 14]


def test_the_order_of_the_samples_and_the_blocks(monkeypatch):
    x = np.random.default_rng(0).normal(size=(150, 5)).astype("float32")
    order = np.random.default_rng(1).permutation(150)
    indices, distances = nearest_neighbours(x, 3)
    monkeypatch.setattr(knn_search, "_QUERIES", 7)
    moved, moved_distances = nearest_neighbours(x[order], 3)
    np.testing.assert_array_equal(order[moved], indices[order])
    np.testing.assert_array_equal(moved_distances, distances[order])


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_numbers_whose_squares_no_float_holds(scale):
    x = np.random.default_rng(0).normal(size=(50, 3))
    indices, distances = nearest_neighbours(x, 3, "euclidean")
    same, scaled = nearest_neighbours(x * scale, 3, "euclidean")
    np.testing.assert_array_equal(indices, same)
    np.testing.assert_allclose(scaled / scale, distances)


def test_two_samples_and_integers():
    indices, distances = nearest_neighbours([[0, 3], [4, 0]], 1, "euclidean")
    assert indices.tolist() == [[1], [0]]
    assert distances.tolist() == [[5.0], [5.0]]
    smallest = np.array([[-128], [127]], np.int8)
    assert nearest_neighbours(smallest, 1, "euclidean")[1][0, 0] == 255


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"embeddings": np.ones(3)}, r"shape \(N, E\).*shape=\(3,\)"),
        ({"embeddings": np.ones((2, 2, 2))}, r"`embeddings.reshape\(len"),
        ({"embeddings": np.ones((0, 2))}, r"shape=\(0, 2\)"),
        ({"embeddings": np.ones((2, 0))}, r"shape=\(2, 0\)"),
        ({"embeddings": np.ones((1, 2)), "k": 1}, "two samples at least"),
        ({"embeddings": [["a"], ["b"]]}, "real numbers. Received: dtype=<U1"),
        ({"embeddings": [[1j], [0]]}, "dtype=complex128"),
        ({"embeddings": [[1], [0, 2]]}, "as many numbers in each row"),
        ({"embeddings": [[1.0, 2], [0, np.nan]]}, r"embeddings\[1, 1\]=nan"),
        ({"embeddings": [[np.inf], [0]]}, r"embeddings\[0, 0\]=inf"),
        ({"k": 0}, "from 1 to N - 1 = 4. Received: k=0"),
        ({"k": 5}, "Received: k=5"),
        ({"k": 2.0}, "Received: k=2.0"),
        ({"k": True}, "Received: k=True"),
        ({"metric": "manhattan"}, "Received: metric='manhattan'"),
    ],
)
def test_errors(change, message):
    arguments = {"embeddings": np.eye(5), "k": 2}
    with pytest.raises(ValueError, match=message):
        nearest_neighbours(**{**arguments, **change})
