"""Wrong labels of samples of several classes."""

import warnings
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from keras_robust.detect import confident_learning
from keras_robust.detect import find_multi_label_issues
from keras_robust.detect import mean_multi_label_probs

GOLDEN = Path(__file__).parents[2] / "golden" / "multi_label.npz"
NAN = np.nan


def made(count=1000, classes=6, rate=0.05, seed=0):
    """Labels with planted errors, probabilities, and which are wrong."""
    rng = np.random.default_rng(seed)
    logits = 4 * rng.normal(size=(count, classes)) + rng.uniform(-3, 1, classes)
    right = (logits > 0).astype(int)
    logits += 0.5 * rng.normal(size=logits.shape)
    wrong = rng.random(logits.shape) < rate
    return np.where(wrong, 1 - right, right), 1 / (1 + np.exp(-logits)), wrong


def lists(labels):
    return [np.flatnonzero(row).tolist() for row in labels]


@pytest.mark.parametrize("rate", [0.03, 0.1])
def test_planted_errors_are_found(rate):
    labels, pred_probs, wrong = made(rate=rate)
    issues = find_multi_label_issues(labels, pred_probs)
    by_sample = issues.evaluate(wrong.any(axis=1))
    by_label = issues.evaluate(wrong)
    assert by_sample["average_precision"] > 0.9
    assert by_label["average_precision"] > 0.9
    assert by_label["f1"] > 0.8
    found = issues.is_class_issue & wrong
    assert (issues.suggested_label != labels)[found].all()
    assert (issues.suggested_label == labels)[~issues.is_class_issue].all()


@pytest.mark.parametrize("number", [0, 1])
def test_it_equals_cleanlab(number):
    with np.load(GOLDEN) as golden:
        data = {
            name[:-2]: values
            for name, values in golden.items()
            if name.endswith(str(number))
        }
    for labels in (data["labels"], lists(data["labels"])):
        issues = find_multi_label_issues(labels, data["pred_probs"])
        np.testing.assert_array_equal(
            issues.is_class_issue, data["class_issues"]
        )
        np.testing.assert_array_equal(issues.is_label_issue, data["issues"])
        np.testing.assert_allclose(issues.label_quality, data["quality"])
        np.testing.assert_allclose(issues.class_quality, data["class_quality"])


def test_one_class_is_confident_learning_of_two():
    """Few labels: often there is a single yes, or a single no."""
    rng = np.random.default_rng(0)
    single = 0
    for count in np.tile(np.arange(3, 9), 50):
        true = rng.random(count) < 0.3
        p = np.clip(np.where(true, 0.8, 0.2) + rng.normal(0, 0.3, count), 0, 1)
        labels = (true ^ (rng.random(count) < 0.3)).astype(int)
        issues = find_multi_label_issues(labels[:, None], p[:, None])
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*labels at most")
            expected = confident_learning(labels, np.stack([1 - p, p], axis=1))
        np.testing.assert_array_equal(
            issues.is_label_issue, expected.is_label_issue
        )
        single += labels.sum() in (1, count - 1)
    assert single > 50


def test_aggregates():
    labels, pred_probs = np.array([[1, 1, 0, -1]]), [[0.9, 0.1, 0.5, 0.2]]
    expected = {
        "exponential_moving_average": 0.8 * 0.1 + 0.16 * 0.5 + 0.04 * 0.9,
        "min": 0.1,
        "mean": 0.5,
        "softmin": (0.1 * np.exp(9) + 0.5 * np.exp(5) + 0.9 * np.exp(1))
        / (np.exp(9) + np.exp(5) + np.exp(1)),
    }
    for name, value in expected.items():
        issues = find_multi_label_issues(labels, pred_probs, aggregate=name)
        np.testing.assert_allclose(issues.label_quality, [value])
        np.testing.assert_allclose(issues.evidence, [0.5])
    with pytest.raises(ValueError) as error:
        find_multi_label_issues(labels, pred_probs, aggregate="max")
    assert "exponential_moving_average, softmin, min, mean. Received: " in str(
        error.value
    )


@pytest.mark.parametrize("missing", [-1, NAN])
def test_what_is_not_known_is_left_out(missing):
    labels, pred_probs, _ = made(200, 3)
    whole = find_multi_label_issues(labels[:150], pred_probs[:150])
    labels, pred_probs = labels.astype(float), pred_probs.copy()
    labels[150:] = missing
    # Nothing is asked for where there is no label.
    pred_probs[150:180] = NAN
    issues = find_multi_label_issues(labels, pred_probs)
    np.testing.assert_array_equal(
        issues.is_class_issue[:150], whole.is_class_issue
    )
    np.testing.assert_array_equal(issues.label_quality[150:], 1.0)
    assert np.isnan(issues.evidence[150:]).all()
    assert not issues.is_label_issue[150:].any()
    assert (issues.suggested_label[150:] == -1).all()
    assert (issues.predicted_label[150:180] == -1).all()
    assert set(issues.top(50)) < set(range(150))
    assert (issues.top_labels(9999)[:, 0] < 150).all()
    one_class = labels.copy()
    one_class[:, 1] = -1
    part = find_multi_label_issues(one_class[:150], pred_probs[:150])
    np.testing.assert_array_equal(
        part.is_class_issue[:, [0, 2]], whole.is_class_issue[:, [0, 2]]
    )
    assert part.per_class()["num_missing"].tolist() == [0, 150, 0]
    assert part.per_class()["label_quality"][1] == 1.0


def test_tables():
    labels, pred_probs, wrong = made(300, 3, rate=0.1)
    issues = find_multi_label_issues(labels, pred_probs, ids=np.arange(300) + 7)
    frame = issues.to_frame()
    assert list(frame) == [
        "id",
        "is_label_issue",
        "label_quality",
        "num_class_issues",
    ]
    assert frame["id"][0] == 7
    table = issues.per_class()
    assert table["num_given"].tolist() == labels.sum(axis=0).tolist()
    flags = issues.is_class_issue
    assert table["num_issues"].tolist() == flags.sum(axis=0).tolist()
    extra = (flags & (labels == 1)).sum(axis=0)
    assert table["num_extra"].tolist() == extra.tolist()
    assert (table["num_extra"] + table["num_omitted"]).tolist() == table[
        "num_issues"
    ].tolist()
    worst = issues.top_labels(5)
    assert worst.shape == (5, 2)
    assert issues.class_quality[tuple(worst[0])] == issues.class_quality.min()
    assert repr(issues).startswith("MultiLabelIssues(") and "3 classes" in repr(
        issues
    )


def test_the_order_of_samples_and_classes_changes_nothing():
    labels, pred_probs, _ = made(300, 5)
    # Many ties.
    pred_probs = pred_probs.round(1).astype("float32")
    rng = np.random.default_rng(0)
    rows, columns = rng.permutation(300), rng.permutation(5)
    a = find_multi_label_issues(labels, pred_probs)
    b = find_multi_label_issues(
        labels[rows][:, columns], pred_probs[rows][:, columns]
    )
    np.testing.assert_array_equal(
        a.is_class_issue[rows][:, columns], b.is_class_issue
    )
    np.testing.assert_allclose(a.label_quality[rows], b.label_quality)


def test_one_kind_of_label_only():
    for value in (0, 1):
        issues = find_multi_label_issues(
            np.full((9, 2), value), np.eye(9)[:, :2]
        )
        assert issues.num_issues == 0
        assert ((issues.label_quality >= 0) & (issues.label_quality <= 1)).all()
    one = find_multi_label_issues(np.array([[1]]), [[0.3]])
    assert one.label_quality.tolist() == pytest.approx([0.3])


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([[0, 1, 0], [1, 0, 0]], "np.asarray(labels)`. Received: labels[0]=["),
        ([[0], [3]], "in [0, K - 1] = [0, 2]. Received: labels[1]=[3]"),
        ([[0], [-1]], "Received: labels[1]=[-1]"),
        ([[0], 1], "Received: labels[1]=1"),
        ([[0], "ab"], "Received: labels[1]='ab'"),
        ([[0], [0.5]], "`labels[1]` must be a list of class numbers"),
        ([[0]], "pred_probs.shape=(2, 3)"),
        ([], "Received: labels=[]"),
        (np.array([0, 1]), "One class a sample is what `find_label_issues`"),
        (np.array([[0, 1], [1, 0]]), "K = 3. Received: labels.shape=(2, 2)"),
        (np.array([[0, 1, 2], [1, 0, 0]]), "Received: labels[0, 2]=2 (1 such"),
        (np.array([[0, 1, 0.5], [1, 0, 0]]), "Received: labels[0, 2]=0.5"),
        (np.array([["a"] * 3] * 2), "Received: dtype=<U1"),
        (None, "Received: dtype=object"),
    ],
)
def test_bad_labels(labels, message):
    with pytest.raises(ValueError) as error:
        find_multi_label_issues(labels, np.full((2, 3), 0.5))
    assert message in str(error.value)


def test_lists_of_two_classes_may_be_meant_otherwise():
    with pytest.raises(ValueError, match="may be lists of classes, or 0 and 1"):
        find_multi_label_issues([[0, 1], [1, 0]], np.full((2, 2), 0.5))
    find_multi_label_issues([[0, 1], [1]], np.full((2, 2), 0.5))


@pytest.mark.parametrize(
    ("pred_probs", "message"),
    [
        (
            [[0.5, 1.5], [0, 0]],
            "sigmoid. Received: pred_probs[0, 1]=1.5 (1 suc",
        ),
        ([[0.5, 0.5], [NAN, 0]], "Received: pred_probs[1, 0]=nan"),
        ([[0.5, 0.5]], "Received: 2 labels, pred_probs.shape=(1, 2)"),
        ([0.5, 0.5], "pred_probs.shape=(2,)"),
        (np.ones((3, 2, 2)), "(of several epochs: `mean_multi_label_probs`)"),
        (np.ones((0, 2)), "pred_probs.shape=(0, 2)"),
        ("abc", "Received: dtype=<U3"),
    ],
)
def test_bad_probabilities(pred_probs, message):
    with pytest.raises(ValueError) as error:
        find_multi_label_issues(np.eye(2), pred_probs)
    assert message in str(error.value)


anything = hnp.arrays(
    dtype=st.sampled_from(["f8", "f4", "f2", "i8", "u1", "?", "U2", "O"]),
    shape=hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6),
)
ragged = st.lists(st.lists(st.integers(-1, 4), max_size=4), max_size=6)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_input_is_judged_or_refused(data):
    labels = data.draw(st.one_of(anything, ragged, st.none(), st.text()))
    pred_probs = data.draw(anything)
    if data.draw(st.booleans()):
        shape = data.draw(st.tuples(st.integers(1, 6), st.integers(1, 4)))
        some = st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0])
        pred_probs = data.draw(hnp.arrays("f8", shape, elements=some))
        kinds = st.sampled_from([0, 1, -1, 0, 1, data.draw(st.integers(-2, 2))])
        if data.draw(st.booleans()):
            labels = data.draw(hnp.arrays("i8", shape, elements=kinds))
    try:
        issues = find_multi_label_issues(labels, pred_probs)
    except ValueError as error:
        assert "Received: " in str(error)
    else:
        for quality in (issues.label_quality, issues.class_quality):
            assert ((quality >= 0) & (quality <= 1)).all()


def test_a_run_of_a_network():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 8)).astype("float32")
    right = (x @ rng.normal(size=(8, 4)) + [1, 0, -1, -2] > 0).astype(int)
    wrong = rng.random(right.shape) < 0.08
    labels = np.where(wrong, 1 - right, right)
    model = keras.Sequential(
        [
            keras.Input((8,)),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(4, activation="sigmoid"),
        ]
    )
    model.compile(keras.optimizers.Adam(1e-2), loss="binary_crossentropy")
    kept = []
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: kept.append(
            model.predict(x, batch_size=600, verbose=0)
        )
    )
    model.fit(x, labels, batch_size=60, epochs=12, verbose=0, callbacks=[keep])
    issues = find_multi_label_issues(labels, mean_multi_label_probs(kept))
    assert issues.evaluate(wrong)["average_precision"] > 0.85
    assert issues.evaluate(wrong.any(axis=1))["average_precision"] > 0.9
