"""Corrections by a known or estimated transition matrix."""

import math

from keras import ops

from keras_robust.losses import transition
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import cross_entropy_values
from keras_robust.losses.base import register
from keras_robust.losses.elementwise import log
from keras_robust.losses.probability import Probability
from keras_robust.losses.total import LOG_P
from keras_robust.losses.twin import twin


class _Correction(RobustLoss):
    """A loss with a transition matrix, or the rate of symmetric noise."""

    parameters = ("transition_matrix",)
    noise = "class-dependent, with a known transition matrix"
    paper = "Patrini et al., CVPR 2017"

    def formula(self, labelled):
        if isinstance(self.transition_matrix, float):
            return self._symmetric(labelled)
        transition.check_classes(self.transition_matrix, labelled.num_classes)
        return self._corrected(labelled)


@register
class ForwardCorrection(_Correction):
    """Forward correction: cross-entropy of what the labeller would say.

    Formula: `L = -log (T^T p)_y = -log sum_k T[k][y] p_k`.

    For class-dependent noise with a transition matrix that is known or
    estimated (for example from out-of-fold predictions): its minimum in `p`
    is the distribution of the true labels. It needs no inverse and cannot be
    negative; prefer it to `BackwardCorrection`.

    Args:
        transition_matrix: `T`, nested lists or an array of as many rows and
            columns as classes: `T[i][j]` is the probability that a sample of
            class `i` is labelled `j`, so rows sum to 1. Or a number: the rate
            of symmetric noise, at least 0 and below 1, for any number of
            classes (every other class is then as likely).
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values are in nats. Soft labels with a matrix
    that has entries near 0 take `(B, K, K)` memory.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a matrix that is not square, rows that do not sum to 1,
            a model with another number of classes, or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.ForwardCorrection([[0.9, 0.1], [0.3, 0.7]])
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.4786

    Reference: Patrini et al., "Making Deep Neural Networks Robust to Label
    Noise: a Loss Correction Approach", CVPR 2017, theorem 2.
    """

    alias = "forward"

    def __init__(
        self,
        transition_matrix,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="forward_correction",
        dtype=None,
        multi_label=False,
    ):
        super().__init__(
            from_logits,
            axis,
            ignore_class,
            reduction,
            name,
            dtype,
            multi_label,
        )
        self.transition_matrix = transition.checked(transition_matrix)
        if isinstance(self.transition_matrix, list):
            rows = self.transition_matrix
            # The logarithm of 0, but finite: no NaN comes of it. A label
            # that no class is given costs 1e30.
            self._log = ops.convert_to_numpy(
                [[math.log(x) if x else -1e30 for x in row] for row in rows]
            )
            self._matrix = ops.convert_to_numpy(rows)
            self._positive = min(map(min, rows)) > 1e-20

    def _symmetric(self, labelled):
        a, b = transition.symmetric(
            self.transition_matrix, labelled.num_classes
        )
        if b == 0.0:
            return cross_entropy_values(labelled)
        return labelled.expect(
            lambda p: -log(a * p.p + b), lambda p: -a * p.p / (a * p.p + b)
        )

    def _corrected(self, labelled):
        classes = labelled.classes
        if not labelled.from_logits:
            mixed = Probability(p=_times(classes.p, self._matrix))
        elif labelled.labels is not None:
            columns = _rows(self._log.T, labelled.labels, classes.log_p)
            return -ops.logsumexp(classes.log_p + columns, axis=-1)
        elif self._positive:
            mixed = Probability(log_p=log(_times(classes.p, self._matrix)))
        else:
            log_p = ops.expand_dims(classes.log_p, -1)
            every = log_p + ops.convert_to_tensor(self._log, log_p.dtype)
            mixed = Probability(log_p=ops.logsumexp(every, axis=-2))
        return labelled.mean(-mixed.log_p)


@register
class BackwardCorrection(_Correction):
    """Backward correction: cross-entropy whose mean over noise is the clean.

    Formula: `L = -sum_k (T^-1)[y][k] log p_k`.

    For class-dependent noise with a transition matrix that is known well:
    averaged over the noise it is the cross-entropy of the true labels. A
    single value may be far below 0, and with few samples a network can drive
    it there; `ForwardCorrection` is the safer choice.

    Args:
        transition_matrix: `T`, nested lists or an array of as many rows and
            columns as classes: `T[i][j]` is the probability that a sample of
            class `i` is labelled `j`, so rows sum to 1. Or a number: the rate
            of symmetric noise, at least 0 and below 1, for any number of
            classes (every other class is then as likely).
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values may be negative.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a matrix that is not square, rows that do not sum to 1,
            no inverse or one with a row whose absolute values sum to more than
            1000, a model with another number of classes, or shapes that do not
            fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.BackwardCorrection([[0.9, 0.1], [0.3, 0.7]])
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    -0.1501

    Reference: Patrini et al., "Making Deep Neural Networks Robust to Label
    Noise: a Loss Correction Approach", CVPR 2017, theorem 1.
    """

    alias = "backward"

    def __init__(
        self,
        transition_matrix,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="backward_correction",
        dtype=None,
        multi_label=False,
    ):
        super().__init__(
            from_logits,
            axis,
            ignore_class,
            reduction,
            name,
            dtype,
            multi_label,
        )
        self.transition_matrix = transition.checked(transition_matrix)
        if isinstance(self.transition_matrix, list):
            self._inverse = transition.inverse(self.transition_matrix)

    def totals(self):
        if isinstance(self.transition_matrix, float):
            return (LOG_P,)
        return ()

    def _symmetric(self, labelled):
        # The inverse of a I + b, whose rows sum to 1, is (I - b) / a.
        rate, classes = self.transition_matrix, labelled.num_classes
        transition.check_symmetric(rate, classes)
        a, b = transition.symmetric(rate, classes)
        values = cross_entropy_values(labelled)
        return (values + b * labelled.total(LOG_P)) * (1.0 / a)

    def _corrected(self, labelled):
        log_p = labelled.classes.log_p
        if labelled.labels is not None:
            target = _rows(self._inverse, labelled.labels, log_p)
        else:
            target = _times(labelled.weights, self._inverse)
        return -ops.sum(target * log_p, axis=-1)


def _times(values, matrix):
    # The operator, because keras.ops.matmul makes float64 float32 on PyTorch.
    return values @ ops.convert_to_tensor(matrix, values.dtype)


def _rows(matrix, labels, like):
    """The matrix's row of each label, NaN for a bad label."""
    valid = (labels >= 0) & (labels < len(matrix))
    matrix = ops.convert_to_tensor(matrix, like.dtype)
    found = ops.take(matrix, ops.where(valid, labels, 0), axis=0)
    return ops.where(ops.expand_dims(valid, -1), found, float("nan"))


forward_correction = twin(ForwardCorrection)
backward_correction = twin(BackwardCorrection)
