"""Loads a saved model in a process of its own and prints what it says.

python load_model.py FOLDER: FOLDER/model.keras is evaluated on FOLDER/data.npz;
the result is one JSON object on standard output.
"""

import json
import pathlib
import sys

import keras_robust  # noqa: F401  (registers the model)

# isort: split
import keras
import numpy as np


def main(folder):
    data = np.load(folder / "data.npz")
    model = keras.models.load_model(folder / "model.keras")
    # JAX saves True, with which PyTorch takes half a minute to compile.
    model.jit_compile = False
    x, y = data["x"], data["y"]
    found = {
        "backend": keras.backend.backend(),
        "kind": type(model).__name__,
        "dropped": [model.dropped(epoch) for epoch in range(4)],
        "loss": model.evaluate(x, y, verbose=0),
        "predicted": model.predict(x, verbose=0).tolist(),
        "of_b": model.model_b.predict(x, verbose=0).tolist(),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
