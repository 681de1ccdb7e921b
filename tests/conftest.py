"""What every test shares; the KERAS_BACKEND variable picks the backend."""

import os

os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402


def pytest_report_header():
    backend = keras.backend.backend()
    version = __import__(backend).__version__
    return (
        f"keras {keras.__version__} on {backend} {version}, "
        f"numpy {np.__version__}"
    )


@pytest.fixture(autouse=True)
def _seed():
    keras.utils.set_random_seed(1234)
