"""The table of all losses: a new line gets every contract test for free."""

from keras_robust import losses


def _nce_agce(**options):
    return losses.ActivePassive(
        losses.NormalizedCrossEntropy(**options),
        losses.AsymmetricGCE(a=6, q=1.5, **options),
        alpha=1.0,
        beta=4.0,
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

# Not differentiable where p crosses the cutoff; jumps there.
JUMPS = {"piecewise_zero"}

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
