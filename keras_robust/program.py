"""Before Keras is imported: is its backend there, and which one if not.

Keras takes TensorFlow unless told otherwise, and fails where only JAX or
PyTorch is installed. A library must not choose for its user, so an import then
says what to do; the `keras-robust` command is a program of its own and simply
takes a backend that is there.
"""

import importlib.util
import json
import os
import pathlib
import sys

BACKENDS = ("tensorflow", "jax", "torch")


def prepare_backend():
    """Makes sure that Keras can be imported, or says how.

    Raises:
        ImportError: If Keras's backend is not installed (and this process is
            not our command, or no backend is installed at all).
    """
    if "keras" in sys.modules:
        return
    wanted = _configured()
    if wanted not in BACKENDS or _is_installed(wanted):
        return
    there = [name for name in BACKENDS if _is_installed(name)]
    if there and _is_our_command() and "KERAS_BACKEND" not in os.environ:
        os.environ["KERAS_BACKEND"] = there[0]
        return
    if there:
        cure = f"set KERAS_BACKEND={there[0]} (installed: {', '.join(there)})"
    else:
        cure = 'install one: pip install "keras-robust[jax]"'
    raise ImportError(
        f"Keras is set to the backend {wanted!r}, which is not installed; "
        f"{cure}. Received: KERAS_BACKEND="
        f"{os.environ.get('KERAS_BACKEND', '(unset)')}"
    )


def _configured():
    if "KERAS_BACKEND" in os.environ:
        return os.environ["KERAS_BACKEND"]
    home = os.environ.get("KERAS_HOME", os.path.expanduser("~/.keras"))
    try:
        written = json.loads(pathlib.Path(home, "keras.json").read_text())
        return written.get("backend", BACKENDS[0])
    except (OSError, ValueError, AttributeError):
        return BACKENDS[0]


def _is_installed(name):
    return importlib.util.find_spec(name) is not None


def _is_our_command():
    # While `python -m keras_robust` imports the package, argv[0] is "-m".
    asked = sys.orig_argv[1:]
    as_module = asked[asked.index("-m") + 1 :][:1] if "-m" in asked else []
    script = pathlib.Path(sys.argv[0] if sys.argv else "").stem
    return as_module == ["keras_robust"] or script == "keras-robust"
