"""What the tests of losses share."""

import pytest

from keras_robust.losses.schedules import at_epoch

# The table is imported by the tests; collected, it would be imported twice.
collect_ignore = ["cases"]


@pytest.fixture(autouse=True)
def _seed():
    """No seed: values need none, and tests that build a model set their own.

    Seeding empties TensorFlow's cache of kernels, a third of this room's time.
    """


@pytest.fixture(autouse=True)
def _late():
    """Losses with a schedule are at its end, unless a test says otherwise."""
    with at_epoch(10**6, 10**6):
        yield
