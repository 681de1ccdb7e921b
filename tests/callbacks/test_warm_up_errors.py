"""What the warm-up refuses, and what is left of it when it is interrupted."""

import functools

import keras
import numpy as np
import pytest

import keras_robust as kr
from tests.callbacks.test_warm_up import losses_of
from tests.callbacks.test_warm_up import one_batch
from tests.training import frozen


def test_an_interrupt_during_the_warm_up():
    x, labels = frozen.samples()
    loss = kr.losses.AsymmetricGCE(q=3)
    model = frozen.classifier(loss)
    _, robust = losses_of(model, loss)
    for again in (
        lambda: one_batch(model, 1)[0],
        lambda: model.train_on_batch(x, labels),
    ):
        with pytest.raises(KeyboardInterrupt):
            one_batch_interrupted(model)
        evaluated = model.evaluate(x, labels, verbose=0)
        np.testing.assert_allclose(evaluated, robust, rtol=1e-5)
        np.testing.assert_allclose(again(), robust, rtol=1e-5)
        assert "_keras_robust_attachment" not in vars(model)


def one_batch_interrupted(model):
    x, labels = frozen.samples()
    model.fit(
        x,
        labels,
        epochs=3,
        batch_size=frozen.BATCH,
        verbose=0,
        callbacks=[
            kr.callbacks.CrossEntropyWarmUp(3),
            frozen.Interrupt(KeyboardInterrupt()),
        ],
    )


@pytest.mark.parametrize("epochs", [-1, 2.5, 3.0, "3", None, True, np.nan])
def test_epochs_that_are_none(epochs):
    with pytest.raises(ValueError) as error:
        kr.callbacks.CrossEntropyWarmUp(epochs)
    assert str(error.value) == (
        f"`epochs` must be an integer, at least 0. Received: epochs={epochs!r}"
    )


def test_epochs_may_be_numpy_integers():
    assert kr.callbacks.CrossEntropyWarmUp(np.int64(4)).epochs == 4


@pytest.mark.parametrize(
    "loss",
    [
        "sparse_categorical_crossentropy",
        keras.losses.SparseCategoricalCrossentropy(),
        functools.partial(keras.losses.sparse_categorical_crossentropy),
    ],
)
def test_a_model_without_a_robust_loss(loss):
    model = frozen.classifier(loss)
    with pytest.raises(ValueError) as error:
        one_batch(model, 1, warm_up=1)
    assert str(error.value) == (
        "CrossEntropyWarmUp switches robust losses, and the model has none: "
        "compile it with a loss of `keras_robust.losses`, or leave the "
        f"callback out. Received: loss={loss!r}"
    )
    assert "_keras_robust_attachment" not in vars(model)


def test_a_model_that_is_not_compiled():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    with pytest.raises(ValueError, match="has none: compile it with a loss"):
        kr.callbacks.CrossEntropyWarmUp().set_model(model)


@pytest.mark.parametrize(
    "loss",
    [
        kr.losses.Lp(),
        kr.losses.lp,
        kr.losses.DistributionBalanced([0.2, 0.4], from_logits=True),
    ],
)
def test_losses_that_have_nothing_to_switch(loss):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("sgd", loss=loss)
    warm_up = kr.callbacks.CrossEntropyWarmUp(1)
    with pytest.raises(ValueError, match="switches robust losses"):
        model.fit(np.eye(3), np.zeros((3, 2)), verbose=0, callbacks=[warm_up])


def test_a_warm_up_as_long_as_the_fit_is_warned_of():
    model = frozen.classifier(kr.losses.AsymmetricGCE())
    warm_up = kr.callbacks.CrossEntropyWarmUp(epochs=2)
    with pytest.warns(UserWarning, match="compiled loss has no part"):
        model.fit(*frozen.samples(), epochs=2, verbose=0, callbacks=[warm_up])
