"""Schedules as values: what they are at every epoch, and what is refused."""

import json
import math

import keras
import numpy as np
import pytest

from keras_robust.losses import schedules
from tests.backend import jitted
from tests.backend import to_numpy

EVERY = {
    "delayed": (
        schedules.Delayed(0.05, start_epoch=2),
        [0.0, 0.0, 0.05, 0.05, 0.05, 0.05],
    ),
    "delayed_from": (
        schedules.Delayed(0.05, start_epoch=1, before=0.5),
        [0.5, 0.05, 0.05, 0.05, 0.05, 0.05],
    ),
    "linear": (
        schedules.Linear(1.0, 3.0, end_epoch=4),
        [1.0, 1.5, 2.0, 2.5, 3.0, 3.0],
    ),
    "linear_down": (
        schedules.Linear(3.0, 1.0, end_epoch=3.5, start_epoch=1.5),
        [3.0, 3.0, 2.5, 1.5, 1.0, 1.0],
    ),
    "cosine": (
        schedules.Cosine(0.0, 2.0, end_epoch=4, start_epoch=1),
        [0.0, 0.0, 0.5, 1.5, 2.0, 2.0],
    ),
    "exponential": (
        schedules.Exponential(3.0, 0.5, end_epoch=4, every=2),
        [3.0, 3.0, 1.5, 1.5, 0.75, 0.75],
    ),
    "piecewise": (
        schedules.PiecewiseConstant([1.0, 4.0, 2.0], epochs=[1, 4]),
        [1.0, 4.0, 4.0, 4.0, 2.0, 2.0],
    ),
}
every = pytest.mark.parametrize("name", EVERY)


@every
def test_values(name):
    schedule, expected = EVERY[name]
    found = [schedule(epoch=epoch) for epoch in range(6)]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)
    assert all(type(value) is float for value in found)
    assert schedule.first == expected[0] and schedule.last == expected[-1]
    assert schedule.bounds() == (min(expected), max(expected))
    assert schedule(epoch=10**6) == schedule.last


@every
def test_values_of_tensors(name):
    schedule, expected = EVERY[name]
    step = jitted(lambda time: schedule.value(time, keras.ops), [()])
    found = [
        float(to_numpy(step(keras.ops.convert_to_tensor(np.float32(epoch)))))
        for epoch in range(6)
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


@every
def test_config_survives_json(name):
    schedule, _ = EVERY[name]
    saved = json.dumps(keras.saving.serialize_keras_object(schedule))
    again = keras.saving.deserialize_keras_object(json.loads(saved))
    assert again == schedule and hash(again) == hash(schedule)
    assert again != schedules.Delayed(0.06, start_epoch=2)
    assert eval(repr(schedule), vars(schedules)) == schedule


def test_in_steps():
    rise = schedules.Linear(0.0, 1.0, end_step=100, start_step=50)
    assert rise(step=75) == 0.5 and rise.unit == "step"
    assert schedules.Delayed(2.0, start_step=3)(step=3) == 2.0
    assert schedules.Exponential(1.0, 2.0, end_step=4)(step=9) == 16.0
    assert schedules.PiecewiseConstant([0, 1], steps=[7])(step=7) == 1.0
    with pytest.raises(ValueError, match="follows the step.*epoch=75"):
        rise(epoch=75)


def test_exponential_counts_whole_factors():
    rise = schedules.Exponential(1.0, 2.0, end_epoch=3000, every=3)
    step = jitted(lambda time: rise.value(time, keras.ops), [()])
    for epoch in (0, 2, 3, 5, 6, 59, 60):
        found = to_numpy(step(keras.ops.convert_to_tensor(np.float32(epoch))))
        assert float(found) == 2.0 ** (epoch // 3) == rise(epoch=epoch)


BAD = [
    (lambda: schedules.Delayed(math.nan, 3), "`value` must be a finite"),
    (lambda: schedules.Delayed(0.1), "one of `start_epoch` and `start_step`"),
    (
        lambda: schedules.Delayed(0.1, start_epoch=1, start_step=1),
        "one of `start_epoch` and `start_step`.*start_step=1",
    ),
    (lambda: schedules.Delayed(0.1, -1), "`start_epoch` must.*at least 0"),
    (lambda: schedules.Delayed("0.1", 1), "`value` must be a finite number"),
    (lambda: schedules.Linear(0, 1, 3, 3), "starts before it ends"),
    (lambda: schedules.Linear(0, 1, 3, 5), "starts before it ends.*=5"),
    (
        lambda: schedules.Linear(0, 1, end_epoch=3, start_step=1),
        "both in epochs or both in steps",
    ),
    (lambda: schedules.Linear(0, 1), "one of `end_epoch` and `end_step`"),
    (lambda: schedules.Cosine(0, math.inf, 3), "`last` must be a finite"),
    (lambda: schedules.Exponential(1, 0, 3), "`factor` must.*above 0"),
    (lambda: schedules.Exponential(1, 2, 3, every=0), "`every` must"),
    (lambda: schedules.Exponential(1, 10, 400), "finite number"),
    (lambda: schedules.PiecewiseConstant([1, 2]), "one longer than"),
    (lambda: schedules.PiecewiseConstant([1, 2, 3], [4, 2]), "must rise"),
    (lambda: schedules.PiecewiseConstant([1, 2, 3], [2, 2]), "must rise"),
    (lambda: schedules.PiecewiseConstant([1, 2], [1], [2]), "not both"),
]


@pytest.mark.parametrize("make, message", BAD)
def test_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
