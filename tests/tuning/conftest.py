"""KerasTuner collects garbage twice a trial, and each time looks at all there
is; what was loaded before the tests is none."""

import gc

import pytest


@pytest.fixture(scope="session", autouse=True)
def nothing_loaded_is_garbage():
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
