"""The watch for classes a model has given up."""

import warnings

import numpy as np
import pytest

from keras_robust import callbacks
from keras_robust import demo
from keras_robust import losses
from keras_robust.callbacks.collapse import CollapseWatch


def watched(predicted, given, num_classes, epochs=6):
    watch = CollapseWatch(np.asarray(given))
    for _ in range(epochs):
        watch.see(np.asarray(predicted, "float32"), num_classes)
    return watch


def test_a_class_that_is_never_predicted_is_given_up():
    given = np.repeat([0, 1, 2], 20)
    predicted = np.where(given == 2, 0, given)
    assert watched(predicted, given, 3).given_up() == [2]
    assert watched(given, given, 3).given_up() == []


def test_few_epochs_say_nothing():
    given = np.repeat([0, 1, 2], 20)
    watch = watched(np.zeros(60), given, 3, epochs=4)
    assert watch.given_up() == []


def test_a_class_that_came_back_is_not_given_up():
    given = np.repeat([0, 1, 2], 20)
    watch = watched(np.zeros(60), given, 3)
    watch.see(given.astype("float32"), 3)
    assert watch.given_up() == []


def test_rare_classes_may_stay_unpredicted():
    given = np.r_[np.zeros(1000, int), np.ones(1000, int), [2] * 30]
    predicted = np.where(given == 2, 0, given)
    assert watched(predicted, given, 3).given_up() == []


def test_samples_that_were_not_seen_do_not_count():
    given = np.repeat([0, 1, 2], 20)
    predicted = np.where(given == 2, np.nan, given)
    assert watched(predicted, given, 3).given_up() == []


def fit(loss, warn_on_collapse=True):
    digits = demo.load_digits("symmetric", 0.4, seed=0)
    model = demo.small_cnn(loss)
    tracker = callbacks.LossTrajectory((), warn_on_collapse=warn_on_collapse)
    data = tracker.track(digits.x_train, digits.y_train, batch_size=64)
    model.fit(data, epochs=6, callbacks=[tracker], verbose=0)


def test_a_collapsed_run_warns_with_the_cure():
    with pytest.warns(UserWarning, match="Training has collapsed") as caught:
        fit(losses.Blurry(gamma=0.5, stop_gradient=False))
    (message,) = [str(w.message) for w in caught if w.category is UserWarning]
    assert "Blurry(gamma=0.5, stop_gradient=False) from random" in message
    assert "CrossEntropyWarmUp(epochs=5)" in message
    assert "GeneralizedCrossEntropy()" in message


@pytest.mark.once
def test_a_healthy_run_and_a_muted_one_do_not():
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        fit(losses.CrossEntropy())
        fit(losses.Blurry(stop_gradient=False), warn_on_collapse=False)
