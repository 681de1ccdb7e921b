import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_robust.noise import from_predictions

LABELS = np.array([0, 1, 2, 0])
# Margins to the best other class: 0.1, -0.4, 0.5, -1.
P = np.array([[0.4, 0.5, 0.1], [0.2, 0.6, 0.2], [0.7, 0.1, 0.2], [1, 0, 0]])


def test_the_most_torn_first():
    assert from_predictions(LABELS, P).labels.tolist() == [1, 1, 0, 0]
    assert from_predictions(LABELS, P, 0.25).labels.tolist() == [0, 1, 0, 0]
    assert from_predictions(LABELS, P, 0.5).labels.tolist() == [1, 1, 0, 0]
    three = from_predictions(LABELS, P, 0.75)
    assert three.labels.tolist() == [1, 0, 0, 0]
    all_of_them = from_predictions(LABELS, P, 1.0, seed=0)
    assert all_of_them.is_wrong.all()
    # The last has no other class to be taken for: chance decides.
    found = {
        int(from_predictions(LABELS, P, 1.0, seed=s).labels[3])
        for s in range(20)
    }
    assert found == {1, 2}


@given(
    labels=st.lists(st.integers(0, 3), min_size=1, max_size=50),
    rate=st.floats(0, 1),
    seed=st.integers(0, 2**32),
)
def test_exact_numbers(labels, rate, seed):
    labels = np.array(labels, np.uint8)
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(4, 0.5), labels.size)
    noisy = from_predictions(labels, p, rate, seed=seed)
    wrong = noisy.is_wrong
    assert (noisy.labels != labels).sum() == round(rate * labels.size)
    others = p.copy()
    others[np.arange(labels.size), labels] = -1
    best = others.argmax(axis=1)
    np.testing.assert_array_equal(noisy.labels[wrong], best[wrong])
    margin = others.max(axis=1) - p[np.arange(labels.size), labels]
    if wrong.any() and not wrong.all():
        assert margin[wrong].min() >= margin[~wrong].max()
    again = from_predictions(labels, p, rate, seed=seed)
    np.testing.assert_array_equal(noisy.labels, again.labels)


def test_predicted_classes():
    labels, predictions = np.array([0, 0, 1, 1, 2]), np.array([0, 2, 1, 3, 0])
    noisy = from_predictions(labels, predictions=predictions)
    assert noisy.labels.tolist() == predictions.tolist()
    assert noisy.is_wrong.tolist() == [False, True, False, True, True]
    assert noisy.num_classes == 4
    chosen = [
        tuple(
            from_predictions(
                labels, predictions=predictions, rate=0.2, seed=s
            ).positions
        )
        for s in range(40)
    ]
    assert set(chosen) == {(1,), (3,), (4,)}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pred_probs": None}, "Received: none of them"),
        ({"predictions": [0, 1, 2, 0]}, "Received: both of them"),
        ({"pred_probs": P[:2]}, r"`pred_probs` must have one row"),
        ({"pred_probs": 9 * P}, r"`pred_probs`.*row 0"),
        ({"pred_probs": P[:, :2]}, r"`pred_probs`"),
        ({"num_classes": 5}, r"`pred_probs` must have one column"),
        ({"rate": 2}, r"`rate` must be"),
        (
            {"pred_probs": None, "predictions": [0, 1, 2, 1], "rate": 0.5},
            r"make 1 mistakes in 4 labels.*rate=0.5",
        ),
        (
            {"pred_probs": None, "predictions": [0, 1]},
            r"2 predictions, 4 labels",
        ),
        (
            {"pred_probs": None, "predictions": [0, 1, -1, 2]},
            r"predictions\[2\]=-1",
        ),
        ({"labels": [0, 1, 2, 3]}, r"labels\[3\]=3"),
    ],
)
def test_errors(change, message):
    arguments = {"labels": LABELS, "pred_probs": P}
    with pytest.raises(ValueError, match=message):
        from_predictions(**{**arguments, **change})
