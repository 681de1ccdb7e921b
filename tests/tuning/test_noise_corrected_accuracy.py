import keras
import numpy as np
import pytest

from keras_robust import noise
from keras_robust.tuning import NoiseCorrectedAccuracy
from tests.backend import to_numpy

NAME = "noise_corrected_accuracy"
MATRIX = np.array([[0.7, 0.2, 0.1], [0.0, 0.9, 0.1], [0.3, 0.1, 0.6]])
LABELS = np.array([0, 1, 2, 2, 0, 1])
PREDICTED = np.array([0, 2, 2, 0, 0, 1])
SCORES = np.eye(3, dtype="float32")[PREDICTED] * 4 - 1


def result(metric):
    return {k: float(to_numpy(v)) for k, v in metric.result().items()}


def by_hand(labels, predicted, weights=None):
    values = np.linalg.inv(MATRIX)[labels, predicted]
    weights = np.ones(len(values)) if weights is None else weights
    mean = (weights * values).sum() / weights.sum()
    error = np.sqrt((weights**2 * (values - mean) ** 2).sum())
    return {NAME: mean, f"{NAME}_error": error / weights.sum()}


def close(metric, wanted):
    found = result(metric)
    assert set(found) == set(wanted)
    for name, value in wanted.items():
        assert found[name] == pytest.approx(value, rel=2e-5, abs=1e-6)


def test_is_the_mean_of_the_inverse_and_its_standard_error():
    metric = NoiseCorrectedAccuracy(MATRIX)
    metric.update_state(LABELS[:4], SCORES[:4])
    metric.update_state(LABELS[4:], SCORES[4:])
    close(metric, by_hand(LABELS, PREDICTED))
    metric.reset_state()
    metric.update_state(LABELS[:2], SCORES[:2])
    close(metric, by_hand(LABELS[:2], PREDICTED[:2]))


def test_labels_of_every_form():
    forms = (LABELS[:, None], LABELS.astype("float32"), np.eye(3)[LABELS])
    for labels in forms:
        metric = NoiseCorrectedAccuracy(MATRIX)
        metric.update_state(labels, SCORES)
        close(metric, by_hand(LABELS, PREDICTED))


def test_sample_weights():
    weights = np.array([1.0, 0.0, 2.0, 0.5, 1.0, 3.0])
    metric = NoiseCorrectedAccuracy(MATRIX)
    metric.update_state(LABELS, SCORES, sample_weight=weights)
    close(metric, by_hand(LABELS, PREDICTED, weights))
    metric = NoiseCorrectedAccuracy(MATRIX)
    metric.update_state(LABELS, SCORES, sample_weight=weights[:, None])
    close(metric, by_hand(LABELS, PREDICTED, weights))


def test_dense_labels_count_position_by_position():
    metric = NoiseCorrectedAccuracy(MATRIX)
    metric.update_state(LABELS.reshape(3, 2), SCORES.reshape(3, 2, 3))
    close(metric, by_hand(LABELS, PREDICTED))


def test_a_binary_head_of_one_output():
    matrix = [[0.8, 0.2], [0.1, 0.9]]
    metric = NoiseCorrectedAccuracy(matrix)
    metric.update_state(np.array([1, 0, 1]), np.array([[0.7], [0.6], [0.2]]))
    values = np.linalg.inv(matrix)[[1, 0, 1], [1, 1, 0]]
    assert result(metric)[NAME] == pytest.approx(values.mean(), rel=1e-5)


def test_is_unbiased_for_a_noise_that_misleads_plain_accuracy():
    rng = np.random.default_rng(0)
    true = rng.integers(0, 3, 3000)
    # A model that is right but for class 0, which it takes for class 1: as
    # the labels do.
    predicted = np.where((true == 0) & (rng.random(3000) < 0.5), 1, true)
    wanted = (predicted == true).mean()
    scores = np.eye(3, dtype="float32")[predicted]
    found = []
    for seed in range(20):
        made = noise.by_matrix(true, MATRIX, seed=seed)
        metric = NoiseCorrectedAccuracy(MATRIX)
        metric.update_state(made.labels, scores)
        found.append(result(metric))
    estimates = np.array([one[NAME] for one in found])
    errors = np.array([one[f"{NAME}_error"] for one in found])
    assert abs(estimates.mean() - wanted) < 3 * errors.mean() / np.sqrt(20)
    # The true class and the label give both a share of the error.
    assert 0.3 < estimates.std() / errors.mean() < 1.2


def test_fit_logs_both_numbers_and_evaluate_knows_the_labels():
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(3, activation="softmax")]
    )
    metric = NoiseCorrectedAccuracy(MATRIX)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[metric])
    x, y = SCORES[:, :3], LABELS
    history = model.fit(x, y, validation_data=(x, y), epochs=1, verbose=0)
    found = {k: v[0] for k, v in history.history.items()}
    predicted = model.predict(x, verbose=0).argmax(axis=1)
    for name, value in by_hand(y, predicted).items():
        assert found[f"val_{name}"] == pytest.approx(value, rel=1e-4, abs=1e-6)


def test_is_saved_and_loaded():
    metric = NoiseCorrectedAccuracy(MATRIX, name="corrected")
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(metric)
    )
    assert again.get_config() == metric.get_config()
    again.update_state(LABELS, SCORES)
    assert set(result(again)) == {"corrected", "corrected_error"}


def test_nothing_seen_is_zero_and_a_label_of_no_class_is_nan():
    metric = NoiseCorrectedAccuracy(MATRIX)
    assert result(metric) == {NAME: 0.0, f"{NAME}_error": 0.0}
    for wrong in (3, -1):
        metric = NoiseCorrectedAccuracy(MATRIX)
        metric.update_state(np.array([0, wrong]), SCORES[:2])
        assert np.isnan(result(metric)[NAME])


@pytest.mark.parametrize(
    "matrix, message",
    [
        (MATRIX[:2], "must be square"),
        ("pair", "must be an array of numbers"),
        ([[1.0]], "must be square"),
        ([[0.5, 0.4], [0.0, 1.0]], r"must sum to 1.*\[0\].sum\(\)=0.9"),
        ([[1.5, -0.5], [0.0, 1.0]], r"at least 0.*\[0, 1\]=-0.5"),
        ([[np.nan, 1.0], [0.0, 1.0]], r"at least 0.*\[0, 0\]=nan"),
        ([[0.5, 0.5], [0.5, 0.5]], "must have an inverse.*condition number"),
    ],
)
def test_bad_matrices_are_refused(matrix, message):
    with pytest.raises(ValueError, match=message):
        NoiseCorrectedAccuracy(matrix)


def test_a_matrix_of_other_classes_and_labels_of_another_shape():
    metric = NoiseCorrectedAccuracy(MATRIX)
    with pytest.raises(ValueError, match="a matrix of 3 classes, y_pred.shape"):
        metric.update_state(LABELS, np.ones((6, 4)))
    with pytest.raises(ValueError, match="must have the shape of the predic"):
        metric.update_state(LABELS.reshape(3, 2, 1, 1), SCORES)
