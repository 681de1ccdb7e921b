"""Programs of a loss: what they may not change, and who has none."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_robust import losses
from keras_robust import theory
from keras_robust.theory.evaluation import ONE_HOT
from keras_robust.theory.evaluation import evaluate
from keras_robust.theory.evaluation import label_losses
from keras_robust.theory.judge import Judge
from keras_robust.theory.native import one_question
from keras_robust.theory.simplex import simplex_points

POINTS = simplex_points(3, 1_500)
GENERAL = np.array([[0.7, 0.2, 0.1], [0.15, 0.8, 0.05], [0.3, 0.1, 0.6]])


@pytest.mark.parametrize("name", ["agce", "nce", "jal"])
@pytest.mark.parametrize("from_logits", [False, True])
def test_values_are_those_without(name, from_logits):
    loss = losses.get(name, from_logits=from_logits)
    found = label_losses(loss, POINTS)
    with one_question():
        np.testing.assert_allclose(
            label_losses(loss, POINTS), found, rtol=1e-9, atol=1e-12
        )


def test_what_leaves_the_backend_is_evaluated_as_it_is():
    def on_the_host(y_true, y_pred):
        p = ops.convert_to_numpy(ops.sum(y_true * y_pred, axis=-1))
        return ops.convert_to_tensor(np.exp(-p / 2.5))

    ratio = theory.asymmetry_ratio(on_the_host, 3)
    assert ratio == pytest.approx(np.exp(-1 / 2.5), rel=1e-4)


def test_what_draws_numbers_is_seen_and_leaves_its_generator_whole():
    seeds = keras.random.SeedGenerator(0)

    def random(y_true, y_pred):
        noise = keras.random.uniform((len(y_pred),), seed=seeds)
        given = ops.sum(y_true * y_pred, axis=-1)
        return ops.cast(noise, y_pred.dtype) - given

    with pytest.raises(ValueError, match="or from call to call"):
        theory.asymmetry_ratio(random, 3)
    keras.random.uniform((2,), seed=seeds)


def test_a_function_may_be_another_one_at_the_next_question():
    scale = [2.5]

    def exponential(y_true, y_pred):
        return ops.exp(-ops.sum(y_true * y_pred, axis=-1) / scale[0])

    before = theory.asymmetry_ratio(exponential, 3)
    scale[0] = 5.0
    assert before == pytest.approx(np.exp(-1 / 2.5), rel=1e-4)
    after = theory.asymmetry_ratio(exponential, 3)
    assert after == pytest.approx(np.exp(-1 / 5), rel=1e-4)


@one_question()
def test_the_rows_are_whole_where_that_matters():
    seen = []

    def loss(y_true, y_pred):
        seen.append(len(y_pred))
        return ops.sum(y_true * y_pred, axis=-1)

    labels = np.zeros(len(POINTS), "int32")
    evaluate(loss, labels, POINTS, ONE_HOT, at_once=True)
    assert seen == [len(POINTS)]


def test_the_worst_class_is_judged_first_and_the_last(monkeypatch):
    judged = []
    of_class = Judge.of_class

    def noted(self, label):
        judged.append(label)
        return of_class(self, label)

    monkeypatch.setattr(Judge, "of_class", noted)
    assert not theory.is_asymmetric(losses.CrossEntropy(), GENERAL)
    assert judged == [2]
    # Of a closed form nothing is judged, of a search every class.
    assert theory.is_asymmetric(losses.CategoricalMAE(), GENERAL)
    assert judged == [2]
    assert theory.is_asymmetric(keras.losses.MeanAbsoluteError(), GENERAL)
    assert judged == [2, 2, 0, 1]


def test_what_is_proved_is_not_searched(monkeypatch):
    monkeypatch.setattr(Judge, "minimisers", None)
    found = theory.noise_tolerance(losses.AsymmetricGCE(q=3), GENERAL)
    assert found.is_tolerated
    np.testing.assert_array_equal(
        [one.best for one in found.classes], np.eye(3)
    )
