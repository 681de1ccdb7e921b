"""What callbacks that act on samples cannot do, refused in one wording."""


def dense_labels(name, dense, instead=""):
    """Raises where labels have several positions a sample.

    Args:
        name: The callback that needs one label a sample.
        dense: Whether they do.
        instead: A sentence that says what to do.
    """
    if dense:
        said = (
            f"{name} needs one label a sample, and these labels have several "
            f"positions each. {instead}"
        )
        raise ValueError(said.rstrip())


def several_replicas(name, kept, model):
    """Raises for a model under a `tf.distribute` strategy.

    Args:
        name: The callback.
        kept: What it keeps on the device.
        model: The model.
    """
    if getattr(model, "_distribute_strategy", None) is not None:
        raise ValueError(
            f"{name} keeps {kept}, and each replica of a tf.distribute "
            "strategy would keep its own. Train without one."
        )
