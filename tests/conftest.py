"""What every test shares; the KERAS_BACKEND variable picks the backend."""

import os

os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import hypothesis  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402

# The same examples in every quick run, so that a change fails by what it
# changes; `tests/run --full` draws others every time.
hypothesis.settings.register_profile("same", derandomize=True)
hypothesis.settings.register_profile("random")
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


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
