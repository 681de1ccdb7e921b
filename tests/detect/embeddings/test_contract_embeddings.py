"""What holds of every score that reads embeddings; a new one is in here."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from keras_robust.detect import available_scores
from keras_robust.detect import find_in_embeddings
from keras_robust.detect.embeddings.judgement import Judgement
from keras_robust.detect.scores.score import compute_score_of
from keras_robust.detect.scores.score import score_function
from keras_robust.noise import nearest_neighbours
from tests.detect.embeddings.clouds import clouds

# Those that are registered when the package is imported.
SCORES = available_scores("embeddings")
OF_NEIGHBOURS = [
    name
    for name in SCORES
    if "knn_graph"
    in inspect.signature(score_function("embeddings", name)).parameters
]
# Whose groups follow the embeddings, so that rounding may change them.
GROUPED = {"spr"}
# The share that they flag is an estimate.
ESTIMATED = {"simifeat_rank"}

every_score = pytest.mark.parametrize("name", SCORES)


def score_of(name, labels, embeddings, **options):
    return compute_score_of("embeddings", name, labels, embeddings, **options)


@every_score
@pytest.mark.parametrize("rate", [0.1, 0.3])
def test_wrong_labels_are_found_and_mended(name, rate):
    embeddings, labels, true = clouds(rate=rate)
    issues = find_in_embeddings(labels, embeddings, score=name)
    result = issues.evaluate(true)
    assert result["f1"] > (0.85 if name in ESTIMATED else 0.95)
    assert result["average_precision"] > 0.93
    mended = issues.suggested_label == true
    assert mended[labels != true].mean() > 0.85


@every_score
def test_a_planted_wrong_label_is_the_worst(name):
    embeddings, labels, true = clouds(rate=0.0)
    labels[17] = (labels[17] + 1) % 4
    assert score_of(name, labels, embeddings).quality.argmin() == 17
    issues = find_in_embeddings(labels, embeddings, score=name)
    assert issues.is_label_issue[17]
    assert issues.suggested_label[17] == true[17]
    assert issues.top(1) == 17


@every_score
def test_the_order_of_the_samples(name):
    embeddings, labels, _ = clouds(spread=1.5)
    order = np.random.default_rng(1).permutation(len(labels))
    found = score_of(name, labels, embeddings)
    moved = score_of(name, labels[order], embeddings[order])
    for column, other in zip(found, moved, strict=True):
        if name in GROUPED:
            assert np.isclose(other, column[order]).mean() > 0.97
        else:
            np.testing.assert_allclose(other, column[order], atol=1e-9)


@every_score
@pytest.mark.parametrize("factor", [1e-200, 0.125, 1e200])
def test_the_scale_of_the_embeddings(name, factor):
    embeddings, labels, _ = clouds(num_samples=80, spread=1.5)
    found = score_of(name, labels, embeddings)
    scaled = score_of(name, labels, factor * embeddings)
    np.testing.assert_allclose(scaled.quality, found.quality, atol=1e-3)


@every_score
def test_the_numbers_of_the_classes(name):
    embeddings, labels, _ = clouds(spread=1.5)
    found = score_of(name, labels, embeddings)
    other = score_of(name, np.array([2, 5, 0, 1])[labels], embeddings)
    close = np.isclose(other.quality, found.quality, atol=1e-6)
    # Groups are drawn by chance, class by class.
    assert (
        close.all()
        or name in GROUPED
        and np.corrcoef(other.quality, found.quality)[0, 1] > 0.95
    )


@every_score
@pytest.mark.parametrize("value", [0.0, 7.3, -1e-300, 1e300])
def test_where_all_are_alike_nothing_is_told_apart(name, value):
    labels = np.arange(40) % 4
    found = score_of(name, labels, np.full((40, 3), value))
    assert np.isfinite(found.evidence).all()
    if name in OF_NEIGHBOURS:
        # Whoever stands first is the neighbour of all.
        return
    assert np.ptp(found.quality) < 1e-9


@every_score
@pytest.mark.parametrize(
    "labels", [[1], [0, 1], [1, 1], [0, 1, 1], [0, 3, 3, 1]]
)
def test_little_is_enough(name, labels):
    embeddings = np.random.default_rng(0).normal(size=(len(labels), 3))
    found = score_of(name, np.array(labels), embeddings)
    assert np.isfinite(found.evidence).all()
    assert isinstance(found, Judgement)
    given = find_in_embeddings(labels, embeddings, score=name).given_label
    assert given.tolist() == labels


@every_score
def test_what_a_judgement_holds(name):
    embeddings, labels, _ = clouds(spread=2.0)
    found = score_of(name, labels, embeddings)
    order = np.argsort(found.evidence)
    assert (np.diff(found.quality[order]) >= -1e-12).all()
    assert (found.suggested_label != labels).all()
    confidence = found.suggestion_confidence
    assert ((confidence >= 0) & (confidence <= 1)).all()
    assert found.predicted_label.min() >= 0


@every_score
@pytest.mark.parametrize("dtype", ["float16", "float32", "int16"])
def test_other_dtypes_and_the_input_is_not_changed(name, dtype):
    embeddings, labels, true = clouds(num_samples=120)
    embeddings = (10 * embeddings).astype(dtype)
    before = embeddings.copy(), labels.copy()
    issues = find_in_embeddings(labels[:, None], embeddings, score=name)
    assert issues.evaluate(true)["f1"] > 0.75
    np.testing.assert_array_equal(embeddings, before[0])
    np.testing.assert_array_equal(labels, before[1])


@every_score
def test_a_class_without_samples_and_one_with_a_single_one(name):
    embeddings, labels, true = clouds(num_samples=120)
    labels = np.where(labels == 3, 5, labels)
    labels[np.flatnonzero(true == 1)[:1]] = 4
    found = score_of(name, labels, embeddings)
    assert np.isfinite(found.evidence).all()
    assert set(found.suggested_label) <= {-1, 0, 1, 2, 4, 5}


@every_score
@pytest.mark.parametrize(
    ("labels", "embeddings", "message"),
    [
        ([0, 1, 1], [[0.0], [np.nan], [1.0]], r"embeddings\[1, 0\]=nan"),
        ([0, 1, 1], [[0.0], [1.0], [np.inf]], r"embeddings\[2, 0\]=inf"),
        ([0, 1, 1], [[0.0], [1.0]], r"one row for each label.*3 labels"),
        ([0, -1, 1], np.eye(3), r"labels\[1\]=-1"),
        (np.eye(3, dtype=int), np.eye(3), "argmax"),
        (["a", "b", "c"], np.eye(3), "dtype=<U1"),
        ([0.0, 1.0, 1.0], np.eye(3), "float64"),
        ([], np.empty((0, 3)), "at least one"),
        ([0, 1, 1], [0.0, 1.0, 2.0], r"shape \(N, E\)"),
    ],
)
def test_errors(name, labels, embeddings, message):
    with pytest.raises(ValueError, match=message):
        find_in_embeddings(labels, embeddings, score=name)
    with pytest.raises(ValueError, match=message):
        score_function("embeddings", name)(labels, embeddings)


some_labels = st.one_of(
    st.lists(st.integers(-1, 4), max_size=6),
    st.lists(st.floats(), max_size=6),
    st.lists(st.text(max_size=2), max_size=6),
    st.lists(st.lists(st.integers(0, 1), min_size=2, max_size=2), max_size=6),
    st.none(),
)
some_numbers = st.one_of(
    st.floats(),
    st.sampled_from([0.0, 1.0, 1.0, 2.0, 1e308, -1e308, 5e-324]),
)
some_embeddings = st.one_of(
    st.lists(st.lists(some_numbers, min_size=2, max_size=2), max_size=6),
    st.lists(st.lists(some_numbers, max_size=3), max_size=6),
    st.lists(some_numbers, max_size=6),
    st.just("embeddings"),
    st.none(),
)


@every_score
@given(labels=some_labels, embeddings=some_embeddings)
@settings(max_examples=200, deadline=None)
def test_no_bad_input_ends_in_a_raw_error(name, labels, embeddings):
    try:
        issues = find_in_embeddings(labels, embeddings, score=name)
    except ValueError as error:
        assert "Received:" in str(error)
    else:
        assert len(issues) == len(labels)
        assert ((issues.label_quality >= 0) & (issues.label_quality <= 1)).all()
        assert np.isfinite(issues.evidence).all()


@pytest.mark.parametrize("name", OF_NEIGHBOURS)
def test_a_graph_takes_the_place_of_the_embeddings(name):
    embeddings, labels, _ = clouds(spread=1.5)
    graph = nearest_neighbours(embeddings, 60)
    found = find_in_embeddings(labels, embeddings, score=name)
    given_graph = find_in_embeddings(labels, knn_graph=graph, score=name)
    np.testing.assert_array_equal(given_graph.evidence, found.evidence)
    # The sample itself among its neighbours, as faiss returns it.
    own = np.arange(len(labels))[:, None]
    indices = np.hstack([own, graph[0]])
    distances = np.hstack([np.zeros((len(labels), 1)), graph[1]])
    with_own = find_in_embeddings(
        labels, knn_graph=(indices, distances), score=name
    )
    np.testing.assert_array_equal(with_own.evidence, found.evidence)


@pytest.mark.parametrize("name", OF_NEIGHBOURS)
def test_neighbours_that_were_not_found_have_no_vote(name):
    embeddings, labels, true = clouds()
    indices, distances = nearest_neighbours(embeddings, 60)
    indices[:, 8:], distances[:, 8:] = -1, np.inf
    indices[5], distances[5] = -1, np.inf
    found = score_of(name, labels, None, knn_graph=(indices, distances))
    assert np.isfinite(found.evidence).all()
    assert found.suggested_label[5] == -1
    wrong = labels != true
    wrong[5] = False
    quality = found.quality
    assert quality[wrong].mean() < quality[~wrong].mean() - 0.2


@pytest.mark.parametrize("name", OF_NEIGHBOURS)
@pytest.mark.parametrize("k", [0, -3, 2.5, True, "10"])
def test_bad_k(name, k):
    embeddings, labels, _ = clouds(num_samples=40)
    with pytest.raises(ValueError, match=f"Received: k.*={k!r}"):
        find_in_embeddings(labels, embeddings, score=name, k=k)


@pytest.mark.parametrize("name", OF_NEIGHBOURS)
def test_neither_embeddings_nor_a_graph(name):
    with pytest.raises(ValueError, match="`embeddings` or `knn_graph` must"):
        find_in_embeddings([0, 1], score=name)
