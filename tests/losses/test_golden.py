"""Values and gradients of the authors' own code."""

import functools
import json
import pathlib

import numpy as np
import pytest

from keras_robust import losses
from tests.backend import float64
from tests.backend import values_and_slopes
from tests.losses.golden_map import LEFT_OUT
from tests.losses.golden_map import match

FOLDER = pathlib.Path(__file__).parents[1] / "golden"
INDEX = json.loads((FOLDER / "losses.json").read_text())
BY_NAME = {case["case"]: case for case in INDEX["cases"]}
# Cases that are no loss per sample of class labels have a test of their own.
REGRESSION = {
    "denoising/LpLoss": losses.Lp,
    "denoising/NegHeatKernelLoss": losses.NegativeHeatKernel,
    "denoising/NegPoissonKernelLoss": losses.NegativePoissonKernel,
}
DENOISING = [n for n in BY_NAME if n.partition("[")[0] in REGRESSION]
OF_THE_BATCH = "anl_ce_er"
PER_SAMPLE = [n for n in BY_NAME if match(BY_NAME[n]) is not None]


def test_every_case_is_compared_or_left_out():
    compared = [*PER_SAMPLE, *DENOISING, OF_THE_BATCH]
    assert sorted([*compared, *LEFT_OUT]) == sorted(INDEX["names"])
    assert all(LEFT_OUT.values())


@functools.cache
def arrays():
    with np.load(FOLDER / "losses.npz") as golden:
        return dict(golden)


def stacked(case):
    """Inputs, outputs and their own error, as many classes at a time."""
    values, slopes = (arrays()[f"{case['case']}/{k}"] for k in ("loss", "grad"))
    by_classes = {}
    for part in INDEX["layout"]:
        rows, classes = part["N"], part["K"]
        loss, grad = part["loss_off"], part["grad_off"]
        key = f"inputs/{part['input']}"
        # What iterations that have not converged are off, of the value.
        error = case.get("conv_by_input", {}).get(part["input"], 0.0)
        by_classes.setdefault(classes, []).append(
            (
                arrays()[f"{key}/logits"],
                arrays()[f"{key}/labels"],
                values[loss : loss + rows],
                slopes[grad : grad + rows * classes].reshape(rows, classes),
                np.full(rows, error),
            )
        )
    for parts in by_classes.values():
        yield tuple(map(np.concatenate, zip(*parts, strict=True)))


# Other numbers of classes are more shapes to compile of the same formula.
@pytest.mark.parametrize(
    "dtype, every",
    [
        pytest.param("float64", True, id="all", marks=pytest.mark.once),
        pytest.param("float64", False, id="float64"),
        pytest.param("float32", False, id="float32"),
    ],
)
@pytest.mark.parametrize("name", PER_SAMPLE)
def test_golden(name, dtype, every):
    case = BY_NAME[name]
    how, params = match(case), case["params"]
    value_tolerance, slope_tolerance = (
        (2.5e-6, 1e-6) if dtype == "float64" else (2e-5, 2e-5)
    )
    compared = 0
    with float64():
        for logits, labels, *theirs, error in stacked(case):
            classes = logits.shape[1]
            if classes != 10 and not every:
                continue  # the extremes and ties are among those with 10
            loss = how.make(params, classes)
            values, slopes = how.ours(*theirs, classes, params)
            ours, grad = values_and_slopes(
                lambda z, y=labels, f=loss: f.call(y, z), logits.astype(dtype)
            )
            assert ours.dtype == grad.dtype == dtype
            keep = how.compared(logits, labels, params)
            difference = np.abs(ours - values) / np.maximum(1, np.abs(values))
            limit = value_tolerance * how.tolerance + error
            assert np.all((difference < limit)[keep]), difference[keep].max()
            difference = np.abs(grad - slopes) / np.maximum(1, np.abs(slopes))
            limit = slope_tolerance * how.tolerance + error[:, None]
            assert np.all((difference < limit)[keep]), difference[keep].max()
            compared += keep.sum()
    assert compared >= (how.fewest if every else how.fewest / 3)


@pytest.mark.parametrize("name", DENOISING)
def test_golden_regression(name):
    case = BY_NAME[name]
    cls = REGRESSION[name.partition("[")[0]]
    pred, true, values, slopes = (
        arrays()[f"{name}/{k}"] for k in ("x", "y", "loss", "grad")
    )
    with float64():
        loss = cls(**case["params"])
        ours, grad = values_and_slopes(lambda z: loss.call(true, z), pred)
    np.testing.assert_allclose(ours, values, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(grad, slopes, rtol=1e-9, atol=1e-12)


def test_golden_of_the_batch():
    params = BY_NAME[OF_THE_BATCH]["params"]
    logits, labels, value, slopes = (
        arrays()[f"{OF_THE_BATCH}/{k}"]
        for k in ("logits", "labels", "loss", "grad")
    )
    with float64():
        loss = losses.ActiveNegative(
            alpha=params["alpha"],
            beta=params["beta"],
            entropy_weight=params["lamb"],
            from_logits=True,
            dtype="float64",
        )
        # The mean over the batch is the loss of that code.
        ours, grad = values_and_slopes(lambda z: loss(labels, z)[None], logits)
    np.testing.assert_allclose(ours[0], value, rtol=1e-6)
    np.testing.assert_allclose(grad, slopes, atol=1e-6)
