"""Wrong labels of images and sentences."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from keras_robust.detect import find_dense_issues
from keras_robust.detect.beyond import dense_input
from keras_robust.noise import confident_joint
from keras_robust.noise import confident_thresholds

NAN = np.nan


def images(count=60, size=24, patch=6, seed=0):
    """Images of stripes, their classes' probabilities, and wrong patches."""
    rng = np.random.default_rng(seed)
    place = np.arange(size) + rng.uniform(0, size, (count, 1))
    # Three classes that follow each other, uncertain where they meet.
    angle = 2 * np.pi * place[:, :, None] / size - np.arange(3) * 2 * np.pi / 3
    logits = np.repeat(4 * np.cos(angle)[:, None], size, axis=1)
    labels = logits.argmax(axis=-1)
    logits += rng.normal(size=logits.shape)
    probs = np.exp(logits)
    probs /= probs.sum(axis=-1, keepdims=True)
    wrong = np.zeros(labels.shape, bool)
    for image in range(0, count, 5):
        y, x = rng.integers(0, size - patch, 2)
        wrong[image, y : y + patch, x : x + patch] = True
    labels[wrong] = (labels[wrong] + 1) % 3
    return labels, probs, wrong


def sentences(count=200, seed=0):
    """Sentences of many lengths, one token in every fifth of them wrong."""
    rng = np.random.default_rng(seed)
    labels, probs, wrong = [], [], []
    for number in range(count):
        length = rng.integers(1, 30)
        right = rng.integers(0, 5, length)
        logits = 4.0 * np.eye(5)[right] + rng.normal(size=(length, 5))
        p = np.exp(logits)
        probs.append(p / p.sum(axis=1, keepdims=True))
        bad = np.zeros(length, bool)
        bad[0] = number % 5 == 0
        labels.append(np.where(bad, (right + 1) % 5, right))
        wrong.append(bad)
    return labels, probs, wrong


def same(a, b):
    for name in ("is_label_issue", "num_positions", "num_position_issues"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    for name in ("label_quality", "evidence", "thresholds"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name))
    np.testing.assert_array_equal(a.confident_joint, b.confident_joint)


def test_wrong_patches_are_found():
    labels, probs, wrong = images()
    issues = find_dense_issues(labels, probs, at_least=0.02)
    result = issues.evaluate(wrong.any(axis=(1, 2)))
    assert result["average_precision"] > 0.95
    assert result["f1"] > 0.8
    worst = issues.top(1)[0]
    found = issues.positions(labels[worst], probs[worst])
    hits = found.is_label_issue & wrong[worst]
    assert hits.sum() > 0.5 * wrong[worst].sum()
    assert hits.sum() > 0.7 * found.is_label_issue.sum()
    right = (labels[worst] - 1) % 3
    assert (found.suggested_label == right)[hits].mean() > 0.9
    flagged = found.is_label_issue
    assert (found.suggested_label == labels[worst])[~flagged].all()


@pytest.mark.parametrize("aggregate", ["softmin", "min"])
def test_wrong_tokens_are_found(aggregate):
    labels, probs, wrong = sentences()
    issues = find_dense_issues(labels, probs, aggregate=aggregate)
    result = issues.evaluate(np.array([bad.any() for bad in wrong]))
    assert result["average_precision"] > 0.9
    assert result["f1"] > 0.75


def test_it_is_confident_learning_over_all_positions():
    labels, probs, _ = images(10)
    issues = find_dense_issues(labels, probs)
    flat, rows = labels.reshape(-1), probs.reshape(-1, 3)
    thresholds = confident_thresholds(flat, rows)
    np.testing.assert_allclose(issues.thresholds, thresholds)
    np.testing.assert_array_equal(
        issues.confident_joint, confident_joint(flat, rows)
    )
    reached = np.where(rows >= thresholds, rows, -1.0)
    predicted = rows.argmax(axis=1)
    flagged = (reached.max(axis=1) > 0) & (reached.argmax(axis=1) != flat)
    flagged &= predicted != flat
    flagged = flagged.reshape(labels.shape)
    for at in range(10):
        found = issues.positions(labels[at], probs[at])
        np.testing.assert_array_equal(found.is_label_issue, flagged[at])
        np.testing.assert_array_equal(
            found.predicted_label, probs[at].argmax(axis=-1)
        )
    counts = flagged.sum(axis=(1, 2))
    assert 0 < counts.sum()
    np.testing.assert_array_equal(issues.num_position_issues, counts)


def test_reductions():
    labels, probs, _ = images(10)
    quality = np.take_along_axis(probs, labels[..., None], axis=-1)
    quality = quality.reshape(10, -1)
    weights = np.exp((1 - quality) / 0.1)
    soft = (weights * quality).sum(axis=1) / weights.sum(axis=1)
    plain = find_dense_issues(labels, probs)
    share = 1 - plain.num_position_issues / plain.num_positions
    for name, expected in (
        ("softmin", soft),
        ("min", quality.min(axis=1)),
        ("mean", quality.mean(axis=1)),
        ("share", share),
    ):
        issues = find_dense_issues(labels, probs, aggregate=name)
        np.testing.assert_allclose(issues.label_quality, expected)
        np.testing.assert_allclose(issues.evidence, quality.mean(axis=1))


def test_how_many_positions_make_an_issue():
    labels, probs, _ = images(40)
    count = find_dense_issues(labels, probs).num_position_issues
    for at_least, enough in ((1, 1), (5, 5), (0.1, 0.1 * 24 * 24)):
        issues = find_dense_issues(labels, probs, at_least=at_least)
        np.testing.assert_array_equal(issues.is_label_issue, count >= enough)
    # Not none of a position.
    short = find_dense_issues([[0], [1]], [[[0.9, 0.1]], [[0.1, 0.9]]], None,
                              at_least=0.5)  # fmt: skip
    assert short.num_issues == 0


def test_positions_may_not_count():
    labels, probs, _ = images(10)
    masked, broken = labels.astype("uint8"), probs.copy()
    masked[:, :, :8] = 255
    # What does not count may be anything.
    broken[:, :, :8] = NAN
    issues = find_dense_issues(masked, broken, ignore_class=255)
    same(issues, find_dense_issues(labels[:, :, 8:], probs[:, :, 8:]))
    found = issues.positions(masked[0], broken[0])
    assert not found.is_label_issue[:, :8].any()
    assert (found.label_quality[:, :8] == 1).all()
    assert (found.suggested_label[:, :8] == 255).all()


def test_a_sample_without_positions():
    labels, probs = (
        [[0, 1], [-100], []],
        [np.eye(2), [[0.5, 0.5]], np.ones((0, 2))],
    )
    with pytest.warns(UserWarning, match="2 of 3 samples have no position"):
        issues = find_dense_issues(
            labels, probs, ignore_class=-100, at_least=0.5
        )
    assert issues.label_quality.tolist() == [1, 1, 1]
    assert np.isnan(issues.evidence).tolist() == [False, True, True]
    assert issues.num_issues == 0


def test_data_may_come_in_batches(tmp_path):
    labels, probs, _ = images(20)
    wanted = find_dense_issues(labels, probs)
    batches = [(labels[i : i + 3], probs[i : i + 3]) for i in range(0, 20, 3)]
    same(wanted, find_dense_issues(batches))
    same(wanted, find_dense_issues(lambda: iter(batches)))
    same(wanted, find_dense_issues(list(labels), list(probs)))
    one_pass = find_dense_issues(iter(batches), thresholds=wanted.thresholds)
    same(wanted, one_pass)
    np.save(tmp_path / "p.npy", probs)
    same(wanted, find_dense_issues(labels, np.load(tmp_path / "p.npy", "r")))
    with pytest.raises(ValueError, match="An iterator can be read once, but d"):
        find_dense_issues(iter(batches))


@pytest.mark.parametrize("numbers", [1, 500])
def test_where_chunks_end_changes_nothing(monkeypatch, numbers):
    labels, probs, _ = sentences(50)
    wanted = find_dense_issues(labels, probs)
    monkeypatch.setattr(dense_input, "_CHUNK", numbers)
    same(wanted, find_dense_issues(labels, probs))


def test_the_order_of_the_samples_changes_nothing():
    labels, probs, _ = sentences(100)
    order = np.random.default_rng(0).permutation(100)
    a = find_dense_issues(labels, probs)
    b = find_dense_issues([labels[i] for i in order], [probs[i] for i in order])
    np.testing.assert_array_equal(a.is_label_issue[order], b.is_label_issue)
    np.testing.assert_allclose(a.label_quality[order], b.label_quality)


def test_data_are_not_kept():
    def batches():
        for seed in range(60):
            labels, probs, _ = images(40, seed=seed)
            yield labels, probs

    one = 40 * 24 * 24 * 3 * 8
    tracemalloc.start()
    try:
        find_dense_issues(batches)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # A chunk as it is joined, the one before it, and what makes a batch.
    assert peak < 0.5 * 60 * one


def test_tables():
    labels, probs, _ = images(5)
    issues = find_dense_issues(labels, probs, ids=list("abcde"))
    frame = issues.to_frame()
    assert list(frame) == [
        "id",
        "is_label_issue",
        "label_quality",
        "num_positions",
        "num_position_issues",
    ]
    assert frame["id"].tolist() == list("abcde")
    total = issues.num_position_issues.sum()
    assert repr(issues).endswith(f"{total} of {5 * 24 * 24} positions)")


P = np.full((2, 3, 2), 0.5)
Y = np.zeros((2, 3), int)
LOGITS = P.copy()
LOGITS[1, 2] = 3.0


@pytest.mark.parametrize(
    ("labels", "pred_probs", "message"),
    [
        (Y, None, "Received: pred_probs=None"),
        (3, None, "Received: a int"),
        (3, P, "Received: a int"),
        ([], [], "Received: no sample"),
        ([], None, "Received: no sample"),
        ([3], None, "Batches must be pairs of labels (B, ...) and prob"),
        (Y[:1], P, "Received: 1 and 2 samples"),
        (np.zeros(2, int), P, "one label a sample is what `find_label_issues`"),
        (Y.astype(float), P, "`labels[0]` must be integer class numbers"),
        ([[0, 0, 0], ["a"] * 3], P, "`labels[1]` must be integer class num"),
        (Y + [0, 0, 2], P, "Received, of sample 0: labels[2]=2, ignore_class="),
        (Y - [[0], [100]], P, "Received, of sample 1: labels[0]=-100, ignor"),
        (Y, P[:, :2], "labels of shape (3,), pred_probs of shape (2, 2)"),
        (Y, P[..., :1], "becomes two by `np.stack([1 - p, p], axis=-1)`. Re"),
        (Y, P[..., 0], "becomes two by `np.stack([1 - p, p], axis=-1)`. Re"),
        (Y, np.moveaxis(P, 2, 1), "classes last: `np.moveaxis(pred_probs, 1, "),
        (Y, [P[0], np.ones((3, 4)) / 4], "Received: 4 in sample 1, 2 in those"),
        (Y, LOGITS, "Of sample 1, its positions in one column: `pred_probs`"),
        (Y, [P[0], [[NAN, 1]] * 3], "row 0 does not: it holds NaN"),
        (Y, [P[0], [[0.5], [0.5, 0.5], [1]]], "`pred_probs[1]` must be proba"),
    ],
)
def test_bad_input(labels, pred_probs, message):
    with pytest.raises(ValueError) as error:
        find_dense_issues(labels, pred_probs)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ignore_class": 1.5}, "Received: ignore_class=1.5"),
        ({"ignore_class": True}, "Received: ignore_class=True"),
        ({"aggregate": "max"}, "softmin, min, mean, share. Received: aggr"),
        ({"at_least": 0}, "Received: at_least=0"),
        ({"at_least": 1.5}, "Received: at_least=1.5"),
        ({"at_least": True}, "Received: at_least=True"),
        ({"thresholds": [0.5]}, "shape (2,). Received: thresholds=[0.5]"),
        ({"ids": [1]}, "one entry for each label. Received: 1 ids, 2 labels"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError) as error:
        find_dense_issues(Y, P, **options)
    assert message in str(error.value)


def test_positions_are_of_as_many_classes():
    issues = find_dense_issues(Y, P)
    with pytest.raises(ValueError, match="found in, 2. Received: 3 classes"):
        issues.positions([0], [[0.2, 0.3, 0.5]])


anything = hnp.arrays(
    dtype=st.sampled_from(["f8", "f4", "f2", "i8", "u1", "?", "U2", "O"]),
    shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)
ragged = st.lists(st.lists(st.integers(-1, 2), max_size=4), max_size=4)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_input_is_judged_or_refused(data):
    labels = data.draw(st.one_of(anything, ragged, st.none(), st.text()))
    probs = data.draw(st.one_of(anything, st.none(), ragged))
    if data.draw(st.booleans()):
        shape = tuple(data.draw(st.lists(st.integers(0, 4), max_size=3)))
        p = data.draw(
            hnp.arrays("f8", shape, elements=st.floats(0, 1, width=16))
        )
        probs = np.stack([1 - p, p], axis=-1)
        labels = data.draw(hnp.arrays("i8", shape, elements=st.integers(-1, 1)))
    ignore = data.draw(st.sampled_from([None, -1]))
    try:
        issues = find_dense_issues(labels, probs, ignore)
    except ValueError as error:
        assert "Received" in str(error)
    except UserWarning as warning:
        assert "no position that counts" in str(warning)
    else:
        quality = issues.label_quality
        assert ((quality >= 0) & (quality <= 1)).all()
