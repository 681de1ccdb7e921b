"""Published courses of training as losses with schedules.

Each function returns a loss to compile a model with; what epoch it is,
`keras_robust.callbacks.LossSchedules` says.
"""

from keras_robust.losses import arguments
from keras_robust.losses.cross_entropy import CrossEntropy
from keras_robust.losses.dynamics_aware import DynamicsAware
from keras_robust.losses.hard_samples import Blurry
from keras_robust.losses.hard_samples import PiecewiseZero
from keras_robust.losses.logit_wrappers import SparseRegularized
from keras_robust.losses.probability_wrappers import EntropyRegularized
from keras_robust.losses.schedules import Delayed
from keras_robust.losses.schedules import Exponential
from keras_robust.losses.schedules import Linear
from keras_robust.losses.switch import SwitchLoss

__all__ = [
    "delayed_grid",
    "dynamics_aware",
    "negative_entropy_first",
    "sparse_regularized",
]
# Of the authors' code: tau, p, lam, the factor of lam and how often it comes.
_SPARSE = {
    "mnist": (0.1, 0.1, 4.0, 2.0, 5),
    "cifar10": (0.5, 0.1, 1.2, 1.03, 1),
    "cifar100": (0.5, 0.01, 10.0, 1.02, 1),
}


def delayed_grid(
    delays=(0, 2, 4, 6, 8),
    gammas=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6),
    cutoffs=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2),
    **options,
):
    """The grid in which Blurry and Piecewise-zero loss were searched.

    Cross-entropy for `delay` epochs, then the loss.

    Args:
        delays: Epochs of cross-entropy.
        gammas: Of `Blurry`.
        cutoffs: Of `PiecewiseZero`.
        **options: As in `RobustLoss`, for every loss.

    Returns:
        List of losses, one for each delay and parameter.

    Example:

    >>> from keras_robust.losses import recipes
    >>> grid = recipes.delayed_grid()
    >>> len(grid)
    60
    >>> grid[-1]
    PiecewiseZero(cutoff=Delayed(value=0.2, start_epoch=8, before=0.0))

    Reference: Pellegrino et al., arXiv 2511.16512, 2025, and their code.
    """
    kinds = [(Blurry, "gamma", gammas), (PiecewiseZero, "cutoff", cutoffs)]
    return [
        kind(**{name: Delayed(value, start_epoch=delay)}, **options)
        for kind, name, values in kinds
        for value in values
        for delay in delays
    ]


def dynamics_aware(num_epochs, q_start=0.6, q_end=1.5, **options):
    """Dynamics-aware loss: `q` rises, and the entropy counts once it is 1.

    Formula: at epoch `i` of `E` `q = q_start + (q_end - q_start) i / E` and
    `weight = max(0, (i - t) / (E - t))`, where `q` is 1 at `t`.

    Args:
        num_epochs: `E`, the epochs of the training, at least 1.
        q_start: Above 0, below 1. Defaults to `0.6`, published for CIFAR
            (WebVision 0.4).
        q_end: Above 1. Defaults to `1.5`.
        **options: As in `RobustLoss`.

    Returns:
        A `DynamicsAware` loss.

    Raises:
        ValueError: For a number out of range.

    Example:

    >>> from keras_robust.losses import recipes
    >>> recipes.dynamics_aware(num_epochs=90).at(epoch=50)
    DynamicsAware(q=1.1, weight=0.2)

    Reference: Li et al., "DAL: Dynamics-Aware Loss for Learning with Label
    Noise", arXiv 2303.11562, 2023.
    """
    num_epochs = arguments.integer("num_epochs", num_epochs, at_least=1)
    q_start = arguments.number("q_start", q_start, above=0, below=1)
    q_end = arguments.number("q_end", q_end, above=1)
    at_one = (1.0 - q_start) * num_epochs / (q_end - q_start)
    return DynamicsAware(
        q=Linear(q_start, q_end, end_epoch=num_epochs),
        weight=Linear(0.0, 1.0, end_epoch=num_epochs, start_epoch=at_one),
        **options,
    )


def sparse_regularized(num_epochs, dataset="cifar10", loss=None, **options):
    """Sparse regularisation with the penalty growing as published.

    Args:
        num_epochs: The epochs of the training; the penalty stops growing.
        dataset: `"mnist"`, `"cifar10"` or `"cifar100"`.
        loss: A robust loss with `from_logits=True`. Defaults to
            `CrossEntropy`.
        **options: As in `SparseRegularized`.

    Returns:
        A `SparseRegularized` loss.

    Raises:
        ValueError: For another data set or a number out of range.

    Example:

    >>> from keras_robust.losses import recipes
    >>> loss = recipes.sparse_regularized(50, "mnist")
    >>> [loss.at(epoch=e).lam for e in (0, 4, 5, 10)]
    [4.0, 4.0, 8.0, 16.0]

    Reference: Zhou et al., "Learning with Noisy Labels via Sparse
    Regularization", ICCV 2021, and their code.
    """
    arguments.choice("dataset", dataset, tuple(_SPARSE))
    tau, p, lam, factor, every = _SPARSE[dataset]
    return SparseRegularized(
        CrossEntropy(from_logits=True) if loss is None else loss,
        tau=tau,
        p=p,
        lam=Exponential(lam, factor, end_epoch=num_epochs, every=every),
        normalize=dataset != "mnist",
        **options,
    )


def negative_entropy_first(then, num_epochs=10):
    """Cross-entropy that keeps predictions open, then another loss.

    DivideMix's warm-up for asymmetric noise: cross-entropy less the entropy of
    each prediction.

    Args:
        then: A robust loss.
        num_epochs: Epochs of the warm-up. Defaults to `10`, published for
            CIFAR-10 (CIFAR-100: 30).

    Returns:
        A `SwitchLoss`.

    Raises:
        ValueError: For a number out of range.

    Example:

    >>> import keras_robust as kr
    >>> loss = kr.losses.recipes.negative_entropy_first(
    ...     kr.losses.AsymmetricGCE(q=3)
    ... )
    >>> loss.at(epoch=9)
    EntropyRegularized(loss=CrossEntropy(label_smoothing=0.0), weight=-1.0)

    Reference: Li et al., "DivideMix: Learning with Noisy Labels as
    Semi-supervised Learning", ICLR 2020.
    """
    shared = {
        name: getattr(then, name)
        for name in ("from_logits", "axis", "ignore_class", "multi_label")
    }
    first = EntropyRegularized(CrossEntropy(**shared), weight=-1.0)
    return SwitchLoss(
        first, then, at_epoch=num_epochs, reduction=then.reduction
    )
