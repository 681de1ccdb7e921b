"""AdaptiveLDRKL: a lambda for every sample, beside a compiled LDR-KL."""

import numpy as np
from keras import ops

from keras_robust.callbacks.kept import Keeper
from keras_robust.callbacks.kept import Keeps
from keras_robust.losses import LDRKL
from keras_robust.losses import adaptive_ldr
from keras_robust.losses import arguments
from keras_robust.losses import ldr
from keras_robust.training import head
from keras_robust.training import native


class _Lambdas(Keeper):
    """The lambda of every sample, `(N,)`."""

    _loss = None

    def add(self, attachment, tracked):
        self._loss = _checked(attachment.model, self._options.output)
        self._check_alone(attachment.participants)
        count = len(tracked.given_label)
        self._lambdas = attachment.carrier.add("lambdas", (count,), "float32")
        self._lambdas.assign(np.full(count, self._loss.lam, "float32"))
        self.kept = {"lambdas": self._lambdas}

    def _check_alone(self, participants):
        others = [p for p in participants if p is not self]
        if any(
            isinstance(other, _Lambdas) and other._loss is self._loss
            for other in others
        ):
            raise ValueError(
                "A sample has one lambda in a loss, and two AdaptiveLDRKL are "
                "of the same output: leave one out, or give each an output of "
                f"its own. Received: output={self._options.output!r} twice"
            )

    def around_loss(self):
        return adaptive_ldr.told(
            self._loss, self._of_batch, self._options.alpha
        )

    def _of_batch(self):
        return native.rows(self._lambdas, self._index)

    def before_step(self, index, y, y_pred):
        f = ldr.normalized(self.labelled(y, y_pred).logits)
        before, first = native.rows(self._lambdas, index), self._loss.lam
        after = adaptive_ldr.adapted(f, before, first, self._options.alpha)
        native.set_rows(self._lambdas, index, ops.cast(after, "float32"))

    def told(self, index, y, y_pred, sample_weight):
        # Of the loss that is computed next.
        self._index = index
        return y, sample_weight


def _checked(model, output):
    loss = head.compiled_loss(model, output)
    if not isinstance(loss, LDRKL) or loss.moves:
        raise ValueError(
            "AdaptiveLDRKL gives every sample a lambda in LDR-KL: compile the "
            "model with an instance of it, loss=LDRKL(from_logits=True), whose "
            "numbers follow no schedule. Received: "
            f"loss={getattr(model, 'loss', None)!r}"
        )
    several = len(getattr(model, "outputs", None) or ()) > 1
    listed = [one for one in head.losses_of(model) if one is loss]
    if several and (loss is model.loss or len(listed) > 1):
        raise ValueError(
            "AdaptiveLDRKL is of one output, and its loss is compiled for "
            "several: give each an LDRKL() of its own. Received: "
            f"loss={model.loss!r}"
        )
    return loss


class AdaptiveLDRKL(Keeps):
    """Gives every sample a lambda of its own (ALDR-KL), beside `LDRKL`.

    Formula: the compiled `LDRKL(margin, lam=lam_0)` with `lam_i` in place of
    `lam_0`, less `(alpha log K / (2 lam_0)) (lam_i - lam_0)^2`, where
    `lam_i <- lam_0 (1 - KL(p_i, 1/K) / (alpha log K))` with
    `p_i = softmax(f_i / lam_i)`, at every step that the sample is in, before
    the loss of that step and without gradient. It starts as `lam_0`; `f_i` are
    the normalised logits of `LDRKL`.

    A small lambda is close to the largest margin violation, a large one to
    their mean, which tolerates noise. Where a network is sure of a sample its
    lambda falls, where it is not it stays large: so the noise need not be
    known. The scale does matter: `LDRKL(lam=10)` is the published `lam_0` for
    10 classes (CIFAR-10), 1 for 100.

    The data must be tracked by a `LossTrajectory(mode="train")` in the same
    `fit`, before or after it in `callbacks`. A `fit` that begins at epoch
    0 begins with `lam_0`; one with `initial_epoch` goes on with the lambdas of
    the last `fit` of this callback, or with a file. Evaluations are of the
    compiled loss with `lam_0`. A model with several outputs takes one for each,
    with a compiled `LDRKL` of its own.

    As in the authors' code, which this follows, 1e-5 is added to every
    probability in `p_i`, so that no lambda is 0, and one step of the
    fixed-point equation is made at a time. Its default leaves the softplus out
    of `f` (logits over their mean absolute value), which `LDRKL` has; its
    margin is 1 by default.

    Args:
        alpha: How firmly lambdas are held to `lam_0`, at least 1: below that
            they could be negative. Defaults to `1.0`, as in the code.
        output: Which of several outputs, by name or number.
        from_logits: Whether the model gives logits. Defaults to `None`: read
            from the compiled loss.
        store: A file such as `"lambdas.npz"` to write the lambdas to at the
            end of every epoch. Defaults to `None`.
        resume: Whether to go on with what `store` has, as of `EarlyLearning`.

    Attributes:
        lambdas: The lambdas `(N,)` of the last `fit`, in the order of the
            tracked samples; `None` before it.

    Raises:
        OSError: If `store` cannot be written.
        ValueError: For bad arguments; when training starts, for a model that
            is not compiled with an `LDRKL`, data that is not tracked, dense
            labels, or a `store` as of `EarlyLearning`.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    >>> model.compile("adam", loss=kr.losses.LDRKL(lam=10.0, from_logits=True))
    >>> tracker = kr.callbacks.LossTrajectory()
    >>> adaptive = kr.callbacks.AdaptiveLDRKL()
    >>> x, y = np.eye(4)[:3], np.arange(3)
    >>> history = model.fit(
    ...     tracker.track(x, y), epochs=2, verbose=0,
    ...     callbacks=[tracker, adaptive],
    ... )
    >>> bool((adaptive.lambdas < 10.0).all())
    True

    Reference: Zhu, Ying and Yang, "Label Distributionally Robust Losses for
    Multi-class Classification: Consistency, Robustness and Adaptivity", ICML
    2023.
    """

    keeper = _Lambdas

    def __init__(
        self,
        alpha=1.0,
        output=None,
        from_logits=None,
        store=None,
        resume=False,
    ):
        super().__init__(output, from_logits, store, resume)
        self.alpha = arguments.number("alpha", alpha, at_least=1)

    @property
    def lambdas(self):
        return self._seen()

    def _shown(self, keeper):
        return keeper.read()["lambdas"]
