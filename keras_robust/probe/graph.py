"""The tensors within a model that knows its graph."""

import keras


def classifier_input(model):
    """The input of the last layer with a kernel.

    Args:
        model: A Functional or Sequential `keras.Model`.

    Returns:
        `(tensor, channels_first)`: the symbolic tensor, and whether its
        channels are its second axis.

    Raises:
        ValueError: If the model does not know its graph, or there is no such
            layer on a single path to the output.
    """
    _check(model)
    if len(model.outputs) > 1:
        raise ValueError(
            "The model has several outputs: say which layer's output is meant "
            f"with layer=... Received: outputs {list(model.output_names)}"
        )
    tensor = model.outputs[0]
    while True:
        layer, inputs = _made_by(tensor)
        if isinstance(layer, keras.Model):
            raise ValueError(
                "The model ends with another model, and the classifier is in "
                "that one: say layer=..., the layer of the outer model whose "
                "output is meant, or give the inner model, if it takes the "
                f"samples. Received: it ends with {layer.name!r}, layers "
                f"{_names(model)}"
            )
        if len(inputs) != 1:
            raise ValueError(
                "No layer with a kernel is on a single path to the output: "
                "say which layer's output is meant with layer=... Received: "
                f"{layer.name!r} with {len(inputs)} inputs, layers "
                f"{_names(model)}"
            )
        if hasattr(layer, "kernel"):
            return inputs[0], _is_channels_first(layer)
        tensor = inputs[0]


def output_of(model, layer):
    """The output of a layer, as `classifier_input` gives it.

    Args:
        model: A Functional or Sequential `keras.Model`.
        layer: Its name, or its place in `model.layers`.

    Raises:
        ValueError: If the model does not know its graph, or there is no such
            layer, or it is used several times or has several outputs.
    """
    _check(model)
    found = _locate(model, layer)
    made = [t for t in _tensors(model) if _made_by(t)[0] is found]
    if len(made) != 1:
        raise ValueError(
            "The layer must have one output, used once in the model. "
            f"Received: layer={layer!r}, {len(made)} outputs in the model"
        )
    return made[0], _is_channels_first(found)


def _locate(model, layer):
    by_name = {other.name: other for other in model.layers}
    if isinstance(layer, str) and layer in by_name:
        return by_name[layer]
    number = isinstance(layer, int) and not isinstance(layer, bool)
    if number and -len(model.layers) <= layer < len(model.layers):
        return model.layers[layer]
    raise ValueError(
        "`layer` must be the name of one of the model's layers or its place "
        f"among them. Received: layer={layer!r}, layers {_names(model)}"
    )


def _check(model):
    if not isinstance(model, keras.Model):
        raise ValueError(
            f"`model` must be a keras.Model. Received: {type(model).__name__}"
        )
    if not getattr(model, "outputs", None) or not getattr(
        model, "inputs", None
    ):
        raise ValueError(
            "Only a Functional or Sequential model with an Input tells what "
            "is before its classifier. Begin a Sequential model with "
            "keras.Input; of a subclassed model take the layers before the "
            "classifier as a model: inputs = keras.Input(shape), "
            "keras.Model(inputs, layers_before(inputs)), whose `predict` gives "
            f"the embeddings. Received: {type(model).__name__} "
            f"{model.name!r}, built={model.built}"
        )


def _made_by(tensor):
    """The layer that a tensor is an output of, and its tensors."""
    history = tensor._keras_history
    layer = history.operation
    return layer, layer._inbound_nodes[history.node_index].input_tensors


def _tensors(model):
    """All tensors on the way to the outputs, each once."""
    found, waiting = {}, list(model.outputs)
    inputs = {id(tensor) for tensor in model.inputs}
    while waiting:
        tensor = waiting.pop()
        if id(tensor) in found:
            continue
        found[id(tensor)] = tensor
        if id(tensor) not in inputs:
            waiting.extend(_made_by(tensor)[1])
    return list(found.values())


def _is_channels_first(layer):
    return getattr(layer, "data_format", None) == "channels_first"


def _names(model):
    return [layer.name for layer in model.layers]
