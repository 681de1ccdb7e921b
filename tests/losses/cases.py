"""The table of all losses: a new line gets every contract test for free."""

import numpy as np

from keras_robust import losses


def _nce_agce(**options):
    return losses.ActivePassive(
        losses.NormalizedCrossEntropy(**options),
        losses.AsymmetricGCE(a=6, q=1.5, **options),
        alpha=1.0,
        beta=4.0,
        reduction=options.get("reduction", "sum_over_batch_size"),
    )


def _sum_of_three(**options):
    return (
        losses.CrossEntropy(**options)
        + 2.0 * losses.AsymmetricExponential(**options)
        + losses.Blurry(**options)
    )


# name -> a function of from_logits, axis, ignore_class, ... that makes it
LOSSES = {
    "cross_entropy": losses.CrossEntropy,
    "smoothed": lambda **o: losses.CrossEntropy(label_smoothing=0.1, **o),
    "negative": lambda **o: losses.CrossEntropy(label_smoothing=-0.5, **o),
    "agce": losses.AsymmetricGCE,
    "agce_q3": lambda **o: losses.AsymmetricGCE(a=1, q=3, **o),
    "agce_small_a": lambda **o: losses.AsymmetricGCE(a=1e-5, q=0.5, **o),
    "aul": losses.AsymmetricUnhinged,
    "aul_cifar": lambda **o: losses.AsymmetricUnhinged(a=5.5, q=3, **o),
    "ael": losses.AsymmetricExponential,
    "gce": losses.GeneralizedCrossEntropy,
    "gce_linear": lambda **o: losses.GeneralizedCrossEntropy(q=1, **o),
    "nce": losses.NormalizedCrossEntropy,
    "blurry": losses.Blurry,
    "blurry_attached": lambda **o: losses.Blurry(stop_gradient=False, **o),
    "piecewise_zero": losses.PiecewiseZero,
    "nce_agce": _nce_agce,
    "sum_of_three": _sum_of_three,
}

# name -> the paper's formula: probabilities -> the loss of every label
FORMULAS = {
    "cross_entropy": lambda p: -np.log(p),
    "smoothed": lambda p: -0.9 * np.log(p) - 0.1 * _mean(np.log(p)),
    "negative": lambda p: -1.5 * np.log(p) + 0.5 * _mean(np.log(p)),
    "agce": lambda p: (2**2 - (1 + p) ** 2) / 2,
    "agce_q3": lambda p: (2**3 - (1 + p) ** 3) / 3,
    "agce_small_a": lambda p: 2 * (1.00001**0.5 - (1e-5 + p) ** 0.5),
    "aul": lambda p: ((1.5 - p) ** 0.9 - 0.5**0.9) / 0.9,
    "aul_cifar": lambda p: ((5.5 - p) ** 3 - 4.5**3) / 3,
    "ael": lambda p: np.exp(-p / 3),
    "gce": lambda p: (1 - p**0.7) / 0.7,
    "gce_linear": lambda p: 1 - p,
    "nce": lambda p: np.log(p) / np.log(p).sum(-1, keepdims=True),
    "blurry": lambda p: -(p**0.5) * np.log(p),
    "blurry_attached": lambda p: -(p**0.5) * np.log(p),
    "piecewise_zero": lambda p: np.where(p >= 0.05, -np.log(p), 0),
    "nce_agce": lambda p: (
        FORMULAS["nce"](p) + 4 * (7**1.5 - (6 + p) ** 1.5) / 1.5
    ),
    "sum_of_three": lambda p: (
        -np.log(p) + 2 * np.exp(-p / 3) - p**0.5 * np.log(p)
    ),
}
# Finite at p = 0 and therefore not clipped from probabilities.
UNCLIPPED = {"agce", "agce_q3", "agce_small_a", "aul", "aul_cifar", "ael"}

# The inputs of most tests: one shape, because JAX compiles for each.
BATCH, CLASSES = 6, 4
LOGITS = np.random.default_rng(3).normal(0, 1.5, (BATCH, CLASSES))
LOGITS = LOGITS.astype("float32")
LABELS = np.array([0, 3, 1, 1, 2, 0])
ONE_HOT = np.eye(CLASSES, dtype="float32")[LABELS]


def softmax(logits):
    logits = logits.astype("float64")
    p = np.exp(logits - logits.max(-1, keepdims=True))
    return p / p.sum(-1, keepdims=True)


def predictions(from_logits, logits=LOGITS):
    """What a model gives for these logits: them or their softmax."""
    return logits if from_logits else softmax(logits).astype("float32")


def expected(name, labels, logits=LOGITS):
    """The formula's value in float64; labels integer or a distribution."""
    values = FORMULAS[name](softmax(logits))
    if np.ndim(labels) == np.ndim(logits):
        return (labels * values).sum(-1)
    return np.take_along_axis(values, labels[..., None], -1)[..., 0]


def _mean(values):
    return values.mean(-1, keepdims=True)


# Positional arguments are part of the public interface: append, never insert.
_SHARED = [
    "from_logits",
    "axis",
    "ignore_class",
    "reduction",
    "name",
    "dtype",
]
SIGNATURES = {
    losses.CrossEntropy: ["label_smoothing", *_SHARED],
    losses.AsymmetricGCE: ["a", "q", *_SHARED],
    losses.AsymmetricUnhinged: ["a", "q", *_SHARED],
    losses.AsymmetricExponential: ["a", *_SHARED],
    losses.GeneralizedCrossEntropy: ["q", *_SHARED],
    losses.NormalizedCrossEntropy: _SHARED,
    losses.Blurry: ["gamma", "stop_gradient", *_SHARED],
    losses.PiecewiseZero: ["cutoff", *_SHARED],
    losses.ActivePassive: ["active", "passive", "alpha", "beta", *_SHARED],
    losses.WeightedSum: ["losses", "weights", *_SHARED],
}
FUNCTIONS = {
    losses.cross_entropy: losses.CrossEntropy,
    losses.asymmetric_gce: losses.AsymmetricGCE,
    losses.asymmetric_unhinged: losses.AsymmetricUnhinged,
    losses.asymmetric_exponential: losses.AsymmetricExponential,
    losses.generalized_cross_entropy: losses.GeneralizedCrossEntropy,
    losses.normalized_cross_entropy: losses.NormalizedCrossEntropy,
    losses.blurry: losses.Blurry,
    losses.piecewise_zero: losses.PiecewiseZero,
}
