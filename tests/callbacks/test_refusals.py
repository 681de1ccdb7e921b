"""What callbacks that act on samples refuse, all of them alike."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_robust as kr
from tests.training import frozen


def early_learning(**options):
    return kr.callbacks.EarlyLearning(verbose=0, **options)


def fit(model, *callbacks, **options):
    tracker = frozen.tracker(from_logits=False)
    data = tracker.track(*frozen.samples(), batch_size=frozen.N, **options)
    model.fit(data, verbose=0, callbacks=[tracker, *callbacks])


def robust_classifier(**options):
    return frozen.classifier(kr.losses.CrossEntropy(), **options)


@pytest.mark.parametrize(
    "made",
    [
        kr.callbacks.SampleWeights,
        early_learning,
        lambda: kr.callbacks.CrossEntropyWarmUp(0),
    ],
)
def test_the_same_one_twice(made):
    model, callback = robust_classifier(), made()
    with pytest.raises(ValueError, match="The same .* is twice among the"):
        fit(model, callback, callback)
    # Once, and then again.
    for _ in range(2):
        fit(model, callback)
    assert "_keras_robust_attachment" not in vars(model)


def one_number(y, y_pred):
    losses = keras.losses.sparse_categorical_crossentropy(y, y_pred)
    return ops.mean(losses)


class OneNumber(keras.losses.Loss):
    def call(self, y, y_pred):
        return ops.mean(keras.losses.categorical_crossentropy(y, y_pred))


@pytest.mark.parametrize("loss", [one_number, OneNumber()])
def test_a_loss_that_no_weights_reach(loss):
    model = frozen.classifier(loss)
    x, labels = frozen.samples()
    if loss is not one_number:
        labels = np.eye(frozen.CLASSES)[labels]
    tracker = frozen.tracker(from_logits=False)
    callbacks = [tracker, kr.callbacks.SampleWeights()]
    with pytest.raises(ValueError, match="weighs samples one by one.*umber"):
        model.fit(tracker.track(x, labels), verbose=0, callbacks=callbacks)
    networks = [frozen.classifier(), frozen.classifier()]
    pair = kr.CoTeaching(*networks, 0.2, from_logits=False)
    with pytest.raises(ValueError, match="CoTeaching weighs samples one by"):
        pair.compile("sgd", loss)


def test_losses_that_weights_reach():
    def per_sample(y, y_pred):
        return keras.losses.sparse_categorical_crossentropy(y, y_pred)

    for loss in (per_sample, "sparse_categorical_crossentropy"):
        fit(frozen.classifier(loss), kr.callbacks.SampleWeights())


@pytest.mark.parametrize("output", [1, "b"])
def test_an_output_that_is_not_there(output):
    model = robust_classifier()
    x, labels = frozen.samples()
    for callback in (early_learning(output=output), None):
        tracker = frozen.tracker(output=None if callback else output)
        listed = [tracker, callback] if callback else [tracker]
        y = labels if callback else {output: labels}
        with pytest.raises(ValueError, match="no such output.*Received"):
            data = tracker.track(x, y)
            model.fit(data, verbose=0, callbacks=listed)


def test_another_number_of_classes_than_said():
    class Unbuilt(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(5, activation="softmax")

        def call(self, x):
            return self.dense(x)

    model = frozen.compiled(Unbuilt(), kr.losses.CrossEntropy())
    tracker = frozen.tracker(from_logits=False)
    data = tracker.track(*frozen.samples(), num_classes=4)
    callbacks = [tracker, early_learning()]
    with pytest.raises(ValueError, match="num_classes=4.*outputs of 5"):
        model.fit(data, verbose=0, callbacks=callbacks)


@pytest.mark.skipif(
    keras.backend.backend() == "tensorflow",
    reason="TensorFlow compiles the step for batches of any size",
)
def test_the_loss_of_a_part_of_a_batch():
    model = robust_classifier()
    tracker = frozen.tracker()
    data = tracker.track(*frozen.samples(), batch_size=frozen.N)
    original = model.train_step

    def train_step(*arguments):
        # As a step does that goes through a batch in parts.
        hooked = model.__dict__["compute_loss"]
        model.__dict__["compute_loss"] = lambda x, y, y_pred, w=None, **o: (
            hooked(x, y[:2], y_pred[:2], w, **o)
        )
        try:
            return original(*arguments)
        finally:
            model.__dict__["compute_loss"] = hooked

    model.__dict__["train_step"] = train_step
    with pytest.raises(ValueError, match="part of the batch.*2 outputs"):
        model.fit(data, verbose=0, callbacks=[tracker])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (["a"] * 3, "one number for every sample"),
        ([[1.0], [1.0, 2.0]], "one number for every sample"),
        (np.full(4, 3e38), "finite sum"),
    ],
)
def test_weights_that_are_none(weights, message):
    with pytest.raises(ValueError, match=message):
        kr.callbacks.SampleWeights(weights)


def test_from_logits_is_yes_or_no():
    with pytest.raises(ValueError, match="`from_logits` must be True or"):
        early_learning(from_logits="no")


@pytest.mark.parametrize(
    "options",
    [
        {"monitor": "val_loss"},
        {"monitor": 3},
        {"patience": 0},
        {"patience": "3"},
        {"min_delta": -1},
        {"min_delta": float("nan")},
        {"start_from_epoch": -2},
    ],
)
def test_noisy_early_stopping(options):
    with pytest.raises(ValueError, match=f"`{next(iter(options))}` must"):
        kr.callbacks.NoisyEarlyStopping(**options)
