"""What is no right argument ends in an error of ours, never in NumPy's."""

import pathlib
import traceback

import numpy as np
import pytest

import keras_robust
from keras_robust.detect import LabelIssues
from tests.detect.issues.samples import build

hypothesis = pytest.importorskip("hypothesis")
st = hypothesis.strategies

OURS = pathlib.Path(keras_robust.__file__).parent.as_posix()
NUMBERS = st.one_of(
    st.integers(-3, 6),
    st.floats(width=32),
    st.booleans(),
    st.none(),
    st.sampled_from(["", "a", "wrong", "right", "1", "0.5"]),
)
ARRAYS = st.one_of(
    NUMBERS,
    st.lists(NUMBERS, max_size=6),
    st.lists(st.integers(-2, 5), min_size=4, max_size=4),
    st.lists(st.floats(), min_size=4, max_size=4).map(np.array),
    st.lists(st.lists(NUMBERS, max_size=3), max_size=4),
    st.tuples(st.integers(0, 4), st.integers(0, 3)).map(np.zeros),
    st.dictionaries(st.sampled_from(["a", "b", "x", 1, 2.5, None]), NUMBERS),
    st.binary(max_size=3),
    st.complex_numbers(),
    st.dates(),
    st.builds(build),
)
# Every method, and the arguments that are tried.
CALLS = {
    "top": ("k",),
    "filter": (
        *("mask", "flagged", "given_label", "suggested_label"),
        *("min_quality", "max_quality", "min_wrong_probability"),
    ),
    "weights": ("kind", "floor"),
    "corrected_labels": ("threshold",),
    "noise_table": ("confidence",),
    "evaluate": ("true_labels",),
    "precision": ("decisions", "k", "strata", "confidence", "worth"),
    "merge": ("parts",),
    "from_frame": ("frame",),
}
NEEDED = {"precision": {"decisions": {}}}
FIELDS = (
    *("ids", "is_label_issue", "label_quality", "given_label"),
    *("predicted_label", "suggested_label", "evidence", "num_classes"),
    *("wrong_probability", "suggestion_confidence", "max_probability"),
)


def attempt(function, **arguments):
    """Calls it, and lets it raise a ValueError of this package only."""
    try:
        return function(**arguments)
    except ValueError as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        assert last.filename.startswith(OURS), (last, arguments)
        assert "Received" in str(error) or "nothing to go by" in str(error)
    return None


@pytest.mark.parametrize("method", CALLS)
@hypothesis.settings(max_examples=200, deadline=None, database=None)
@hypothesis.given(data=st.data())
def test_methods(method, data):
    name = data.draw(st.sampled_from(CALLS[method]))
    arguments = {**NEEDED.get(method, {}), name: data.draw(ARRAYS)}
    some = build(
        wrong_probability=[0.1, 0.9, 0.8, 0.2],
        suggestion_confidence=[0.1, 0.9, 0.8, 0.2],
    )
    attempt(getattr(some, method), **arguments)


@hypothesis.settings(max_examples=200, deadline=None, database=None)
@hypothesis.given(name=st.sampled_from(FIELDS), value=ARRAYS)
def test_what_it_is_built_of(name, value):
    issues = attempt(build, **{name: value})
    if issues is None:
        return
    # What is accepted is then usable, whatever was built.
    assert isinstance(issues, LabelIssues)
    assert len(issues.sort()) == 4
    issues.noise_table()
    issues.confusion()
    issues.weights()
    issues.precision({}, k=2)
    LabelIssues.from_frame(issues.to_frame())
