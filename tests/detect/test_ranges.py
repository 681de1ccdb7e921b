"""Numbers out of their documented range are refused, and said."""

import numpy as np
import pytest

from keras_robust.detect import CtrlParameters
from keras_robust.detect import clean_probability
from keras_robust.detect import ctrl_clean
from keras_robust.detect import first_k_epoch
from keras_robust.detect import hard_lower_bound
from keras_robust.detect import soft_lower_bound
from keras_robust.detect import suggest_labels
from keras_robust.detect.scores.ctrl import smoothed
from keras_robust.detect.scores.first_k_epoch_learnt import Streaks
from tests.detect.samples import noisy

TRAJECTORIES, _ = noisy(num_samples=20)
LOSSES = TRAJECTORIES.signal("cross_entropy")
GIVEN = TRAJECTORIES.given_label
GOOD = {"clusters": 3, "selected": 1, "windows": 2, "votes": 1}


def ctrl(**parameters):
    return ctrl_clean(LOSSES.T, GIVEN, CtrlParameters(**GOOD | parameters))


CALLS = {
    ("window", 1): lambda **n: suggest_labels(TRAJECTORIES, **n),
    ("epochs", 1): lambda **n: clean_probability(LOSSES, **n),
    ("k", 1): lambda **n: first_k_epoch(LOSSES < 1.0, **n),
    ("k of Streaks", 1): lambda k: Streaks(3, k),
    ("width", 1): lambda **n: ctrl_clean(LOSSES.T, GIVEN, **n),
    ("width of smoothed", 1): lambda width: smoothed(LOSSES.T, 4.0, width),
    ("clusters", 2): ctrl,
    ("selected", 1): ctrl,
    ("windows", 1): ctrl,
    ("votes", 1): ctrl,
    ("epoch", 0): lambda **n: soft_lower_bound(LOSSES, np.ones(20), **n),
    ("epoch of hard", 0): lambda **n: hard_lower_bound(
        LOSSES, np.ones(20), **n
    ),
}


@pytest.mark.parametrize("key", CALLS, ids=lambda key: key[0])
def test_whole_numbers_have_a_least(key):
    (said, least), call = key, CALLS[key]
    name = said.partition(" ")[0]
    for bad in (least - 1, -1, -5, least + 0.5, float("nan"), True, "3", None):
        with pytest.raises(ValueError) as error:
            call(**{name: bad})
        assert str(error.value) == (
            f"`{name}` must be an integer of at least {least}. "
            f"Received: {name}={bad!r}"
        )
    call(**{name: np.int64(least)})


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"selected": 3}, "`selected` must be below `clusters`"),
        ({"selected": 4}, "`selected` must be below `clusters`"),
        ({"votes": 3}, "`votes` must be at most `windows`"),
        ({"windows": 7}, "`windows` must be at most the number of epochs"),
    ],
)
def test_what_calls_all_labels_right_or_all_wrong(parameters, message):
    with pytest.raises(ValueError, match=message) as error:
        ctrl(**parameters)
    (name, value), text = *parameters.items(), str(error.value)
    received = text.partition("Received: ")[2]
    assert f"{name}={value}" in received and "6 epochs" in received


def test_the_most_there_may_be():
    mask, _ = ctrl(selected=2, windows=6, votes=6)
    assert mask.shape == (20,)
