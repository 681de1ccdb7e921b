"""Closed forms against the search over many parameters; how long it takes."""

import time

import numpy as np
import pytest

from keras_robust import losses
from keras_robust.theory import asymmetry_ratio
from keras_robust.theory import classification_calibration
from keras_robust.theory import fitting_profile
from keras_robust.theory import is_asymmetric
from keras_robust.theory import is_symmetric
from keras_robust.theory import max_noise_rate
from keras_robust.theory import noise_tolerance
from keras_robust.theory import robustness_gap
from keras_robust.theory import suggest_loss
from keras_robust.theory.asymmetry import has_ratio
from keras_robust.theory.minimisers import Minimisers
from tests.theory.asked import Ask

TRIED = 100


def drawn(name, rng):
    """A loss with parameters drawn from where one would look for them."""
    if name == "agce":
        return losses.AsymmetricGCE(
            a=np.exp(rng.uniform(np.log(0.05), np.log(10))),
            q=rng.uniform(0.05, 4),
        )
    if name == "aul":
        return losses.AsymmetricUnhinged(
            a=1 + np.exp(rng.uniform(np.log(0.05), np.log(10))),
            q=rng.uniform(0.05, 4),
        )
    if name == "ael":
        return losses.AsymmetricExponential(a=rng.uniform(0.3, 10))
    if name == "phuber":
        return losses.PHuberCrossEntropy(tau=rng.uniform(1.1, 50))
    return losses.TaylorCrossEntropy(order=int(rng.integers(1, 12)))


@pytest.mark.parametrize("name", ["agce", "aul", "ael", "phuber", "taylor"])
def test_closed_forms_are_the_infimum(name):
    rng = np.random.default_rng(0)
    for _ in range(TRIED):
        loss = drawn(name, rng)
        found = asymmetry_ratio(Ask(loss), 2)
        assert found == pytest.approx(loss.asymmetry_ratio(), abs=1e-3), loss


@pytest.mark.parametrize("num_classes", [2, 3, 10])
@pytest.mark.parametrize("name", ["agce", "aul", "ael"])
def test_thresholds_of_drawn_losses_are_tight(name, num_classes):
    rng = np.random.default_rng(num_classes)
    for _ in range(4):
        loss = drawn(name, rng)
        needed = 1 / loss.asymmetry_ratio()
        minimisers = Minimisers(loss, num_classes)
        weights = np.zeros(num_classes)
        weights[0] = 1.0
        weights[1] = needed * 1.001
        assert minimisers.find(weights).is_corner, loss
        weights[1] = needed * 0.999
        # Of a ratio of 1 that makes the other class the likelier one.
        found = minimisers.find(weights)
        assert found.corner == 0 or not found.is_corner, loss


# Noise of another kind in every class: no answer serves two of them.
UNEVEN = 0.6 * np.eye(10) + 0.4 * np.random.default_rng(0).dirichlet(
    np.ones(10), 10
)
CALLS = {
    "asymmetry_ratio": lambda loss: asymmetry_ratio(loss, 10),
    "is_symmetric": lambda loss: is_symmetric(loss, 10),
    "max_noise_rate": lambda loss: max_noise_rate(Ask(loss), "pair", 10),
    "noise_tolerance": lambda loss: noise_tolerance(loss, "symmetric", 0.4, 10),
    "noise_tolerance, uneven": lambda loss: noise_tolerance(loss, UNEVEN),
    "is_asymmetric": lambda loss: is_asymmetric(Ask(loss), UNEVEN),
    "suggest_loss": lambda loss: suggest_loss(UNEVEN),
    "robustness_gap": lambda loss: robustness_gap(loss, UNEVEN),
    "classification_calibration": lambda loss: classification_calibration(
        loss, 10
    ),
    "fitting_profile": lambda loss: fitting_profile(loss, 10),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLS)
def test_no_call_takes_long(name):
    """Of its processor's time, the first call aside: it loads and compiles."""
    for loss in (
        losses.AsymmetricGCE(from_logits=True),
        losses.get("nce+agce", "cifar10", from_logits=True),
        losses.get("jal-ce", "cifar10", from_logits=True),
    ):
        if name == "asymmetry_ratio" and not has_ratio(loss, 10):
            continue
        CALLS[name](loss)
        start = time.process_time()
        CALLS[name](loss)
        assert time.process_time() - start < 2.0
