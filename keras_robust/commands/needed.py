"""Packages that only some files need."""

import importlib.util


def need(*packages):
    """Raises an ImportError with the pip line if a package is missing."""
    for name in packages:
        if importlib.util.find_spec(name) is None:
            raise ImportError(
                f"Such a file needs {name}. Install it with: "
                "pip install 'keras-robust[store]'"
            )
