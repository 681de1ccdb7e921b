"""Names, aliases and published parameters of the losses.

The published parameters are those of Zhou et al. (ICML 2021, T-PAMI 2023;
their code's configuration) for MNIST and CIFAR; WebVision and Clothing1M as
used with the same losses by Wang et al. (ICCV 2025).
"""

ALIASES = {
    "ce": "cross_entropy",
    "agce": "asymmetric_gce",
    "aul": "asymmetric_unhinged",
    "ael": "asymmetric_exponential",
    "gce": "generalized_cross_entropy",
    "nce": "normalized_cross_entropy",
    "pz": "piecewise_zero",
    "bl": "blurry",
}

_AGCE_WEB = {"a": 1e-5, "q": 0.5}
_NCE_AGCE_WEB = {"alpha": 50.0, "beta": 0.1, "a": 2.5, "q": 3.0}

# loss -> data set -> parameters; a sum's alpha and beta stand beside the
# parameters of its second loss.
PRESETS = {
    "asymmetric_gce": {
        "mnist": {"a": 4.0, "q": 0.2},
        "cifar10": {"a": 0.6, "q": 0.6},
        "cifar100": {"a": 0.6, "q": 0.6},
        "webvision": _AGCE_WEB,
        "clothing1m": _AGCE_WEB,
    },
    "asymmetric_unhinged": {
        "mnist": {"a": 3.0, "q": 0.1},
        "cifar10": {"a": 5.5, "q": 3.0},
        "cifar100": {"a": 5.5, "q": 3.0},
    },
    "asymmetric_exponential": {
        "mnist": {"a": 3.5},
        "cifar10": {"a": 2.5},
        "cifar100": {"a": 2.5},
    },
    "nce+agce": {
        "mnist": {"alpha": 0.0, "beta": 1.0, "a": 4.0, "q": 0.2},
        "cifar10": {"alpha": 1.0, "beta": 4.0, "a": 6.0, "q": 1.5},
        "cifar100": {"alpha": 10.0, "beta": 0.1, "a": 1.8, "q": 3.0},
        "webvision": _NCE_AGCE_WEB,
        "clothing1m": _NCE_AGCE_WEB,
    },
    "nce+aul": {
        "mnist": {"alpha": 0.0, "beta": 1.0, "a": 3.0, "q": 0.1},
        "cifar10": {"alpha": 1.0, "beta": 4.0, "a": 6.3, "q": 1.5},
        "cifar100": {"alpha": 10.0, "beta": 0.015, "a": 6.0, "q": 3.0},
    },
    "nce+ael": {
        "mnist": {"alpha": 0.0, "beta": 1.0, "a": 3.5},
        "cifar10": {"alpha": 1.0, "beta": 4.0, "a": 5.0},
        "cifar100": {"alpha": 10.0, "beta": 0.1, "a": 1.5},
    },
}
