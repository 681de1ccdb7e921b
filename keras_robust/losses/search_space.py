"""Where to search for the parameters of each loss.

One entry of `SPACES` makes a loss tunable, everywhere; a loss without one has
its reason in `NOT_TUNABLE`. A default is what the loss's authors publish, or
the value of the loss itself.
"""

import inspect
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from keras_robust.losses import presets
from keras_robust.losses.base import LOSSES
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.registry import aliases
from keras_robust.losses.registry import canonical_name
from keras_robust.losses.registry import get
from keras_robust.losses.registry import published


class Range(NamedTuple):
    """Where to search for a number, and where to start.

    Attributes:
        low, high: Its ends, both of them valid.
        default: The value to start from.
        sampling: `"linear"`, `"log"`, or `"integer"` for whole numbers.
    """

    low: float
    high: float
    default: float
    sampling: str = "linear"


_SHARE = Range(0.1, 1.0, 0.7)
_LOUD = Range(0.1, 50.0, 1.0, "log")
_QUIET = Range(0.01, 10.0, 1.0, "log")
_WEIGHTS = {"alpha": _LOUD, "beta": _QUIET}
_GAMMA = Range(0.0, 3.0, 0.5)
_MARGIN = {"target": Range(0.5, 6.0, 2.6)}
_KERNEL = {"a": Range(0.05, 5.0, 1.0, "log")}

# Ranges hold the losses' defaults and nearly all published values.
SPACES = {
    "active_negative": {
        "alpha": _LOUD._replace(default=5.0),
        "beta": _QUIET._replace(default=5.0),
    },
    "alpha_loss": {"alpha": Range(1.0, 10.0, 2.0, "log")},
    "asymmetric_exponential": {"a": Range(1.0, 10.0, 3.0, "log")},
    "asymmetric_gce": {
        "a": Range(0.1, 10.0, 1.0, "log"),
        "q": Range(0.1, 3.0, 2.0),
    },
    "asymmetric_mse": {"a": Range(1.5, 60.0, 30.0, "log")},
    "asymmetric_norm": {
        "a": Range(1.1, 10.0, 1.5, "log"),
        "p": Range(0.1, 3.0, 0.9),
    },
    "asymmetric_unhinged": {
        "a": Range(1.1, 10.0, 1.5, "log"),
        "q": Range(0.1, 3.0, 0.9),
    },
    "backward_correction": {},
    "bi_tempered_logistic": {
        "t1": Range(0.2, 1.0, 0.8),
        "t2": Range(1.0, 4.0, 1.2),
    },
    "blurry": {"gamma": Range(0.1, 0.6, 0.5)},
    "categorical_mae": {},
    "cross_entropy": {"label_smoothing": Range(0.0, 0.3, 0.0)},
    "data_ambiguation": {
        "alpha": Range(0.01, 0.4, 0.1, "log"),
        "beta": Range(0.05, 0.9, 0.2),
    },
    "dynamics_aware": {
        "q": Range(0.4, 2.0, 1.5),
        "weight": Range(0.0, 2.0, 1.0),
    },
    "entropy_regularized": {"weight": Range(-1.0, 1.0, 1.0)},
    "epsilon_softmax": {"m": Range(10.0, 1e6, 1e5, "log")},
    "focal": {"gamma": Range(0.0, 5.0, 2.0)},
    "forward_correction": {},
    "generalized_cross_entropy": {"q": _SHARE},
    "hard_bootstrapping": {"beta": Range(0.5, 1.0, 0.8)},
    "jensen_shannon": {"pi": Range(0.1, 0.9, 0.5)},
    "joint_asymmetric": {"a": Range(1.5, 60.0, 30.0, "log"), **_WEIGHTS},
    "label_relaxation": {"alpha": Range(0.01, 0.4, 0.1, "log")},
    "ldrkl": {
        "margin": Range(0.1, 4.0, 2.0, "log"),
        "lam": Range(0.1, 10.0, 1.0, "log"),
    },
    # No value is published; this one lets ten classes start half right.
    "logit_bias": {"epsilon": Range(0.5, 8.0, 2.7)},
    "logit_clip": {"tau": Range(0.3, 6.0, 1.5, "log")},
    "lp": {"p": Range(0.2, 2.0, 1.0)},
    "margin_rescale": _MARGIN,
    "margin_shift": _MARGIN,
    "negative_heat_kernel": _KERNEL,
    "negative_poisson_kernel": _KERNEL,
    "normalized_cross_entropy": {},
    "normalized_focal": {"gamma": _GAMMA},
    "normalized_gce": {"q": _SHARE},
    "normalized_mae": {},
    "normalized_negative_cross_entropy": {},
    "normalized_negative_focal": {"gamma": _GAMMA},
    "normalized_reverse_cross_entropy": {},
    "p_huber_cross_entropy": {"tau": Range(1.5, 50.0, 10.0, "log")},
    "piecewise_zero": {"cutoff": Range(0.005, 0.2, 0.05, "log")},
    "reverse_cross_entropy": {},
    "soft_bootstrapping": {"beta": Range(0.5, 1.0, 0.95)},
    "sparse_regularized": {
        "tau": Range(0.1, 1.0, 0.5, "log"),
        "p": Range(0.01, 0.5, 0.1, "log"),
        "lam": Range(0.5, 12.0, 1.2, "log"),
    },
    "symmetric_cross_entropy": {
        "alpha": _LOUD._replace(low=0.01, high=10.0, default=0.1),
        "beta": _LOUD._replace(high=10.0),
    },
    "taylor_cross_entropy": {"order": Range(1, 10, 2, "integer")},
    "truncated_gce": {"q": _SHARE, "k": Range(0.1, 0.9, 0.5)},
}

# The loss inside of a loss around another, where none is named.
INNER = {
    "entropy_regularized": "cross_entropy",
    "epsilon_softmax": "cross_entropy",
    "logit_bias": "categorical_mae",
    "logit_clip": "cross_entropy",
    "margin_rescale": "categorical_mae",
    "margin_shift": "categorical_mae",
    "sparse_regularized": "cross_entropy",
}

_OF_LOSSES = "it is made of losses: name a sum of two, such as 'nce+agce'"
NOT_TUNABLE = {
    "active_passive": _OF_LOSSES,
    "distribution_balanced": "it needs the frequency of every class",
    "gradient_clipping": "its callback finds its threshold while it trains",
    "switch_loss": "its first part is a warm-up, which is tuned as one",
    "weighted_sum": _OF_LOSSES,
}


@dataclass(frozen=True)
class SearchSpace:
    """The parameters of a loss to search for.

    Attributes:
        name: What the loss was asked for by.
        ranges: Parameter -> `Range`.
        fixed: Arguments that are given and not searched for.
    """

    name: str
    ranges: MappingProxyType
    fixed: MappingProxyType

    @property
    def takes_logits(self):
        """Whether the loss has `from_logits`; those of regression have not."""
        one = _named(self.name) is None and "+" not in self.name
        return not one or issubclass(
            LOSSES[canonical_name(self.name)], RobustLoss
        )

    @property
    def defaults(self):
        """Parameter -> the value to start from."""
        return {name: one.default for name, one in self.ranges.items()}

    def loss(self, values=None, **options):
        """The loss with these values of its parameters.

        Args:
            values: Parameter -> number; those left out are at their default.
            **options: Of every robust loss, such as `from_logits`.
        """
        values = {**self.defaults, **(values or {})}
        # Some tuners hand out numpy numbers, which no config can hold.
        values = {
            name: int(value)
            if self.ranges[name].sampling == "integer"
            else float(value)
            for name, value in values.items()
        }
        return get(self.name, **self.fixed, **values, **options)


def search_space(name, transition_matrix=None):
    """Returns where to search for the parameters of a loss.

    Use it to tune a loss with a tool of your own;
    `keras_robust.tuning.loss_hyperparameters` is it for KerasTuner.

    Args:
        name: A name or alias as of `losses.get`: `"agce"`, a sum of two such
            as `"nce+agce"`, or `"eps"`, a loss around another, which is
            cross-entropy then (mean absolute error in those for bounded
            losses).
        transition_matrix: For losses that need one, such as
            `"forward_correction"`. Defaults to `None`.

    Returns:
        A `SearchSpace` with `ranges`, whose defaults are the losses' own, for
        sums those published for CIFAR-10, and `loss(values)`.

    Raises:
        ValueError: For an unknown loss (with the nearest name), or one that
            cannot be tuned, with the reason.

    Example:

    >>> import keras_robust as kr
    >>> space = kr.losses.search_space("gce")
    >>> space.ranges["q"]
    Range(low=0.1, high=1.0, default=0.7, sampling='linear')
    >>> space.loss({"q": 0.4})
    GeneralizedCrossEntropy(q=0.4)
    """
    if not isinstance(name, str):
        raise ValueError(
            "A loss to be tuned is named by a string, such as 'agce' or "
            f"'nce+agce'. Received: {name!r}"
        )
    named = _named(name)
    parts = [name] if named else name.split("+")
    names = [canonical_name(named[0] if named else part) for part in parts]
    for full in names:
        if full in NOT_TUNABLE:
            raise ValueError(
                f"{full!r} cannot be tuned: {NOT_TUNABLE[full]}. "
                f"Received: {name!r}"
            )
    if len(names) == 1:
        ranges, fixed = SPACES[names[0]], _fixed(names[0], transition_matrix)
    elif len(names) == 2:
        ranges, fixed = _of_sum(names, name), {}
    else:
        raise ValueError(f"A sum by name has two parts. Received: {name!r}")
    return SearchSpace(name, MappingProxyType(ranges), MappingProxyType(fixed))


def _named(name):
    return presets.NAMED.get(name.strip().lower().replace("_", "-"))


def _fixed(full, transition_matrix):
    """What the loss cannot be made without."""
    if full in INNER:
        return {"loss": INNER[full]}
    if "transition_matrix" not in inspect.signature(LOSSES[full]).parameters:
        return {}
    if transition_matrix is None:
        raise ValueError(
            f"{full!r} needs the transition matrix of the noise: give "
            f"`transition_matrix`. Received: transition_matrix=None, {full!r}"
        )
    return {"transition_matrix": transition_matrix}


def _of_sum(names, asked):
    for full in names:
        needed = inspect.signature(LOSSES[full]).parameters.values()
        needs = [p.name for p in needed if p.default is p.empty]
        if needs or not issubclass(LOSSES[full], RobustLoss):
            raise ValueError(
                f"{full!r} cannot be tuned as a part of a sum. "
                f"Received: {asked!r}"
            )
    short = {full: alias for alias, full in aliases().items()}
    key = "+".join(short.get(full, full) for full in names)
    has = "cifar10" in presets.PRESETS.get(key, ())
    start = published(names, "cifar10") if has else {}
    found = dict(_WEIGHTS)
    for full in names:
        for parameter, one in SPACES[full].items():
            if parameter in _WEIGHTS:
                continue
            found[parameter] = _both(found.get(parameter, one), one, asked)
    return {
        parameter: one._replace(default=start.get(parameter, one.default))
        for parameter, one in found.items()
    }


def _both(one, other, asked):
    """The range of a parameter that both parts of a sum have."""
    low, high = max(one.low, other.low), min(one.high, other.high)
    if low > high or one.sampling != other.sampling:
        raise ValueError(
            "The parts of this sum have a parameter of one name that means "
            f"something else in each. Received: {asked!r}"
        )
    return one._replace(
        low=low, high=high, default=min(max(one.default, low), high)
    )
