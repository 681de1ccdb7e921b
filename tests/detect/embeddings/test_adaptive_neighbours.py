import numpy as np
import pytest

from keras_robust.detect import WeightedAdaptiveNeighbours
from keras_robust.noise import nearest_neighbours
from tests.detect.embeddings.clouds import clouds


def test_votes_one_by_one():
    embeddings, labels, _ = clouds(rate=0.4, spread=2.0)
    train, test = embeddings[:200], embeddings[200:]
    model = WeightedAdaptiveNeighbours(k_min=3, k_max=15)
    assert model.fit(labels[:200], train) is model
    unit = [e / np.linalg.norm(e, axis=1, keepdims=True) for e in (train, test)]
    for row, found in zip(unit[1], model.predict_proba(test), strict=True):
        near = np.argsort(-(unit[0] @ row))
        k = model.neighbours_needed_[near[0]]
        votes = np.zeros(4)
        for j in near[:k]:
            votes[labels[j]] += 1 / model.neighbours_needed_[j]
        np.testing.assert_allclose(found, votes / votes.sum())
    assert len(set(model.neighbours_needed_.tolist())) > 3


def test_it_sees_through_the_noise():
    embeddings, labels, true = clouds(800, rate=0.4, spread=0.7)
    model = WeightedAdaptiveNeighbours().fit(labels[:600], embeddings[:600])
    assert (model.predict(embeddings[600:]) == true[600:]).mean() > 0.97
    wrong = labels[:600] != true[:600]
    assert model.reliability_[wrong].mean() < model.reliability_[~wrong].mean()
    near = nearest_neighbours(embeddings[:600], 51)
    other = WeightedAdaptiveNeighbours().fit(
        labels[:600], embeddings[:600], knn_graph=near
    )
    np.testing.assert_array_equal(other.reliability_, model.reliability_)


def test_a_second_fit_forgets_the_first():
    embeddings, labels, _ = clouds(num_samples=100)
    model = WeightedAdaptiveNeighbours().fit(labels, embeddings)
    model.fit([0, 1], [[1.0, 0.0], [0.0, 1.0]])
    assert model.predict([[2.0, 0.1], [0.1, 2.0]]).tolist() == [0, 1]
    assert model.predict_proba([[1.0, 0.0]]).shape == (1, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k_min": 0}, "`k_min`.*at least 1.*k_min=0"),
        ({"k_min": 5, "k_max": 4}, "`k_max`.*at least 5.*k_max=4"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        WeightedAdaptiveNeighbours(**arguments)


def test_errors():
    model = WeightedAdaptiveNeighbours()
    with pytest.raises(ValueError, match="`fit` must be called"):
        model.predict(np.eye(2))
    with pytest.raises(ValueError, match=r"embeddings\[1, 0\]=nan"):
        model.fit([0, 1], [[1.0], [np.nan]])
    with pytest.raises(ValueError, match="Received"):
        model.fit([0, 1], None)
    model.fit([0, 1], np.eye(2))
    with pytest.raises(ValueError, match="2 columns"):
        model.predict(np.eye(3))
    with pytest.raises(ValueError, match=r"embeddings\[0, 1\]=nan"):
        model.predict([[0.0, np.nan]])
