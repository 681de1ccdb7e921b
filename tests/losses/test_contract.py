"""What every loss owes: labels of every form, any axis, the right value."""

import numpy as np
import pytest

from tests.backend import to_numpy
from tests.losses.cases import CLASSES
from tests.losses.cases import LABELS
from tests.losses.cases import LOGITS
from tests.losses.cases import LOSSES
from tests.losses.cases import ONE_HOT
from tests.losses.cases import every_input
from tests.losses.cases import expected
from tests.losses.cases import inputs
from tests.losses.cases import predictions
from tests.losses.cases import some_losses

# A sample's value must not depend on how the batch is laid out.
alone = inputs(batch_term=False)

# As many steps as classes: a shape could be mistaken for one-hot labels.
DENSE = np.random.default_rng(5).normal(0, 1.5, (2, CLASSES, CLASSES))
DENSE = DENSE.astype("float32")
DENSE_LABELS = np.array([[0, 3, 1, 1], [2, 0, 3, 2]])
DENSE_ONE_HOT = np.eye(CLASSES, dtype="float32")[DENSE_LABELS]


def values(loss, y_true, y_pred):
    return to_numpy(loss.call(y_true, y_pred))


def close(actual, wanted):
    np.testing.assert_allclose(actual, wanted, rtol=2e-5, atol=3e-6)


@every_input
def test_integer_column_and_one_hot_labels_agree(name, from_logits):
    loss = LOSSES[name](from_logits=from_logits)
    y_pred, wanted = predictions(from_logits), expected(name, LABELS)
    close(values(loss, LABELS, y_pred), wanted)
    close(values(loss, LABELS[:, None], y_pred), wanted)
    close(values(loss, ONE_HOT, y_pred), wanted)
    close(to_numpy(loss(LABELS, y_pred)), wanted.mean())
    close(to_numpy(loss(LABELS[:, None], y_pred)), wanted.mean())
    close(to_numpy(loss(ONE_HOT, y_pred)), wanted.mean())


@inputs(soft=True)
def test_soft_labels_give_the_expectation(name, from_logits):
    soft = (0.7 * ONE_HOT + 0.3 / CLASSES).astype("float32")
    loss = LOSSES[name](from_logits=from_logits)
    wanted = expected(name, soft)
    close(values(loss, soft, predictions(from_logits)), wanted)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int64", "float32", "bool"])
def test_the_dtype_of_labels_does_not_matter(dtype):
    labels = LABELS.astype(dtype)
    for from_logits in (False, True):
        loss = LOSSES["agce"](from_logits=from_logits)
        wanted = expected("agce", labels.astype(int))
        close(values(loss, labels, predictions(from_logits)), wanted)
        one_hot = np.eye(CLASSES)[labels.astype(int)].astype(dtype)
        close(values(loss, one_hot, predictions(from_logits)), wanted)


def test_lists_are_taken():
    wanted = expected("agce", LABELS)
    got = values(LOSSES["agce"](), LABELS.tolist(), predictions(False).tolist())
    close(got, wanted)


@every_input
def test_binary_head_is_a_two_class_softmax(name, from_logits):
    z = LOGITS[:, :1]
    two = np.concatenate([np.zeros_like(z), z], axis=-1)
    p = predictions(False, two)[:, 1:]
    y_pred = z if from_logits else p
    loss, labels = LOSSES[name](from_logits=from_logits), LABELS % 2
    wanted = expected(name, labels, two)
    close(values(loss, labels, y_pred), wanted)
    close(values(loss, labels[:, None], y_pred), wanted)
    close(values(loss, labels.astype("float32"), y_pred), wanted)


@inputs(soft=True)
def test_soft_labels_of_a_binary_head(name, from_logits):
    z = LOGITS[:, :1]
    two = np.concatenate([np.zeros_like(z), z], axis=-1)
    y_pred = z if from_logits else predictions(False, two)[:, 1:]
    loss = LOSSES[name](from_logits=from_logits)
    share = np.linspace(0, 1, len(z), dtype="float32")
    soft = np.stack([1 - share, share], axis=-1)
    close(values(loss, share, y_pred), expected(name, soft, two))


@inputs(batch_term=False, by_turns=True)
def test_dense_binary_head(name, from_logits):
    z = DENSE[..., :1]
    two = np.concatenate([np.zeros_like(z), z], axis=-1)
    y_pred = z if from_logits else predictions(False, two)[..., 1:]
    loss, labels = LOSSES[name](from_logits=from_logits), DENSE_LABELS % 2
    wanted = expected(name, labels, two)
    close(values(loss, labels, y_pred), wanted)
    close(values(loss, labels[..., None], y_pred), wanted)


@alone
def test_dense_outputs_with_as_many_steps_as_classes(name, from_logits):
    loss = LOSSES[name](from_logits=from_logits)
    y_pred = predictions(from_logits, DENSE)
    wanted = expected(name, DENSE_LABELS, DENSE)
    close(values(loss, DENSE_LABELS, y_pred), wanted)
    close(values(loss, DENSE_LABELS[..., None], y_pred), wanted)
    close(values(loss, DENSE_ONE_HOT, y_pred), wanted)
    close(to_numpy(loss(DENSE_LABELS, y_pred)), wanted.mean())


@pytest.mark.once
@some_losses(batch_term=False)
def test_images_with_sides_as_long_as_classes(name):
    images = np.stack([DENSE, DENSE[::-1] * 0.5], axis=1).repeat(2, axis=1)
    labels = np.stack([DENSE_LABELS, 3 - DENSE_LABELS], axis=1).repeat(2, 1)
    assert images.shape == (2, 4, 4, 4)
    loss = LOSSES[name](from_logits=True)
    wanted = expected(name, labels, images)
    close(values(loss, labels, images), wanted)
    close(values(loss, labels[..., None], images), wanted)
    close(values(loss, np.eye(CLASSES)[labels], images), wanted)


@alone
@pytest.mark.parametrize("axis", [-2, 0])
def test_any_class_axis(name, from_logits, axis):
    loss = LOSSES[name](from_logits=from_logits, axis=axis)
    y_pred = np.moveaxis(predictions(from_logits, DENSE), -1, axis)
    wanted = expected(name, DENSE_LABELS, DENSE)
    close(values(loss, DENSE_LABELS, y_pred), wanted)
    column = np.expand_dims(DENSE_LABELS, axis)
    close(values(loss, column, y_pred), wanted)
    one_hot = np.moveaxis(DENSE_ONE_HOT, -1, axis)
    close(values(loss, one_hot, y_pred), wanted)


def test_binary_head_on_another_axis():
    z = DENSE[..., :1]
    two = np.concatenate([np.zeros_like(z), z], axis=-1)
    wanted = expected("agce", DENSE_LABELS % 2, two)
    loss = LOSSES["agce"](from_logits=True, axis=1)
    y_pred = np.moveaxis(z, -1, 1)
    close(values(loss, DENSE_LABELS % 2, y_pred), wanted)
    close(values(loss, DENSE_LABELS[:, None] % 2, y_pred), wanted)
