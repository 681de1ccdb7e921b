"""Wrong numbers are found, whatever the residuals are like."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from keras_robust.detect import find_regression_issues

NAN = np.nan


def made(count=1000, rate=0.1, shift=6.0, seed=0, noise="normal"):
    """Labels with planted errors, predictions, and which are wrong."""
    rng = np.random.default_rng(seed)
    predictions = rng.uniform(-20, 20, count)
    labels = predictions + getattr(rng, noise)(size=count)
    wrong = np.zeros(count, bool)
    wrong[rng.permutation(count)[: round(rate * count)]] = True
    size = shift * rng.uniform(0.5, 1.5, wrong.sum())
    labels[wrong] += rng.choice([-1, 1], wrong.sum()) * size
    return labels, predictions, wrong


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.3])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e9])
def test_planted_errors_are_found(rate, scale):
    labels, predictions, wrong = made(rate=rate)
    issues = find_regression_issues(scale * labels, scale * predictions)
    result = issues.evaluate(wrong)
    assert result["average_precision"] > 0.95
    assert result["precision"] > 0.9
    assert result["recall"] > 0.85


def test_it_is_the_formula():
    labels, predictions, _ = made(100)
    issues = find_regression_issues(labels, predictions)
    residual = labels - predictions
    z = residual - np.median(residual)
    scale = 1.4826 * np.median(np.abs(z))
    np.testing.assert_allclose(issues.residual, residual)
    np.testing.assert_allclose(issues.scale, scale)
    np.testing.assert_allclose(issues.evidence, -np.abs(z) / scale)
    # The tails of a normal distribution beyond 0, 1, 1.96 and 3.
    tails = find_regression_issues([-1, -0.5, 0, 0.5, 2.5], np.zeros(5))
    size = np.array([2.0, 1.0, 0.0, 1.0, 5.0]) / 1.4826
    np.testing.assert_allclose(-tails.evidence, size)
    expected = [0.177338, 0.5, 1.0, 0.5, 0.000745]
    np.testing.assert_allclose(tails.label_quality, expected, atol=1e-4)


@pytest.mark.parametrize("noise", ["normal", "laplace", "uniform", "logistic"])
def test_right_labels_are_left_alone(noise):
    labels, predictions, _ = made(3000, rate=0.0, noise=noise)
    assert find_regression_issues(labels, predictions).num_issues <= 3


def test_errors_are_found_beside_heavy_tails():
    labels, predictions, wrong = made(
        3000, rate=0.1, shift=15.0, noise="laplace"
    )
    result = find_regression_issues(labels, predictions).evaluate(wrong)
    assert result["average_precision"] > 0.95
    assert result["f1"] > 0.85


def test_a_threshold():
    labels, predictions, _ = made(200)
    issues = find_regression_issues(labels, predictions, threshold=2.5)
    np.testing.assert_array_equal(issues.is_label_issue, issues.evidence < -2.5)
    few = find_regression_issues([0, 0, 0.1, 9], [0, 0.1, 0, 0], threshold=3)
    assert few.is_label_issue.tolist() == [False, False, False, True]


def test_the_suggestion_is_the_median_prediction():
    labels, predictions, _ = made(200)
    epochs = np.stack([predictions + 1, predictions, predictions - 9])
    issues = find_regression_issues(labels, epochs)
    flagged = issues.is_label_issue
    np.testing.assert_allclose(issues.predicted_label, predictions)
    np.testing.assert_allclose(
        issues.suggested_label, np.where(flagged, predictions, labels)
    )
    assert 0 < flagged.sum() < 200
    np.testing.assert_allclose(issues.residual, labels - epochs.mean(axis=0))


def test_the_scale_may_follow_the_level():
    rng = np.random.default_rng(0)
    predictions = rng.uniform(1, 100, 4000)
    labels = predictions * (1 + 0.1 * rng.normal(size=4000))
    wrong = np.zeros(4000, bool)
    wrong[:400] = True
    labels[wrong] *= rng.choice([0.4, 1.6], 400)
    plain = find_regression_issues(labels, predictions)
    local = find_regression_issues(labels, predictions, heteroscedastic=True)
    before = plain.evaluate(wrong)
    result = local.evaluate(wrong)
    assert result["average_precision"] > 0.95
    assert before["average_precision"] < 0.87
    # Where it matters what the scale is.
    middle = (predictions > 20) & (predictions < 90)
    np.testing.assert_allclose(
        local.scale[middle], 0.1 * predictions[middle], rtol=0.4
    )


def test_few_alike_predictions_have_one_scale():
    labels, predictions, _ = made(90)
    one = find_regression_issues(labels, predictions)
    local = find_regression_issues(labels, predictions, heteroscedastic=True)
    np.testing.assert_allclose(one.scale, local.scale)
    levels = find_regression_issues(
        labels, np.ones(90), heteroscedastic=True
    ).scale
    assert np.ptp(levels) == 0


def test_equal_residuals_are_no_issue():
    for labels in (np.full(50, 3.0), np.arange(50.0), np.zeros(50)):
        issues = find_regression_issues(labels, labels - 0.1)
        assert issues.num_issues == 0
        assert issues.label_quality.min() > 0.9
    # Rounding is none either.
    labels = np.arange(1.0, 1001.0)
    off = labels * np.random.default_rng(0).choice([1 - 1e-16, 1 + 1e-16], 1000)
    issues = find_regression_issues(labels, off)
    assert issues.num_issues == 0


def test_most_residuals_are_nothing():
    labels, predictions = np.zeros(200), np.zeros(200)
    labels[:10] = 8.0
    labels[10:40] = [1, -1] * 15
    issues = find_regression_issues(labels, predictions)
    assert np.flatnonzero(issues.is_label_issue).tolist() == list(range(10))


def test_a_sample_without_prediction():
    labels, predictions, _ = made(100)
    epochs = np.stack([predictions, predictions + 1])
    epochs[0, 3] = NAN
    epochs[:, 5] = NAN
    with pytest.warns(UserWarning, match="1 of 100 samples have no predictio"):
        issues = find_regression_issues(labels, epochs)
    assert issues.label_quality[5] == 1.0
    assert np.isnan(issues.evidence[5]) and np.isnan(issues.predicted_label[5])
    assert issues.top(100)[-1] == 5
    assert issues.suggested_label[5] == labels[5]
    assert issues.residual[3] == pytest.approx(labels[3] - predictions[3] - 1)


@pytest.mark.parametrize("count", [1, 2, 3, 19])
def test_few_samples_are_not_flagged(count):
    labels = np.zeros(count)
    labels[0] = 1e6
    issues = find_regression_issues(labels, np.linspace(0, 1, count))
    assert issues.num_issues == 0
    assert ((issues.label_quality >= 0) & (issues.label_quality <= 1)).all()


def test_the_order_of_the_samples_changes_nothing():
    labels, predictions, _ = made(300)
    epochs = predictions + np.random.default_rng(0).normal(size=(4, 300))
    epochs = epochs.astype("float32")
    order = np.random.default_rng(1).permutation(300)
    for options in ({}, {"heteroscedastic": True}):
        a = find_regression_issues(labels, epochs, **options)
        b = find_regression_issues(labels[order], epochs[:, order], **options)
        for name in ("is_label_issue", "label_quality", "wrong_probability"):
            np.testing.assert_array_equal(
                getattr(a, name)[order], getattr(b, name), err_msg=name
            )


def test_shapes_that_models_give():
    labels, predictions, _ = made(60)
    wanted = find_regression_issues(labels, predictions)
    for y, p in (
        (labels[:, None], predictions[:, None]),
        (labels.tolist(), predictions.tolist()),
        (labels, [predictions[:, None]]),
        (labels, predictions[None]),
    ):
        issues = find_regression_issues(y, p)
        np.testing.assert_array_equal(
            issues.label_quality, wanted.label_quality
        )


@pytest.mark.parametrize(
    ("labels", "predictions", "message"),
    [
        ([], [], "one at least. Received: labels.shape=(0,)"),
        ([[1, 2], [3, 4]], [1, 2], "labels.shape=(2, 2)"),
        (["a", "b"], [1, 2], "`labels` must be numbers of shape (N,). Rec"),
        ([1, NAN, 3], [1, 2, 3], "finite. Received: labels[1]=nan (1 such"),
        ([1, [2, 3]], [1, 2], "`labels` must be numbers of shape (N,). Rec"),
        ([1, 2, 3], [1, 2], "N = 3 as `labels` have. Received: predictions.s"),
        ([1, 2, 3], np.ones((3, 2)), "epochs first (`predictions.T`?). Rec"),
        ([1, 2], [1, np.inf], "predictions[0, 1]=inf"),
        ([1, 2], np.ones((0, 2)), "predictions.shape=(0, 2)"),
    ],
)
def test_bad_input(labels, predictions, message):
    with pytest.raises(ValueError) as error:
        find_regression_issues(labels, predictions)
    assert message in str(error.value)


@pytest.mark.parametrize("threshold", [0, -1, NAN, "3", True])
def test_a_threshold_is_above_zero(threshold):
    with pytest.raises(ValueError, match="`threshold` must be None or a numbe"):
        find_regression_issues([1.0, 2.0], [1.0, 2.0], threshold)


anything = hnp.arrays(
    dtype=st.sampled_from(["f8", "f4", "f2", "i8", "u1", "?", "U2", "O"]),
    shape=hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=30),
)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_input_is_judged_or_refused(data):
    labels = data.draw(anything)
    predictions = data.draw(anything)
    if data.draw(st.booleans()):
        count = data.draw(st.integers(0, 30))
        numbers = st.floats(width=64, allow_nan=data.draw(st.booleans()))
        labels = data.draw(hnp.arrays("f8", count, elements=numbers))
        predictions = data.draw(hnp.arrays("f8", (2, count), elements=numbers))
    try:
        with np.errstate(all="raise", under="ignore"):
            issues = find_regression_issues(
                labels, predictions, heteroscedastic=data.draw(st.booleans())
            )
    except ValueError as error:
        assert "Received: " in str(error)
    except UserWarning as warning:
        assert "have no prediction" in str(warning)
    else:
        quality = issues.label_quality
        assert ((quality >= 0) & (quality <= 1)).all()
        assert not np.isnan(issues.suggested_label).any()


def test_a_run_of_a_network():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 4)).astype("float32")
    right = np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2]
    wrong = np.zeros(600, bool)
    wrong[:60] = True
    y = right + 0.1 * rng.normal(size=600)
    y[wrong] += rng.choice([-2.5, 2.5], 60)
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.Adam(5e-3), loss="mse")
    kept = []
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: kept.append(
            model.predict(x, batch_size=600, verbose=0)
        )
    )
    model.fit(x, y, batch_size=60, epochs=20, verbose=0, callbacks=[keep])
    issues = find_regression_issues(y, kept)
    result = issues.evaluate(wrong)
    assert result["average_precision"] > 0.9
    assert result["f1"] > 0.8
    # The suggestion is nearer to the truth than the label was.
    found = issues.is_label_issue & wrong
    before = np.abs(y - right)[found].mean()
    after = np.abs(issues.suggested_label - right)[found].mean()
    assert after < 0.5 * before
