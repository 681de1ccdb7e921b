"""A loss told to be cross-entropy for a while."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_robust.losses.stage import cross_entropy_condition
from keras_robust.losses.stage import cross_entropy_while
from tests.backend import jitted
from tests.backend import to_numpy
from tests.backend import values_and_slopes
from tests.losses.cases import CLASSES
from tests.losses.cases import LABELS
from tests.losses.cases import LOGITS
from tests.losses.cases import LOSSES
from tests.losses.cases import predictions

# One of each kind; each costs JAX a compilation.
some = pytest.mark.parametrize("name", ["smoothed", "nce_agce"])


def staged(loss, condition):
    def per_sample(z):
        with cross_entropy_while(ops.convert_to_tensor(condition)):
            return loss.call(LABELS, z)

    return per_sample


@some
@pytest.mark.parametrize("condition", [True, False])
def test_one_loss_or_the_other(name, condition):
    loss = LOSSES[name](from_logits=True)
    wanted = LOSSES["cross_entropy" if condition else name](from_logits=True)
    value, slope = values_and_slopes(staged(loss, condition), LOGITS)
    value_, slope_ = values_and_slopes(lambda z: wanted.call(LABELS, z), LOGITS)
    np.testing.assert_allclose(value, value_, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(slope, slope_, rtol=1e-5, atol=1e-7)


def test_it_changes_without_a_new_trace():
    traces = []
    loss = LOSSES["agce"]()

    def step(condition, y_pred):
        traces.append(1)
        with cross_entropy_while(condition > 0):
            return loss.call(LABELS, y_pred)

    step = jitted(step, [(), (None, CLASSES)])
    y_pred = predictions(False)
    first = to_numpy(step(ops.convert_to_tensor(np.float32(1)), y_pred))
    count = len(traces)
    second = to_numpy(step(ops.convert_to_tensor(np.float32(0)), y_pred))
    wanted = LOSSES["cross_entropy"]().call(LABELS, y_pred)
    np.testing.assert_allclose(first, to_numpy(wanted), rtol=1e-5)
    wanted = loss.call(LABELS, y_pred)
    np.testing.assert_allclose(second, to_numpy(wanted), rtol=1e-5)
    assert keras.backend.backend() == "torch" or len(traces) == count


@pytest.mark.parametrize("condition", [True, False])
def test_ignored_samples_stay_ignored(condition):
    loss = LOSSES["agce"](from_logits=True, ignore_class=1)
    value, slope = values_and_slopes(staged(loss, condition), LOGITS)
    assert (value[LABELS == 1] == 0).all() and (slope[LABELS == 1] == 0).all()
    assert (value[LABELS != 1] != 0).all()


def test_it_ends_with_its_block():
    with pytest.raises(RuntimeError):
        with cross_entropy_while(True):
            assert cross_entropy_condition() is True
            raise RuntimeError
    assert cross_entropy_condition() is None
