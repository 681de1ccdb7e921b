"""Whatever is given: a right answer, or an error in our words."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from keras_robust.detect import confident_learning
from keras_robust.detect import from_cleanlab
from keras_robust.detect import label_quality
from keras_robust.detect import uq_led
from keras_robust.detect.probabilities.confident_learning import FILTERS
from keras_robust.noise import confident_joint
from keras_robust.noise import confident_thresholds
from keras_robust.noise import noise_matrices

NUMBERS = st.one_of(
    st.integers(-2, 5),
    st.sampled_from([0.0, 0.5, 1.0, 0.3, 1e-9, np.nan, np.inf, -np.inf, -0.1]),
)
ANYTHING = st.one_of(NUMBERS, st.sampled_from(["a", None, True, 1j, 2**70]))


def nested(values):
    """Values alone, in rows, in rows of rows, ragged ones too."""
    row = st.lists(values, max_size=4)
    table = st.lists(row, max_size=4)
    return st.one_of(values, row, table, st.lists(table, max_size=3))


@st.composite
def arrays(draw, values):
    """An array of a shape that may be right."""
    shape = draw(st.sampled_from([(0,), (1,), (2,), (3,), (3, 1), (3, 2)]))
    dtype = draw(st.sampled_from([np.float32, np.int64, np.uint8, bool, str]))
    size = int(np.prod(shape))
    filled = draw(st.lists(values, min_size=size, max_size=size))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.array(filled, np.float64).astype(dtype).reshape(shape)


@st.composite
def probabilities(draw):
    """Rows of sum 1, or with an entry that spoils one."""
    shape = draw(st.integers(0, 4)), draw(st.integers(1, 3))
    rows = np.zeros(shape)
    if rows.size:
        for row in rows:
            row[draw(st.integers(0, shape[1] - 1))] = 1.0
        if draw(st.booleans()):
            rows[0] = 1.0 / shape[1]
        if draw(st.booleans()):
            rows[-1, 0] = draw(NUMBERS)
    return rows


LABELS = st.one_of(
    st.lists(st.integers(0, 2), min_size=0, max_size=4),
    nested(ANYTHING),
    arrays(NUMBERS),
)
PROBABILITIES = st.one_of(probabilities(), nested(ANYTHING), arrays(NUMBERS))
FUNCTIONS = {
    "confident_joint": confident_joint,
    "confident_thresholds": confident_thresholds,
    "label_quality": label_quality,
    "uq_led": uq_led,
    "confident_learning": confident_learning,
    "noise_matrices": lambda _, joint: noise_matrices(joint),
    "from_cleanlab": lambda labels, table: from_cleanlab(
        {
            "given_label": labels,
            "is_label_issue": table,
            "label_quality": table,
        }
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(
    labels=LABELS,
    pred_probs=PROBABILITIES,
    filter_by=st.sampled_from(FILTERS),
)
def test_an_answer_or_an_error_of_ours(name, labels, pred_probs, filter_by):
    options = (filter_by,) if name == "confident_learning" else ()
    with warnings.catch_warnings():
        # Nothing of NumPy's; classes may be small.
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", ".*labels at most")
        try:
            found = FUNCTIONS[name](labels, pred_probs, *options)
        except (TypeError, ValueError) as error:
            assert "Received" in str(error), str(error)
            return
    if hasattr(found, "label_quality"):
        assert len(found) == np.size(labels)
        assert ((found.label_quality >= 0) & (found.label_quality <= 1)).all()
    elif name == "confident_joint":
        assert (found >= 0).all()
    elif isinstance(found, np.ndarray):
        assert np.isfinite(found).all()
