"""Every loss of the library, under the text that one would write."""

import inspect

import numpy as np

from keras_robust import losses
from keras_robust.losses.base import LOSSES

# Not of one label and one prediction, or more than one loss: these are missing.
LEFT_OUT = {
    "active_passive": "a sum: published ones are there",
    "distribution_balanced": "for several labels a sample",
    "lp": "for numbers",
    "negative_heat_kernel": "for numbers",
    "negative_poisson_kernel": "for numbers",
    "switch_loss": "one loss and then another",
    "weighted_sum": "a sum: published ones are there",
}
# Sums with parameters published for CIFAR-10.
SUMS = ("nce+agce", "nce+aul", "nce+ael", "nce+mae", "nce+rce", "nfl+mae")
# The two corrections are told symmetric noise of this rate.
RATE = 0.4


def every_loss(num_classes=10, from_logits=False):
    """Returns text -> loss, new ones.

    All that have defaults, wrappers around what they are made for, and
    published sums. A loss that takes nothing but logits gets them anyway.
    """
    found = {}
    for name, cls in sorted(LOSSES.items()):
        if name not in LEFT_OUT and not _needs(cls):
            found[f"{cls.__name__}()"] = cls(
                from_logits=_takes(name, from_logits)
            )
    found.update(_varied(from_logits))
    found.update(_wrapped(num_classes, from_logits))
    for name in SUMS:
        found[f'get("{name}", "cifar10")'] = losses.get(
            name, "cifar10", from_logits=from_logits
        )
    return found


def _needs(cls):
    """Whether a loss has no default for something it takes."""
    taken = inspect.signature(cls).parameters.values()
    return any(one.default is inspect.Parameter.empty for one in taken)


def _takes(name, from_logits):
    return from_logits or LOSSES[name].logits_only is True


def _varied(from_logits):
    """With other parameters than the defaults."""
    options = {"from_logits": from_logits}
    return {
        "AsymmetricGCE(q=3)": losses.AsymmetricGCE(q=3, **options),
        'get("agce", "cifar10")': losses.get("agce", "cifar10", **options),
        'get("aul", "cifar10")': losses.get("aul", "cifar10", **options),
        'get("ael", "cifar10")': losses.get("ael", "cifar10", **options),
        "Blurry(stop_gradient=False)": losses.Blurry(
            stop_gradient=False, **options
        ),
        "NormalizedCrossEntropy() + AsymmetricGCE()": losses.ActivePassive(
            losses.NormalizedCrossEntropy(**options),
            losses.AsymmetricGCE(**options),
        ),
    }


def _wrapped(num_classes, from_logits):
    ce = losses.CrossEntropy(from_logits=from_logits)
    mae = losses.CategoricalMAE(from_logits=from_logits)
    logits = losses.CrossEntropy(from_logits=True)
    wrong = np.full((num_classes, num_classes), RATE / (num_classes - 1))
    matrix = np.where(np.eye(num_classes, dtype=bool), 1 - RATE, wrong)
    options = {"from_logits": from_logits}
    return {
        "BackwardCorrection(T)": losses.BackwardCorrection(matrix, **options),
        "ForwardCorrection(T)": losses.ForwardCorrection(matrix, **options),
        "EntropyRegularized(CrossEntropy())": losses.EntropyRegularized(ce),
        "EpsilonSoftmax(CrossEntropy())": losses.EpsilonSoftmax(ce),
        "GradientClipping(CrossEntropy(), 0.1)": losses.GradientClipping(
            ce, 0.1
        ),
        "LogitBias(CategoricalMAE())": losses.LogitBias(mae),
        "LogitClip(CrossEntropy())": losses.LogitClip(logits),
        "MarginRescale(CategoricalMAE())": losses.MarginRescale(mae),
        "MarginShift(CategoricalMAE())": losses.MarginShift(mae),
        "SparseRegularized(CrossEntropy())": losses.SparseRegularized(logits),
    }
