"""Where in a batch its inputs, labels, weights and ids are."""

import keras
import numpy as np

from keras_robust.noise.masked import refuse_masked


class Layout:
    """Takes batches apart, of arrays or of symbolic tensors.

    Args:
        output: Which of several labels to track, by name or number.
        id_key: The key of the ids, in the inputs or labels.
    """

    def __init__(self, output=None, id_key=None):
        self.output = output
        self.id_key = id_key

    def parts(self, batch):
        """Returns `(x, y, sample_weight, ids)` of a batch, `None` for none."""
        if not isinstance(batch, (tuple, list)) or len(batch) not in (2, 3):
            parts = len(batch) if isinstance(batch, (tuple, list)) else 1
            raise ValueError(
                "The dataset must yield (x, y) or (x, y, sample_weight). "
                f"Received: {parts} parts"
            )
        x, y, *weight = batch
        weight = weight[0] if weight else None
        if self.id_key is None:
            return x, y, weight, None
        if isinstance(x, dict) and self.id_key in x:
            x = dict(x)
            return x, y, weight, x.pop(self.id_key)
        if isinstance(y, dict) and self.id_key in y:
            y = dict(y)
            ids = y.pop(self.id_key)
            y = next(iter(y.values())) if len(y) == 1 else y
            return x, y, weight, ids
        raise ValueError(
            "`id_key` must be a key of the inputs or of the labels, one of "
            "which is a dict then. Received: "
            f"id_key={self.id_key!r}, inputs {_keys(x)}, labels {_keys(y)}"
        )

    def key(self, y):
        """Where in nested labels the tracked ones are; `None` in plain ones."""
        if not isinstance(y, (dict, list, tuple)):
            return None
        known = list(y) if isinstance(y, dict) else list(range(len(y)))
        if self.output is None and len(known) == 1:
            return known[0]
        if self.output is None:
            raise ValueError(
                "There must be one label tensor, or `output` must say which of "
                f"several is to be tracked. Received: labels {known}"
            )
        if self.output not in known or isinstance(self.output, bool):
            raise ValueError(
                "`output` must name one of the labels: the key in a dict, the "
                f"number in a list. Received: output={self.output!r}, labels "
                f"{known}"
            )
        return self.output

    def label(self, y):
        """Returns the tracked part of the labels."""
        key = self.key(y)
        return y if key is None else y[key]


def as_names(ids):
    """Ids of a batch as int64 or str, shape `(B,)`."""
    array = as_numpy(ids)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.dtype.kind == "S" or (
        array.dtype.kind == "O" and array.size and isinstance(array[0], bytes)
    ):
        # As tf.data gives strings.
        array = np.array([name.decode() for name in array.tolist()])
    elif array.dtype.kind == "O":
        array = np.array(array.tolist())
    if array.dtype.kind == "u" and array.size and array.max() >= 2**63:
        raise ValueError(
            "Ids must fit into int64; use strings for larger ones. Received: "
            f"id {array.max()}"
        )
    return array.astype("int64") if array.dtype.kind == "u" else array


def as_numpy(value):
    """An array of NumPy, JAX, TensorFlow, PyTorch or pandas as NumPy's."""
    # NumPy would take what is masked for data.
    refuse_masked("An array of data", value)
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        value = value.detach().cpu()
        if "bfloat16" in str(value.dtype):
            value = value.float()
    return np.asarray(value)


def nested_numpy(values):
    """Nested arrays as NumPy's; `None` stays."""
    return keras.tree.map_structure(
        lambda value: None if value is None else as_numpy(value), values
    )


def _keys(nested):
    return list(nested) if isinstance(nested, dict) else type(nested).__name__
