"""What is counted: ignore_class, masks, sample weights, reductions."""

import keras
import numpy as np
import pytest

from tests.backend import to_numpy
from tests.backend import values_and_slopes
from tests.losses.cases import BATCH
from tests.losses.cases import CASES
from tests.losses.cases import LABELS
from tests.losses.cases import LOGITS
from tests.losses.cases import LOSSES
from tests.losses.cases import every_loss
from tests.losses.cases import expected
from tests.losses.cases import inputs
from tests.losses.cases import predictions

both = pytest.mark.parametrize(
    "from_logits", [False, True], ids=["probabilities", "logits"]
)
# Leaving samples out must change nothing for the others.
alone = inputs(batch_term=False)
WEIGHTS = np.array([0.5, 0, 2, 1, 3, 0.25], "float32")


def close(actual, wanted):
    np.testing.assert_allclose(actual, wanted, rtol=2e-5, atol=3e-6)


@alone
@pytest.mark.parametrize(
    "ignored", [-1, pytest.param(1, marks=pytest.mark.once)]
)
def test_ignored_samples_are_zero_and_not_counted(name, from_logits, ignored):
    valid = LABELS != 1
    labels = np.where(valid, LABELS, ignored)
    wanted = np.where(valid, expected(name, LABELS), 0)
    loss = LOSSES[name](from_logits=from_logits, ignore_class=ignored)
    y_pred = predictions(from_logits)
    close(to_numpy(loss.call(labels, y_pred)), wanted)
    close(to_numpy(loss(labels, y_pred)), wanted.sum() / valid.sum())
    close(to_numpy(loss(labels[:, None], y_pred)), wanted.sum() / valid.sum())


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", None])
@both
def test_ignore_class_counts_as_keras_does(from_logits, reduction, weighted):
    labels = np.where(LABELS == 1, -1, LABELS)
    options = {
        "ignore_class": -1,
        "from_logits": from_logits,
        "reduction": reduction,
    }
    ours = LOSSES["cross_entropy"](**options)
    theirs = keras.losses.SparseCategoricalCrossentropy(**options)
    y_pred, weight = predictions(from_logits), WEIGHTS if weighted else None
    close(
        to_numpy(ours(labels, y_pred, weight)),
        to_numpy(theirs(labels, y_pred, weight)),
    )


@every_loss
def test_a_batch_of_nothing_but_ignored_samples(name):
    loss = LOSSES[name](from_logits=True, ignore_class=-1)
    labels = np.full(BATCH, -1)
    assert float(to_numpy(loss(labels, LOGITS))) == 0
    _, slopes = values_and_slopes(lambda z: loss.call(labels, z), LOGITS)
    np.testing.assert_array_equal(slopes, 0)


@inputs(batch_term=False, by_turns=True)
def test_ignored_samples_have_no_gradient(name, from_logits):
    labels = np.where(LABELS == 1, -1, LABELS)
    loss = LOSSES[name](from_logits=from_logits, ignore_class=-1)
    every = LOSSES[name](from_logits=from_logits)
    y_pred = predictions(from_logits)
    _, slopes = values_and_slopes(lambda z: loss.call(labels, z), y_pred)
    _, without = values_and_slopes(lambda z: every.call(LABELS, z), y_pred)
    np.testing.assert_array_equal(slopes[LABELS == 1], 0)
    close(slopes[LABELS != 1], without[LABELS != 1])


def test_unsigned_labels_beside_a_negative_ignore_class():
    y_pred = np.full((2, 300), 1 / 300, "float32")
    labels = np.array([255, 1], "uint8")
    loss = LOSSES["cross_entropy"](ignore_class=-1)
    close(to_numpy(loss.call(labels, y_pred)), np.log([300, 300]))


def test_ignore_class_with_a_binary_head():
    p = np.array([[0.2], [0.6], [0.9]], "float32")
    loss = LOSSES["cross_entropy"](ignore_class=-1)
    wanted = -np.log([0.8, 0.6])
    for labels in (np.array([0, 1, -1]), np.array([[0], [1], [-1]])):
        close(to_numpy(loss.call(labels, p)), [*wanted, 0])
        close(to_numpy(loss(labels, p)), wanted.mean())


@pytest.mark.parametrize("name", ["agce", "nce", "nce_agce"])
@pytest.mark.parametrize(
    "reduction, reduce",
    [
        ("sum_over_batch_size", lambda v: v.mean()),
        ("mean", lambda v: v.mean()),
        ("sum", lambda v: v.sum()),
        ("mean_with_sample_weight", lambda v: v.sum() / WEIGHTS.sum()),
        ("none", lambda v: v),
        (None, lambda v: v),
    ],
)
def test_reductions_and_sample_weight(name, reduction, reduce):
    loss = LOSSES[name](reduction=reduction)
    wanted = reduce(expected(name, LABELS) * WEIGHTS)
    close(to_numpy(loss(LABELS, predictions(False), WEIGHTS)), wanted)


@every_loss
def test_sample_weight_of_any_shape(name):
    from_logits = CASES[name].logits
    loss = LOSSES[name](from_logits=from_logits)
    y_pred, wanted = predictions(from_logits), expected(name, LABELS)
    column = WEIGHTS[:, None]
    close(to_numpy(loss(LABELS, y_pred, column)), (wanted * WEIGHTS).mean())
    close(to_numpy(loss(LABELS[:, None], y_pred, 2.0)), 2 * wanted.mean())


def test_sample_weight_of_dense_outputs():
    logits = np.stack([LOGITS, LOGITS[::-1]])
    labels = np.stack([LABELS, LABELS[::-1]])
    steps = np.stack([WEIGHTS, 1 - WEIGHTS])
    loss, y_pred = LOSSES["agce"](), predictions(False, logits)
    wanted = expected("agce", labels, logits)
    close(to_numpy(loss(labels, y_pred, steps)), (wanted * steps).mean())
    rows = np.array([[0.5], [2]], "float32")
    close(to_numpy(loss(labels, y_pred, rows)), (wanted * rows).mean())


TOKENS = np.array([[3, 1, 0, 0], [2, 4, 1, 0], [4, 4, 2, 1]])
TAGS = np.array([[0, 1, 2, 2], [2, 1, 0, 1], [0, 0, 1, 2]])


def tagger(from_logits):
    activation = None if from_logits else "softmax"
    return keras.Sequential(
        [
            keras.layers.Embedding(5, 4, mask_zero=True),
            keras.layers.TimeDistributed(
                keras.layers.Dense(3, activation=activation)
            ),
        ]
    )


@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("name", ["agce", "nce_agce"])
def test_padded_steps_are_not_counted(name, from_logits):
    model = tagger(from_logits)
    y_pred = model(TOKENS)
    logits = to_numpy(y_pred)
    logits = logits if from_logits else np.log(logits)
    wanted = expected(name, TAGS, logits)
    counted = TOKENS != 0
    loss = LOSSES[name](from_logits=from_logits)
    close(to_numpy(loss(TAGS, y_pred)), wanted[counted].mean())
    # A padded step's label must not matter, nor an ignored one beside it.
    tags = np.where(counted, TAGS, 0)
    model.compile(loss=loss, run_eagerly=True)
    close(model.evaluate(TOKENS, tags, verbose=0), wanted[counted].mean())
    loss = LOSSES[name](from_logits=from_logits, ignore_class=1)
    counted &= TAGS != 1
    close(to_numpy(loss(TAGS, model(TOKENS))), wanted[counted].mean())


def test_masked_steps_of_a_compiled_fit():
    model = tagger(from_logits=True)
    loss = LOSSES["nce_agce"](from_logits=True)
    before = expected("nce_agce", TAGS, to_numpy(model(TOKENS)))
    model.compile("sgd", loss=loss)
    history = model.fit(TOKENS, TAGS, epochs=1, batch_size=3, verbose=0)
    close(history.history["loss"][0], before[TOKENS != 0].mean())


@pytest.mark.parametrize("far", [-100, 255])
def test_an_ignored_label_may_be_far_out_of_range(far):
    loss = LOSSES["agce"](from_logits=True, ignore_class=far)
    labels = np.where(LABELS == 1, far, LABELS)
    wanted = expected("agce", LABELS)[LABELS != 1].mean()
    close(to_numpy(loss(labels, LOGITS)), wanted)
