"""What the epochs of one run say of several classes, put together."""

import numpy as np
import pytest

from keras_robust.detect import mean_multi_label_probs

NAN = np.nan


def test_epochs_become_one():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(5, 8, 3))
    logits[2, 4, 1] = NAN
    mean = np.nanmean(logits, axis=0)
    expected = 1 / (1 + np.exp(-mean))
    p = 1 / (1 + np.exp(-logits))
    labels = rng.integers(0, 2, (8, 3))
    losses = -np.log(np.where(labels == 1, p, 1 - p))
    for values, options in (
        (p, {}),
        (list(p), {}),
        (iter(p), {}),
        (logits, {"of": "logits"}),
        (losses, {"of": "losses", "labels": labels}),
    ):
        found = mean_multi_label_probs(values, **options)
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    # Certainty is that of Keras's epsilon, not infinite.
    sure = mean_multi_label_probs(np.array([[[1.0]], [[0.0]]]))
    np.testing.assert_allclose(sure, 0.5)
    unseen = mean_multi_label_probs(np.array([[[NAN, 0.5]]]))
    np.testing.assert_array_equal(unseen, [[NAN, 0.5]])


@pytest.mark.parametrize(
    ("epochs", "options", "message"),
    [
        ([], {}, "Received: none"),
        (3, {}, "shape (E, N, K). Received: epochs=3"),
        (np.ones((2, 3)), {}, "Received: epochs[0].shape=(3,)"),
        ([np.ones((2, 3)), np.ones((2, 2))], {}, "epochs[1].shape=(2, 2)"),
        (np.full((1, 2, 2), 2.0), {}, "in [0, 1]. Received: epochs[0][0, 0]=2"),
        (-np.ones((1, 2, 2)), {"of": "losses"}, "needs `labels`"),
        (
            -np.ones((1, 2, 2)),
            {"of": "losses", "labels": np.eye(2)},
            "Losses must be at least 0. Received: epochs[0][0, 0]=-1.0",
        ),
        (
            np.ones((1, 2, 2)),
            {"of": "losses", "labels": np.ones((3, 2))},
            "labels.shape=(3, 2), epochs[0].shape=(2, 2)",
        ),
        (np.ones((1, 2, 2)), {"of": "margins"}, "Received: of='margins'"),
    ],
)
def test_bad_epochs(epochs, options, message):
    with pytest.raises(ValueError) as error:
        mean_multi_label_probs(epochs, **options)
    assert message in str(error.value)
