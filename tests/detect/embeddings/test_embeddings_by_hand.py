"""Detectors on embeddings, against small sums done one at a time."""

import collections
import warnings

import numpy as np
import pytest

from keras_robust.detect import class_means
from keras_robust.detect import find_in_embeddings
from keras_robust.detect import neighbours_needed
from keras_robust.detect import penalized_regression
from keras_robust.detect import register_score
from keras_robust.detect import simifeat_rank
from keras_robust.detect import simifeat_vote
from keras_robust.detect import wann
from keras_robust.detect.embeddings.class_groups import groups_of
from keras_robust.detect.embeddings.class_groups import unlike_classes
from keras_robust.detect.embeddings.shifted_rows import entries
from keras_robust.detect.scores import score
from keras_robust.detect.scores.score import Score
from keras_robust.noise import nearest_neighbours
from tests.detect.embeddings.clouds import clouds


def graph(*rows):
    indices = np.array(rows)
    return indices, np.tile(np.arange(indices.shape[1]), (len(indices), 1))


def test_votes():
    labels = [0, 1, 2, 1, 0]
    near = graph([1, 3, 2], [0, 4, 2], [1, 3, 4], [1, 2, 0], [2, 1, 3])
    found = simifeat_vote(labels, knn_graph=near, k=3)
    # Two of class 1 and one of class 2 around the first.
    assert found.quality.tolist() == pytest.approx(
        [1 / 6, 1 / 6, 1 / 6, 0.5, 1 / 6]
    )
    # Around the fourth 1, 2 and 0 once each: the given one stays, and the
    # nearer of the others is suggested.
    assert found.predicted_label.tolist() == [1, 0, 1, 1, 1]
    assert found.suggested_label.tolist() == [1, 0, 1, 2, 1]
    assert found.suggestion_confidence.tolist() == pytest.approx(
        [2 / 3, 2 / 3, 2 / 3, 1 / 3, 2 / 3]
    )


def needed_one_by_one(labels, indices, k_min, k_max):
    found = []
    for label, near in zip(labels, indices, strict=True):
        for k in range(k_min, k_max + 1, 2):
            counts = collections.Counter(labels[near[:k]].tolist())
            if counts[int(label)] == max(counts.values()):
                break
        else:
            k = k_max
        found.append(k)
    return found


@pytest.mark.parametrize(("k_min", "k_max"), [(11, 51), (3, 12), (1, 1)])
def test_neighbours_needed(k_min, k_max):
    embeddings, labels, _ = clouds(rate=0.4, spread=2.5)
    near = nearest_neighbours(embeddings, k_max)
    wanted = needed_one_by_one(labels, near[0], k_min, k_max)
    assert k_max == 1 or len(set(wanted)) > 3
    found = neighbours_needed(labels, embeddings, k_min=k_min, k_max=k_max)
    assert found.tolist() == wanted
    quality = wann(labels, knn_graph=near, k=k_max, k_min=k_min).quality
    np.testing.assert_allclose(quality, k_min / np.array(wanted))


def test_class_means_leave_the_sample_out():
    embeddings, labels, _ = clouds(num_samples=30, num_classes=3, spread=2.0)
    centred = embeddings - embeddings.mean(axis=0)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    found = class_means(labels, embeddings)
    for i, label in enumerate(labels):
        similar = np.empty(3)
        for c in range(3):
            mean = unit[(labels == c) & (np.arange(30) != i)].mean(axis=0)
            similar[c] = unit[i] @ mean / np.linalg.norm(mean)
        others = np.delete(similar, label)
        evidence = similar[label] - others.max()
        assert found.evidence[i] == pytest.approx(evidence)
        assert found.quality[i] == pytest.approx(0.5 + evidence / 4)
        besides = np.where(np.arange(3) == label, -2, similar)
        assert found.suggested_label[i] == besides.argmax()
        gap = others.max() - max(similar[label], others.min())
        assert found.suggestion_confidence[i] == pytest.approx(0.5 + gap / 4)


def test_many_classes_cost_no_memory_by_class():
    # Means of all classes there could be would take 8 GB here.
    embeddings, labels, _ = clouds(num_samples=200)
    found = class_means(labels * 4_000_000, np.tile(embeddings, 8))
    other = class_means(labels, np.tile(embeddings, 8))
    np.testing.assert_array_equal(found.quality, other.quality)
    np.testing.assert_array_equal(
        found.suggested_label, other.suggested_label * 4_000_000
    )


def regressions(num_groups=3, seed=0):
    rng = np.random.default_rng(seed)
    given = np.tile(np.repeat(np.arange(4), 10), (num_groups, 1))
    true = np.where(rng.random(given.shape) < 0.3, (given + 1) % 4, given)
    rows = 2.0 * np.eye(4, 6)[true] + rng.normal(size=(*given.shape, 6))
    basis, _ = np.linalg.qr(rows)
    return basis, np.eye(4)[given]


def test_entries_are_those_of_the_lasso_path():
    from sklearn.linear_model import enet_path

    basis, targets = regressions()
    found = entries(basis, targets)
    for group in range(len(basis)):
        rest = np.eye(40) - basis[group] @ basis[group].T
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            penalties, shifts, _ = enet_path(
                rest, rest @ targets[group], l1_ratio=1.0, tol=1e-8
            )
        entered = (shifts != 0).any(axis=0)
        wanted = np.where(
            entered.any(axis=1), 40 * penalties[entered.argmax(axis=1)], 0.0
        )
        # A step of the path is 7 %; one on the edge of it may go either way.
        assert (np.abs(found[group] - wanted) < 1e-9).mean() > 0.9
        np.testing.assert_allclose(found[group], wanted, rtol=0.08, atol=0.01)


def test_groups():
    groups, which = groups_of([np.arange(7), np.array([10, 11])], 3)
    assert groups.tolist() == [
        [0, 1, 2, 10, 11],
        [3, 4, 5, 10, 11],
        [6, 0, 1, 10, 11],
    ]
    assert which.tolist() == [0, 0, 0, 1, 1]
    sets = unlike_classes(np.eye(3)[[0, 0, 1, 1, 2]], 3)
    assert [part.tolist() for part in sets] == [[0, 2, 4], [1, 3]]


def test_classes_beyond_those_of_a_group():
    embeddings, labels, true = clouds(600, num_classes=6, spread=0.3)
    found = penalized_regression(
        labels, embeddings, per_class=20, classes_at_once=3
    )
    wrong = labels != true
    # A label whose right class is in another set may pass for an outlier.
    assert np.quantile(found.quality[wrong], 0.8) < found.quality[~wrong].min()
    assert (found.suggested_label == true)[wrong].all()
    again = penalized_regression(
        labels, embeddings, per_class=20, classes_at_once=3
    )
    np.testing.assert_array_equal(again.evidence, found.evidence)


@pytest.mark.parametrize("name", ["per_class", "classes_at_once"])
def test_bad_group_sizes(name):
    embeddings, labels, _ = clouds(num_samples=20)
    with pytest.raises(ValueError, match=f"`{name}`.*at least 2.*{name}=1"):
        penalized_regression(labels, embeddings, **{name: 1})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"score": "wan"}, r'did you mean "wann"\?'),
        ({"split": "treshold"}, r'did you mean "threshold"\?'),
        ({"score": "spr", "k": 5}, "takes no `k`"),
        ({"score": "class_means", "knn_graph": 1}, "takes no `knn_graph`"),
        ({"ids": [1, 2]}, r"one entry for each label"),
        ({"embeddings": None, "score": "spr"}, "needs `embeddings`"),
        ({"k": 60, "knn_graph": graph([1], [0])}, "knn_graph"),
    ],
)
def test_errors_of_find_in_embeddings(arguments, message):
    embeddings, labels, _ = clouds(num_samples=40)
    arguments = {"embeddings": embeddings, **arguments}
    with pytest.raises(ValueError, match=message):
        find_in_embeddings(labels, **arguments)


def test_a_score_of_ones_own(monkeypatch):
    table = score._scores["embeddings"]
    monkeypatch.setattr(table, "entries", dict(table.entries))

    @register_score("first_column", reads="embeddings")
    def first_column(labels, embeddings):
        return Score(embeddings[:, 0], embeddings[:, 0])

    issues = find_in_embeddings(
        [0, 1, 1], [[0.2], [0.7], [0.9]], score="first_column", ids=list("abc")
    )
    assert issues.is_label_issue.tolist() == [True, False, False]
    assert issues.predicted_label.tolist() == [-1, -1, -1]
    assert issues.suggested_label.tolist() == [-1, 1, 1]
    assert issues.ids.tolist() == ["a", "b", "c"]
    with pytest.raises(ValueError, match="takes no `k`"):
        find_in_embeddings([0, 1], np.eye(2), score="first_column", k=3)


def test_the_bounds_of_a_rank_are_kept():
    embeddings, labels, _ = clouds(num_samples=80, rate=0.2, spread=1.5)
    for bounds, share in (((0.0, 0.0), 0.0), ((0.5, 0.5), 0.5)):
        found = simifeat_rank(
            labels, embeddings, wrong_share=[0.25] * 4, bounds=bounds
        )
        # Equals stay together, so the half is about half.
        assert abs((found.quality < 0.5).mean() - share) < 0.2


def test_votes_order_labels_of_one_reliability():
    embeddings, labels, _ = clouds(spread=1.5)
    found = wann(labels, embeddings)
    alike = found.quality == 1.0
    assert alike.sum() > 50
    assert np.unique(found.evidence[alike]).size > 10
