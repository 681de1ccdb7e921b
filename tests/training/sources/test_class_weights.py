"""Class weights become sample weights, or weights of positions."""

import numpy as np
import pytest

from keras_robust.training import sources
from tests.training import frozen
from tests.training.sources import helpers
from tests.training.sources.helpers import LABELS
from tests.training.sources.helpers import X
from tests.training.sources.helpers import track

WEIGHT = {0: 3.0, np.int64(2): 1}
EXPECTED = np.array([3.0, 1.0, 1.0])[LABELS]
GIVEN = np.linspace(1, 2, frozen.N).astype("float32")


@pytest.mark.parametrize(
    "y",
    [LABELS, LABELS[:, None], LABELS.astype("float32"), np.eye(3)[LABELS]],
)
@pytest.mark.parametrize("given", [None, GIVEN, GIVEN[:, None]])
def test_the_class_is_the_given_label(y, given):
    tracked = track(X, y, sample_weight=given, class_weight=WEIGHT)
    expected = EXPECTED if given is None else EXPECTED * GIVEN
    np.testing.assert_allclose(helpers.weights(tracked), expected, rtol=1e-6)


def test_they_weigh_the_loss():
    loss = {}
    for name, weight in (("none", None), ("two", {0: 2.0, 1: 2.0, 2: 2.0})):
        tracked = track(X, LABELS, batch_size=frozen.N, class_weight=weight)
        model = frozen.classifier()
        model.set_weights([np.eye(4, 3), np.arange(3.0)])
        history = model.fit(sources.plain(tracked.feed), verbose=0)
        loss[name] = history.history["loss"][0]
    # Keras divides by the number of samples, not by the weights.
    np.testing.assert_allclose(loss["two"], 2 * loss["none"], rtol=1e-5)


MASKS = np.random.default_rng(0).integers(0, 4, (frozen.N, 3, 5))


@pytest.mark.parametrize("y", [MASKS, np.eye(4)[MASKS]])
@pytest.mark.parametrize("given", [None, GIVEN, np.ones_like(MASKS) * 2.0])
def test_positions_have_weights_of_their_own(y, given):
    tracked = track(X, y, sample_weight=given, class_weight={3: 0.0, 1: 4.0})
    expected = np.array([1.0, 4.0, 1.0, 0.0])[MASKS]
    if given is not None:
        expected = expected * (given[:, None, None] if given.ndim == 1 else 2.0)
    np.testing.assert_allclose(helpers.weights(tracked), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("class_weight", "message"),
    [
        (
            {3: 1.0},
            "`class_weight` must name classes that there are, 0 to 2. "
            "Received: class_weight[3]=1.0",
        ),
        (
            {-1: 1.0},
            "`class_weight` must name classes that there are, 0 to 2. "
            "Received: class_weight[-1]=1.0",
        ),
        (
            {},
            "`class_weight` must be a dict {class: weight}. Received: "
            "class_weight={}",
        ),
        (
            [1.0, 2.0],
            "`class_weight` must be a dict {class: weight}. Received: "
            "class_weight=[1.0, 2.0]",
        ),
        (
            {"cat": 1.0},
            "`class_weight` must give class numbers a weight of at least 0. "
            "Received: class_weight['cat']=1.0",
        ),
        (
            {0: -1.0},
            "`class_weight` must give class numbers a weight of at least 0. "
            "Received: class_weight[0]=-1.0",
        ),
        (
            {0: float("nan")},
            "`class_weight` must give class numbers a weight of at least 0. "
            "Received: class_weight[0]=nan",
        ),
    ],
)
def test_what_is_no_class_weight(class_weight, message):
    with pytest.raises(ValueError) as error:
        track(X, LABELS, class_weight=class_weight)
    assert str(error.value) == message


def test_a_class_without_a_sample_may_have_a_weight():
    tracked = track(X, LABELS, num_classes=5, class_weight={4: 2.0})
    np.testing.assert_array_equal(helpers.weights(tracked), 1.0)
