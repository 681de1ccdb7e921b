"""Losses with schedules: at every epoch the loss with that epoch's values."""

import inspect

import keras
import numpy as np
import pytest
from keras import ops

from keras_robust import losses
from keras_robust.losses import recipes
from keras_robust.losses import schedules
from keras_robust.losses import stage
from tests.backend import jitted
from tests.backend import to_numpy
from tests.backend import values_and_slopes
from tests.losses.cases import BY_CLASS
from tests.losses.cases import LABELS
from tests.losses.cases import LOGITS
from tests.losses.cases import predictions

AT = 3


def numbers():
    """Every class's own arguments that are numbers: one and another value."""
    for cls, case in BY_CLASS.items():
        loss = case.build(from_logits=True)
        defaults = inspect.signature(cls).parameters
        for name in case.other:
            value = getattr(loss, name)
            if type(value) is not float or name in cls.unscheduled:
                continue
            default = defaults[name].default
            first = default if isinstance(default, (int, float)) else 2 * value
            yield pytest.param(cls, name, float(first), value)


@pytest.mark.parametrize("cls, name, first, then", numbers())
def test_every_number_can_follow_a_schedule(cls, name, first, then):
    given = BY_CLASS[cls].arguments(from_logits=True)
    given[name] = schedules.Delayed(then, start_epoch=AT, before=first)
    loss = cls(**given, from_logits=True)
    traces = []

    def step(epoch, y_pred):
        traces.append(epoch)
        with schedules.at_epoch(epoch):
            return loss.call(LABELS, y_pred)

    step = jitted(step, [(), LOGITS.shape])
    for epoch, value in ((0, first), (AT, then)):
        plain = cls(**{**given, name: value}, from_logits=True)
        wanted, slope = values_and_slopes(
            lambda z, plain=plain: plain.call(LABELS, z), LOGITS
        )
        now = ops.convert_to_tensor(np.float32(epoch))
        np.testing.assert_allclose(
            to_numpy(step(now, LOGITS)), wanted, rtol=2e-5, atol=1e-6
        )
        with schedules.at_epoch(now):
            found = values_and_slopes(lambda z: loss.call(LABELS, z), LOGITS)
        np.testing.assert_allclose(found[0], wanted, rtol=2e-5, atol=1e-6)
        np.testing.assert_allclose(found[1], slope, rtol=2e-4, atol=1e-5)
        assert repr(loss.at(epoch=epoch)) == repr(plain)
    assert keras.backend.backend() == "torch" or len(traces) <= 2


def test_what_is_another_computation_cannot_follow():
    moved = schedules.Delayed(0.8, start_epoch=2, before=0.5)
    small = schedules.Delayed(1e-6, start_epoch=2, before=0.1)
    for make in (
        lambda: losses.BiTemperedLogistic(t1=moved, from_logits=True),
        lambda: losses.NormalizedNegativeCrossEntropy(min_prob=small),
        lambda: losses.ActiveNegative(min_prob=small),
    ):
        with pytest.raises(ValueError, match="cannot follow.*SwitchLoss"):
            make()
    whole = schedules.PiecewiseConstant([1, 2], epochs=[3])
    with pytest.raises(ValueError, match="`order` must be an integer"):
        losses.TaylorCrossEntropy(order=whole)


def test_a_value_out_of_range_on_the_way_is_refused():
    for schedule in (
        schedules.Linear(0.5, 1.5, end_epoch=4),
        schedules.PiecewiseConstant([0.5, 1.5, 0.5], epochs=[2, 3]),
        schedules.Delayed(0.5, start_epoch=2),
    ):
        with pytest.raises(ValueError, match="`q` must be.*of the schedule q="):
            losses.GeneralizedCrossEntropy(q=schedule)
    mistaken = schedules.Linear(0.5, 1.0, end_epoch=4)
    with pytest.raises(ValueError, match="`from_logits` must be True or False"):
        losses.GeneralizedCrossEntropy(from_logits=mistaken)


RISE = schedules.Linear(0.2, 1.0, end_epoch=8)


def test_outside_of_training_it_is_the_last():
    loss = losses.GeneralizedCrossEntropy(q=RISE, from_logits=True)
    with stage.clock(None):
        found = to_numpy(loss.call(LABELS, LOGITS))
    last = losses.GeneralizedCrossEntropy(q=1.0, from_logits=True)
    wanted = to_numpy(last.call(LABELS, LOGITS))
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    assert loss.q == 1.0 and loss.asymmetry_ratio() == 1.0


@pytest.mark.parametrize("wrapped", [False, True])
def test_but_it_cannot_be_trained_then(wrapped):
    loss = losses.GeneralizedCrossEntropy(q=RISE, from_logits=True)
    if wrapped:
        loss = losses.CrossEntropy(from_logits=True) + 2.0 * loss
    with stage.clock(None):
        with pytest.raises(Exception, match="nothing tells it what epoch"):
            values_and_slopes(lambda z: loss.call(LABELS, z), LOGITS)


def test_a_schedule_in_steps_needs_the_step():
    fall = schedules.Linear(1.0, 0.2, end_step=8)
    loss = losses.GeneralizedCrossEntropy(q=fall, from_logits=True)
    with schedules.at_epoch(0, step=4):
        found = to_numpy(loss.call(LABELS, LOGITS))
    wanted = to_numpy(loss.at(step=4).call(LABELS, LOGITS))
    np.testing.assert_allclose(found, wanted, rtol=1e-5)
    with schedules.at_epoch(0), pytest.raises(ValueError, match="the step is"):
        loss.call(LABELS, LOGITS)


def nested():
    gce = losses.GeneralizedCrossEntropy(q=RISE, from_logits=True)
    clipped = losses.LogitClip(gce, tau=schedules.Delayed(1.0, 4, before=9.0))
    ce = losses.CrossEntropy(from_logits=True)
    fall = schedules.Cosine(1.0, 0.0, end_epoch=6)
    return [
        clipped,
        fall * ce + 0.5 * clipped,
        losses.ActivePassive(ce, gce, alpha=fall),
        losses.WeightedSum([ce, ce, gce], [1.0, fall, 0.5]),
        losses.SwitchLoss(clipped, fall * ce + gce, at_epoch=5),
        losses.SwitchLoss(
            losses.SwitchLoss(ce, gce, at_epoch=2), clipped, at_epoch=5
        ),
        recipes.dynamics_aware(num_epochs=9, from_logits=True),
        recipes.sparse_regularized(7),
        recipes.negative_entropy_first(clipped, num_epochs=3),
    ]


@pytest.mark.parametrize("number", range(len(nested())))
def test_schedules_inside_of_losses(number):
    loss = nested()[number]
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert again.get_config() == loss.get_config() and again.moves

    def of_epoch(epoch, y_pred):
        with schedules.at_epoch(epoch):
            return again.call(LABELS, y_pred)

    step = jitted(of_epoch, [(), LOGITS.shape])
    for epoch in (0, 4, 12):
        plain = loss.at(epoch=epoch)
        assert not plain.moves
        wanted = jitted(lambda z, p=plain: p.call(LABELS, z), [LOGITS.shape])
        found = step(ops.convert_to_tensor(np.float32(epoch)), LOGITS)
        np.testing.assert_allclose(
            to_numpy(found), to_numpy(wanted(LOGITS)), rtol=1e-4, atol=1e-5
        )


@pytest.mark.parametrize("from_logits", [True, False])
def test_switches_keep_what_a_wrapper_told_them(from_logits):
    options = {"from_logits": from_logits}
    ce, agce = losses.CrossEntropy(**options), losses.AsymmetricGCE(**options)
    both = losses.SwitchLoss(ce, losses.SwitchLoss(ce, agce, 8), 4)
    y_pred = predictions(from_logits)
    for make in (
        lambda loss: losses.EpsilonSoftmax(loss, m=1.0),
        lambda loss: losses.LogitBias(loss, epsilon=2.0),
    ):
        for epoch, plain in ((1, ce), (5, ce), (9, agce)):
            wanted = to_numpy(make(plain).call(LABELS, y_pred))
            for now in (epoch, ops.convert_to_tensor(np.float32(epoch))):
                with schedules.at_epoch(now):
                    found = to_numpy(make(both).call(LABELS, y_pred))
                np.testing.assert_allclose(found, wanted, rtol=1e-5)
            found = make(both).at(epoch=epoch).call(LABELS, y_pred)
            np.testing.assert_allclose(to_numpy(found), wanted, rtol=1e-5)


def test_a_schedule_may_pass_the_limit_of_a_formula():
    loss = losses.AlphaLoss(
        alpha=schedules.Linear(0.5, 1.5, end_epoch=4), from_logits=True
    )
    for epoch in range(5):
        with schedules.at_epoch(ops.convert_to_tensor(np.float32(epoch))):
            values, slopes = values_and_slopes(
                lambda z: loss.call(LABELS, z), LOGITS
            )
        plain = loss.at(epoch=epoch)
        wanted, slopes_ = values_and_slopes(
            lambda z, plain=plain: plain.call(LABELS, z), LOGITS
        )
        np.testing.assert_allclose(values, wanted, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(slopes, slopes_, rtol=1e-4, atol=1e-5)


def test_the_loss_of_an_epoch_reduces_as_the_whole():
    options = {"reduction": "sum", "name": "mine", "dtype": "float64"}
    ce = losses.CrossEntropy(from_logits=True)
    whole = losses.SwitchLoss(ce, losses.SwitchLoss(ce, ce, 8), 4, **options)
    for epoch in (1, 5, 9):
        part = whole.at(epoch=epoch)
        assert type(part) is losses.CrossEntropy
        assert (part.reduction, part.name) == ("sum", "mine")
        assert part.dtype == "float64"
    assert (ce.reduction, ce.name) == ("sum_over_batch_size", "cross_entropy")
    summed = losses.ActivePassive(ce, ce, dtype="float64")
    assert (2.0 * summed).dtype == "float64"


class Bump(schedules.Schedule):
    first = last = 0.5

    def value(self, time, xp):
        return xp.where(time < 1, 0.5, 7.0)


def test_a_schedule_of_ones_own_says_its_bounds():
    with pytest.raises(NotImplementedError, match="define `bounds"):
        losses.GeneralizedCrossEntropy(q=Bump())
    Bump.bounds = lambda self: (0.5, 7.0)
    Bump.get_config = lambda self: {}
    with pytest.raises(ValueError, match="`q` must be.*Received: q=7.0"):
        losses.GeneralizedCrossEntropy(q=Bump())


def test_the_values_of_a_recipe():
    loss = recipes.dynamics_aware(num_epochs=18, q_start=0.6, q_end=1.5)
    at = [loss.at(epoch=epoch) for epoch in (0, 8, 13, 18)]
    np.testing.assert_allclose([x.q for x in at], [0.6, 1.0, 1.25, 1.5])
    np.testing.assert_allclose([x.weight for x in at], [0, 0, 0.5, 1])
    grid = recipes.delayed_grid(delays=(0, 4), gammas=(0.1,), cutoffs=(0.2,))
    assert [repr(loss.at(epoch=3)) for loss in grid] == [
        "Blurry(gamma=0.1, stop_gradient=True)",
        "Blurry(gamma=0.0, stop_gradient=True)",
        "PiecewiseZero(cutoff=0.2)",
        "PiecewiseZero(cutoff=0.0)",
    ]
    with pytest.raises(ValueError, match="`q_end` must be.*above 1"):
        recipes.dynamics_aware(num_epochs=5, q_end=0.9)
    with pytest.raises(ValueError, match="`dataset` must be one of"):
        recipes.sparse_regularized(5, "imagenet")


def test_switch_agrees_or_raises():
    logits = losses.CrossEntropy(from_logits=True)
    with pytest.raises(ValueError, match="agree on `from_logits`"):
        losses.SwitchLoss(losses.CrossEntropy(), logits, at_epoch=2)
    with pytest.raises(ValueError, match="`at_epoch` must be an integer"):
        losses.SwitchLoss(logits, logits, at_epoch=-1)
    with pytest.raises(ValueError, match="one robust loss to.*first='mse'"):
        losses.SwitchLoss("mse", logits, at_epoch=1)


def test_a_weight_keeps_all_of_a_named_sum():
    base = losses.ActiveNegative(entropy_weight=2.0, from_logits=True)
    plain = to_numpy(base.call(LABELS, LOGITS))
    twice = to_numpy((2.0 * base).call(LABELS, LOGITS))
    np.testing.assert_allclose(twice, 2.0 * plain, rtol=1e-5)


class Doubled(losses.GeneralizedCrossEntropy):
    def pointwise(self, p):
        return self.times * super().pointwise(p)

    slope = None
    times = 2.0


class Tripled(Doubled):
    def __init__(self, **options):
        super().__init__(q=RISE, **options)
        self.times = 3.0


@pytest.mark.parametrize("times", [2.0, 3.0])
def test_a_subclass_stays_what_it_is(times):
    options = {"from_logits": True}
    mine = Doubled(q=RISE, **options) if times == 2.0 else Tripled(**options)
    loss = losses.GeneralizedCrossEntropy(q=RISE, **options)
    for epoch in (0, 4):
        with schedules.at_epoch(epoch):
            found = to_numpy(mine.call(LABELS, LOGITS))
            wanted = times * to_numpy(loss.call(LABELS, LOGITS))
        np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_a_loss_without_a_schedule_is_itself():
    loss = losses.AsymmetricGCE(q=3)
    assert loss.at(epoch=3) is loss and not loss.moves
