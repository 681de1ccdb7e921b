"""Every loss in every wrapper: the loss's formula of changed predictions."""

import re

import numpy as np
import pytest

from keras_robust import losses
from tests.backend import to_numpy
from tests.backend import values_and_slopes
from tests.losses.cases import CASES
from tests.losses.cases import CLASSES
from tests.losses.cases import LABELS
from tests.losses.cases import LOGITS
from tests.losses.cases import ONE_HOT
from tests.losses.cases import predictions
from tests.losses.cases import softmax
from tests.losses.cases.case import outer
from tests.losses.cases.wrappers import clipped
from tests.losses.cases.wrappers import entropy
from tests.losses.cases.wrappers import normalised
from tests.losses.cases.wrappers import sharpened

SOFT = (0.7 * ONE_HOT + 0.3 / CLASSES).astype("float32")


def raises(message):
    return pytest.raises(ValueError, match=re.escape(message))


def margin_of_given(z):
    others = np.where(ONE_HOT > 0, -np.inf, z)
    return (z[ONE_HOT > 0] - np.log(np.exp(others).sum(-1)))[:, None]


def with_margin(margin):
    """Logits in which the given class leads by that much."""
    return np.where(ONE_HOT > 0, margin, -np.log(CLASSES - 1))


def sparsity(z):
    return 1.2 * (softmax(normalised(z)) ** 0.1).sum(-1)


# name -> the wrapper, the logits it makes of logits (of integer labels), what
# it multiplies the loss by and what it adds to it
WRAPPERS = {
    "clip": (losses.LogitClip, clipped, 1, None),
    "sr": (losses.SparseRegularized, normalised, 1, sparsity),
    "bias": (
        lambda loss: losses.LogitBias(loss, 1.5),
        lambda z: z + 1.5 * ONE_HOT,
        1,
        None,
    ),
    "eps": (
        lambda loss: losses.EpsilonSoftmax(loss, 10),
        lambda z: np.log(sharpened(softmax(z), 10)),
        1,
        None,
    ),
    "entropy": (
        lambda loss: losses.EntropyRegularized(loss, -0.5),
        lambda z: z,
        1,
        lambda z: -0.5 * entropy(softmax(z))[:, 0],
    ),
    "shift": (
        lambda loss: losses.MarginShift(loss, shift=1.5),
        lambda z: with_margin(margin_of_given(z) + 1.5),
        1,
        None,
    ),
    "rescale": (
        lambda loss: losses.MarginRescale(loss, scale=0.5),
        lambda z: with_margin(margin_of_given(z) * 0.5),
        2,
        None,
    ),
}
LOGITS_ONLY = ("clip", "sr")
POINTWISE_ONLY = ("shift", "rescale")
every_wrapper = pytest.mark.parametrize("wrapper", WRAPPERS)


def fits(wrapper, loss):
    return loss.pointwise is not None or wrapper not in POINTWISE_ONLY


def pairs():
    """All on one backend; on the others each loss in one wrapper, by turns."""
    for i, (name, case) in enumerate(CASES.items()):
        loss = case.make(from_logits=True)
        fitting = [wrapper for wrapper in WRAPPERS if fits(wrapper, loss)]
        turn = fitting[i % len(fitting)]
        for wrapper in fitting:
            marks = () if wrapper == turn else pytest.mark.once
            label = f"{wrapper}-{name}"
            yield pytest.param(wrapper, name, id=label, marks=marks)


every_pair = pytest.mark.parametrize("wrapper, name", list(pairs()))


def close(actual, wanted):
    np.testing.assert_allclose(actual, wanted, rtol=1e-4, atol=1e-4)


def kinds(wrapper, case):
    """Whether from logits: what the wrapper and the loss both take."""
    only = case.logits or wrapper in LOGITS_ONLY
    return (True,) if only else (True, False)


@every_pair
def test_values_are_those_of_the_changed_predictions(wrapper, name):
    make, change, factor, extra = WRAPPERS[wrapper]
    case, logits = CASES[name], LOGITS.astype("float64")
    wanted = factor * case.values(LABELS, change(logits))
    wanted = wanted + (0 if extra is None else extra(logits))
    for from_logits in kinds(wrapper, case):
        loss = make(case.make(from_logits=from_logits))
        y_pred = predictions(from_logits)
        close(to_numpy(loss.call(LABELS, y_pred)), wanted)
        values, slopes = values_and_slopes(
            lambda z, loss=loss: loss.call(LABELS, z), 100 * LOGITS
        )
        if from_logits:
            assert np.isfinite(values).all() and np.isfinite(slopes).all()


@every_pair
def test_soft_labels_give_the_expectation(wrapper, name):
    case = CASES[name]
    if case.batch_term or not case.soft:
        pytest.skip("no expectation over labels")
    make = WRAPPERS[wrapper][0]
    for from_logits in kinds(wrapper, case):
        loss = make(case.make(from_logits=from_logits))
        y_pred = predictions(from_logits)
        every = [
            to_numpy(loss.call(np.full(len(LABELS), k), y_pred))
            for k in range(CLASSES)
        ]
        wanted = (np.stack(every, -1) * SOFT).sum(-1)
        close(to_numpy(loss.call(SOFT, y_pred)), wanted)


@every_pair
def test_a_config_with_a_loss_in_it(wrapper, name):
    loss = WRAPPERS[wrapper][0](CASES[name].make(from_logits=True))
    again = type(loss).from_config(loss.get_config())
    assert again.get_config() == loss.get_config()
    assert again.loss.get_config() == loss.loss.get_config()
    assert again.batch_term == loss.loss.batch_term
    np.testing.assert_array_equal(
        to_numpy(again.call(LABELS, LOGITS)),
        to_numpy(loss.call(LABELS, LOGITS)),
    )


@every_wrapper
def test_a_wrapper_in_a_wrapper(wrapper):
    for other in WRAPPERS:
        make = WRAPPERS[other][0]
        within = make(losses.AsymmetricGCE(from_logits=True))
        if not fits(wrapper, within):
            continue
        loss = WRAPPERS[wrapper][0](within)
        for labels in (LABELS, SOFT):
            assert np.isfinite(to_numpy(loss.call(labels, LOGITS))).all()


@every_wrapper
def test_a_wrapper_by_name(wrapper):
    loss = losses.get(wrapper, loss="agce", from_logits=True, axis=1)
    assert type(loss.loss) is losses.AsymmetricGCE
    assert loss.from_logits and loss.loss.from_logits and loss.axis == 1
    assert type(loss) is type(losses.get(loss.name, loss=loss.loss))
    with raises(f"needs the parameter 'loss': losses.get('{wrapper}', loss="):
        losses.get(wrapper)


@pytest.mark.parametrize("wrapper", LOGITS_ONLY)
def test_a_wrapper_of_logits_needs_logits(wrapper):
    with raises("give the loss from_logits=True"):
        WRAPPERS[wrapper][0](losses.CrossEntropy())


@pytest.mark.parametrize("wrapper", POINTWISE_ONLY)
def test_a_margin_is_that_of_one_probability(wrapper):
    make = WRAPPERS[wrapper][0]
    for loss in (
        losses.NormalizedCrossEntropy(),
        losses.CrossEntropy(0.1),
        losses.NormalizedCrossEntropy() + losses.AsymmetricGCE(),
    ):
        with raises("needs a loss that depends on the given class's "):
            make(loss)


@every_wrapper
def test_what_is_no_loss_or_does_not_agree(wrapper):
    make = WRAPPERS[wrapper][0]
    with raises("Only robust losses can be added up or wrapped"):
        make("agce")
    cls = type(make(losses.AsymmetricGCE(from_logits=True)))
    with raises("must agree on `from_logits`"):
        cls(losses.AsymmetricGCE(from_logits=True), from_logits=False)


def test_a_term_of_the_batch_has_no_bias_for_soft_labels():
    case = CASES["anl_entropy"]
    loss = losses.LogitBias(case.make(from_logits=True))
    assert loss.batch_term
    with raises("has no value for each label of a soft one"):
        loss.call(SOFT, LOGITS)


@pytest.mark.parametrize(
    "cls, optional, wanted, bad",
    [
        (losses.LogitClip, "delta", "above 0", 0),
        (losses.LogitBias, "epsilon", "at least -50 and at most 50", 51),
        (losses.MarginShift, "shift", "", float("nan")),
        (losses.MarginRescale, "scale", "above 0", 0),
    ],
)
def test_optional_numbers_are_checked(cls, optional, wanted, bad):
    within = losses.AsymmetricGCE(from_logits=True)
    wanted = f" {wanted}" if wanted else ""
    with raises(f"`{optional}` must be a finite number{wanted}. Received"):
        cls(within, **{optional: bad})
    assert outer(cls(within, **{optional: None}).get_config())


def test_two_classes_have_no_scale_of_their_own():
    loss = losses.MarginRescale(losses.AsymmetricGCE())
    with raises("With two classes a fresh model's mean margin is 0"):
        loss.call(LABELS % 2, predictions(False)[:, :2])
