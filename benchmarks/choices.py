"""The losses that benchmarks/loss_table.py compares, a line each.

Functions of a `Task` that return a `Plan`, as those of benchmarks/methods.py.
Parameters are those published for the data set (Fashion-MNIST takes MNIST's),
else the defaults. `+ warm-up` is cross-entropy first, for losses that start
cold or nearly so. `ForwardCorrection(T)` is told the true transition matrix,
which no user knows.
"""

from benchmarks.methods import Plan
from keras_robust import callbacks
from keras_robust import losses
from keras_robust.losses.presets import PRESETS
from keras_robust.losses.registry import aliases

_LOGITS = {"from_logits": True}
# Parameters are published of these, for MNIST or for CIFAR-10.
_PUBLISHED = (
    "agce",
    "aul",
    "ael",
    "nce+agce",
    "nce+aul",
    "nce+ael",
    "nce+mae",
    "nce+rce",
    "nfl+mae",
    "nfl+rce",
    "sce",
    "anl",
    "jal",
    "js",
)
_DEFAULTS = (
    "AlphaLoss",
    "BiTemperedLogistic",
    "DataAmbiguation",
    "Focal",
    "GeneralizedCrossEntropy",
    "HardBootstrapping",
    "LabelRelaxation",
    "LDRKL",
    "CategoricalMAE",
    "NormalizedCrossEntropy",
    "PHuberCrossEntropy",
    "ReverseCrossEntropy",
    "SoftBootstrapping",
    "TaylorCrossEntropy",
    "TruncatedGCE",
    "Blurry",
    "PiecewiseZero",
)
_WARMED = (
    "agce",
    "aul",
    "ael",
    "CategoricalMAE",
    "ReverseCrossEntropy",
    "Blurry",
    "PiecewiseZero",
)


def _made(name, published):
    """The loss with the parameters to be compared.

    Where nothing is published for MNIST, or only a sum without its first part,
    those for CIFAR-10.
    """
    if name in _DEFAULTS:
        return getattr(losses, name)(**_LOGITS)
    table = PRESETS[aliases().get(name, name)]
    known = table.get(published, {"alpha": 0.0})
    dataset = "cifar10" if known.get("alpha") == 0.0 else published
    return losses.get(name, dataset, **_LOGITS)


def _plain(name):
    return lambda task: Plan(_made(name, task.published), tracked=False)


def _warmed(name):
    return lambda task: Plan(
        _made(name, task.published),
        (callbacks.CrossEntropyWarmUp(task.warm_up),),
        tracked=False,
    )


def _cross_entropy(*listed, validates=False, **options):
    return Plan(
        losses.CrossEntropy(**_LOGITS, **options),
        listed,
        validates=validates,
        tracked=False,
    )


# The first two are what the others are measured against.
CHOICES = {
    "CrossEntropy": lambda task: _cross_entropy(),
    "CrossEntropy, stopped early": lambda task: _cross_entropy(
        callbacks.NoisyEarlyStopping(), validates=True
    ),
    "CrossEntropy(label_smoothing=0.1)": lambda task: _cross_entropy(
        label_smoothing=0.1
    ),
    **{name: _plain(name) for name in (*_PUBLISHED, *_DEFAULTS)},
    **{f"{name} + warm-up": _warmed(name) for name in _WARMED},
    "ForwardCorrection(T)": lambda task: Plan(
        losses.ForwardCorrection(task.transition_matrix, **_LOGITS),
        tracked=False,
    ),
}
