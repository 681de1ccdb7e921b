"""Which label to put in place of a given one."""

import numpy as np
import pytest

from keras_robust.detect import suggest_labels
from keras_robust.trajectories import Trajectories


def trajectories(predicted, given, **signals):
    predicted = np.array(predicted, dtype="float32")
    return Trajectories(
        ids=np.arange(len(given)),
        epochs=np.arange(len(predicted)),
        signals={"predicted": predicted} if not signals else signals,
        given_label=given,
        num_classes=4,
    )


def test_the_votes_of_the_last_epochs_count():
    predicted = [
        [3, 3, 3, 0],
        [1, 1, 1, np.nan],
        [1, 2, 0, np.nan],
        [1, 2, 0, 1],
        [1, 1, 0, 0],
    ]
    found = trajectories(predicted, [0, 0, 0, 0])
    suggested, confidence = suggest_labels(found, window=4)
    # Of equals the later prediction counts.
    assert suggested.tolist() == [1, 1, 1, 1]
    assert confidence.tolist() == [1.0, 0.5, 0.25, 0.25]
    suggested, confidence = suggest_labels(found, window=3)
    assert suggested.tolist() == [1, 2, -1, 1]
    assert confidence.tolist() == [1.0, 2 / 3, 0.0, 1 / 3]


def test_epochs_that_are_not_there_count_against_it():
    found = trajectories([[1, 0]], [0, 0])
    suggested, confidence = suggest_labels(found)
    assert suggested.tolist() == [1, -1]
    assert confidence.tolist() == [0.2, 0.0]


def test_predictions_must_be_recorded():
    found = trajectories([[1]], [0], margin=np.zeros((1, 1)))
    with pytest.raises(ValueError, match="predicted"):
        suggest_labels(found)
