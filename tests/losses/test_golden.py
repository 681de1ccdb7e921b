"""Values and gradients of the authors' own code."""

import functools
import json
import pathlib

import numpy as np
import pytest

from keras_robust import losses
from tests.backend import float64
from tests.backend import values_and_slopes

FOLDER = pathlib.Path(__file__).parents[1] / "golden"
INDEX = json.loads((FOLDER / "losses.json").read_text())
CLASSES = {
    "CE": losses.CrossEntropy,
    "NCE": losses.NormalizedCrossEntropy,
    "GCE": losses.GeneralizedCrossEntropy,
    "AGCE": losses.AsymmetricGCE,
    "AUL": losses.AsymmetricUnhinged,
    "AEL": losses.AsymmetricExponential,
}


def build(case):
    """The loss of a case, and what our value is multiplied with."""
    name, params = case["loss"], dict(case["params"])
    if name == "MAE":  # 2(1 - p) in this repository
        return 2.0 * losses.GeneralizedCrossEntropy(q=1, from_logits=True)
    if name.startswith("NCEand"):
        weights = {k: params.pop(k) for k in ("alpha", "beta")}
        return losses.ActivePassive(
            losses.NormalizedCrossEntropy(from_logits=True),
            CLASSES[name[6:]](**params, from_logits=True),
            **weights,
        )
    if name.startswith("Blurry"):
        return losses.Blurry(
            params["gamma"],
            stop_gradient="detached" in case["case"],
            from_logits=True,
        )
    if name.startswith("PiecewiseZero"):
        return losses.PiecewiseZero(**params, from_logits=True)
    if name == "LabelSmoothing":
        return losses.CrossEntropy(params["t"], from_logits=True)
    return CLASSES[name.removesuffix("_ogc")](**params, from_logits=True)


@functools.cache
def arrays():
    with np.load(FOLDER / "losses.npz") as golden:
        return dict(golden)


def stacked(case):
    """Inputs and outputs of a case, those with as many classes as one."""
    values, slopes = (arrays()[f"{case['case']}/{k}"] for k in ("loss", "grad"))
    by_classes = {}
    for part in INDEX["layout"]:
        rows, classes = part["N"], part["K"]
        loss, grad = part["loss_off"], part["grad_off"]
        key = f"inputs/{part['input']}"
        by_classes.setdefault(classes, []).append(
            (
                arrays()[f"{key}/logits"],
                arrays()[f"{key}/labels"],
                values[loss : loss + rows],
                slopes[grad : grad + rows * classes].reshape(rows, classes),
            )
        )
    for classes, parts in by_classes.items():
        logits, labels, value, slope = map(
            np.concatenate, zip(*parts, strict=True)
        )
        if case["loss"] == "LabelSmoothing":
            # That code subtracts the entropy of the smoothed label.
            t = case["params"]["t"]
            target = np.full(classes, t / classes)
            target[0] += 1 - t
            value = value - np.sum(target * np.log(target))
        yield logits, labels, value, slope


def clipped(case, logits, labels):
    """Samples that code clips, whose gradient it loses and ours keeps."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    p = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    p = p[np.arange(len(labels)), labels]
    return (p < 2e-7) | (("ogc" in case["case"]) & (p > 1 - 2e-7))


# What that code does to p: clamps it (GCE at 1e-7, Blurry at 1e-8).
CLIPS = ("GCE", "GCE_ogc", "Blurry", "PiecewiseZero")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("case", INDEX["cases"], ids=lambda c: c["case"])
def test_golden(case, dtype):
    loose = case["loss"] in ("LabelSmoothing", "MAE")
    value_tolerance, slope_tolerance = 2.5e-6, 1e-5 if loose else 1e-6
    if dtype == "float32":
        value_tolerance, slope_tolerance = 2e-5, 2e-5
    compared = 0
    with float64():
        loss = build(case)
        for logits, labels, values, slopes in stacked(case):
            if dtype == "float32" and logits.shape[1] != 10:
                continue  # the extremes and ties are among those with 10
            ours, grad = values_and_slopes(
                lambda z, y=labels: loss.call(y, z), logits.astype(dtype)
            )
            assert ours.dtype == grad.dtype == dtype
            keep = np.ones(len(labels), bool)
            if case["loss"].startswith(CLIPS):
                keep = ~clipped(case, logits, labels)
            scale = np.maximum(1.0, np.abs(values))
            error = np.abs(ours - values) / scale
            # A clamp moves a clipped value too, by what the clamp is worth.
            assert error[keep].max(initial=0) < value_tolerance
            assert np.abs(grad - slopes)[keep].max(initial=0) < slope_tolerance
            compared += keep.sum()
    assert compared > 40
