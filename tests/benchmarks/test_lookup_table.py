"""What theory predicts is what free logits end at."""

import numpy as np
import pytest

from benchmarks import lookup_table
from keras_robust import losses
from keras_robust import theory
from keras_robust.theory.weights import label_weights


@pytest.mark.slow
@pytest.mark.parametrize(
    "loss",
    [
        losses.AsymmetricExponential(a=1.5, from_logits=True),
        losses.AsymmetricMSE(a=7.0, from_logits=True),
    ],
)
def test_the_predicted_rate_parts_what_training_learns(loss):
    rate = theory.max_noise_rate(loss, "pair", 4)
    matrices = [
        label_weights("pair", rate * factor, 4) for factor in (0.9, 0.98, 1.1)
    ]
    inside, next_to_it, outside = lookup_table.train(
        loss, np.array(matrices), steps=2000
    )
    assert inside > 0.999 and next_to_it > 0.99
    assert outside < 0.95
    # Where it ends is where the search says that the smallest risk is.
    expected = theory.robustness_gap(loss, "pair", rate * 1.1, 4)
    own = expected.minimisers.diagonal().mean()
    assert outside == pytest.approx(own, abs=0.01)
