"""KerasTuner collects garbage twice a trial, and looks at all there is."""

import gc

import pytest


@pytest.fixture(scope="session", autouse=True)
def loaded_is_no_garbage():
    # RobustHyperModel sees that it is done, and does not do it for each.
    gc.collect()
    gc.freeze()
