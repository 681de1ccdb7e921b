"""Reads the imports of the package and says which of them run uphill."""

import ast
import sys
from pathlib import Path
from typing import NamedTuple

BOTTOM = {"losses", "theory", "trajectories", "noise"}
MIDDLE = BOTTOM | {"training", "detect"}
UPPER = MIDDLE | {"callbacks", "models", "probe"}
ROOMS = UPPER | {"tuning", "report"}

# Which rooms a room may import: those below it, never one beside it. `theory`
# is handed its losses, but for the one file below, and what knows no Keras
# imports no room that does.
MAY_IMPORT = {
    "losses": set(),
    "theory": set(),
    "trajectories": set(),
    "noise": set(),
    "training": BOTTOM,
    "detect": {"trajectories", "noise"},
    "callbacks": MIDDLE,
    "models": {"losses", "training"},
    "probe": MIDDLE,
    "tuning": UPPER,
    "report": UPPER,
    "workflow": ROOMS,
    "__init__": ROOMS | {"workflow", "program"},
    "program": set(),
    "demo": ROOMS | {"workflow", "__init__"},
    "commands": ROOMS | {"workflow", "demo"},
    "cli": {"commands", "__init__"},
    "__main__": {"cli"},
}

# The rooms inside `detect`, each of which may import those before it, and the
# files beside the rooms that all may import. What joins them (`find.py`, ...)
# stands beside them too, and none of them imports it.
IN_DETECT = (
    "statistics",
    "issues",
    "scores",
    "splits",
    "probabilities",
    "embeddings",
    "beyond",
)
FOR_ALL_IN_DETECT = {"arrays", "checks", "ranges", "registry"}

# The only file that may call upwards: `LabelIssues.to_html` is what people look
# for, and writes the page of `report`, which it imports when it is called.
WHEN_CALLED = {"detect/issues/review_page.py": {"report"}}
# The only file that imports a room beside its own: it ranks the losses that
# there are. `losses` may not import `theory`, so there is no circle.
BESIDE = {"theory/suggest.py": {"losses"}}

# Which packages a room may use at all, the standard library aside.
MAY_USE = {
    "losses": {"keras"},
    "theory": {"keras", "numpy"},
    "trajectories": {"numpy", "pandas", "pyarrow", "zarr"},
    "noise": {"numpy", "scipy"},
    "training": {"keras", "numpy"},
    "detect": {"numpy", "pandas", "pyarrow", "sklearn"},
    "callbacks": {"keras", "numpy"},
    "models": {"keras", "numpy"},
    "probe": {"keras", "numpy", "sklearn"},
    "tuning": {"keras", "keras_tuner", "numpy", "pandas"},
    "report": {
        "PIL",
        "jinja2",
        "keras",
        "matplotlib",
        "numpy",
        "pandas",
        "tensorboard",
    },
    "workflow": {"keras", "numpy", "pandas"},
    "__init__": {"keras"},
    "program": set(),
    "demo": {"keras", "matplotlib", "numpy", "sklearn"},
    "commands": {"keras", "numpy", "pandas", "pyarrow"},
    "cli": set(),
    "__main__": set(),
}

# What `import keras_robust` may load; the rest is imported where it is used.
AT_IMPORT_TIME = {"keras", "numpy"}
# Imported where PyTorch is the backend only, which Keras then has loaded.
ON_PYTORCH = {
    "losses/torch_bi_tempered.py": "torch",
    "losses/torch_kernels.py": "torch",
}
# The only files with more rights than their room: Keras has no public way to
# take a mask off, nor for a gradient that PyTorch and TensorFlow both take.
EXCEPTIONS = {
    "losses/elementwise.py": {"torch"},
    "losses/kernels.py": {"tensorflow"},
    "losses/masking.py": {"keras.src.backend.common"},
    "losses/torch_bi_tempered.py": {"torch"},
    "losses/torch_kernels.py": {"torch"},
    "theory/native.py": {"jax", "tensorflow", "torch"},
    "training/native.py": {"torch"},
    "training/sources/gathered.py": {"tensorflow"},
    "training/sources/tf_data.py": {"tensorflow"},
    "training/sources/torch_loader.py": {"torch"},
}
UNSAFE = {"_pickle", "cloudpickle", "dill", "joblib", "pickle", "shelve"}


class Import(NamedTuple):
    """One imported module or name, and where it was imported."""

    name: str
    line: int
    deferred: bool


def read_imports(source, module):
    """Lists the imports of `source`, the text of the module `module`.

    Args:
        source: The text of the file.
        module: Its path below the package without suffix, as a tuple such as
            `("detect", "split")`.

    Returns:
        A list of `Import`, its names absolute.
    """
    found = []

    def visit(node, deferred):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = ("keras_robust", *module)[: -node.level]
                base = ".".join([*parents, *filter(None, [base])])
            names = [f"{base}.{alias.name}" for alias in node.names]
        elif _called(node) in ("__import__", "import_module"):
            names = [a.value for a in node.args if isinstance(a, ast.Constant)]
        else:
            names = []
        found.extend(Import(name, node.lineno, deferred) for name in names)
        inside = isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
        )
        for child in ast.iter_child_nodes(node):
            visit(child, deferred or inside)

    visit(ast.parse(source), False)
    return found


def violations(source, path):
    """Lists what `source` does against the rules above, as sentences.

    Args:
        source: The text of the file.
        path: Its path below the package, such as `detect/split.py`.
    """
    module = Path(path).with_suffix("").parts
    room = module[0]
    if room not in MAY_IMPORT:
        return [f"{path}: `{room}` has no place in the table of rooms"]
    problems = []
    for name, line, deferred in read_imports(source, module):
        package, _, rest = name.partition(".")
        where = f"{path}:{line}"
        excepted = any(
            f"{name}.".startswith(f"{module_name}.")
            for module_name in EXCEPTIONS.get(path, ())
        )
        if package == "keras_robust":
            target = rest.partition(".")[0]
            target = target if target in MAY_IMPORT else "__init__"
            called = WHEN_CALLED.get(path, set()) if deferred else set()
            beside = BESIDE.get(path, set())
            if target not in MAY_IMPORT[room] | {room} | called | beside:
                problems.append(f"{where}: `{room}` imports `{name}`")
            elif _runs_uphill_in_detect(module, rest):
                problems.append(f"{where}: `{module[1]}` imports `{name}`")
        elif package in UNSAFE:
            problems.append(f"{where}: `{name}` runs code that it loads")
        elif package in sys.stdlib_module_names:
            continue
        elif package not in MAY_USE[room] and not excepted:
            problems.append(f"{where}: `{room}` uses `{name}`")
        elif ON_PYTORCH.get(path) == package:
            continue
        elif package not in AT_IMPORT_TIME and not deferred:
            problems.append(f"{where}: `{name}` is imported at import time")
        elif name.startswith("keras.src") and not excepted:
            problems.append(f"{where}: `{name}` is private")
    problems.extend(
        f"{path}:{node.lineno}: allow_pickle"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.keyword)
        and node.arg == "allow_pickle"
        and not (isinstance(node.value, ast.Constant) and not node.value.value)
    )
    return problems


def _runs_uphill_in_detect(module, rest):
    """Whether a file of a room in `detect` imports from a later room."""
    room, _, inside = rest.partition(".")
    if room != "detect" or module[0] != "detect":
        return False
    if len(module) < 3 or module[1] not in IN_DETECT:
        return False
    target = inside.partition(".")[0]
    before = IN_DETECT[: IN_DETECT.index(module[1]) + 1]
    return target not in FOR_ALL_IN_DETECT.union(before)


def _called(node):
    if not isinstance(node, ast.Call):
        return None
    return getattr(node.func, "attr", getattr(node.func, "id", None))
