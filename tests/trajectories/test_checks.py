import numpy as np
import pytest

from keras_robust.trajectories import Trajectories

MARGIN = np.zeros((2, 3))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ids": [[1, 2, 3]]}, r"`ids` must have shape .*\(1, 3\)"),
        ({"ids": []}, r"`ids` must have shape .*shape=\(0,\)"),
        ({"ids": [1.0, 2.0, 3.0]}, r"`ids` must be integers or strings"),
        ({"ids": np.array(["a", 1, None], object)}, r"dtype=object"),
        ({"ids": [7, 8, 7]}, r"unique.* 1 repeated, the first is 7$"),
        ({"ids": ["b", "a", "b"]}, r"unique.* the first is 'b'$"),
        ({"ids": np.array([1, 2, 2**63], np.uint64)}, r"fit into int64"),
        ({"ids": [1, 2]}, r'"margin" must have shape .*= \(2, 2\)'),
        ({"epochs": [0.0, 1.0]}, r"`epochs` must be integers.*float64"),
        ({"epochs": []}, r"`epochs` .*at least one.*shape=\(0,\)"),
        ({"epochs": [1, 1]}, r"strictly increasing.*epochs=\[1, 1\]"),
        ({"epochs": [0, 1, 2]}, r'"margin" must have shape .*= \(3, 3\)'),
        ({"signals": {}}, r"`signals` must be a dict .*signals=\{\}"),
        ({"signals": [1]}, r"`signals` must be a dict"),
        ({"signals": {"a b": MARGIN}}, r"identifiers .*name='a b'"),
        ({"signals": {1: MARGIN}}, r"identifiers .*name=1"),
        ({"signals": {"x": MARGIN.T}}, r'"x" must have shape .*\(3, 2\)$'),
        ({"signals": {"x": MARGIN * 1j}}, r'"x" must hold numbers.*complex'),
        ({"num_classes": 1}, r"at least 2. Received: num_classes=1"),
        ({"num_classes": True}, r"num_classes=True"),
        ({"num_classes": 2.0}, r"num_classes=2.0"),
        ({"given_label": [0, 1]}, r"shape \(3,\). Received: shape=\(2,\)"),
        ({"given_label": [0.0, 1.0, 1.0]}, r"`given_label` .*dtype=float64"),
        ({"given_label": [0, 1, 2]}, r"1 of 3 are not.*given_label\[2\]=2"),
        ({"given_label": [0, -1, -1]}, r"2 of 3.*given_label\[1\]=-1"),
        ({"counts": [[1, 1, 1]]}, r"`counts` must be None or .*\(1, 3\)"),
        ({"counts": MARGIN}, r"`counts` must be None or .*dtype=float64"),
        ({"counts": [[1, -1, 1]] * 2}, r"65535.*values from -1 to 1"),
        ({"counts": [[1, 70_000, 1]] * 2}, r"values from 1 to 70000"),
    ],
)
def test_errors(change, message):
    fields = {
        "ids": [1, 2, 3],
        "epochs": [0, 1],
        "signals": {"margin": MARGIN},
        "given_label": [0, 1, 0],
        "num_classes": 2,
    }
    with pytest.raises(ValueError, match=message):
        Trajectories(**{**fields, **change})
