"""What every test shares; the KERAS_BACKEND variable picks the backend."""

import os
from importlib.metadata import distributions

os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import hypothesis  # noqa: E402
import pytest  # noqa: E402

# The same examples in every quick run, so that a change fails by what it
# changes; `tests/run --full` draws others every time.
hypothesis.settings.register_profile("same", derandomize=True)
hypothesis.settings.register_profile("random")
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def pytest_report_header():
    """Read, not imported: the process that hands out the tests runs none."""
    versions = {d.name.lower(): d.version for d in distributions()}
    names = "keras numpy jax torch tensorflow tensorflow-cpu tensorflow_cpu"
    found = [f"{n} {versions[n]}" for n in names.split() if n in versions]
    backend = os.environ.get("KERAS_BACKEND", "as Keras is configured")
    return [f"backend: {backend}", ", ".join(found)]


@pytest.fixture(autouse=True)
def _seed():
    import keras

    keras.utils.set_random_seed(1234)
