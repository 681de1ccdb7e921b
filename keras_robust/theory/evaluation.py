"""A loss of any make on the host, in float64: its values for given points."""

import keras
import numpy as np

from keras_robust.theory.native import double_precision
from keras_robust.theory.native import values_of

ONE_HOT, INTEGER = "one-hot", "integer"
# How many times its epsilon a loss may be rounded off: a compiler's `expm1` of
# a `log1p` by a hundred.
ROUNDING = 1024
# Numbers of one batch: some tens of megabytes.
_AT_ONCE = 2**21
# The logit of a probability of 0. As low as can be: the share of a label in a
# normalised loss there is what log p is to this.
_LOG_ZERO = -1e15
# Between values that show how rough a loss is. No multiple of what float32
# rounds to: on its grid nothing would be seen.
STEP = 2.5e-7


def check_loss(loss, num_classes):
    """Raises a ValueError for what theory cannot speak of.

    Args:
        loss: What should be a `keras.losses.Loss` or a function.
        num_classes: What should be an integer of at least 2.
    """
    if not callable(loss):
        raise ValueError(
            "`loss` must be a `keras.losses.Loss` or a function of "
            "`(y_true, y_pred)`; for a name take "
            f"`keras_robust.losses.get(name)`. Received: loss={loss!r}"
        )
    if isinstance(loss, type):
        raise ValueError(
            "`loss` must be a loss, not its class: make one, "
            f"`{loss.__name__}()`. Received: loss={loss!r}"
        )
    integer = isinstance(num_classes, int | np.integer)
    if not integer or isinstance(num_classes, bool) or num_classes < 2:
        raise ValueError(
            "`num_classes` must be an integer of at least 2. "
            f"Received: num_classes={num_classes!r}"
        )
    if getattr(loss, "moves", False):
        raise ValueError(
            "A loss that follows a schedule is another one at every epoch: "
            f"take `loss.at(epoch=...)`. Received: loss={loss!r}"
        )
    if getattr(loss, "batch_term", False):
        raise ValueError(
            "The value of this loss holds a term of the whole batch, so it is "
            f"no loss of one sample. Received: loss={loss!r}"
        )
    if getattr(loss, "multi_label", False):
        raise ValueError(
            "A multi-label loss is a mean over classes of the loss of a "
            "binary head: take it with `multi_label=False` and "
            f"`num_classes=2`. Received: loss={loss!r}"
        )
    ignored = getattr(loss, "ignore_class", None)
    if ignored is not None and 0 <= ignored < num_classes:
        raise ValueError(
            "A loss that ignores one of the classes is 0 there whatever is "
            "predicted: take it with `ignore_class=None`. "
            f"Received: loss={loss!r}, ignore_class={ignored}"
        )
    # The library's say so themselves.
    if not hasattr(loss, "batch_term"):
        _check_of_one_sample(loss, num_classes)


def check_seed(seed):
    """Raises a ValueError for what no points can be drawn by."""
    integer = isinstance(seed, int | np.integer)
    if not integer or isinstance(seed, bool) or seed < 0:
        raise ValueError(
            f"`seed` must be an integer of at least 0. Received: seed={seed!r}"
        )


def _check_of_one_sample(loss, num_classes):
    """Raises a ValueError if a sample's loss changes with the others."""
    size, half = 16 * num_classes, 8 * num_classes
    rng = np.random.default_rng(0)
    points = rng.dirichlet(np.ones(num_classes), size)
    labels = rng.integers(num_classes, size=size, dtype="int32")
    for kind in (ONE_HOT, INTEGER):
        among, complaint = evaluate(loss, labels, points, kind, at_once=True)
        if complaint is None:
            break
    else:
        return  # said where the values are needed
    alone, _ = evaluate(loss, labels[:half], points[:half], kind, at_once=True)
    scale = np.abs(among[np.isfinite(among)]).max(initial=0.0)
    same = {"rtol": 0.0, "atol": 1e-4 * scale, "equal_nan": True}
    if alone is None or not np.allclose(among[:half], alone, **same):
        raise ValueError(
            "The value of this loss for a sample changes with the other "
            "samples of its batch, or from call to call, so it is no loss of "
            "one sample. "
            f"Received: loss={loss!r}"
        )


def check_of_probabilities(loss, num_classes):
    """Raises a ValueError for a loss of more of the logits than the softmax.

    Args:
        loss: What passed `check_loss`.
        num_classes: Number of classes.
    """
    if not takes_logits(loss):
        return
    points = np.random.default_rng(0).dirichlet(np.ones(num_classes), 4)
    here, there = (
        label_losses(loss, points, shift=shift) for shift in (0.0, 1.0)
    )
    if np.abs(here - there).max() > 1e-4 * np.abs(here).max():
        raise ValueError(
            "This loss changes if the same is added to all logits, so it is "
            "none of the probabilities, and what it tolerates is not known. "
            f"Received: loss={loss!r}"
        )


def evaluate(loss, labels, y_pred, kind, shift=0.0, at_once=False):
    """The values of a loss.

    Args:
        loss: A `keras.losses.Loss` or a function of `(y_true, y_pred)`.
        labels: Class numbers, int32 `(N,)`.
        y_pred: Probabilities, float64 `(N, K)`. A loss from logits is given
            their logarithms.
        kind: `"one-hot"` or `"integer"`, how it is given the labels.
        shift: What to add to these logarithms.
        at_once: Whether the loss must be given all of it in one batch, and
            nothing else.

    Returns:
        The values as an array and `None`, or `None` and what went wrong.
    """
    if takes_logits(loss):
        tiny = np.finfo("float64").tiny
        logs = np.log(np.maximum(y_pred, tiny))
        y_pred = np.where(y_pred > 0, logs, _LOG_ZERO) + shift
    y_true = labels
    if kind == ONE_HOT:
        y_true = np.eye(y_pred.shape[1])[labels]
    # `call` has neither the reduction nor the cast to float32 of `__call__`.
    is_loss = isinstance(loss, keras.losses.Loss)
    function = loss.call if is_loss else loss
    with double_precision():
        try:
            values = values_of(function, y_true, y_pred, loss, at_once)
        except Exception as error:  # a loss may fail in any way it likes
            reason = (str(error).strip() or repr(error)).splitlines()[0]
            return None, f"it fails ({type(error).__name__}: {reason})"
    if values.shape != labels.shape:
        return None, (
            f"it returns shape {values.shape} where one value per sample, "
            f"{labels.shape}, is needed"
        )
    if values.dtype.kind in "biu":
        values = values.astype("float64")
    if values.dtype not in (np.float32, np.float64):
        return None, (
            f"it returns {values.dtype}, where at least float32 is needed"
        )
    return values, None


def label_losses(loss, points, shift=0.0):
    """What a loss is at points of the simplex, for every label.

    Args:
        loss: A loss, as of `evaluate`.
        points: Probabilities, float64 `(N, K)`.
        shift: What to add to the logits of a loss that takes them.

    Returns:
        Float64 `(N, K)`: entry `(i, k)` is the loss of predicting `points[i]`
        where the label is k. Infinite only where the given class's
        probability is 0.

    Raises:
        ValueError: If the loss fails or is not finite.
    """
    num_points, num_classes = points.shape
    kinds = [ONE_HOT, INTEGER]
    found = np.empty((num_points, num_classes))
    step = max(_AT_ONCE // num_classes**2, 1)
    for start in range(0, num_points, step):
        part = points[start : start + step]
        labels = np.tile(np.arange(num_classes, dtype="int32"), len(part))
        rows = np.repeat(part, num_classes, axis=0)
        complaints = []
        while kinds:
            values, complaint = evaluate(loss, labels, rows, kinds[0], shift)
            complaint = complaint or _not_finite(values, rows, labels)
            if complaint is None:
                break
            complaints.append(f"With {kinds.pop(0)} labels {complaint}.")
        if not kinds:
            raise ValueError(
                "The loss cannot be evaluated. " + " ".join(complaints) + " "
                f"Received: loss={loss!r}, num_classes={num_classes}"
            )
        found[start : start + step] = values.reshape(part.shape)
    return found


def _not_finite(values, rows, labels):
    given = rows[np.arange(len(labels)), labels]
    wrong = ~(np.isfinite(values) | (np.isposinf(values) & (given == 0)))
    if not wrong.any():
        return None
    return (
        f"it is {values[wrong][0]} at a probability of "
        f"{given[wrong][0]:.3g}; clip it there"
    )


def precision_of(loss, num_classes):
    """The machine epsilon that a loss computes with, in effect.

    The dtype does not tell: some operations of Keras compute float64 in
    float32. The roughness of the values along a line does.
    """
    at = np.linspace(0.1, 0.9, 9)
    lines = []
    for moved in (at - STEP, at, at + STEP):
        rest = np.tile(((1 - moved) / (num_classes - 1))[:, None], num_classes)
        rest[:, 0] = moved
        lines.append(label_losses(loss, rest)[:, 0])
    below, here, above = lines
    return precision_by(below, here, above, np.finfo("float64").eps)


def precision_by(below, here, above, own):
    """The larger of `own` and what values at even steps are rough by."""
    roughness = np.abs(below - 2 * here + above).max()
    if roughness > 1e-10 * np.abs(here).max():
        return max(own, np.finfo("float32").eps)
    return own


def takes_logits(loss):
    """Whether a loss says that it takes logits."""
    if not isinstance(loss, keras.losses.Loss):
        return False
    said = getattr(loss, "from_logits", None)
    if said is None:
        # Not first: the parts of a sum are written out for it, and for that
        # Keras imports TensorFlow.
        said = loss.get_config().get("from_logits", False)
    return bool(said)
