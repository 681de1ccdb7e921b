"""Whatever is given: a right answer, or an error in our own words."""

import pathlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from keras_robust import noise

ROOM = pathlib.Path(noise.__file__).parent

some_shape = arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
some_dtype = st.sampled_from(
    ["int8", "uint8", "int64", "uint64", "float32", "float64", "bool"]
    + ["<U2", "S1", "complex128", "object", "datetime64[s]"]
)
any_array = st.builds(
    lambda shape, dtype, of: np.resize(np.array(of), shape).astype(dtype),
    some_shape,
    some_dtype,
    st.lists(st.integers(0, 3), min_size=1, max_size=4),
)
numbers = st.one_of(
    st.integers(-2, 4),
    st.sampled_from([10**7, 10**12, 2**63, 10**30]),
    st.floats(-1, 2),
    st.sampled_from([float("nan"), float("inf"), None, "a", True]),
)
any_list = st.one_of(
    st.lists(numbers, max_size=4),
    st.lists(st.lists(numbers, max_size=3), max_size=4),
)
anything = st.one_of(any_array, any_list, numbers, st.just({}))

LABELS = np.array([0, 1, 2, 0])
P = np.full((4, 3), 1 / 3)

# Of each function a call for each argument: what is bad goes into it.
CALLS = {
    "symmetric": (
        lambda bad: noise.symmetric(bad, 0.5),
        lambda bad: noise.symmetric(LABELS, bad),
        lambda bad: noise.symmetric(LABELS, 0.5, num_classes=bad),
        lambda bad: noise.symmetric(LABELS, 0.5, seed=bad),
    ),
    "pair_flip": (lambda bad: noise.pair_flip(bad, 0.5, exact=False),),
    "by_matrix": (
        lambda bad: noise.by_matrix(bad, np.full((3, 3), 1 / 3)),
        lambda bad: noise.by_matrix(LABELS, bad),
    ),
    "asymmetric": (
        lambda bad: noise.asymmetric(bad, 0.5, {0: 1}),
        lambda bad: noise.asymmetric(LABELS, 0.5, bad),
    ),
    "class_dependent": (
        lambda bad: noise.class_dependent(bad, P),
        lambda bad: noise.class_dependent(LABELS, bad),
        lambda bad: noise.class_dependent(LABELS, confusion=bad),
    ),
    "instance_dependent": (
        lambda bad: noise.instance_dependent(bad, P, 0.5),
        lambda bad: noise.instance_dependent(LABELS, bad, 0.5),
    ),
    "from_votes": (
        lambda bad: noise.from_votes(bad, LABELS[:, None]),
        lambda bad: noise.from_votes(LABELS, bad),
        lambda bad: noise.from_votes(LABELS, bad, counts=True),
    ),
    "from_predictions": (
        lambda bad: noise.from_predictions(bad, P, 0.5),
        lambda bad: noise.from_predictions(LABELS, bad),
        lambda bad: noise.from_predictions(LABELS, predictions=bad),
    ),
    "open_set": (
        lambda bad: noise.open_set(bad, 0.5),
        lambda bad: noise.open_set(LABELS, 0.5, x=bad, outside=P),
        lambda bad: noise.open_set(LABELS, 0.5, x=P, outside=bad),
    ),
}


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_right_answer_or_our_own_words(name, data):
    call = data.draw(st.sampled_from(CALLS[name]))
    bad = data.draw(anything)
    try:
        noisy = call(bad)
    except (TypeError, ValueError) as error:
        last = error.__traceback__
        while last.tb_next:
            last = last.tb_next
        raised_in = pathlib.Path(last.tb_frame.f_code.co_filename)
        assert raised_in.parent == ROOM, raised_in
        assert "Received: " in str(error)
        return
    true = noisy.true_labels
    flat = noisy.labels.reshape(-1)
    np.testing.assert_array_equal(noisy.is_wrong, flat != true)
    assert flat.min() >= 0
    assert flat.max() < noisy.num_classes


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_few_samples(count, shape):
    labels = np.arange(count).reshape(shape)
    p = np.eye(3)[:count]
    made = [
        noise.symmetric(labels, 1.0, num_classes=3),
        noise.pair_flip(labels, 1.0, num_classes=3),
        noise.by_matrix(labels, np.roll(np.eye(3), 1, axis=1)),
        noise.asymmetric(labels, 1.0, [1, 2, 0]),
        noise.class_dependent(labels, rate=1.0, confusion=np.ones((3, 3))),
        noise.instance_dependent(labels, p, 1.0, num_classes=3),
        noise.from_votes(labels, (labels.reshape(-1, 1) + 1) % 3),
        noise.from_predictions(labels, p, 1.0),
        noise.open_set(labels, 1.0, num_classes=3),
    ]
    for noisy in made:
        assert noisy.is_wrong.all()
        assert noisy.labels.shape == labels.shape
        assert len(noisy) == count
