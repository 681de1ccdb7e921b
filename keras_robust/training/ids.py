"""How a sample's position travels with its label through `fit`."""

from keras_robust.training import native

LABEL = "__label__"
INDEX = "__index__"


def join(label, index):
    """The `y` of a tracked batch: the label with the sample positions."""
    return {LABEL: label, INDEX: index}


def split(y):
    """Returns `(label, index)`; `index` is `None` for plain labels."""
    if isinstance(y, dict) and INDEX in y:
        return y[LABEL], native.positions(y[INDEX])
    return y, None
