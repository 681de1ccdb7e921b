"""Compiling a model of the user's with a loss of the search."""

import keras


def compile_with(model, loss, score):
    """Compiles a model, its own optimizer and metrics kept.

    Args:
        model: As the user's `build` returns it.
        loss: What to train it with.
        score: A metric to have among the others, beside the accuracy.

    Raises:
        ValueError: If the model has a loss already.
    """
    if not isinstance(model, keras.Model):
        raise ValueError(
            "`build` must return a Keras model. Received: "
            f"{model!r} of {type(model)}"
        )
    config = {"optimizer": "adam"}
    if model.compiled:
        config = model.get_compile_config()
    if config.get("loss") is not None:
        raise ValueError(
            "`build` compiles a loss of its own, and the search is to choose "
            "the loss: leave `loss` out, model.compile(optimizer=..., "
            "metrics=[...]), or return a model that is not compiled. "
            f"Received: loss={model.loss!r}"
        )
    metrics = config.get("metrics") or []
    if not isinstance(metrics, list) or any(
        isinstance(one, list | dict) and "class_name" not in one
        for one in metrics
    ):
        raise ValueError(
            "The models of a search for losses have one output; give its "
            f"metrics as one list. Received: metrics={metrics!r}"
        )
    for metric in _wanted(score):
        if metric not in metrics:
            metrics = [*metrics, metric]
    serialized = keras.saving.serialize_keras_object(loss)
    model.compile_from_config(
        {**config, "loss": serialized, "metrics": metrics}
    )


def _wanted(score):
    if isinstance(score, str):
        return ["accuracy"] if score == "accuracy" else ["accuracy", score]
    return ["accuracy", keras.saving.serialize_keras_object(score)]
