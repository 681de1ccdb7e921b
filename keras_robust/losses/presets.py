"""Short names and published parameters of the losses.

The published parameters are those of Zhou et al. (ICML 2021, T-PAMI 2023;
their code's configuration) for MNIST and CIFAR; WebVision and Clothing1M as
used with the same losses by Wang et al. (ICCV 2025), whose own the joint
asymmetric loss's are; the active negative losses' are those of Ye et al.
(NeurIPS 2023); symmetric cross-entropy's are those of Wang et al. (ICCV 2019)
as later comparisons take them, the Jensen-Shannon loss's those of its authors'
scripts.
"""

import math

# Published names of losses with some of their parameters given.
NAMED = {
    "anl-ce": ("active_negative", {"base": "cross_entropy"}),
    "anl-fl": ("active_negative", {"base": "focal"}),
    "jal-ce": ("joint_asymmetric", {"base": "cross_entropy"}),
    "jal-fl": ("joint_asymmetric", {"base": "focal"}),
}

# Ma et al. give the four sums of theirs the same weights, the reverse
# cross-entropy with log 0 as their code has it, log 1e-4.
_APL = {
    "mnist": {"alpha": 1.0, "beta": 10.0},
    "cifar10": {"alpha": 1.0, "beta": 1.0},
    "cifar100": {"alpha": 10.0, "beta": 0.1},
}
_APL_RCE = {
    dataset: {**weights, "log_zero": math.log(1e-4)}
    for dataset, weights in _APL.items()
}
_AGCE_WEB = {"a": 1e-5, "q": 0.5}
_NCE_AGCE_WEB = {"alpha": 50.0, "beta": 0.1, "a": 2.5, "q": 3.0}

# loss -> data set -> parameters; a sum's alpha and beta stand beside the
# parameters of its second loss.
PRESETS = {
    "active_negative": {
        "mnist": {"alpha": 1.0, "beta": 1.0},
        "cifar10": {"alpha": 5.0, "beta": 5.0},
        "cifar100": {"alpha": 10.0, "beta": 1.0},
        "webvision": {"alpha": 20.0, "beta": 1.0},
    },
    "joint_asymmetric": {
        "cifar10": {"a": 30.0, "alpha": 1.0, "beta": 1.0},
        "cifar100": {"a": 20.0, "alpha": 5.0, "beta": 1.0},
        "webvision": {"a": 30.0, "alpha": 50.0, "beta": 1.0},
        "clothing1m": {"a": 5.0, "alpha": 5.0, "beta": 0.1},
    },
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
    "symmetric_cross_entropy": {
        "mnist": {"alpha": 0.01, "beta": 1.0},
        "cifar10": {"alpha": 0.1, "beta": 1.0},
        "cifar100": {"alpha": 6.0, "beta": 0.1},
    },
    "jensen_shannon": {"cifar10": {"pi": 0.7}, "cifar100": {"pi": 0.3}},
    "nce+mae": _APL,
    "nce+rce": _APL_RCE,
    "nfl+mae": _APL,
    "nfl+rce": _APL_RCE,
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
