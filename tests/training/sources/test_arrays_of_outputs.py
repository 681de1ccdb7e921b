"""Arrays of several outputs, one of which is tracked."""

import keras
import numpy as np
import pytest

from keras_robust.training import ids
from keras_robust.training import sources
from tests.training import frozen
from tests.training.sources import helpers
from tests.training.sources.helpers import LABELS
from tests.training.sources.helpers import X
from tests.training.sources.helpers import track


def two_heads(kind):
    inputs = keras.Input((frozen.FEATURES,))
    heads = [
        keras.layers.Dense(3, activation="softmax", name=name)(inputs)
        for name in "ab"
    ]
    outputs = heads if kind is list else dict(zip("ab", heads, strict=True))
    model = keras.Model(inputs, outputs)
    loss = "sparse_categorical_crossentropy"
    losses = [loss, loss] if kind is list else {"a": loss, "b": loss}
    model.compile(keras.optimizers.SGD(0.1), loss=losses)
    return model


OTHER = (LABELS + 1) % 3


@pytest.mark.parametrize("kind", [list, dict])
@pytest.mark.parametrize("number", [0, 1])
def test_one_of_several_outputs(kind, number):
    y = [OTHER, LABELS]
    output = number
    if kind is dict:
        y, output = dict(zip("ab", y, strict=True)), "ab"[number]
    tracked = track(
        X,
        y,
        output=output,
        batch_size=frozen.BATCH,
        class_weight={0: 2.0},
        sample_weight=np.full(frozen.N, 3.0),
    )
    chosen = (OTHER, LABELS)[number]
    np.testing.assert_array_equal(tracked.given_label, chosen)
    for _, label, weight in helpers.epoch(tracked.feed):
        label, index = label[ids.LABEL], label[ids.INDEX]
        at = {k: "ab"[k] if kind is dict else k for k in (0, 1)}
        np.testing.assert_array_equal(label[at[0]], OTHER[index])
        np.testing.assert_array_equal(label[at[1]], LABELS[index])
        expected = np.where(chosen[index] == 0, 6.0, 3.0)
        np.testing.assert_array_equal(weight[at[number]], expected)
        np.testing.assert_array_equal(weight[at[1 - number]], 3.0)
    # Keras takes labels and weights as they come.
    two_heads(kind).fit(sources.plain(tracked.feed), verbose=0)


def test_nested_weights_pass():
    given = {"a": np.ones(frozen.N), "b": None}
    y = {"a": LABELS, "b": LABELS}
    tracked = track(X, y, output="a", sample_weight=given)
    (_, label, weight) = helpers.epoch(tracked.feed)[0]
    assert weight["b"] is None
    assert len(weight["a"]) == frozen.N
    tracked = track(
        X, y, output="a", sample_weight=given, class_weight={1: 0.5}
    )
    (_, label, weight) = helpers.epoch(tracked.feed)[0]
    np.testing.assert_array_equal(weight["b"], 1.0)
    expected = np.where(label[ids.LABEL]["a"] == 1, 0.5, 1.0)
    np.testing.assert_array_equal(weight["a"], expected)
