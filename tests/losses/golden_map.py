"""Which loss of ours each case of the authors' code is, and how they differ.

A case is named `PREFIX/LOSS[PARAMETERS]`, the prefix standing for a
repository. `MATCHES` is keyed by what stands before the bracket, or by the
whole name; `LEFT_OUT` says of every other case why it is none of ours.
"""

import math

import numpy as np

from keras_robust import losses
from tests.losses.golden_match import LOGITS
from tests.losses.golden_match import Match
from tests.losses.golden_match import annealed
from tests.losses.golden_match import around
from tests.losses.golden_match import matrix
from tests.losses.golden_match import one
from tests.losses.golden_match import two

# Reverse cross-entropy takes this for log 0 in most of that code.
LOG_ZERO = math.log(1e-4)


def smoothed_entropy(classes, params):
    """The negative entropy of a smoothed label, part of their value."""
    target = np.full(classes, params["t"] / classes)
    target[0] += 1 - params["t"]
    return np.sum(target * np.log(target))


def at_k(classes, params):
    """GCE at the threshold `k`."""
    return -(1 - params["k"] ** params["q"]) / params["q"]


ce = one("CrossEntropy")
nce = one("NormalizedCrossEntropy")
gce = one("GeneralizedCrossEntropy")
ngce = one("NormalizedGCE")
mae = one("CategoricalMAE", scale=1.0)
twice_mae = one("CategoricalMAE", scale=2.0)
rce = one("ReverseCrossEntropy", log_zero=LOG_ZERO)
agce = one("AsymmetricGCE")
aul = one("AsymmetricUnhinged")
ael = one("AsymmetricExponential")
anorm = one("AsymmetricNorm")
amse = one("AsymmetricMSE")
# Their focal weights are held constant, except in RLL's repository.
fl = one("Focal", stop_gradient=True)
nfl = one("NormalizedFocal", stop_gradient=True)
nnce = one("NormalizedNegativeCrossEntropy")


def sce_of(log_zero=LOG_ZERO, **renamed):
    return one("SymmetricCrossEntropy", renamed, log_zero=log_zero)


def peaked(params):
    """They clamp `p / (m + 1)`, i.e. `p` at this."""
    return 1e-8 * (params["m"] + 1)


def sharpened(logits, params):
    """Divided by the temperature, and before that by their length or not."""
    if params["normalize"]:
        length = np.linalg.norm(logits, axis=1, keepdims=True)
        logits = logits / (length + 1e-7)
    return logits / params["tau"]


# A clamp of every p at 1e-7 that adds to the value what K of them are worth.
MANY = {"tolerance": 10.0}
MATCHES = {
    # ALFs: asymmetric loss functions
    "alfs/CE": Match(ce),
    "alfs/SCE": Match(sce_of(a="alpha", b="beta"), clamp=1e-7, **MANY),
    "alfs/RCE": Match(rce, **MANY),
    "alfs/NRCE": Match(
        one("NormalizedReverseCrossEntropy"),
        # A slip: times (K - 1)/4 where dividing by 4(K - 1) was meant.
        scale=lambda classes, _: -LOG_ZERO * (classes - 1) ** 2 / 4,
        tolerance=10.0,
    ),
    "alfs/NCE": Match(nce),
    "alfs/MAE": Match(twice_mae),
    "alfs/NMAE": Match(one("NormalizedMAE")),
    "alfs/GCE": Match(gce, clamp=1e-7),
    "alfs/NGCE": Match(ngce, clamp_all=1e-7),
    "alfs/AGCE": Match(agce),
    "alfs/AUL": Match(aul),
    "alfs/ANormLoss": Match(anorm, clamp_all=1e-5),
    "alfs/AEL": Match(ael),
    "alfs/FL": Match(fl),
    "alfs/NFL": Match(nfl),
    "alfs/NCEandRCE": Match(two(nce, rce), **MANY),
    "alfs/NCEandMAE": Match(two(nce, mae)),
    "alfs/NFLandRCE": Match(two(nfl, rce), **MANY),
    "alfs/NFLandMAE": Match(two(nfl, mae)),
    "alfs/NCEandAGCE": Match(two(nce, agce, ("a", "q"))),
    "alfs/NCEandAUL": Match(two(nce, aul, ("a", "q"))),
    "alfs/NCEandAEL": Match(two(nce, ael, ("a",))),
    "alfs/NFLandAGCE": Match(two(nfl, agce, ("a", "q"))),
    "alfs/NFLandAUL": Match(two(nfl, aul, ("a", "q"))),
    "alfs/NFLandAEL": Match(two(nfl, ael, ("a",))),
    "alfs/ANLandRCE": Match(two(anorm, rce), clamp_all=1e-5, **MANY),
    "alfs/NCEandANorm": Match(two(nce, anorm, ("a", "p")), clamp_all=1e-5),
    # Active passive losses
    "apl/MAE": Match(mae),
    "apl/NMAE": Match(one("NormalizedMAE"), scale=0.5),
    "apl/SCE": Match(sce_of(), clamp=1e-7, **MANY),
    "apl/GCEandMAE": Match(two(gce, mae), clamp=1e-7),
    "apl/GCEandRCE": Match(two(gce, rce), clamp=1e-7, **MANY),
    "apl/GCEandNCE": Match(two(gce, nce), clamp=1e-7),
    "apl/NGCEandNCE": Match(two(ngce, nce), clamp_all=1e-7),
    "apl/NGCEandMAE": Match(two(ngce, mae), clamp_all=1e-7),
    "apl/NGCEandRCE": Match(two(ngce, rce), clamp_all=1e-7),
    "apl/MAEandRCE": Match(two(mae, rce), **MANY),
    "apl/NFLandNCE": Match(two(nfl, nce)),
    "apl/NFL": Match(nfl),
    # Active negative losses; logarithms of constants in float32
    "anl/NNCE": Match(nnce),
    "anl/NNFL": Match(one("NormalizedNegativeFocal", stop_gradient=True)),
    "anl/ANL_CE": Match(one("ActiveNegative", base="cross_entropy")),
    "anl/ANL_FL": Match(
        one("ActiveNegative", base="focal", stop_gradient=True)
    ),
    "anl/MSE": Match(one("AsymmetricMSE", a=1.0)),
    # Joint asymmetric loss, and the eps-softmax beside it
    "jal/AMSE": Match(amse),
    "jal/AMSE_q": Match(one("AsymmetricMSE", drop=("q",))),
    "jal/ECE_eps_softmax": Match(around("EpsilonSoftmax", ce), clamp=peaked),
    "jal/ECEandMAE": Match(
        two(around("EpsilonSoftmax", ce), twice_mae), clamp=peaked
    ),
    "jal/EFL_eps_softmax": Match(
        lambda params, classes: losses.EpsilonSoftmax(
            fl({"gamma": params["gamma"]}, classes), m=params["m"]
        ),
        clamp=peaked,
    ),
    "jal/EFLandMAE": Match(
        two(
            around("EpsilonSoftmax", lambda _, k: fl({"gamma": 0.1}, k)),
            twice_mae,
        ),
        clamp=peaked,
    ),
    "jal/NCEandAMSE": Match(two(nce, amse, ("a",))),
    "jal/NFLandAMSE": Match(two(nfl, amse, ("a",))),
    "jal/CEandLC": Match(
        lambda params, classes: losses.LogitClip(
            ce({}, classes), tau=1 / params["delta"], delta=params["delta"]
        )
    ),
    "jal/GCE": Match(gce, clamp=1e-8),
    "jal/NNCE": Match(one("NormalizedNegativeCrossEntropy", min_prob=1e-8)),
    "jal/NNFL": Match(
        one("NormalizedNegativeFocal", min_prob=1e-8, stop_gradient=True)
    ),
    "jal/NCEandNNCE": Match(
        one("ActiveNegative", base="cross_entropy", min_prob=1e-8)
    ),
    # Jensen-Shannon divergences
    "gjs/JS_scaled": Match(one("JensenShannon"), **MANY),
    "gjs/JS_unscaled": Match(
        one("JensenShannon"),
        scale=lambda _, p: -(1 - p["pi"]) * math.log(1 - p["pi"]),
        **MANY,
    ),
    "gjs/LabelSmoothing": Match(
        one("CrossEntropy", {"t": "label_smoothing"}),
        offset=smoothed_entropy,
        tolerance=10.0,
    ),
    "gjs/Bootstrapping_soft": Match(
        lambda params, classes: losses.SoftBootstrapping(
            beta=1 - params["t"], **LOGITS
        ),
        clamp=1e-7,
        **MANY,
    ),
    # Logit clipping: a longer logit is brought to length 1/temp, not temp
    "logitclip/LogitClip_CE": Match(
        lambda params, classes: losses.LogitClip(
            ce({}, classes), tau=params["temp"], delta=1 / params["temp"]
        )
    ),
    # Dynamics-aware loss
    "dal/DAL": Match(annealed, clamp=1e-6, **MANY),
    "dal/TaylorCE": Match(one("TaylorCrossEntropy"), clamp=1e-6),
    "dal/JS": Match(one("JensenShannon"), **MANY),
    "dal/CEandSR": Match(
        around("SparseRegularized", ce, {"lamb": "lam"}),
        clamp_all=1e-6,
    ),
    # Sparse regularisation
    "sr/SR": Match(
        around(
            "SparseRegularized",
            ce,
            {"lamb": "lam"},
            ("base",),
        ),
        clamp_all=1e-7,
        logits=sharpened,
        fewest=1,
    ),
    # LDR-KL and its baselines
    "ldr/LDR_KL": Match(one("LDRKL", {"threshold": "margin", "Lambda": "lam"})),
    "ldr/CE_v1": Match(ce, offset=lambda classes, _: -math.log(classes)),
    "ldr/GCE_trunc": Match(one("TruncatedGCE")),
    "ldr/SCE_ldr": Match(
        lambda params, classes: losses.SymmetricCrossEntropy(
            alpha=1 - params["balance"],
            beta=params["balance"],
            log_zero=-float(params["A"]),
            **LOGITS,
        )
    ),
    "ldr/MSE_ldr": Match(
        one("AsymmetricMSE", a=1.0), scale=lambda classes, _: classes
    ),
    # OGC
    "ogc/PHuberCE": Match(
        one("PHuberCrossEntropy"), clamp=1e-7, clamp_above=1 - 1e-7
    ),
    "ogc/TaylorCE": Match(
        one("TaylorCrossEntropy", {"t": "order"}),
        clamp=1e-7,
        clamp_above=1 - 1e-7,
    ),
    "ogc/GCE_ogc": Match(gce, clamp=1e-7, clamp_above=1 - 1e-7),
    "ogc/LogitClipCE": Match(around("LogitClip", ce, drop=("lp",))),
    "ogc/OGC_CE_fixed": Match(
        lambda params, _: losses.GradientClipping(
            losses.CrossEntropy(**LOGITS), threshold=params["thr"]
        ),
        clamp=1e-7,
        clamp_above=1 - 1e-7,
    ),
    # Truncated loss: their value is less by that at the threshold
    "truncated/TruncatedGCE": Match(
        one("GeneralizedCrossEntropy", drop=("k", "w")), offset=at_k
    ),
    # Blurry and piecewise-zero
    "blurry/Blurry_HEAD": Match(one("Blurry", stop_gradient=False), clamp=1e-8),
    "blurry/Blurry_detached_4c4a539": Match(
        one("Blurry", drop=("cutoff",), stop_gradient=True), clamp=1e-8
    ),
    "blurry/PiecewiseZero_HEAD": Match(one("PiecewiseZero"), clamp=1e-8),
    # Bi-tempered: five iterations are not always enough; how far they are off
    # stands in the index (`conv_by_input`), relative to the value.
    "bitempered": Match(one("BiTemperedLogistic")),
    # Symmetric cross-entropy, in Keras, from clipped probabilities
    "sce_keras/symmetric_cross_entropy": Match(sce_of(), clamp=1e-7, **MANY),
    "sce_keras/boot_soft": Match(
        one("SoftBootstrapping", beta=0.95), clamp=1e-7, **MANY
    ),
    "sce_keras/boot_hard": Match(
        one("HardBootstrapping", beta=0.8), clamp_all=1e-7
    ),
    "sce_keras/forward": Match(matrix("ForwardCorrection"), tolerance=10.0),
    "sce_keras/backward": Match(matrix("BackwardCorrection"), clamp_all=1e-7),
    "sce_keras/generalized_cross_entropy": Match(
        one("GeneralizedCrossEntropy", q=0.7), clamp=1e-7
    ),
}

_TWO_VIEWS = "of two views of a sample at once, which a loss does not see"
_CLIPPING = "in gradient_clipping.npz, with a test of its own"
_STATE = "keeps a state per sample or batch, which a loss here does not"
_RIVAL = "a rival in that paper; not in this package"
LEFT_OUT = {
    "gjs/GJS_scaled_M3[pi=0.5]": _TWO_VIEWS,
    "gjs/GJS_scaled_M3[pi=0.1]": _TWO_VIEWS,
    "gjs/JS_noconsistency_M3[pi=0.5]": _TWO_VIEWS,
    "gjs/JSDissect_a[default]": "a term of an ablation",
    "gjs/JSDissect_c[default]": "a term of an ablation",
    "gjs/JSDissect_d[default]": "a term of an ablation",
    "dal/BiTempered[t1=0.8,t2=1.2]": "differentiates its five iterations, "
    "1e-6 added to the labels; google/bi-tempered-loss is compared",
    "ldr/CrammerSinger[threshold=1.0]": _RIVAL,
    "ldr/WestonWatkins[threshold=1.0]": _RIVAL,
    "ldr/RLL[threshold=1.0]": _RIVAL,
    "ldr/MAE_ldr[default]": "identically 0 there, by a slip",
    "ogc/OGC_FL_fixed[thr=0.1,gamma=0.5]": _CLIPPING,
    "ogc/OGC_GCE_fixed[thr=0.1,q=0.7]": _CLIPPING,
    "elr[lambda=3,beta=0.7]": _STATE,
    "truncated_weights[q=0.7,k=0.5]": _STATE,
    "aldr_kl[threshold=1.0,Lambda=1.0,alpha=1.0]": _STATE,
    "ogc_ce_queue": _CLIPPING,
    "dmi": "a value of the whole batch, no sum over samples",
}


def match(case):
    """The `Match` of a case, or `None`."""
    name = case["case"]
    return MATCHES.get(name, MATCHES.get(name.partition("[")[0]))
