"""What is no input at all ends in an error of ours, never in NumPy's."""

import traceback

import numpy as np
import pytest

from keras_robust import noise

STRANGE = [
    None,
    3,
    "labels",
    1j,
    float("nan"),
    {},
    {0, 1},
    object(),
    [],
    [[]],
    [None, None, None],
    [[0, 1], [1, None]],
    [["a", "b"], ["c", "d"]],
    [object(), 1, 2],
    [2**70, 0, 1],
    [True, False, True],
    [0.0, 1.0, np.nan],
    [[np.nan, np.inf]],
    np.eye(3),
    np.zeros((2, 2, 2)),
    np.array(["x", 1, None], object),
    np.array(["2020-01-01"] * 3, "datetime64[D]"),
    np.zeros(3, [("a", int)]),
]
GRAPH = (np.array([[1, 2], [0, 2], [0, 1]]), np.ones((3, 2)))
PROBS = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]])
CALLS = {
    "nearest_neighbours": {"embeddings": np.eye(3), "k": 1, "metric": "cosine"},
    "hoc": {"labels": [0, 1, 1], "embeddings": np.eye(3)},
    "hoc of a graph": {"labels": [0, 1, 1], "knn_graph": GRAPH},
    "majority_vote": {"votes": [[0, 1], [1, 1]], "ties": "random"},
    "dawid_skene": {"votes": [[0, 1], [1, 1]], "max_iterations": 50},
    "from_long": {"item": [0, 0, 1], "worker": [0, 1, 0], "label": [0, 1, 1]},
    "estimate_transition_matrix": {
        "labels": [0, 1, 1],
        "embeddings": np.eye(3),
        "method": "hoc",
        "bootstrap": 2,
        "seed": 0,
    },
    "anchor_points": {"labels": [0, 1, 1], "pred_probs": PROBS},
    "dual_t": {"labels": [0, 1, 1], "pred_probs": PROBS},
}


@pytest.mark.parametrize(
    ("call", "argument"),
    [(call, argument) for call in CALLS for argument in CALLS[call]],
)
@pytest.mark.filterwarnings("ignore:`dawid_skene` has not converged")
def test_strange_inputs(call, argument):
    function = getattr(noise, call.split()[0])
    function(**CALLS[call])
    refused = 0
    values = [*STRANGE, (np.eye(3), np.eye(3))]
    if not argument.startswith("label"):
        values += [[[0], [1, 2]], ([[]], [None])]
    for value in values:
        try:
            function(**{**CALLS[call], argument: value})
        except (TypeError, ValueError) as error:
            refused += 1
            where = traceback.extract_tb(error.__traceback__)[-1]
            assert "keras_robust" in where.filename, (value, error)
            assert "Received" in str(error), (value, error)
    assert refused > 10


def test_masked_entries_are_not_read_as_if_they_were():
    with pytest.raises(ValueError, match=r"`labels` .*1 of 3 .*row 1"):
        noise.symmetric(np.ma.masked_equal([0, 5, 1], 5), 0.5)
    probs = np.ma.masked_array(PROBS, mask=PROBS == 0.2)
    with pytest.raises(ValueError, match=r"`pred_probs` .*masked, .*row 1"):
        noise.confident_joint([0, 1, 1], probs)
    whole = np.ma.masked_array([0, 1, 1])
    assert noise.symmetric(whole, 0.0).labels.tolist() == [0, 1, 1]


def test_a_tensor_that_gives_no_array():
    class Tensor:
        def __array__(self, *_, **__):
            raise RuntimeError("it requires grad")

    with pytest.raises(ValueError, match="`labels` must be an array"):
        noise.symmetric(Tensor(), 0.5)
