"""Loads saved models in a process of its own and prints their losses.

python load_models.py FOLDER: every FOLDER/*.keras is evaluated on
FOLDER/data.npz; the results are one JSON object on standard output.
"""

import json
import pathlib
import sys

import keras_robust  # noqa: F401  (registers the losses)

# isort: split
import keras
import numpy as np


def main(folder):
    data = np.load(folder / "data.npz")
    found = {"backend": keras.backend.backend()}
    for file in sorted(folder.glob("*.keras")):
        model = keras.models.load_model(file)
        # JAX saves True, with which PyTorch takes half a minute to compile.
        model.jit_compile = False
        value = model.evaluate(data["x"], data["y"], verbose=0)
        found[file.stem] = {"loss": value, "kind": type(model.loss).__name__}
    print(json.dumps(found))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
