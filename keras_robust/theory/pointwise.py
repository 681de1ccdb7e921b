"""A loss of any make as a function of the given label's probability."""

import contextlib

import keras
import numpy as np

_ONE_HOT, _INTEGER = "one-hot", "integer"
_PROBES = np.array([0.06, 0.13, 0.29, 0.37, 0.48, 0.59, 0.71, 0.83, 0.94])
_STEP = 2.0**-22


def check_loss(loss, num_classes):
    """Raises a ValueError for what is no loss or no number of classes."""
    if not callable(loss):
        raise ValueError(
            "`loss` must be a `keras.losses.Loss` or a function of "
            "`(y_true, y_pred)`; for a name take "
            f"`keras_robust.losses.get(name)`. Received: loss={loss!r}"
        )
    integer = isinstance(num_classes, int | np.integer)
    if not integer or isinstance(num_classes, bool) or num_classes < 2:
        raise ValueError(
            "`num_classes` must be an integer of at least 2. "
            f"Received: num_classes={num_classes!r}"
        )


def pointwise_values(loss, p, num_classes):
    """Evaluates a loss that depends on the given label's probability only.

    Everything is evaluated in one batch. Labels are passed one-hot, or as
    integers if the loss does not take those.

    Args:
        loss: A `keras.losses.Loss` or a function of `(y_true, y_pred)`.
        p: Probabilities of the given label, float64, shape `(N,)`.
        num_classes: Number of classes; the rest of the probability is spread
            evenly over the others.

    Returns:
        The values, float64, shape `(N,)`, of which only those at `p = 0` may
        be infinite, and the machine epsilon they were computed with (which
        may be larger than that of their dtype).

    Raises:
        ValueError: If the loss fails, is not finite, or depends on more than
            `p`; says why for both kinds of labels.
    """
    labels, y_pred = _batch(p, num_classes)
    complaints = []
    for kind in (_ONE_HOT, _INTEGER):
        values, complaint = _evaluate(loss, labels, y_pred, kind)
        complaint = complaint or _complaint(values, y_pred, labels)
        if complaint is None:
            return values[: p.size].astype("float64"), _precision(values)
        complaints.append(f"With {kind} labels {complaint}.")
    raise ValueError(
        "The asymmetry ratio needs a loss whose value depends on the "
        "probability of the given label only. " + " ".join(complaints) + " "
        f"Received: loss={loss!r}, num_classes={num_classes}"
    )


def _batch(p, num_classes):
    """`p` and then the probes: for label 0, beside it, for the last label and
    with the rest spread unevenly."""
    beside = [_PROBES - _STEP, _PROBES + _STEP]
    p = np.concatenate([p, _PROBES, *beside, _PROBES, _PROBES])
    labels = np.zeros(p.size, "int32")
    labels[-2 * _PROBES.size : -_PROBES.size] = num_classes - 1
    rest = np.tile(((1 - p) / (num_classes - 1))[:, None], num_classes)
    uneven = np.arange(1.0, num_classes + 1)
    uneven[0] = 0
    rest[-_PROBES.size :] = (1 - _PROBES)[:, None] * uneven / uneven.sum()
    rest[np.arange(p.size), labels] = p
    return labels, rest


def _probed(values):
    return values[-5 * _PROBES.size :].astype("float64").reshape(5, -1)


def _evaluate(loss, labels, y_pred, kind):
    """The values as an array, or `None` and what went wrong."""
    if _takes_logits(loss):
        y_pred = np.log(np.maximum(y_pred, np.finfo("float64").tiny))
    y_true = labels
    if kind == _ONE_HOT:
        y_true = np.eye(y_pred.shape[1])[labels]
    # `call` has neither the reduction nor the cast to float32 of `__call__`.
    is_loss = isinstance(loss, keras.losses.Loss)
    function = loss.call if is_loss else loss
    with _double_precision():
        try:
            values = function(
                keras.ops.convert_to_tensor(y_true),
                keras.ops.convert_to_tensor(y_pred),
            )
            values = keras.ops.convert_to_numpy(values)
        except Exception as error:  # a loss may fail in any way it likes
            reason = (str(error).strip() or repr(error)).splitlines()[0]
            return None, f"it fails ({type(error).__name__}: {reason})"
    if not np.issubdtype(values.dtype, np.floating):
        values = values.astype("float64")
    return values, None


def _complaint(values, y_pred, labels):
    if values.shape != labels.shape:
        return (
            f"it returns shape {values.shape} where one value per sample, "
            f"{labels.shape}, is needed"
        )
    given = np.take_along_axis(y_pred, labels[:, None], axis=1)[:, 0]
    wrong = ~(np.isfinite(values) | (np.isposinf(values) & (given == 0)))
    if wrong.any():
        return (
            f"it is {values[wrong][0]} at a probability of "
            f"{given[wrong][0]:.3g}; clip it there"
        )
    even, _, _, other_label, uneven = _probed(values)
    # Of what the loss varies by, not of a constant it may have added.
    rounding = 16 * np.finfo(values.dtype).eps * np.abs(even).max()
    tolerance = max(1e-4 * np.ptp(even), rounding)
    for name, probe in (
        ("the label", other_label),
        ("the probabilities of the other classes", uneven),
    ):
        if np.abs(probe - even).max() > tolerance:
            return f"it changes with {name}"
    return None


def _precision(values):
    """The dtype does not tell: some operations of Keras compute float64 in
    float32. The roughness of the values does."""
    even, below, above, _, _ = _probed(values)
    roughness = np.abs(below - 2 * even + above).max()
    own = np.finfo(values.dtype).eps
    if roughness > 1e-10 * np.abs(even).max():
        return max(own, np.finfo("float32").eps)
    return own


def _takes_logits(loss):
    if not isinstance(loss, keras.losses.Loss):
        return False
    return bool(loss.get_config().get("from_logits", False))


@contextlib.contextmanager
def _double_precision():
    """float64 on the CPU: not all accelerators have it, JAX hides it."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(keras.device("cpu:0"))
        if keras.config.backend() == "jax":
            import jax

            if hasattr(jax, "enable_x64"):
                stack.enter_context(jax.enable_x64(True))
            else:
                stack.enter_context(jax.experimental.enable_x64())
        yield
