"""Relabel beside callbacks that weigh samples."""

import keras
import numpy as np
import pytest

import keras_robust as kr
from tests.callbacks.relabelling import Fixed
from tests.callbacks.relabelling import linear
from tests.callbacks.relabelling import told_losses
from tests.callbacks.relabelling import wrong_labels
from tests.training import frozen

CLASSES = frozen.CLASSES


@pytest.mark.parametrize("floor", [0.25, 0.0])
def test_a_relabelled_sample_pulls_by_its_weight(floor):
    model = frozen.classifier()
    x, given = frozen.samples()
    flagged = np.arange(frozen.N) % 3 == 0
    new = np.where(flagged, (given + 1) % CLASSES, given)
    weights = np.where(flagged, floor, 1.0)
    tracker = frozen.tracker()
    logged = model.fit(
        tracker.track(x, given, batch_size=frozen.N),
        epochs=2,
        verbose=0,
        callbacks=[
            kr.callbacks.SampleWeights(weights),
            Fixed(tracker, new),
            tracker,
        ],
    ).history["loss"]
    expected = [
        np.average(told_losses(model, x, labels), weights=weights)
        for labels in (given, new)
    ]
    np.testing.assert_allclose(logged, expected, rtol=1e-5)
    # Without a weight the new labels change nothing.
    assert (abs(expected[1] - expected[0]) > 1e-3) == (floor > 0)


@pytest.mark.filterwarnings("ignore:.*judges samples by their given")
def test_beside_the_others():
    x, right, given = wrong_labels()
    keras.utils.set_random_seed(0)
    rise = kr.losses.schedules.Linear(0.2, 0.8, end_epoch=6)
    model = linear(kr.losses.GeneralizedCrossEntropy(q=rise))
    tracker = kr.callbacks.LossTrajectory()
    relabel = kr.callbacks.Relabel(tracker, start=6, truth=right)
    # Of a floor of 0 the relabelled samples would have no effect.
    reweight = kr.callbacks.Reweight(tracker, start=4, floor=0.25)
    callbacks = [
        reweight,
        relabel,
        kr.callbacks.EarlyLearning(weight=0.5, verbose=0),
        kr.callbacks.CrossEntropyWarmUp(2),
        tracker,
        kr.callbacks.LossSchedules(),
    ]
    logged = model.fit(
        tracker.track(x, given, batch_size=40),
        epochs=10,
        verbose=0,
        callbacks=callbacks,
    ).history["loss"]
    assert np.isfinite(logged).all()
    assert relabel.precision > 0.8
    weights = reweight.weights[relabel.labels != given]
    assert (weights == 0.25).mean() > 0.8 and (weights > 0).all()
    assert "_keras_robust_attachment" not in vars(model)


def test_who_drops_beside_who_corrects_is_warned_of():
    model = frozen.classifier()
    tracker = frozen.tracker()
    callbacks = [
        tracker,
        kr.callbacks.SmallLoss(tracker, 0.2),
        Fixed(tracker, np.zeros(frozen.N, "int64")),
    ]
    data = tracker.track(*frozen.samples())
    with pytest.warns(UserWarning, match="SmallLoss judges samples by their"):
        model.fit(data, epochs=2, verbose=0, callbacks=callbacks)
