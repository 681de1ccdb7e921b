"""Noise estimated from probabilities, by every method that takes them."""

import numpy as np
import pytest
from hypothesis import given as example
from hypothesis import settings
from hypothesis import strategies as st

import keras_robust as kr
from keras_robust.noise import NoiseEstimate
from keras_robust.noise import estimate_transition_matrix
from keras_robust.noise.noise_estimate import true_priors
from tests.noise.made import KINDS
from tests.noise.made import drawn
from tests.noise.made import embeddings_of
from tests.noise.made import probabilities_of
from tests.noise.made import transition

METHODS = ["confident_joint", "anchor", "dual_t"]
every_method = pytest.mark.parametrize("method", METHODS)


def estimated(kind, method, rate=0.3, **options):
    matrix = transition(kind, rate=rate)
    true, given = drawn(matrix)
    clean, noisy = probabilities_of(true, matrix)
    # Dual T assumes that a model is sure of its predictions.
    probs = clean if method == "dual_t" else noisy
    found = estimate_transition_matrix(given, probs, method=method, **options)
    return found, matrix, true, given


@every_method
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [0.2, 0.4])
def test_noise_where_the_assumption_holds(kind, method, rate):
    found, matrix, true, given = estimated(kind, method, rate)
    assert abs(found.noise_rate - (true != given).mean()) < 0.03
    # Confident learning counts half of the samples of a class whose labels
    # are all right: those surer than the mean.
    within = 0.12 if method == "confident_joint" else 0.07
    np.testing.assert_allclose(found.transition_matrix, matrix, atol=within)
    np.testing.assert_allclose(found.transition_matrix.sum(axis=1), 1)
    sizes = np.bincount(true) / true.size
    np.testing.assert_allclose(found.class_priors, sizes, atol=0.05)
    assert found.class_priors.sum() == pytest.approx(1)
    assert found.method == method
    assert found.low is None


@pytest.mark.parametrize("method", ["confident_joint", "dual_t"])
def test_intervals(method):
    found, matrix, true, _ = estimated("pair", method, bootstrap=60, seed=0)
    low, high = found.low, found.high
    assert low.noise_rate < 0.3 < high.noise_rate
    assert 0.01 < high.noise_rate - low.noise_rate < 0.08
    inside = low.transition_matrix <= matrix + 0.01
    inside &= matrix <= high.transition_matrix + 0.01
    assert inside.mean() > 0.9
    sizes = np.bincount(true) / true.size
    assert (low.class_priors < sizes).all()
    assert (sizes < high.class_priors).all()


@every_method
def test_intervals_by_the_seed(method):
    one, *_ = estimated("pair", method, bootstrap=5, seed=3)
    same, *_ = estimated("pair", method, bootstrap=5, seed=3)
    other, *_ = estimated("pair", method, bootstrap=5, seed=4)
    np.testing.assert_array_equal(
        one.low.transition_matrix, same.low.transition_matrix
    )
    assert (one.low.transition_matrix != other.low.transition_matrix).any()
    narrow, *_ = estimated("pair", method, bootstrap=5, seed=3, confidence=0.2)
    assert (narrow.low.class_priors >= one.low.class_priors).all()
    assert one.low.noise_rate <= one.noise_rate <= one.high.noise_rate
    assert (one.low.transition_matrix <= one.transition_matrix).all()
    assert (one.transition_matrix <= one.high.transition_matrix).all()


@every_method
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_forward_correction_takes_it(method, dtype):
    matrix = transition("asymmetric")
    true, given = drawn(matrix, 400)
    probs = probabilities_of(true, matrix)[1].astype(dtype)
    found = estimate_transition_matrix(given, probs, method=method)
    loss = kr.losses.ForwardCorrection(found.transition_matrix)
    # A row a true class: of class 0 the network expects the labels 0 and 1.
    sure = np.eye(5)[[0, 0]]
    expected = -np.log(found.transition_matrix[0, [0, 1]]).mean()
    value = float(loss(np.array([0, 1]), sure))
    assert value == pytest.approx(expected, rel=1e-4)
    assert found.transition_matrix[0, 1] == pytest.approx(0.3, abs=0.12)


@every_method
def test_the_order_of_the_samples(method):
    matrix = transition("pair")
    true, given = drawn(matrix, 300)
    probs = probabilities_of(true, matrix)[1]
    order = np.random.default_rng(0).permutation(300)
    one = estimate_transition_matrix(given, probs, method=method)
    other = estimate_transition_matrix(
        given[order], probs[order], method=method
    )
    np.testing.assert_allclose(
        one.transition_matrix, other.transition_matrix, atol=1e-12
    )


@every_method
def test_one_class_and_few_samples(method):
    sure = np.array([[1.0, 0.0]])
    for size in (1, 2, 5):
        found = estimate_transition_matrix(
            np.zeros(size, int), np.repeat(sure, size, axis=0), method=method
        )
        assert found.noise_rate == pytest.approx(0)
        np.testing.assert_allclose(found.class_priors, [1, 0], atol=1e-6)
    even = estimate_transition_matrix(
        [0, 1, 1], np.full((3, 3), 1 / 3), method=method, bootstrap=3
    )
    assert np.isfinite(even.transition_matrix).all()
    np.testing.assert_allclose(even.transition_matrix.sum(axis=1), 1)
    assert 0 <= even.noise_rate <= 1


@every_method
@settings(max_examples=50, deadline=None)
@example(data=st.data())
def test_any_probabilities_give_a_matrix(method, data):
    size = data.draw(st.integers(2, 5))
    entry = st.sampled_from([0, 1e-7, 0.5, 1])
    rows = st.lists(entry, min_size=size, max_size=size).filter(any)
    probs = np.array(data.draw(st.lists(rows, min_size=1, max_size=9)))
    probs = probs / probs.sum(axis=1, keepdims=True)
    label = st.integers(0, size - 1)
    labels = data.draw(
        st.lists(label, min_size=len(probs), max_size=len(probs))
    )
    found = estimate_transition_matrix(labels, probs, method=method)
    np.testing.assert_allclose(found.transition_matrix.sum(axis=1), 1)
    assert (found.transition_matrix >= 0).all()
    assert found.class_priors.sum() == pytest.approx(1)
    assert (found.class_priors >= 0).all()


def test_anchor_points_by_hand():
    probs = np.array([[0.9, 0.1], [0.8, 0.2], [0.8, 0.2], [0.1, 0.9]])
    found = kr.noise.anchor_points([0, 0, 1, 1], probs, quantile=0.7)
    np.testing.assert_allclose(
        found.transition_matrix, [[0.8, 0.2], [0.8, 0.2]]
    )
    found = kr.noise.anchor_points([0, 0, 0, 1], probs, quantile=1)
    np.testing.assert_allclose(
        found.transition_matrix, [[0.9, 0.1], [0.1, 0.9]]
    )
    # .75 = .9 p + .1 (1 - p)
    assert found.class_priors[0] == pytest.approx(0.65 / 0.8)


def test_dual_t_by_hand():
    probs = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.1, 0.9]])
    found = kr.noise.dual_t([0, 0, 1, 1], probs, quantile=1)
    counted = np.array([[2 / 3, 1 / 3], [0, 1]])
    np.testing.assert_allclose(
        found.transition_matrix, np.array([[0.9, 0.1], [0.1, 0.9]]) @ counted
    )


def test_priors_of_the_true_classes():
    matrix = transition("pair")
    priors = np.array([0.4, 0.1, 0.2, 0.05, 0.25])
    found = true_priors(matrix, priors @ matrix)
    np.testing.assert_allclose(found, priors, atol=1e-6)
    # Without an inverse there are many answers; one of them is found.
    flat = np.full((3, 3), 1 / 3)
    assert true_priors(flat, np.array([1.0, 0, 0])).sum() == pytest.approx(1)


def test_what_is_shown():
    found, *_ = estimated("pair", "anchor", bootstrap=3, seed=0)
    assert repr(found).startswith("NoiseEstimate(noise_rate=0.")
    assert " to " in repr(found)
    assert "num_classes=5, method='anchor')" in repr(found)
    perfect = NoiseEstimate(np.eye(2), np.array([0.5, 0.5]), "hoc")
    assert perfect.noise_rate == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "forward"}, "confident_joint, anchor, dual_t, hoc.*'forw"),
        ({"method": None}, "Received: method=None"),
        ({"method": ["hoc"]}, r"Received: method=\['hoc'\]"),
        ({"pred_probs": None}, "'confident_joint' needs `pred_probs`"),
        ({"method": "hoc"}, "has no use for `pred_probs`.*type ndarray"),
        ({"embeddings": np.eye(3)}, "has no use for `embeddings`"),
        ({"knn_graph": ()}, "has no use for `knn_graph`.*type tuple"),
        ({"method": "hoc", "pred_probs": None}, "Received: neither"),
        ({"bootstrap": -1}, "Received: bootstrap=-1"),
        ({"bootstrap": 2.0}, "Received: bootstrap=2.0"),
        ({"bootstrap": True}, "Received: bootstrap=True"),
        ({"confidence": 1}, "Received: confidence=1"),
        ({"confidence": "0.9"}, "Received: confidence='0.9'"),
        ({"seed": -3}, "Received: seed=-3"),
        ({"num_classes": 3}, "num_classes=3"),
        ({"labels": [0, 1, 2]}, r"labels\[2\]=2"),
        ({"labels": [0, 1]}, "2 labels"),
        ({"labels": ["a", "b", "c"]}, "integer dtype"),
        ({"pred_probs": [[3.0, -1], [1, 0], [0, 1]]}, "row 0"),
        ({"pred_probs": [[1, 0], [np.nan, 0], [0, 1]]}, "row 1"),
    ],
)
def test_errors(change, message):
    arguments = {"labels": [0, 1, 0], "pred_probs": np.eye(2)[[0, 1, 0]]}
    with pytest.raises(ValueError, match=message):
        estimate_transition_matrix(**{**arguments, **change})


@pytest.mark.parametrize("quantile", [0, 1.5, None, True, float("nan")])
@pytest.mark.parametrize("method", ["anchor_points", "dual_t"])
def test_errors_of_the_quantile(method, quantile):
    with pytest.raises(ValueError, match="Received: quantile="):
        getattr(kr.noise, method)([0, 1], np.eye(2), quantile=quantile)


def test_intervals_differ_from_hocs_only_in_the_method():
    true, given = drawn(transition("pair", num_classes=3), 300)
    found = estimate_transition_matrix(
        given, embeddings=embeddings_of(true), method="hoc", num_classes=4
    )
    assert found.transition_matrix.shape == (4, 4)
