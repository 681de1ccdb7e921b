"""SELC: lets what a network said of a sample correct its label."""

import numpy as np
from keras import ops

from keras_robust.callbacks.soft_label_check import check_takes_soft_labels
from keras_robust.callbacks.targets import KeepsTargets
from keras_robust.callbacks.targets import Targets
from keras_robust.losses import arguments


class _Labels(Targets):
    """The corrected label of every sample; 0 until it was seen."""

    relabels = True
    needs_given = True

    def add(self, attachment, tracked):
        options = self._options
        check_takes_soft_labels(
            type(options).__name__,
            attachment.model,
            options.output,
            self.classes,
            self.output.from_logits,
        )
        super().add(attachment, tracked)
        self._clock = attachment.clock
        self._given = tracked.given_label

    def _is_on(self):
        return self._clock.epoch >= self._options.start

    def before_step(self, index, y, y_pred):
        alpha = self._options.alpha
        labelled = self.labelled(y, y_pred)
        p = ops.stop_gradient(labelled.classes.p)
        rows = self.rows.read(index)
        before = _distribution(rows, labelled.weights)
        after = alpha * before + (1.0 - alpha) * ops.cast(p, rows.dtype)
        self.rows.write(index, ops.where(self._is_on(), after, rows))

    def told(self, index, y, y_pred, sample_weight):
        given = self.labelled(y, y_pred).weights
        label = _distribution(self.rows.read(index), given)
        label = ops.where(self._is_on(), label, ops.cast(given, label.dtype))
        if self.output.select(y_pred).shape[self.output.axis] == 1:
            # A binary head is told the probability of class 1.
            label = label[:, 1:]
        return self.output.replace(y, label), sample_weight

    def dense(self):
        rows = super().dense()
        never = rows.sum(axis=1) == 0
        rows[never, self._given[never]] = 1.0
        return rows


def _distribution(rows, given):
    """Rows with the sum 1, which a narrow dtype and `top_k` take from them.

    Where they are 0, the given labels.
    """
    total = ops.sum(rows, axis=-1, keepdims=True)
    written = total > 0
    shares = rows / ops.where(written, total, ops.ones_like(total))
    return ops.where(written, shares, ops.cast(given, rows.dtype))


class SELC(KeepsTargets):
    """Self-ensemble label correction (SELC), beside any compiled loss.

    Formula: `L(y_i, p_i)` in the first `start` epochs, `L(t_i, p_i)` from then
    on, where `t_i`, the label of a sample as corrected so far, moves to what
    the network says of it: `t_i <- alpha t_i + (1 - alpha) p_i` at every step
    that it is in, before the loss of that step and without gradient. It starts
    as the given label, one-hot.

    A network learns what the right labels say before it learns the wrong ones
    by heart; from `start` on, which should be before that, it corrects them.
    With `CrossEntropy` it is the paper's loss. The switch happens inside the
    same compiled step; `loss` in the logs is of the corrected labels then, the
    metrics, what is recorded and `val_loss` stay of the given ones.

    The data must be tracked by a `LossTrajectory(mode="train")` in the same
    `fit`, before or after it in `callbacks`. A `fit` that begins at epoch 0
    begins with the given labels; one with `initial_epoch` goes on with those
    of the last `fit` of this callback, or with a file. A given label has its
    majority until `alpha^n < 1/2`: with 0.9, for 6 epochs from `start` on.
    Beside it no callback should drop samples by their given labels, as
    `GMMWeights` and `Reweight` do: those are the ones it corrects.

    This follows the authors' code: where the paper leaves open whether `t_i`
    moves before or after the loss of a step, it does so before.

    Args:
        start: Epochs with the given labels, at least 0; the best is near the
            end of what is learnt before wrong labels are. Defaults to `30`
            (published for CIFAR-10 with 40 % and 60 % symmetric noise; 20 to
            40 for the others).
        alpha: How slowly the labels move, at least 0, below 1. Defaults to
            `0.9` (Clothing1M: 0.8).
        output: Which of several outputs, by name or number: the tracker's.
        from_logits: Whether the model gives logits. Defaults to `None`: read
            from the compiled loss.
        dtype: `"float32"` (default) or `"float16"`, of the labels.
        max_bytes: The most memory the labels may take, on the device.
            Defaults to `2**31`.
        verbose: Whether to print what they take. Defaults to `1`.
        top_k: How many numbers of a label to keep, the largest ones, at most
            the number of classes; with their class numbers, 4 bytes each. The
            others are dropped, and are 0 from then on; the loss is told what
            is left, divided by its sum. Defaults to `None`: all of them.
        store: A file such as `"targets.npz"` to write the labels to at the end
            of every epoch. Defaults to `None`.
        resume: Whether to go on with what `store` has, as of `EarlyLearning`.

    Attributes:
        targets: The labels `(N, K)` of the last `fit`, in the order of the
            tracked samples, those of samples never seen as given; `None`
            before it.
        corrected_labels: The class `(N,)` that each says most.

    Raises:
        OSError: If `store` cannot be written.
        ValueError: For bad arguments; when training starts, for a compiled
            loss that does not take soft labels, and as of `EarlyLearning`.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(3, activation="softmax")]
    ... )
    >>> model.compile("adam", loss=kr.losses.CrossEntropy())
    >>> tracker = kr.callbacks.LossTrajectory()
    >>> selc = kr.callbacks.SELC(start=2, verbose=0)
    >>> x, y = np.eye(4)[:3], np.arange(3)
    >>> history = model.fit(
    ...     tracker.track(x, y), epochs=3, verbose=0, callbacks=[tracker, selc]
    ... )
    >>> selc.corrected_labels
    array([0, 1, 2])

    Reference: Lu and He, "SELC: Self-Ensemble Label Correction Improves
    Learning with Noisy Labels", IJCAI 2022.
    """

    keeper = _Labels

    def __init__(
        self,
        start=30,
        alpha=0.9,
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
        self.start = arguments.integer("start", start, at_least=0)
        self.alpha = arguments.number("alpha", alpha, at_least=0, below=1)

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        self._warn_of_no_turn(self.start, "corrects")

    @property
    def corrected_labels(self):
        if self.targets is None:
            raise ValueError(
                "Nothing has been corrected yet: the callback was not among "
                "those of a `fit` that has begun."
            )
        return np.argmax(self.targets, axis=1)
