"""UQ-LED: confident learning with the answers of a network's dropout."""

import numpy as np

from keras_robust.detect.probabilities.confident_learning import PRUNING
from keras_robust.detect.probabilities.confident_learning import (
    confident_learning,
)
from keras_robust.noise.confident_joint import ConfidentClasses
from keras_robust.noise.confident_joint import calibrated
from keras_robust.noise.confident_joint import count
from keras_robust.noise.confident_joint import empty_joint
from keras_robust.noise.confident_joint import most_probable
from keras_robust.noise.confident_joint import thresholds_of
from keras_robust.noise.confident_joint import with_diagonal
from keras_robust.noise.probabilities import as_classes_and_rows
from keras_robust.noise.probabilities import as_stored
from keras_robust.noise.probabilities import blocks

METHODS = ("cl_mcd", "cl_mcd_e")
# Numbers of a block of samples, all passes of them.
_BLOCK = 131_072


def uq_led(
    labels,
    pred_probs,
    entropy=None,
    method="cl_mcd_e",
    *,
    filter_by="prune_by_noise_rate",
    ids=None,
):
    """Says which labels are wrong, by probabilities of Monte Carlo dropout.

    Formula: with `p` the mean of a sample's probabilities over several passes
    whose dropout is left on, `"cl_mcd"` is `confident_learning` of `p`;
    `"cl_mcd_e"` counts in the confident joint only samples of which the model
    is sure, `H(p) <= h_y`, with `h_y` the mean entropy of the samples of the
    given label y.

    Use it where a network is too sure of itself for confident learning to
    tell wrong labels from hard samples, and cross-validation has been paid
    for: the passes must be of models that have not seen the sample.

    The paper itself is closed to us: this follows its abstract and others'
    account of CL-MCD-E, with 4 folds and 5 passes; the paper's ensembles of
    several of these are not here.

    Args:
        labels: given labels, integers in [0, K - 1], `(N,)` or `(N, 1)`.
        pred_probs: the probabilities of the passes, `(S, N, K)`, as of
            `probe.predict_samples`; or their mean, `(N, K)`.
        entropy: the entropy of each sample, `(N,)`, at least 0, in any unit.
            Defaults to that of `p`, in nats.
        method: `"cl_mcd"` or `"cl_mcd_e"`. Defaults to `"cl_mcd_e"`.
        filter_by: `"prune_by_noise_rate"`, the paper's,
            `"prune_by_class"` or `"both"`. Defaults to the first.
        ids: ids of the samples, unique integers or strings. Defaults to
            their positions.

    Returns:
        `LabelIssues` as of `confident_learning`.

    Raises:
        ValueError: if an argument is outside of the ranges above.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import uq_led
    >>> of_0 = np.array([[0.9, 0.8, 0.1, 0.2, 0.1], [0.9, 0.7, 0.1, 0.1, 0.1]])
    >>> samples = np.stack([of_0, 1 - of_0], axis=2)
    >>> uq_led([0, 0, 1, 1, 0], samples).is_label_issue
    array([False, False, False, False,  True])

    Reference:
        Jakubik et al., "Improving Label Error Detection and Elimination with
        Uncertainty Quantification", 2024, arXiv 2405.09602.
    """
    if method not in METHODS:
        raise ValueError(
            f"`method` must be one of {', '.join(METHODS)}. "
            f"Received: method={method!r}"
        )
    if filter_by not in PRUNING:
        raise ValueError(
            f"`filter_by` must be one of {', '.join(PRUNING)}. "
            f"Received: filter_by={filter_by!r}"
        )
    pred_probs = as_stored(pred_probs)
    if len(pred_probs.shape) == 3:
        pred_probs = _mean_of_passes(pred_probs)
    joint = None
    if method == "cl_mcd_e":
        classes, pred_probs = as_classes_and_rows(labels, pred_probs)
        joint = joint_of_sure(classes, pred_probs, entropy)
    return confident_learning(
        labels, pred_probs, filter_by, ids=ids, joint=joint
    )


def _mean_of_passes(samples):
    """The mean over the first axis, a block of samples at a time."""
    passes, num_samples, num_classes = samples.shape
    if not passes:
        raise ValueError(
            "`pred_probs` must have one pass at least. Received: "
            f"pred_probs.shape={tuple(samples.shape)}"
        )
    is_narrow = samples.dtype.kind == "f" and samples.dtype.itemsize <= 4
    dtype = np.float32 if is_narrow else np.float64
    mean = np.empty((num_samples, num_classes), dtype)
    step = max(1, _BLOCK // (passes * max(num_classes, 1)))
    if not isinstance(samples, np.ndarray) and samples.chunks:
        step = max(step, int(np.max(samples.chunks[1])))
    for begin in range(0, num_samples, step):
        where = slice(begin, begin + step)
        read = np.asarray(samples[:, where])
        with np.errstate(invalid="ignore"):
            mean[where] = read.mean(axis=0, dtype=np.float64)
    return mean


def joint_of_sure(classes, pred_probs, entropy):
    """The calibrated joint of the samples that the model is sure of.

    Args:
        classes: Checked labels.
        pred_probs: Probabilities, `(N, K)`.
        entropy: As of `uq_led`.
    """
    thresholds = thresholds_of(classes, pred_probs)
    if entropy is None:
        entropy = np.empty(classes.size)
        for where, block in blocks(pred_probs):
            positive = np.maximum(block, np.finfo(block.dtype).tiny)
            entropy[where] = -(positive * np.log(positive)).sum(axis=1)
    else:
        entropy = _as_entropy(entropy, classes.size)
    sizes = np.bincount(classes, minlength=pred_probs.shape[1])
    total = np.bincount(classes, entropy, minlength=sizes.size)
    # Of equal entropies rounding must not leave one out.
    limit = total / np.maximum(sizes, 1) * (1.0 + 1e-9)
    sure = entropy <= limit[classes]
    joint = empty_joint(sizes.size)
    confident = ConfidentClasses(thresholds)
    for where, block in blocks(pred_probs):
        found = confident.of(block, *most_probable(block))
        count(joint, classes[where], np.where(sure[where], found, -1))
    return calibrated(with_diagonal(joint), classes)


def _as_entropy(entropy, num_samples):
    try:
        found = np.asarray(entropy, np.float64)
    except (TypeError, ValueError):
        found = np.empty(0)
    if found.shape != (num_samples,):
        raise ValueError(
            "`entropy` must hold one number for each label, shape "
            f"({num_samples},). Received: entropy.shape={np.shape(entropy)}"
        )
    bad = ~(np.isfinite(found) & (found >= 0))
    if bad.any():
        first = int(np.argmax(bad))
        raise ValueError(
            "`entropy` must be finite and at least 0. Received: "
            f"entropy[{first}]={found[first]}"
        )
    return found
