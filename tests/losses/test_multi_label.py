"""Several labels a sample: every class is a binary head of its own."""

import numpy as np
import pytest

from tests.backend import to_numpy
from tests.backend import values_and_slopes
from tests.losses.cases import BATCH
from tests.losses.cases import CASES
from tests.losses.cases import CLASSES
from tests.losses.cases import LOGITS
from tests.losses.cases import LOSSES
from tests.losses.cases import inputs
from tests.losses.cases import predictions
from tests.losses.cases import some_losses

# A loss that compares logits has no such form, and a term of the batch is
# another for every way to lay the heads out.
heads = {"logits": False, "batch_term": False}
TWO = np.stack([np.zeros_like(LOGITS), LOGITS], axis=-1)
TARGETS = np.random.default_rng(8).integers(0, 2, LOGITS.shape)
# A sample without any class, one with all of them.
TARGETS[0], TARGETS[1] = 0, 1


def scores(from_logits):
    return LOGITS if from_logits else predictions(False, TWO)[..., 1]


def expected(name, targets):
    """Loss of every head, `(BATCH, CLASSES)`."""
    if targets.dtype.kind == "f":
        targets = np.stack([1 - targets, targets], axis=-1)
    return CASES[name].values(targets, TWO)


def close(actual, wanted):
    np.testing.assert_allclose(actual, wanted, rtol=2e-5, atol=3e-6)


@inputs(**heads)
def test_the_mean_of_binary_heads(name, from_logits):
    loss = LOSSES[name](from_logits=from_logits, multi_label=True)
    y_pred, wanted = scores(from_logits), expected(name, TARGETS).mean(-1)
    close(to_numpy(loss.call(TARGETS, y_pred)), wanted)
    close(to_numpy(loss(TARGETS.astype("float32"), y_pred)), wanted.mean())
    assert loss.get_config()["multi_label"] is True


@inputs(**heads, soft=True)
def test_soft_targets(name, from_logits):
    loss = LOSSES[name](from_logits=from_logits, multi_label=True)
    soft = (0.8 * TARGETS + 0.1).astype("float32")
    wanted = expected(name, soft).mean(-1)
    close(to_numpy(loss.call(soft, scores(from_logits))), wanted)


@inputs(**heads, by_turns=True)
def test_ignored_targets_are_left_out_of_the_mean(name, from_logits):
    loss = LOSSES[name](
        from_logits=from_logits, multi_label=True, ignore_class=-1
    )
    kept = np.ones(TARGETS.shape, bool)
    kept[0, 1] = kept[1, :3] = kept[2] = False
    targets = np.where(kept, TARGETS, -1)
    total = np.where(kept, expected(name, TARGETS), 0).sum(-1)
    wanted = total / np.maximum(kept.sum(-1), 1)
    y_pred = scores(from_logits)
    values, slopes = values_and_slopes(lambda z: loss.call(targets, z), y_pred)
    close(values, wanted)
    assert values[2] == 0
    np.testing.assert_array_equal(slopes[~kept], 0)
    # A sample without any target is not counted.
    mean = to_numpy(loss(targets, y_pred))
    close(mean, wanted.sum() / (BATCH - 1))


@some_losses(**heads)
def test_any_axis(name):
    loss = LOSSES[name](from_logits=True, multi_label=True, axis=0)
    wanted = expected(name, TARGETS).mean(-1)
    close(to_numpy(loss.call(TARGETS.T, LOGITS.T)), wanted)


@some_losses(**heads)
def test_targets_of_another_shape(name):
    loss = LOSSES[name](from_logits=True, multi_label=True)
    for shape in [(BATCH,), (BATCH, 1), (BATCH, CLASSES + 1), (1, CLASSES)]:
        with pytest.raises(ValueError, match="must have the same shape") as e:
            loss.call(np.zeros(shape), LOGITS)
        assert f"y_true.shape={shape}" in str(e.value)
