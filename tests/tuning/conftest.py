"""KerasTuner collects garbage twice a trial, and looks at all there is."""

import pytest

from keras_robust.tuning import garbage


@pytest.fixture(scope="session", autouse=True)
def loaded_is_no_garbage():
    garbage.loaded_is_none()
