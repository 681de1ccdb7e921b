"""Whether two networks can teach each other."""

import keras
import numpy as np


def check(model_a, model_b):
    """Raises unless they are two built networks that share nothing.

    Raises:
        ValueError: With what is wrong, and how to put it right.
    """
    for name, model in (("model_a", model_a), ("model_b", model_b)):
        if not isinstance(model, keras.Model):
            raise ValueError(
                f"`{name}` must be a keras.Model. Received: {name}={model!r}"
            )
        if not model.built:
            raise ValueError(
                f"`{name}` has no weights yet: begin it with keras.Input, or "
                f"call it on a batch first. Received: {name}={model!r}, not "
                "built"
            )
    if model_a is model_b:
        raise ValueError(
            "`model_a` and `model_b` must be two networks, and are the same "
            "object: call the function that makes one twice. Received: "
            f"model_a=model_b={model_a!r}"
        )
    # Not even frozen ones: a saved model would load them into one of the two.
    of_a = {id(variable) for variable in model_a.variables}
    shared = [v.path for v in model_b.variables if id(v) in of_a]
    if shared:
        raise ValueError(
            "`model_a` and `model_b` must share no layer: the gradient of "
            "one would train the other. Make every layer twice. Received: "
            f"shared variables {shared[:4]}"
        )
    inputs = _input_shapes(model_a), _input_shapes(model_b)
    if None not in inputs and not _fit_together(*inputs):
        raise ValueError(
            "`model_a` and `model_b` must take the same inputs. Received: "
            f"shapes {inputs[0]} and {inputs[1]}"
        )
    outputs = outputs_of(model_a), outputs_of(model_b)
    if None not in outputs:
        check_outputs(*(o[0] if len(o) == 1 else o for o in outputs))


def outputs_of(model):
    """The symbolic outputs, `None` where a model does not tell them."""
    return getattr(model, "outputs", None) or None


def check_outputs(a, b):
    """Raises unless two outputs are of the same classes, one a sample."""
    for name, output in (("model_a", a), ("model_b", b)):
        if isinstance(output, (dict, list, tuple)):
            raise ValueError(
                "CoTeaching takes networks with one output. Received: "
                f"{name} with an output of type {type(output).__name__}"
            )
        if len(output.shape) != 2:
            raise ValueError(
                "CoTeaching selects samples, so a network must make one "
                "prediction a sample, (B, classes). Received: "
                f"{name} with an output of shape {tuple(output.shape)}"
            )
    if a.shape[1] != b.shape[1]:
        raise ValueError(
            "`model_a` and `model_b` must have as many outputs as each other. "
            f"Received: {a.shape[1]} and {b.shape[1]}"
        )


def check_different(model_a, model_b):
    """Raises for two networks of the same weights: they would stay one."""
    pairs = list(zip(model_a.weights, model_b.weights, strict=False))
    same = len(model_a.weights) == len(model_b.weights)
    # It stops at the first that differ, most often the first two.
    if same and all(_equal(ours, theirs) for ours, theirs in pairs):
        raise ValueError(
            "`model_a` and `model_b` have the same weights, so they would "
            "select the same samples and learn nothing from each other. Do "
            "not copy weights or give both the same seeded initializers. "
            f"Received: {len(pairs)} weights, all equal"
        )


def _equal(ours, theirs):
    if tuple(ours.shape) != tuple(theirs.shape):
        return False
    ours, theirs = map(keras.ops.convert_to_numpy, (ours, theirs))
    return np.array_equal(ours, theirs)


def _input_shapes(model):
    inputs = getattr(model, "inputs", None)
    return [tuple(tensor.shape) for tensor in inputs] if inputs else None


def _fit_together(of_a, of_b):
    """Whether shapes agree wherever both say a size."""
    return [len(shape) for shape in of_a] == [
        len(shape) for shape in of_b
    ] and all(
        None in sizes or sizes[0] == sizes[1]
        for shapes in zip(of_a, of_b, strict=True)
        for sizes in zip(*shapes, strict=True)
    )
