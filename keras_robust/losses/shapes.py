"""Which shapes of labels and predictions fit together, and what to say."""


def check_rank_known(**tensors):
    for name, tensor in tensors.items():
        try:
            len(tensor.shape)
        except ValueError:
            raise ValueError(
                "Labels are told apart by their number of axes, which must be "
                "known. In a tf.data pipeline give it with `tf.ensure_shape`. "
                f"Received: {name}.shape={tensor.shape}"
            ) from None


def checked_axis(axis, y_pred):
    rank = len(y_pred.shape)
    if rank < 2:
        raise ValueError(
            "A loss over classes needs predictions with a batch axis and a "
            "class axis; for a binary head keep the last axis of size 1. "
            f"Received: y_pred.shape={tuple(y_pred.shape)}"
        )
    if not -rank <= axis < rank:
        raise ValueError(
            "`axis` must be an axis of `y_pred`. Received: "
            f"axis={axis}, y_pred.shape={tuple(y_pred.shape)}"
        )
    axis %= rank
    if y_pred.shape[axis] is None:
        raise ValueError(
            "The number of classes must be known: give the model's last "
            "layer a fixed size. Received: "
            f"y_pred.shape={tuple(y_pred.shape)}, axis={axis}"
        )
    return axis


def check_same(shape, expected, y_true, y_pred):
    pairs = zip(shape, expected, strict=True)
    if any(None not in pair and pair[0] != pair[1] for pair in pairs):
        raise_shapes(y_true, y_pred)


def raise_shapes(y_true, y_pred):
    raise ValueError(
        "Labels and predictions do not fit together. Expected integer labels "
        "shaped like the predictions without the class axis (or with size 1 "
        "there), or one-hot or soft labels of the predictions' shape. "
        f"Received: y_true.shape={tuple(y_true.shape)}, "
        f"y_pred.shape={tuple(y_pred.shape)}"
    )
