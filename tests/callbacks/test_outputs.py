"""Models with several outputs: who is of which, and who says so."""

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
            "The model has several outputs: say which is meant with "
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


def fit_heads(callback, loss, tracked="coarse", model=None, epochs=1):
    model = two_heads(loss) if model is None else model
    x, labels = frozen.samples()
    tracker = frozen.tracker(output=tracked)
    y = {"coarse": labels % 2, "fine": labels}
    data = tracker.track(x, y, batch_size=frozen.N)
    callbacks = [callback, tracker]
    model.fit(data, epochs=epochs, verbose=0, callbacks=callbacks)
    return model


def test_labels_of_the_trackers_output_are_no_others():
    """SELC begins with them; the same output by another name is the same."""
    selc = kr.callbacks.SELC(start=0, output="fine", verbose=0)
    losses = {"coarse": CE, "fine": kr.losses.CrossEntropy(from_logits=True)}
    match = r"SELC needs the given labels.*LossTrajectory\(output='coarse'\)"
    with pytest.raises(ValueError, match=match):
        fit_heads(selc, losses)
    for output in ("fine", 1):
        selc = kr.callbacks.SELC(start=0, output=output, verbose=0)
        fit_heads(selc, losses, "fine")
        assert selc.targets.shape == (frozen.N, frozen.CLASSES)


def test_targets_of_another_output_than_the_trackers(tmp_path):
    """They need no given labels, and their file is of that output."""
    losses = {"coarse": CE, "fine": FINE}

    def make(output, **options):
        return kr.callbacks.EarlyLearning(
            output=output, verbose=0, store=tmp_path / "targets.npz", **options
        )

    elr = make("fine")
    model = fit_heads(elr, losses)
    z = model.predict(frozen.samples()[0], verbose=0)["fine"]
    p = np.exp(frozen.log_probs(z, from_logits=True))
    np.testing.assert_allclose(elr.targets, 0.3 * p, rtol=1e-5)
    for output, tracked in (("coarse", "coarse"), ("fine", "fine")):
        with pytest.raises(ValueError, match="other samples, labels or class"):
            fit_heads(make(output, resume=True), losses, tracked, model)


def test_dense_labels_beside_the_trackers_output():
    inputs = keras.Input((frozen.FEATURES,))
    flat = keras.layers.Dense(3, activation="softmax", name="flat")(inputs)
    wide = keras.layers.Dense(6)(inputs)
    wide = keras.layers.Reshape((2, 3))(wide)
    wide = keras.layers.Softmax(name="wide")(wide)
    model = keras.Model(inputs, {"flat": flat, "wide": wide})
    frozen.compiled(model, {"flat": CE, "wide": CE})
    x, labels = frozen.samples()
    y = {"flat": labels, "wide": np.stack([labels, labels], axis=1)}

    def fit(tracked, output):
        tracker = frozen.tracker(output=tracked)
        elr = kr.callbacks.EarlyLearning(output=output, verbose=0)
        data = tracker.track(x, y, batch_size=frozen.N)
        model.fit(data, verbose=0, callbacks=[elr, tracker])
        return elr.targets

    for tracked in ("flat", "wide"):
        with pytest.raises(ValueError, match="needs one label a sample"):
            fit(tracked, "wide")
    np.testing.assert_allclose(fit("wide", "flat"), fit("flat", "flat"))


def test_who_is_to_be_changed_is_named():
    losses = {"coarse": CE, "fine": FINE}
    elr = kr.callbacks.EarlyLearning(verbose=0)
    with pytest.raises(ValueError, match=r"with EarlyLearning\(output=...\)"):
        fit_heads(elr, losses)
    clipped = kr.losses.GradientClipping(kr.losses.CrossEntropy())
    ogc = kr.callbacks.OptimizedGradientClipping()
    match = r"with OptimizedGradientClipping\(output=...\)"
    with pytest.raises(ValueError, match=match):
        fit_heads(ogc, {"coarse": clipped, "fine": FINE})
    x, labels = frozen.samples()
    tracker = frozen.tracker(from_logits=False)
    data = tracker.track(x, np.eye(frozen.CLASSES, dtype="float32")[labels])
    model = frozen.classifier("mse")
    with pytest.raises(ValueError, match=r"EarlyLearning\(from_logits=...\)"):
        model.fit(data, verbose=0, callbacks=[tracker, elr])
