"""EarlyLearning: holds a network to what it said of each sample before."""

from keras import ops

from keras_robust.callbacks.targets import KeepsTargets
from keras_robust.callbacks.targets import Targets
from keras_robust.callbacks.targets import mean
from keras_robust.losses import arguments
from keras_robust.losses import early_learning


class _Targets(Targets):
    """The running average of every sample's predictions."""

    def before_step(self, index, y, y_pred):
        p = ops.stop_gradient(self.labelled(y, y_pred).classes.p)
        before = ops.cast(self.rows.read(index), p.dtype)
        after = early_learning.moved(before, p, self._options.beta)
        self.rows.write(index, after)

    def penalty(self, index, y, y_pred, sample_weight):
        p = self.labelled(y, y_pred).classes.p
        target = ops.cast(self.rows.read(index), p.dtype)
        values = early_learning.penalty(target, p)
        return self._options.weight * mean(values, self.output, sample_weight)


class EarlyLearning(KeepsTargets):
    """Early-learning regularisation (ELR), beside any compiled loss.

    Formula: `L + weight mean_i log(1 - <t_i, p_i>)`, where `t_i`, the target
    of a sample, is the running average of the network's predictions of it:
    `t_i <- beta t_i + (1 - beta) p_i` at every step that it is in, starting
    from 0, before the loss of that step and without gradient.

    A network learns what the right labels say before it learns the wrong ones
    by heart; the penalty holds it to what it said early on. With
    `CrossEntropy` it is the paper's loss, and it needs no warm-up.

    The data must be tracked by a `LossTrajectory(mode="train")` in the same
    `fit`, before or after it in `callbacks`. A `fit` that begins at epoch
    0 begins with targets of 0; one with `initial_epoch` goes on with those of
    the last `fit` of this callback, or with a file. As in the authors' code,
    which this follows, probabilities are clipped to [1e-4, 1 - 1e-4]. The
    `loss` in the logs has the penalty in it and falls below 0.

    Args:
        weight: Of the penalty (the paper's lambda), at least 0. Defaults to
            `3.0`, published for CIFAR-10 (CIFAR-100: 7; asymmetric noise: 1).
        beta: At least 0, below 1. Defaults to `0.7` (CIFAR-100 and asymmetric
            noise: 0.9).
        output: Which of several outputs, by name or number.
        from_logits: Whether the model gives logits. Defaults to `None`: read
            from the compiled loss.
        dtype: `"float32"` (default) or `"float16"`, of the targets.
        top_k: How many numbers of a target to keep, the largest ones, at most
            the number of classes; with their class numbers, 4 bytes each. The
            others are dropped, and are 0 from then on. Defaults to `None`: all
            of them.
        max_bytes: The most memory the targets may take, on the device.
            Defaults to `2**31`.
        verbose: Whether to print what they take. Defaults to `1`.
        store: A file such as `"targets.npz"` to write the targets to at the
            end of every epoch; those of the epoch before stay beside it, in
            `targets.npz.previous`. Defaults to `None`.
        resume: Whether to go on with what `store` has, if it is of the same
            samples, labels and classes. Load the weights of then and give
            `fit` the `initial_epoch` of then, or let Keras's
            `BackupAndRestore` do both: after it in `callbacks`, so that a
            training killed between the two can go on, from the epoch before.

    Attributes:
        targets: The targets `(N, K)` of the last `fit`, in the order of the
            tracked samples, those dropped by `top_k` 0; `None` before it.

    Raises:
        OSError: If `store` cannot be written.
        ValueError: For bad arguments; when training starts, for data that is
            not tracked, dense labels, targets larger than `max_bytes`, or a
            `store` that is there already or, to resume, of another run or
            another epoch.

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

    keeper = _Targets

    def __init__(
        self,
        weight=3.0,
        beta=0.7,
        output=None,
        from_logits=None,
        dtype="float32",
        max_bytes=2**31,
        verbose=1,
        top_k=None,
        store=None,
        resume=False,
    ):
        super().__init__(
            output,
            from_logits,
            dtype,
            top_k,
            max_bytes,
            verbose,
            store,
            resume,
        )
        self.weight = arguments.number("weight", weight, at_least=0)
        self.beta = arguments.number("beta", beta, at_least=0, below=1)
