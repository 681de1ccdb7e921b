"""What is known of the corrections, beside their formulas."""

import re

import keras
import numpy as np
import pytest

from keras_robust import losses
from tests.backend import to_numpy
from tests.backend import values_and_slopes
from tests.losses.cases import LABELS
from tests.losses.cases import LOGITS
from tests.losses.cases import ONE_HOT
from tests.losses.cases.corrections import MATRIX
from tests.losses.cases.corrections import symmetric
from tests.losses.test_identities_wrappers import SOFT
from tests.losses.test_identities_wrappers import O
from tests.losses.test_identities_wrappers import P
from tests.losses.test_identities_wrappers import Z
from tests.losses.test_identities_wrappers import both
from tests.losses.test_identities_wrappers import ce
from tests.losses.test_identities_wrappers import same


def raises(message):
    return pytest.raises(ValueError, match=re.escape(message))


T = np.array(MATRIX)
FULL = 0.8 * T + 0.05
CORRECTIONS = (losses.ForwardCorrection, losses.BackwardCorrection)
both_corrections = pytest.mark.parametrize("cls", CORRECTIONS)


@pytest.mark.parametrize("labels", [LABELS, SOFT], ids=["hard", "soft"])
@pytest.mark.parametrize("from_logits", [True, False])
@pytest.mark.parametrize("matrix", [T, FULL], ids=["zeros", "full"])
def test_corrections_by_a_matrix(labels, from_logits, matrix):
    y_pred = Z if from_logits else P
    weights = np.eye(4)[labels] if labels.ndim == 1 else labels
    wanted = {
        losses.ForwardCorrection: -np.log(P @ matrix),
        losses.BackwardCorrection: -np.log(P) @ np.linalg.inv(matrix).T,
    }
    for cls, values in wanted.items():
        loss = cls(matrix, from_logits=from_logits, dtype="float64")
        value, slope = both(loss, labels, y_pred)
        np.testing.assert_allclose(value, (weights * values).sum(-1), 1e-9)
        assert np.isfinite(slope).all()
        assert np.abs(slope).max() > 0.1


@both_corrections
@pytest.mark.parametrize("labels", [LABELS, SOFT], ids=["hard", "soft"])
def test_a_rate_is_the_matrix_of_symmetric_noise(cls, labels):
    same(cls(0.3, **O), cls(symmetric(4, 0.3), **O), labels)


def test_the_noisy_mean_of_the_backward_correction_is_clean():
    loss = losses.BackwardCorrection(T, **O)
    for true in range(4):
        noisy = np.tile(T[true], (len(Z), 1))
        clean = np.full(len(Z), true)
        np.testing.assert_allclose(both(loss, noisy)[0], both(ce(), clean)[0])


@pytest.mark.parametrize("labels", [LABELS, ONE_HOT], ids=["hard", "one-hot"])
@pytest.mark.parametrize("matrix", [T, FULL], ids=["zeros", "full"])
def test_corrections_of_extreme_logits(labels, matrix):
    for cls in CORRECTIONS:
        loss = cls(matrix, from_logits=True)
        values, slopes = values_and_slopes(
            lambda z, loss=loss: loss.call(labels, z),
            np.float32(1e4) * np.sign(LOGITS),
        )
        assert np.isfinite(values).all() and np.isfinite(slopes).all()


def test_a_bad_label_has_no_correction():
    for cls in CORRECTIONS:
        value = to_numpy(
            cls(T, from_logits=True).call([4, -1, 0, 1, 2, 3], LOGITS)
        )
        assert np.isnan(value[:2]).all() and np.isfinite(value[2:]).all()


@both_corrections
def test_what_is_no_transition_matrix(cls):
    for bad in (
        [[1.0]],
        [[1, 0], [0]],
        [[1, 0]],
        [1, 2],
        "ab",
        [["a", 0], [0, 1]],
        [],
    ):
        with raises("`transition_matrix` must be"):
            cls(bad)
    for bad in (
        [[0.5, 0.4], [0, 1]],
        [[1.5, -0.5], [0, 1]],
        [[1, 0], [0, np.nan]],
    ):
        with raises("of `transition_matrix` must be probabilities that sum to"):
            cls(bad)
    for bad in (-0.1, 1, 1.5, None, True):
        with raises(
            "`transition_matrix` must be a finite number at least 0 an"
        ):
            cls(bad)
    with raises("Received: 4 rows, 3 classes"):
        cls(T).call([0, 1], P[:2, :3])


def test_a_matrix_of_any_make_is_plain_in_the_config():
    for given in (T, T.tolist(), MATRIX, keras.ops.convert_to_tensor(T)):
        loss = losses.ForwardCorrection(given)
        config = loss.get_config()["transition_matrix"]
        assert type(config) is list and type(config[0][0]) is float
        np.testing.assert_allclose(config, T, atol=1e-7)
    assert losses.ForwardCorrection(np.float32(0.25)).transition_matrix == 0.25


def test_a_matrix_without_an_inverse():
    with raises("Take `ForwardCorrection`, which needs no inverse"):
        losses.BackwardCorrection([[0.5, 0.5], [0.5, 0.5]])
    with raises("cannot be inverted, or only with errors that drown the loss"):
        losses.BackwardCorrection([[0.5, 0.5], [0.4999, 0.5001]])
    loss = losses.BackwardCorrection(0.75)
    with raises("symmetric noise that hides the true class"):
        loss.call(LABELS, P)
    # Rows to swap on the way.
    flip = [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    value, _ = both(
        losses.BackwardCorrection(flip, **O), np.array([1]), Z[:1, :3]
    )
    np.testing.assert_allclose(value, both(ce(), np.array([0]), Z[:1, :3])[0])


def test_bootstrapping_is_cross_entropy_against_a_mixed_target():
    entropy = losses.EntropyRegularized(0.8 * ce(), 0.2)
    same(losses.SoftBootstrapping(0.8, **O), entropy)
    sure = np.eye(4)[P.argmax(-1)]
    target = 0.8 * ONE_HOT + 0.2 * sure
    np.testing.assert_allclose(
        both(losses.HardBootstrapping(0.8, **O))[0],
        both(ce(), target)[0],
        rtol=1e-6,
    )
    # A tie takes the first class, on every backend.
    _, slope = both(losses.HardBootstrapping(0.8, **O), logits=0 * Z)
    np.testing.assert_allclose(
        slope, 0.25 - 0.8 * ONE_HOT - 0.2 * np.eye(4)[[0]], atol=1e-7
    )
