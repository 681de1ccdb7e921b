import numpy as np
import pytest

from keras_robust.detect import confident_learning
from keras_robust.detect import from_cleanlab
from keras_robust.detect import to_cleanlab
from tests.detect.probabilities.predictions import predicted

COLUMNS = [
    "is_label_issue",
    "label_quality",
    "given_label",
    "predicted_label",
]


def issues():
    labels, p, _ = predicted(40, surely=2.0)
    return confident_learning(labels, p, ids=np.arange(100, 140))


def table(**changed):
    columns = {
        "is_label_issue": [True, False, True],
        "label_quality": [0.1, 0.9, 0.2],
        "given_label": [0, 1, 2],
        "predicted_label": [1, 1, 3],
    }
    columns.update(changed)
    return {k: v for k, v in columns.items() if v is not None}


def test_there_and_back():
    pytest.importorskip("pandas")
    before = issues()
    frame = to_cleanlab(before)
    assert list(frame.columns) == COLUMNS
    assert frame.index.tolist() == list(range(40))
    assert frame.dtypes.map(str).tolist() == [
        "bool",
        "float64",
        "int64",
        "int64",
    ]
    after = from_cleanlab(frame, ids=before.ids)
    for name in ("ids", *COLUMNS, "suggested_label"):
        np.testing.assert_array_equal(
            getattr(after, name), getattr(before, name)
        )
    np.testing.assert_array_equal(after.top(40), before.top(40))
    np.testing.assert_allclose(after.evidence, before.evidence)


def test_a_dict():
    found = from_cleanlab(table())
    assert found.is_label_issue.tolist() == [True, False, True]
    assert found.suggested_label.tolist() == [1, 1, 3]
    assert found.ids.tolist() == [0, 1, 2] and found.num_classes == 4
    assert (found.score, found.split) == ("cleanlab", "cleanlab")


def test_datalabs_names_and_no_predictions():
    found = from_cleanlab(
        table(label_quality=None, label_score=[0, 1, 0.5], predicted_label=None)
    )
    assert found.label_quality.tolist() == [0.0, 1.0, 0.5]
    assert found.predicted_label.tolist() == [-1, -1, -1]
    assert found.suggested_label.tolist() == [-1, 1, -1]


@pytest.mark.parametrize("dtype", ["int8", "int16", "uint8"])
def test_the_small_dtypes_of_cleanlab(dtype):
    small = {
        name: np.asarray(table()[name], dtype)
        for name in ("given_label", "predicted_label")
    }
    found = from_cleanlab(table(**small))
    assert found.given_label.tolist() == [0, 1, 2]
    assert found.given_label.dtype == found.predicted_label.dtype == np.int64
    assert found.suggested_label.tolist() == [1, 1, 3]


def test_samples_without_a_prediction_there_and_back():
    found = from_cleanlab(table(predicted_label=[1, -1, -1]))
    assert found.predicted_label.tolist() == [1, -1, -1]
    assert found.suggested_label.tolist() == [1, 1, -1]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"label_quality": None}, '"label_quality". Received: the columns is_'),
        ({"given_label": None}, '"given_label"'),
        ({"is_label_issue": [1, 0, 1]}, "must be boolean.*int64"),
        ({"is_label_issue": [True]}, r"shape \(3,\)\. Received: shape=\(1,\)"),
        ({"label_quality": [0.1, 1.2, 0]}, r"label_quality\[1\]=1.2"),
        ({"label_quality": [0.1, 0.2, np.nan]}, r"label_quality\[2\]=nan"),
        ({"label_quality": ["a", "b", "c"]}, "must hold numbers"),
        ({"given_label": [0.5, 1, 2]}, '^"given_label": `labels` must have an'),
        ({"given_label": [0, -1, 2]}, r"labels\[1\]=-1"),
        ({"predicted_label": [0, 1]}, '"predicted_label" must have one entry'),
        ({"predicted_label": [0, -1, -2]}, r"labels\[2\]=-2"),
        ({"predicted_label": ["a", "b", "c"]}, '^"predicted_label": `labels`'),
    ],
)
def test_tables_that_are_none(changed, message):
    with pytest.raises(ValueError, match=message):
        from_cleanlab(table(**changed))


def test_what_is_no_table():
    with pytest.raises(ValueError, match="must be a DataFrame or a dict"):
        from_cleanlab([1, 2])
    with pytest.raises(ValueError, match="the columns none"):
        from_cleanlab({})
    with pytest.raises(ValueError, match="`ids` must have one entry"):
        from_cleanlab(table(), ids=[1, 2])
