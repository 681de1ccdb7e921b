"""Models with several outputs: one of them is recorded."""

import keras
import numpy as np
import pytest

import keras_robust as kr
from keras_robust.training.output import Output
from tests.training import frozen

CE = "sparse_categorical_crossentropy"


def two_heads(loss, nested=dict):
    inputs = keras.Input((frozen.FEATURES,))
    coarse = keras.layers.Dense(2, activation="softmax", name="coarse")(inputs)
    fine = keras.layers.Dense(frozen.CLASSES, name="fine")(inputs)
    outputs = {"coarse": coarse, "fine": fine}
    if nested is list:
        outputs = list(outputs.values())
    return frozen.compiled(keras.Model(inputs, outputs), loss)


FINE = kr.losses.AsymmetricGCE(q=3, from_logits=True)


@pytest.mark.parametrize(
    ("nested", "loss", "output"),
    [
        (dict, {"coarse": CE, "fine": FINE}, "fine"),
        (list, [CE, FINE], 1),
    ],
)
def test_one_output_is_recorded(nested, loss, output):
    x, labels = frozen.samples()
    y = {"coarse": labels % 2, "fine": labels}
    y = list(y.values()) if nested is list else y
    model = two_heads(loss, nested)
    tracker = frozen.tracker(output=output)
    data = tracker.track(x, y, batch_size=frozen.BATCH)
    model.fit(data, epochs=2, verbose=0, callbacks=[tracker])
    outputs = model.predict(x, verbose=0)
    fine = outputs["fine"] if nested is dict else outputs[1]
    expected = frozen.signals(fine, labels, from_logits=True)
    found = tracker.trajectories
    np.testing.assert_array_equal(found.given_label, labels)
    for name, values in found.signals.items():
        for epoch in values:
            np.testing.assert_allclose(
                epoch, expected[name], rtol=1e-5, atol=1e-5
            )


@pytest.mark.parametrize("output", [None, "coarser", 2, True])
def test_an_output_the_labels_do_not_have(output):
    x, labels = frozen.samples()
    y = {"coarse": labels % 2, "fine": labels}
    with pytest.raises(ValueError, match="`output` must"):
        frozen.tracker(output=output).track(x, y)


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (
            None,
            "The model has several outputs: say which to record with "
            "LossTrajectory(output=...). Received: outputs "
            "['coarse', 'fine']",
        ),
        (
            "coarser",
            "The model has no such output. Received: output='coarser', "
            "outputs ['coarse', 'fine']",
        ),
        (
            True,
            "`output` must be the name of an output or its number, counted "
            "from 0. Received: output=True",
        ),
    ],
)
def test_an_output_the_model_does_not_have(output, message):
    model = two_heads({"coarse": CE, "fine": FINE})
    with pytest.raises(ValueError) as error:
        Output(model, output)
    assert str(error.value) == message


def test_an_output_that_collapses_is_warned_of():
    model = two_heads({"coarse": CE, "fine": FINE})
    x, labels = frozen.samples()
    model.get_layer("fine").set_weights(
        [np.zeros((frozen.FEATURES, frozen.CLASSES)), np.array([9.0, 0, 0])]
    )
    tracker = kr.callbacks.LossTrajectory(output="fine")
    y = {"coarse": labels % 2, "fine": labels}
    with pytest.warns(UserWarning, match="Training has collapsed") as warned:
        model.fit(tracker.track(x, y), epochs=6, verbose=0, callbacks=[tracker])
    assert any("AsymmetricGCE" in str(w.message) for w in warned)
