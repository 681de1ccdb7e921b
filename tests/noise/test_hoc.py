import numpy as np
import pytest

from keras_robust.noise import estimate_transition_matrix
from keras_robust.noise import hoc
from keras_robust.noise import nearest_neighbours
from keras_robust.noise.agreement import Agreement
from tests.noise.made import KINDS
from tests.noise.made import drawn
from tests.noise.made import embeddings_of
from tests.noise.made import transition


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [0.2, 0.4])
def test_noise_where_neighbours_are_of_one_class(kind, rate):
    matrix = transition(kind, rate=rate)
    true, given = drawn(matrix, 4000)
    found = hoc(given, embeddings_of(true))
    assert abs(found.noise_rate - (true != given).mean()) < 0.03
    np.testing.assert_allclose(found.transition_matrix, matrix, atol=0.1)
    np.testing.assert_allclose(found.transition_matrix.sum(axis=1), 1)
    sizes = np.bincount(true) / true.size
    np.testing.assert_allclose(found.class_priors, sizes, atol=0.06)
    assert found.method == "hoc"


def test_intervals_have_the_truth_and_more_samples_narrow_them():
    matrix = transition("pair", num_classes=3)
    width = {}
    for num_samples in (500, 4000):
        true, given = drawn(matrix, num_samples)
        found = estimate_transition_matrix(
            given,
            embeddings=embeddings_of(true),
            method="hoc",
            bootstrap=40,
            seed=0,
        )
        low, high = found.low, found.high
        assert low.noise_rate < 0.3 < high.noise_rate
        assert low.noise_rate <= found.noise_rate <= high.noise_rate
        inside = low.transition_matrix <= matrix + 0.01
        inside &= matrix <= high.transition_matrix + 0.01
        assert inside.all()
        assert (low.class_priors <= high.class_priors).all()
        width[num_samples] = high.noise_rate - low.noise_rate
    # As the root of the number: 2.8 times.
    assert 1.8 < width[500] / width[4000] < 4.5


def test_intervals_cover_the_rate():
    matrix = transition("symmetric", num_classes=3)
    covered = 0
    for seed in range(12):
        true, given = drawn(matrix, 400, seed=seed)
        found = estimate_transition_matrix(
            given,
            embeddings=embeddings_of(true),
            method="hoc",
            bootstrap=25,
            seed=seed,
        )
        covered += found.low.noise_rate <= 0.3 <= found.high.noise_rate
    # Of 12 that cover with a probability of .95, 9 or fewer do so in 2 of 100
    # cases.
    assert covered > 9


def test_slopes_are_those_of_the_objective():
    triples = np.random.default_rng(0).integers(0, 3, (200, 3))
    fit = Agreement(triples, 3)
    x = np.random.default_rng(1).normal(size=12)
    value, slope = fit._objective(x)
    step = 1e-6 * np.eye(12)
    by_hand = [
        (fit._objective(x + s)[0] - fit._objective(x - s)[0]) / 2e-6
        for s in step
    ]
    np.testing.assert_allclose(slope, by_hand, atol=1e-7)

    # The squared distances of the three tables, each counted in full.
    rows, priors = fit._unpacked(x)
    parts = np.einsum("k,ka,kb,kc->abc", priors, rows, rows, rows)
    seen = np.zeros((3, 3, 3))
    for a, b, c in triples:
        for i, j, k in ((a, b, c), (a, c, b), (b, a, c)):
            seen[i, j, k] += 1 / 600 / 2
            seen[k, j, i] += 1 / 600 / 2
    alone = np.bincount(triples[:, 0]) / 200
    distance = ((parts.sum(axis=(1, 2)) - alone) ** 2).sum()
    distance += ((parts.sum(axis=2) - seen.sum(axis=2)) ** 2).sum()
    distance += ((parts - seen) ** 2).sum() - (seen**2).sum()
    assert value / 3 == pytest.approx(distance)


def test_a_graph_from_elsewhere_and_who_has_no_neighbours():
    true, given = drawn(transition("pair"), 800)
    points = embeddings_of(true)
    by_points = hoc(given, points)
    indices, distances = nearest_neighbours(points, 4)
    by_graph = hoc(given, knn_graph=(indices, distances))
    np.testing.assert_array_equal(
        by_points.transition_matrix, by_graph.transition_matrix
    )
    # Samples without neighbours say nothing, whatever their label.
    indices[:50] = -1
    given[:50] = 0
    less = hoc(given, knn_graph=(indices, distances))
    assert abs(less.noise_rate - by_graph.noise_rate) < 0.03
    with pytest.raises(ValueError, match="-1 among the first two of every"):
        hoc(given, knn_graph=(np.full_like(indices, -1), distances))


def test_classes_without_labels():
    true, given = drawn(transition("pair", num_classes=3), 600)
    found = hoc(2 * given, embeddings_of(true), num_classes=6)
    assert found.transition_matrix.shape == (6, 6)
    assert found.class_priors[[1, 3, 5]].tolist() == [0, 0, 0]
    for k in (1, 3, 5):
        assert found.transition_matrix[k, k] == 1
    assert abs(found.noise_rate - 0.3) < 0.06


def test_one_label_only_and_three_samples():
    found = hoc([1, 1, 1], np.eye(3))
    assert found.noise_rate == 0
    assert found.class_priors.tolist() == [0, 1]
    assert 0 <= hoc([0, 1, 1], np.eye(3)).noise_rate <= 1


def test_the_order_of_the_samples():
    true, given = drawn(transition("pair", num_classes=3), 300)
    points = embeddings_of(true)
    order = np.random.default_rng(0).permutation(300)
    one, other = hoc(given, points), hoc(given[order], points[order])
    np.testing.assert_allclose(
        one.transition_matrix, other.transition_matrix, atol=1e-6
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"embeddings": None}, "`embeddings` or from.*Received: neither"),
        ({"knn_graph": ()}, "Received: both"),
        ({"labels": [0, 1]}, "three samples.*Received: 2 labels"),
        ({"labels": [0, 1, 0]}, r"one row for each label.*\(4, 4\), 3 labels"),
        ({"labels": [0, 1, 0, 0.5]}, "integer dtype"),
        ({"metric": "dot"}, "Received: metric='dot'"),
        ({"num_classes": 1}, "Received: num_classes=1"),
    ],
)
def test_errors(change, message):
    arguments = {"labels": [0, 1, 0, 1], "embeddings": np.eye(4)}
    with pytest.raises(ValueError, match=message):
        hoc(**{**arguments, **change})
