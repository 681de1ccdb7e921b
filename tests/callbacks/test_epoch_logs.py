"""What the tracker writes into the logs."""

import numpy as np
import pytest

import keras_robust as kr
from keras_robust.callbacks.epoch_logs import EpochLogs
from tests.training import frozen


def test_history_has_the_numbers():
    x, labels = frozen.samples(200)
    # Two groups: the labels of the second do not fit the weights.
    kernel = np.zeros((frozen.FEATURES, frozen.CLASSES), "float32")
    kernel[:3, :3] = 5 * np.eye(3)
    right = (x @ kernel).argmax(axis=1)
    labels = np.where(np.arange(200) < 50, (right + 1) % 3, right)
    model = frozen.classifier()
    model.set_weights([kernel, np.zeros(3, "float32")])
    tracker = frozen.tracker(("margin",), logs=EpochLogs.NAMES)
    history = model.fit(
        tracker.track(x, labels), epochs=2, verbose=0, callbacks=[tracker]
    ).history
    assert set(EpochLogs.NAMES) < set(history)
    assert all(
        isinstance(v, float) for n in EpochLogs.NAMES for v in history[n]
    )
    assert history["coverage"] == [1.0, 1.0]
    issues = kr.detect.find_label_issues(
        tracker.trajectories, score="mean_cross_entropy"
    )
    flagged = issues.is_label_issue
    losses = tracker.trajectories.signals["cross_entropy"][1]
    np.testing.assert_allclose(history["noise_rate"][1], flagged.mean())
    np.testing.assert_allclose(
        history["clean_loss"][1], losses[~flagged].mean(), rtol=1e-5
    )
    np.testing.assert_allclose(
        history["suspect_loss"][1], losses[flagged].mean(), rtol=1e-5
    )


def test_unknown_names():
    with pytest.raises(ValueError) as error:
        kr.callbacks.LossTrajectory(logs=("noise",))
    assert str(error.value) == (
        "Unknown name in `logs`. Did you mean 'noise_rate'? There are: "
        "noise_rate, clean_loss, suspect_loss, coverage. Received: 'noise'"
    )
