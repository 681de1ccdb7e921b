import numpy as np
import pytest

from keras_robust.noise import nearest_neighbours
from keras_robust.noise.knn_graph import as_knn_graph

INDICES = np.array([[0, 1, 2], [0, 2, 1], [1, 2, 0]])
DISTANCES = np.array([[0.0, 1.0, 2.0], [1.0, 1.0, 3.0], [0.5, 0.0, 2.0]])


def test_the_samples_themselves_are_left_out():
    indices, distances = as_knn_graph((INDICES, DISTANCES), 3, 2)
    # What is said of a sample's distance from itself does not matter.
    assert indices.tolist() == [[1, 2], [0, 2], [1, 0]]
    assert distances.tolist() == [[1.0, 2.0], [1.0, 1.0], [0.5, 2.0]]
    assert indices.dtype == np.int64
    assert distances.dtype == np.float64


def test_ones_own_search_is_taken_as_it_is():
    x = np.random.default_rng(0).normal(size=(40, 3))
    graph = nearest_neighbours(x, 5)
    for k in (5, 3):
        indices, distances = as_knn_graph(graph, 40, k)
        np.testing.assert_array_equal(indices, graph[0][:, :k])
        np.testing.assert_array_equal(distances, graph[1][:, :k])


def test_missing_neighbours():
    indices, distances = INDICES.copy(), DISTANCES.astype("float32")
    # faiss fills with its largest number, or its smallest.
    indices[1, 2], distances[1, 2] = -1, -3e38
    indices[2], distances[2] = -1, 3e38
    graph = (indices, distances)
    found, away = as_knn_graph(graph, 3, 2, allow_missing=True)
    assert found.tolist() == [[1, 2], [0, 2], [-1, -1]]
    assert away.tolist() == [[1.0, 2.0], [1.0, 1.0], [np.inf, np.inf]]
    with pytest.raises(ValueError, match="2 neighbours of.*0 .* in row 2"):
        as_knn_graph(graph, 3, 2)


def changed(which, row, column, value):
    parts = [INDICES.copy(), DISTANCES.copy()]
    parts[which][row, column] = value
    return tuple(parts)


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (None, "a pair of arrays.*a NoneType"),
        (INDICES, "a pair of arrays.*a ndarray"),
        ((INDICES,), "a tuple"),
        ((DISTANCES, INDICES), "faiss returns distances first.*float64"),
        ((INDICES, DISTANCES[:, :2]), r"shapes=\(3, 3\) and \(3, 2\)"),
        ((INDICES[:2], DISTANCES[:2]), r"N = 3 samples.*shapes=\(2, 3\)"),
        ((INDICES[:, :1], DISTANCES[:, :1]), r"2 neigh.*shape=\(3, 1\)"),
        (([[1, 2], [0]], DISTANCES), "rows of one length"),
        (changed(0, 1, 0, 3), r"\[0, 2\], or -1.*Received: 3 in row 1"),
        (changed(0, 2, 0, -2), "Received: -2 in row 2"),
        (changed(0, 0, 1, 2), "twice. Received: 2 in row 0"),
        (changed(1, 2, 2, np.nan), "at least 0.*Received: nan in row 2"),
        (changed(1, 0, 1, -0.5), "Received: -0.5 in row 0"),
        (changed(1, 0, 1, 2.5), "must rise.*similarities.*2.0 in row 0"),
        (changed(0, 0, 1, 0), "2 neighbours.*1 neighbours in row 0"),
    ],
)
def test_errors(graph, message):
    with pytest.raises(ValueError, match=message):
        as_knn_graph(graph, 3, 2)
