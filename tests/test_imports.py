"""The import is light and changes nothing, and imports run downwards only."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import keras_robust
from tests.import_rules import violations

PACKAGE = Path(keras_robust.__file__).parent

# Runs in a fresh interpreter: what does our import add to Keras's own?
WATCH = """
import json, logging, os, random, signal, sys, warnings
import keras
import numpy as np

def state():
    return {
        "backend": keras.config.backend(),
        "floatx": keras.config.floatx(),
        "epsilon": keras.config.epsilon(),
        "data format": keras.config.image_data_format(),
        "dtype policy": keras.config.dtype_policy().name,
        "global seed": repr(np.random.get_state()),
        "python seed": hash(random.getstate()),
        "float errors": np.geterr(),
        "print options": repr(np.get_printoptions()),
        "log handlers": repr(logging.getLogger().handlers),
        "log level": logging.getLogger().level,
        "warning filters": repr(warnings.filters),
        "environment": dict(os.environ),
        "path": list(sys.path),
        "interrupt": repr(signal.getsignal(signal.SIGINT)),
        "except hook": repr(sys.excepthook),
    }

modules, before = set(sys.modules), state()
import keras_robust
after = state()
print(json.dumps({
    "modules": sorted(set(sys.modules) - modules),
    "changed": sorted(key for key in before if before[key] != after[key]),
}))
"""


# Keras itself loads some of these where they are installed, so what we load
# shows only where they cannot be.
BLOCK = """
import sys
for name in (
    "jinja2", "keras_tuner", "matplotlib", "pandas", "PIL", "sklearn", "zarr"
):
    sys.modules[name] = None
import keras_robust
print("imported")
"""


def fresh_interpreter(code):
    finished = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=PACKAGE.parent,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def watched():
    return json.loads(fresh_interpreter(WATCH))


def test_import_loads_only_keras_and_numpy(watched):
    allowed = {"keras_robust", "keras", "numpy"} | sys.stdlib_module_names
    added = {name.partition(".")[0] for name in watched["modules"]}
    assert "keras_robust" in added
    assert added <= allowed


@pytest.mark.once
def test_import_needs_no_extra_and_no_scikit_learn():
    assert fresh_interpreter(BLOCK) == "imported"


def test_import_changes_no_global_state(watched):
    assert watched["changed"] == []


@pytest.mark.once
@pytest.mark.parametrize(
    "path",
    sorted(p.relative_to(PACKAGE).as_posix() for p in PACKAGE.rglob("*.py")),
)
def test_imports_run_downwards(path):
    source = (PACKAGE / path).read_text(encoding="utf-8")
    assert violations(source, path) == []


@pytest.mark.parametrize(
    "room",
    [path.parent.name for path in sorted(PACKAGE.glob("*/__init__.py"))],
)
def test_every_promised_name_is_there(room):
    module = importlib.import_module(f"keras_robust.{room}")
    promised = getattr(module, "__all__", [])
    assert [name for name in promised if not hasattr(module, name)] == []
    assert promised == sorted(promised)


@pytest.mark.once
@pytest.mark.parametrize(
    "path, source, complaint",
    [
        ("detect/x.py", "import keras", "uses `keras`"),
        ("noise/x.py", "from keras import ops", "uses `keras.ops`"),
        ("trajectories/x.py", "import torch", "uses `torch`"),
        ("losses/x.py", "import numpy as np", "uses `numpy`"),
        (
            "losses/x.py",
            "from keras_robust.callbacks import LossTrajectory",
            "`losses` imports `keras_robust.callbacks.LossTrajectory`",
        ),
        ("detect/x.py", "from ..losses import get", "imports `keras_robust"),
        ("detect/x.py", "from .. import training", "imports `keras_robust"),
        ("noise/__init__.py", "from ..detect import f", "`noise` imports"),
        (
            "report/x.py",
            "def f():\n    from keras_robust import tuning",
            "x.py:2: `report` imports `keras_robust.tuning`",
        ),
        ("theory/x.py", "from keras_robust import AsymmetricGCE", "imports"),
        (
            "detect/issues/review_page.py",
            "from keras_robust.report import write_review",
            "`detect` imports `keras_robust.report.write_review`",
        ),
        (
            "detect/issues/x.py",
            "def f():\n    from keras_robust.report import write_review",
            "x.py:2: `detect` imports",
        ),
        ("theory/x.py", "from keras_robust import losses", "`theory` imports"),
        ("losses/x.py", "from keras_robust import theory", "`losses` imports"),
        ("detect/x.py", "from sklearn import mixture", "at import time"),
        (
            "report/x.py",
            "try:\n    import pandas\nexcept ImportError:\n    pass",
            "at import time",
        ),
        ("callbacks/x.py", "from keras.src import backend", "is private"),
        ("losses/base.py", "from keras.src import ops", "is private"),
        ("losses/agce.py", "def f():\n    from torch import nn", "`torch.nn`"),
        ("losses/elementwise.py", "from torch import f", "at import time"),
        ("detect/x.py", "def f():\n    import pickle", "`pickle` runs code"),
        (
            "tuning/x.py",
            "import importlib\nimportlib.import_module('scipy.stats')",
            "x.py:2: `tuning` uses `scipy.stats`",
        ),
        (
            "trajectories/x.py",
            "import numpy as np\nnp.load('x', allow_pickle=True)",
            "x.py:2: allow_pickle",
        ),
        ("attic/x.py", "", "has no place"),
        (
            "detect/scores/x.py",
            "from keras_robust.detect.splits import deciding",
            "`scores` imports `keras_robust.detect.splits.deciding`",
        ),
        (
            "detect/issues/x.py",
            "from keras_robust.detect import find_label_issues",
            "`issues` imports",
        ),
    ],
)
def test_checker_finds_planted_violation(path, source, complaint):
    (problem,) = violations(source, path)
    assert complaint in problem


@pytest.mark.once
@pytest.mark.parametrize(
    "path, source",
    [
        ("losses/x.py", "from keras import ops\nimport math"),
        ("detect/x.py", "from .split import split\nimport numpy as np"),
        ("detect/x.py", "def f():\n    from sklearn import mixture"),
        ("detect/__init__.py", "from .split import split"),
        ("detect/splits/x.py", "from keras_robust.detect.scores import auto"),
        ("detect/find.py", "from keras_robust.detect.splits import deciding"),
        ("callbacks/x.py", "from keras_robust.training import carrier"),
        (
            "detect/issues/review_page.py",
            "def f():\n    from keras_robust.report import write_review",
        ),
        ("__init__.py", "from keras_robust import losses"),
        ("__main__.py", "from .cli import main"),
        (
            "trajectories/x.py",
            "import numpy\nnumpy.load(f, allow_pickle=False)",
        ),
    ],
)
def test_checker_accepts_downward_imports(path, source):
    assert violations(source, path) == []
