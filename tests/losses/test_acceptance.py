"""The six ways in which Keras's own robust loss goes wrong; ours must not.

`keras.losses.CategoricalGeneralizedCrossEntropy` broadcasts (B, 1) labels to a
wrong value, misreads one-hot labels, gives NaN or negative losses for logits,
turns weights into NaN at a probability of 0, has no string name, and is called
"categorical" while it takes integers (and knows no logits and no axis).
"""

import inspect

import keras
import numpy as np
import pytest
from keras import ops

from keras_robust import losses
from tests.backend import to_numpy
from tests.backend import values_and_slopes
from tests.losses.cases import BATCH
from tests.losses.cases import BY_CLASS
from tests.losses.cases import CASES
from tests.losses.cases import CLASSES
from tests.losses.cases import LABELS
from tests.losses.cases import LOGITS
from tests.losses.cases import LOSSES
from tests.losses.cases import ONE_HOT
from tests.losses.cases import every_loss
from tests.losses.cases import expected
from tests.losses.cases import predictions
from tests.losses.cases import some_losses

# B != C, which `test_contract` has too, and B == C, where a wrong broadcast has
# the right shape.
sizes = pytest.mark.parametrize(
    "size", [pytest.param(BATCH, marks=pytest.mark.once), CLASSES]
)
# A loss made of others is not named alone.
NAMES = [
    case.alias for case in BY_CLASS.values() if case.alias and not case.needed
]
NAMES += ["nce+agce", "nce+aul", "nce+ael"]


def first_input(name, size=BATCH):
    """A loss and predictions: probabilities, if it takes any."""
    from_logits = CASES[name].logits
    loss = LOSSES[name](from_logits=from_logits)
    return loss, predictions(from_logits)[:size]


def value(loss, y_true, y_pred):
    return float(to_numpy(loss(y_true, y_pred)))


@every_loss
@sizes
def test_1_labels_of_shape_b_1(name, size):
    loss, y_pred = first_input(name, size)
    right = expected(name, LABELS[:size], LOGITS[:size]).mean()
    column = value(loss, LABELS[:size, None], y_pred)
    assert column == pytest.approx(right, rel=2e-5)
    assert column == value(loss, LABELS[:size], y_pred)


def test_1_training_on_labels_of_shape_b_1():
    x = np.random.default_rng(0).normal(0, 0.3, (64, CLASSES))
    y = np.arange(64) % CLASSES
    x = (x + np.eye(CLASSES)[y]).astype("float32")

    def accuracy(labels):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.layers.Dense(CLASSES, "softmax")])
        model.compile("adam", loss=losses.GeneralizedCrossEntropy())
        model.optimizer.learning_rate = 0.1
        model.fit(x, labels, epochs=15, batch_size=16, verbose=0)
        return (model.predict(x, verbose=0).argmax(-1) == y).mean()

    assert accuracy(y) == accuracy(y[:, None]) > 0.95


@every_loss
@sizes
def test_2_one_hot_labels(name, size):
    loss, y_pred = first_input(name, size)
    right = expected(name, LABELS[:size], LOGITS[:size]).mean()
    one_hot = value(loss, ONE_HOT[:size], y_pred)
    assert one_hot == pytest.approx(right, rel=2e-5)


@every_loss
@pytest.mark.parametrize("scale", [1, 100])
def test_3_logits(name, scale):
    logits = LOGITS * np.float32(scale)
    got = to_numpy(LOSSES[name](from_logits=True).call(LABELS, logits))
    assert np.isfinite(got).all()
    if not CASES[name].signed:
        assert (got >= 0).all()
    if scale == 1:
        right = expected(name, LABELS)
        np.testing.assert_allclose(got, right, rtol=2e-5, atol=1e-5)


# A model certain of the first two samples' wrong classes, in float32.
X = np.array([[1, 0], [0, 1], [0.001, 0.002], [0, 0]], "float32")
Y = np.array([2, 2, 0, 1])
START = np.array([[200, 0, -200], [0, 200, -200]], "float32")


def head(x, weights):
    return ops.softmax(ops.matmul(x, weights), axis=-1)


@some_losses(logits=False)
def test_4_a_probability_of_exactly_0_trains(name):
    loss, weights = LOSSES[name](), START
    assert (to_numpy(head(X, START))[[0, 1], [2, 2]] == 0).all()
    for _ in range(3):
        values, slopes = values_and_slopes(
            lambda w: loss.call(Y, head(X, w)), weights
        )
        assert np.isfinite(values).all() and np.isfinite(slopes).all()
        weights = weights - slopes
    if not CASES[name].gives_up:
        assert (weights != START).any()


def test_4_a_probability_of_exactly_0_trains_in_fit():
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(
                3, "softmax", kernel_initializer=lambda *_, **__: START
            ),
        ]
    )
    assert (model.predict(X, verbose=0)[[0, 1], [2, 2]] == 0).all()
    model.compile("sgd", loss=losses.GeneralizedCrossEntropy(0.5))
    history = model.fit(X, Y, epochs=5, verbose=0).history["loss"]
    assert np.isfinite(history).all() and history[-1] < history[0]
    assert all(np.isfinite(w).all() for w in model.get_weights())


@pytest.mark.parametrize("name", NAMES)
def test_5_a_name_is_enough(name):
    loss = losses.get(name, from_logits=True)
    assert loss.from_logits
    model = keras.Sequential([keras.layers.Identity()])
    model.compile(loss=loss, run_eagerly=True)
    direct = model.evaluate(LOGITS, LABELS, verbose=0)
    # Its config, out of a JSON file say, is one for Keras's own `get` too.
    model.compile(loss=keras.losses.get(keras.losses.serialize(loss)))
    assert isinstance(model.loss, losses.RobustLoss)
    assert model.loss.get_config() == loss.get_config()
    assert np.isfinite(direct)


@every_loss
def test_6_the_name_says_what_it_takes(name):
    cls = CASES[name].cls
    for argument in ("from_logits", "axis", "ignore_class"):
        assert argument in inspect.signature(cls).parameters
    right = expected(name, LABELS).mean()
    loss, y_pred = first_input(name)
    assert value(loss, LABELS, y_pred) == pytest.approx(right, 2e-5)
    moved = LOSSES[name](axis=0, from_logits=CASES[name].logits)
    assert value(moved, LABELS, y_pred.T) == pytest.approx(right, 2e-5)


def test_6_exponents_outside_0_to_1():
    for q in (0.5, 1, 3):
        assert losses.AsymmetricGCE(q=q).q == q
    assert losses.GeneralizedCrossEntropy(q=1).q == 1


@pytest.mark.parametrize("q", [0.3, 0.5, 0.7])
def test_equal_to_keras_where_keras_is_right(q):
    y_pred = predictions(False)
    ours = value(losses.GeneralizedCrossEntropy(q), LABELS, y_pred)
    p = y_pred[np.arange(len(LABELS)), LABELS].astype("float64")
    assert ours == pytest.approx(((1 - p**q) / q).mean(), rel=1e-5)
    theirs = getattr(keras.losses, "CategoricalGeneralizedCrossEntropy", None)
    if theirs is not None:  # an older Keras lacks it
        assert ours == pytest.approx(value(theirs(q), LABELS, y_pred), 1e-5)
