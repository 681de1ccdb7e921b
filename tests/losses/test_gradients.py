"""Gradients, some written by hand, are those of the formulas."""

import keras
import numpy as np
import pytest

from tests.backend import float64
from tests.backend import values_and_slopes
from tests.losses.cases import BATCH
from tests.losses.cases import CASES
from tests.losses.cases import LABELS
from tests.losses.cases import LOGITS
from tests.losses.cases import LOSSES
from tests.losses.cases import every_loss
from tests.losses.cases import some_losses

RANDOM = np.random.default_rng(11)
MANY = RANDOM.normal(0, 1.5, (BATCH, 30))
MANY_LABELS = np.array([29, 3, 11, 0, 17, 3])
DIRECTION = RANDOM.normal(0, 1, LOGITS.shape)


def differences(function, z, step=1e-5):
    """Central differences of a function of an array to a number."""
    slopes = np.empty(z.shape)
    for index in np.ndindex(z.shape):
        move = np.zeros(z.shape)
        move[index] = step
        slopes[index] = function(z + move) - function(z - move)
    return slopes / (2 * step)


@every_loss
@pytest.mark.parametrize(
    "logits, labels",
    [
        pytest.param(LOGITS.astype("float64"), LABELS, id="4 classes"),
        pytest.param(
            MANY, MANY_LABELS, id="30 classes", marks=pytest.mark.once
        ),
    ],
)
def test_gradient_is_that_of_the_formula(name, logits, labels):
    case, loss = CASES[name], LOSSES[name](from_logits=True)
    # What the loss holds constant stays that of the unmoved logits.
    wanted = differences(
        lambda z: case.values(labels, z, held=logits).sum(), logits
    )
    with float64():
        values, slopes = values_and_slopes(
            lambda z: loss.call(labels, z), logits
        )
    np.testing.assert_allclose(values, case.values(labels, logits), 1e-9)
    np.testing.assert_allclose(slopes, wanted, rtol=1e-5, atol=1e-8)


def penalty(per_sample, z):
    """The sum of the squared gradient, and its own gradient."""
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        slope = jax.grad(lambda z: per_sample(z).sum())
        value, second = jax.value_and_grad(lambda z: (slope(z) ** 2).sum())(z)
        return np.asarray(value), np.asarray(second)
    if backend == "tensorflow":
        import tensorflow as tf

        z = tf.convert_to_tensor(z)
        with tf.GradientTape() as outer:
            outer.watch(z)
            with tf.GradientTape() as inner:
                inner.watch(z)
                total = tf.reduce_sum(per_sample(z))
            slope = inner.gradient(total, z)
            value = tf.reduce_sum(slope**2)
        zero = tf.UnconnectedGradients.ZERO
        second = outer.gradient(value, z, unconnected_gradients=zero)
        return value.numpy(), second.numpy()
    import torch

    z = torch.tensor(z, requires_grad=True)
    (slope,) = torch.autograd.grad(
        per_sample(z).sum(), z, create_graph=True, materialize_grads=True
    )
    value = (slope**2).sum()
    if not value.requires_grad:  # the gradient is a constant
        return value.numpy(), np.zeros(z.shape)
    (second,) = torch.autograd.grad(value, z, materialize_grads=True)
    return value.detach().numpy(), second.numpy()


# Where a gradient is stopped, the second one has no formula to agree with.
@some_losses(held=None)
def test_gradient_penalties_have_a_gradient(name):
    loss, step = LOSSES[name](from_logits=True), 1e-5

    def per_sample(z):
        return loss.call(LABELS, z)

    with float64():
        _, second = penalty(per_sample, LOGITS.astype("float64"))
        sides = [
            (values_and_slopes(per_sample, LOGITS + h * DIRECTION)[1] ** 2)
            for h in (step, -step)
        ]
    wanted = (sides[0].sum() - sides[1].sum()) / (2 * step)
    assert np.isfinite(second).all()
    np.testing.assert_allclose(
        (second * DIRECTION).sum(), wanted, rtol=1e-3, atol=1e-6
    )
