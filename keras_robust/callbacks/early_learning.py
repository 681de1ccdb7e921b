"""EarlyLearning: holds a network to what it said of each sample before."""

from keras import ops

from keras_robust import training
from keras_robust.callbacks.in_step import InStep
from keras_robust.losses import arguments
from keras_robust.losses import early_learning
from keras_robust.losses.labelled import Labelled
from keras_robust.training import head
from keras_robust.training import native
from keras_robust.training.output import Output

_BYTES = {"float32": 4, "float16": 2}


class _Targets(training.Participant):
    """The target of every sample, `(N, K)`."""

    acts = True

    def __init__(self, options):
        self._options = options
        self._output = self._targets = None

    def allocate(self, attachment, tracked):
        options, model = self._options, attachment.model
        self._output = Output(model, options.output, options.from_logits)
        classes = head.num_classes(model, options.output) or tracked.num_classes
        _check(options, model, tracked, classes)
        shape = len(tracked.given_label), classes
        self._targets = attachment.carrier.add("targets", shape, options.dtype)

    def _probabilities(self, y, y_pred):
        y, y_pred = self._output.select(y), self._output.select(y_pred)
        from_logits, axis = self._output.from_logits, self._output.axis
        return Labelled(y, y_pred, from_logits, axis, None).classes.p

    def before_step(self, index, y, y_pred):
        p = ops.stop_gradient(self._probabilities(y, y_pred))
        before = ops.cast(native.rows(self._targets, index), p.dtype)
        after = early_learning.moved(before, p, self._options.beta)
        after = ops.cast(after, self._targets.dtype)
        native.set_rows(self._targets, index, after)

    def penalty(self, index, y, y_pred, sample_weight):
        p = self._probabilities(y, y_pred)
        target = ops.cast(native.rows(self._targets, index), p.dtype)
        values = early_learning.penalty(target, p)
        if ops.is_tensor(sample_weight):
            values = values * ops.reshape(sample_weight, ops.shape(values))
        return self._options.weight * ops.mean(values)

    def read(self):
        """The targets `(N, K)`, a copy."""
        return ops.convert_to_numpy(self._targets.value).copy()


def _check(options, model, tracked, classes):
    name = "EarlyLearning"
    if getattr(model, "_distribute_strategy", None) is not None:
        raise ValueError(
            f"{name} keeps a target for every sample, and each replica of a "
            "tf.distribute strategy would keep its own. Train without one."
        )
    if tracked.dense:
        raise ValueError(
            f"{name} keeps one target for a sample, and the tracked labels "
            "have several positions each."
        )
    if classes is None:
        raise ValueError(
            f"{name} has to know the number of classes before the first step: "
            "build the model first, or give `tracker.track(num_classes=...)`."
        )
    count = len(tracked.given_label)
    needed = count * classes * _BYTES[options.dtype]
    if needed > options.max_bytes:
        raise ValueError(
            f"{name} would keep {count:,} x {classes:,} numbers, "
            f"{needed:,} bytes, more than `max_bytes` allows. Allow more, or "
            "take dtype='float16', half of it. Received: "
            f"max_bytes={options.max_bytes:,}, dtype={options.dtype!r}"
        )
    if options.verbose:
        print(
            f"{name} keeps {count:,} x {classes:,} numbers, {needed:,} bytes."
        )


class EarlyLearning(InStep):
    """Early-learning regularisation (ELR), beside any compiled loss.

    Formula: `L + weight mean_i log(1 - <t_i, p_i>)`, where `t_i`, the target
    of a sample, is the running average of the network's predictions of it:
    `t_i <- beta t_i + (1 - beta) p_i` at every step that it is in, starting
    from 0, before the loss of that step and without gradient.

    A network learns what the right labels say before it learns the wrong ones
    by heart; the penalty holds it to what it said early on. With
    `CrossEntropy` it is the paper's loss, and it needs no warm-up.

    The data must be tracked by a `LossTrajectory(mode="train")` in the same
    `fit`, before or after it in `callbacks`. The targets are of one `fit`:
    the next one begins from 0. As in the authors' code, which this follows,
    probabilities are clipped to [1e-4, 1 - 1e-4].

    Args:
        weight: Of the penalty (the paper's lambda), at least 0. Defaults to
            `3.0`, published for CIFAR-10 (CIFAR-100: 7; asymmetric noise: 1).
        beta: At least 0, below 1. Defaults to `0.7` (CIFAR-100 and asymmetric
            noise: 0.9).
        output: Which of several outputs, by name or number.
        from_logits: Whether the model gives logits. Defaults to `None`: read
            from the compiled loss.
        dtype: `"float32"` (default) or `"float16"`, of the targets.
        max_bytes: The most memory the targets may take, on the device.
            Defaults to `2**31`.
        verbose: Whether to print what they take. Defaults to `1`.

    Attributes:
        targets: The targets `(N, K)` at the end of the last `fit`, in the
            order of the tracked samples.

    Raises:
        ValueError: For bad arguments; when training starts, for data that is
            not tracked, dense labels, or targets larger than `max_bytes`.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(3, activation="softmax")]
    ... )
    >>> model.compile("adam", loss=kr.losses.CrossEntropy())
    >>> tracker = kr.callbacks.LossTrajectory()
    >>> elr = kr.callbacks.EarlyLearning(weight=3.0, beta=0.7, verbose=0)
    >>> x, y = np.eye(4)[:3], np.arange(3)
    >>> history = model.fit(
    ...     tracker.track(x, y), epochs=5, verbose=0, callbacks=[tracker, elr]
    ... )
    >>> elr.targets.shape
    (3, 3)

    Reference: Liu et al., "Early-Learning Regularization Prevents
    Memorization of Noisy Labels", NeurIPS 2020, eq. 6.
    """

    def __init__(
        self,
        weight=3.0,
        beta=0.7,
        output=None,
        from_logits=None,
        dtype="float32",
        max_bytes=2**31,
        verbose=1,
    ):
        super().__init__(_Targets(self))
        self.weight = arguments.number("weight", weight, at_least=0)
        self.beta = arguments.number("beta", beta, at_least=0, below=1)
        self.output = output
        self.from_logits = from_logits
        self.dtype = arguments.choice("dtype", dtype, tuple(_BYTES))
        self.max_bytes = arguments.integer("max_bytes", max_bytes, at_least=0)
        self.verbose = verbose
        self.targets = None

    def set_model(self, model):
        # An interrupted training leaves its own behind.
        self.participant = _Targets(self)
        super().set_model(model)

    def on_train_end(self, logs=None):
        self.targets = self.participant.read()
        super().on_train_end(logs)
        self.participant = _Targets(self)
