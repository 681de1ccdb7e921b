import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_robust.noise import class_dependent
from keras_robust.noise.class_dependent import _scaled


def probabilities(labels, seed=0):
    logits = np.random.default_rng(seed).normal(size=(len(labels), 3))
    logits[np.arange(len(labels)), labels] += 2
    p = np.exp(logits)
    return p / p.sum(axis=1, keepdims=True)


def by_hand(labels, p):
    return np.stack([p[labels == c].mean(axis=0) for c in range(3)])


def test_without_a_rate_it_is_the_mean_of_the_probabilities():
    labels = np.arange(30_000) % 3
    p = probabilities(labels)
    expected = by_hand(labels, p)
    noisy = class_dependent(labels, p, seed=0)
    assert np.abs(noisy.transition_matrix - expected).max() < 1e-4
    drawn = class_dependent(labels, p, seed=0, exact=False)
    sigma = np.sqrt(expected * (1 - expected) / 10_000)
    found = np.abs(drawn.transition_matrix - expected)
    assert (found < 5 * sigma).all()
    assert found.max() > 1e-4


@pytest.mark.parametrize("exact", [True, False])
def test_a_rate_scales_all_mistakes_alike(exact):
    labels = np.repeat([0, 1, 2], [30_000, 10_000, 5_000])
    p = probabilities(labels)
    expected = by_hand(labels, p) * (1 - np.eye(3))
    sizes = np.array([30_000, 10_000, 5_000])
    expected *= 0.05 / (sizes @ expected.sum(axis=1) / sizes.sum())
    noisy = class_dependent(labels, p, rate=0.05, seed=0, exact=exact)
    found = noisy.transition_matrix * (1 - np.eye(3))
    sigma = np.sqrt(expected * (1 - expected) / sizes[:, np.newaxis])
    np.testing.assert_array_less(np.abs(found - expected), 5 * sigma + 1e-9)
    if exact:
        assert noisy.is_wrong.sum() == round(0.05 * labels.size)


@given(
    labels=st.lists(st.integers(0, 3), min_size=1, max_size=60),
    confusion=st.lists(
        st.lists(st.integers(0, 9), min_size=4, max_size=4),
        min_size=4,
        max_size=4,
    ),
    rate=st.floats(0, 1),
    seed=st.integers(0, 2**32),
)
def test_exact_numbers_and_never_the_label_itself(
    labels, confusion, rate, seed
):
    labels, confusion = np.array(labels, np.uint8), np.array(confusion)
    taken = confusion * (1 - np.eye(4, dtype=int)) > 0
    most = taken.any(axis=1)[labels].sum()
    if round(rate * labels.size) > most:
        with pytest.raises(ValueError, match="`rate` must be at most"):
            class_dependent(labels, rate=rate, confusion=confusion)
        return
    noisy = class_dependent(labels, rate=rate, confusion=confusion, seed=seed)
    assert (noisy.labels != labels).sum() == round(rate * labels.size)
    wrong = noisy.is_wrong
    assert taken[labels[wrong], noisy.labels[wrong]].all()
    again = class_dependent(labels, rate=rate, confusion=confusion, seed=seed)
    np.testing.assert_array_equal(noisy.labels, again.labels)
    assert noisy.labels.dtype == np.uint8


def test_a_class_that_is_all_wrong_leaves_the_rest_to_the_others():
    sizes = np.array([10, 10, 20])
    scaled = _scaled(np.array([0.8, 0.2, 0.1]), sizes, 20)
    # All 10 of class 0, and of the others 10 in the proportion 2 to 2.
    np.testing.assert_allclose(scaled, [1.0, 0.5, 0.25])
    # 21.4 of 40 are 21, and still no more than all 10 of class 0.
    labels = np.repeat([0, 1, 2], sizes)
    confusion = [[2, 4, 4], [1, 8, 1], [0.5, 0.5, 9]]
    noisy = class_dependent(labels, rate=0.535, confusion=confusion, seed=0)
    assert noisy.is_wrong[:10].all()
    assert noisy.is_wrong.sum() == 21
    np.testing.assert_allclose(_scaled(np.ones(3), sizes, 40), 1)
    np.testing.assert_array_equal(_scaled(np.ones(3), sizes, 0), 0)


def test_float32_and_blocks():
    labels = np.arange(90_000) % 3
    p = probabilities(labels)
    noisy = class_dependent(labels, p, rate=0.1, seed=0)
    same = class_dependent(labels, p.astype("float32"), rate=0.1, seed=0)
    assert (noisy.labels != same.labels).mean() < 1e-3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"confusion": None}, "either .* Received: none of them"),
        ({"pred_probs": np.eye(3)}, "either .* Received: both of them"),
        ({"confusion": np.eye(3), "rate": 0.5}, "at most 0 .*2 in 3 labels"),
        ({"confusion": np.ones((2, 3))}, r"must be square.*\(2, 3\)"),
        ({"confusion": -np.ones((3, 3))}, r"confusion\[0, 0\]=-1"),
        ({"confusion": np.ones((2, 2))}, r"labels\[2\]=2"),
        ({"rate": 1.5}, "`rate` must be a number"),
        ({"exact": "no"}, "`exact` must be"),
        (
            {"confusion": None, "pred_probs": np.ones((3, 3))},
            "`pred_probs`.*row 0",
        ),
        (
            {"confusion": None, "pred_probs": np.eye(2)},
            r"one row for each label",
        ),
    ],
)
def test_errors(change, message):
    arguments = {"labels": [0, 1, 2], "confusion": np.ones((3, 3))}
    with pytest.raises(ValueError, match=message):
        class_dependent(**{**arguments, **change})
