"""Training that ends in the middle: Keras tells no callback."""

import keras
import numpy as np
import pytest

from tests.training import frozen
from tests.training.test_attachment import fit_plain
from tests.training.test_attachment import fit_tracked
from tests.training.test_attachment import saved
from tests.training.test_attachment import twins


@pytest.mark.parametrize(
    "error",
    [
        KeyboardInterrupt(),
        pytest.param(RuntimeError("full"), marks=pytest.mark.once),
    ],
)
def test_an_interrupted_fit_is_cleaned_up_by_the_next(error, tmp_path):
    x, labels = frozen.samples()
    interrupted, plain = twins(metrics=["accuracy"])
    tracker = frozen.tracker()
    data = tracker.track(x, labels, batch_size=frozen.BATCH)
    with pytest.raises(type(error)):
        interrupted.fit(
            data,
            epochs=3,
            verbose=0,
            callbacks=[tracker, frozen.Interrupt(error)],
        )
    # What was finished stays readable.
    np.testing.assert_array_equal(tracker.trajectories.epochs, [0])
    frozen.check(tracker, interrupted, x, labels, epochs=1)

    # The model can be used at once,
    fit_plain(plain)
    np.testing.assert_allclose(
        interrupted.evaluate(x, labels, verbose=0),
        plain.evaluate(x, labels, verbose=0),
        rtol=1e-5,
    )
    interrupted.save(tmp_path / "model.keras")
    plain.save(tmp_path / "plain.keras")
    assert saved(tmp_path / "model.keras") == saved(tmp_path / "plain.keras")

    # trained plainly, which leaves it clean,
    fit_plain(interrupted)
    # (Keras itself leaves some of its own from what was interrupted.)
    assert not [name for name in vars(interrupted) if "robust" in name]
    assert not {"fit", "train_step", "compute_loss"} & set(vars(interrupted))
    assert len(interrupted.metrics) == len(plain.metrics)

    # and recorded on.
    interrupted.fit(data, epochs=2, verbose=0, callbacks=[tracker])
    np.testing.assert_array_equal(tracker.trajectories.epochs, [0, 1, 2])
    frozen.check(tracker, interrupted, x, labels, epochs=3)


@pytest.mark.parametrize("again", ["same", "compiled", "other"])
def test_an_interrupted_fit_can_be_begun_again(again):
    """Data armed for the interrupted epoch must look plain to what comes."""
    x, labels = frozen.samples()
    model = frozen.classifier()
    tracker = frozen.tracker()
    data = tracker.track(x, labels, batch_size=frozen.BATCH)
    interrupt = frozen.Interrupt(KeyboardInterrupt(), epoch=0)
    with pytest.raises(KeyboardInterrupt):
        model.fit(data, verbose=0, callbacks=[tracker, interrupt])
    if again == "compiled":
        frozen.compiled(model, "sparse_categorical_crossentropy")
    if again == "other":
        model = frozen.classifier()
    model.fit(data, epochs=2, verbose=0, callbacks=[tracker])
    frozen.check(tracker, model, x, labels, epochs=2)


def test_train_on_batch_after_an_interrupt():
    x, labels = frozen.samples()
    model = frozen.classifier()
    with pytest.raises(KeyboardInterrupt):
        fit_tracked(model, callbacks=[frozen.Interrupt(KeyboardInterrupt())])
    np.testing.assert_allclose(
        model.train_on_batch(x, labels),
        model.evaluate(x, labels, verbose=0),
        rtol=1e-5,
    )
    assert "_keras_robust_attachment" not in vars(model)


def test_a_failing_callback_beside_ours_leaves_no_trace():
    class Bad(keras.callbacks.Callback):
        def set_model(self, model):
            raise RuntimeError("no")

    model = frozen.classifier()
    with pytest.raises(RuntimeError, match="no"):
        fit_tracked(model, callbacks=[Bad()])
    fit_plain(model)
    assert "_keras_robust_attachment" not in vars(model)
    assert len(model.metrics) == 1
