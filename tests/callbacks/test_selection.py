"""Samples selected and weighed by detectors while `fit` runs."""

import keras
import numpy as np
import pytest
from sklearn.mixture import GaussianMixture

import keras_robust as kr
from keras_robust import detect
from tests.callbacks.told import LABELS
from tests.callbacks.told import LOSSES
from tests.callbacks.told import run
from tests.callbacks.told import varied
from tests.callbacks.told import weighted
from tests.training import frozen


def posterior(losses):
    """What DivideMix does, one epoch a row."""
    low, high = losses.min(1, keepdims=True), losses.max(1, keepdims=True)
    values = ((losses - low) / (high - low)).mean(axis=0)[:, None]
    mixture = GaussianMixture(
        2, max_iter=10, tol=1e-2, reg_covar=5e-4, random_state=0
    ).fit(np.sort(values, axis=0))
    return mixture.predict_proba(values)[:, mixture.means_.argmin()]


@pytest.mark.parametrize("threshold", [None, 0.5])
def test_gmm_weights_by_hand(threshold):
    losses = varied(5)
    losses[:, ::4] += 4.0
    gmm, found = run(
        lambda tracker: kr.callbacks.GMMWeights(
            tracker, threshold, epochs=2, start=1
        ),
        losses,
    )
    expected = [losses[0].mean()]
    for epoch in range(1, 5):
        weights = posterior(losses[max(epoch - 2, 0) : epoch])
        if threshold is not None:
            weights = (weights > threshold) * 1.0
        expected.append(weighted(losses[epoch], weights))
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    np.testing.assert_allclose(gmm.weights, weights, atol=1e-4)
    if threshold is None:
        assert ((gmm.weights > 0.01) & (gmm.weights < 0.99)).any()
    else:
        assert gmm.weights.sum() == frozen.N - len(LABELS[::4])


def test_where_all_losses_are_alike_all_stay():
    for make in (
        lambda tracker: kr.callbacks.GMMWeights(tracker, 0.5, start=1),
        lambda tracker: kr.callbacks.Reweight(
            tracker, "ctrl", "threshold", start=1
        ),
    ):
        callback, found = run(make, np.full((3, frozen.N), 0.7))
        np.testing.assert_allclose(found, [0.7] * 3, rtol=1e-5)
        assert (callback.weights == 1).all()


def test_gmm_weights_that_are_all_0_change_nothing(monkeypatch):
    """Of epochs 1 to 3 only the second finds a sample to train on."""
    losses = varied(4)
    told = np.full((3, frozen.N), 0.5)
    told[1, 3] = 0.95
    rows = iter(told)
    monkeypatch.setattr(
        detect, "clean_probability", lambda *_: (next(rows), None)
    )
    with pytest.warns(UserWarning, match="would leave no sample") as said:
        gmm, found = run(
            lambda tracker: kr.callbacks.GMMWeights(tracker, 0.9, start=1),
            losses,
        )
    said = [str(one.message) for one in said]
    first, second = [text for text in said if "leave no sample" in text]
    assert first.startswith("GMMWeights") and "epoch 1," in first
    assert "epoch 3," in second
    expected = [losses[0].mean(), losses[1].mean(), losses[2, 3], losses[3, 3]]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert np.flatnonzero(gmm.weights).tolist() == [3]


def learnt_course():
    """Losses in which samples are learnt at known epochs."""
    right, other = 0.1, 2.0
    losses = np.full((9, frozen.N), other)
    # 20 from epoch 1 on, 4 more from epoch 3 on, 3 in epochs 2 and 4 only, 3
    # in the warm-up and at the very end.
    losses[1:, :20] = right
    losses[3:, 20:24] = right
    losses[[2, 4], 24:27] = right
    losses[0, 27:] = losses[7:, 27:] = right
    return losses


def test_late_stopping_by_hand():
    """With warm-up 1, k 2: 20 learnt after epoch 2, 24 after epoch 4."""
    losses = learnt_course()
    for rate, dropped, since in ((0.2, 24, 5), (0.4, 20, 3)):
        late, found = run(
            lambda tracker, rate=rate: kr.callbacks.LateStopping(
                tracker, rate, k=2, warm_up=1
            ),
            losses,
        )
        weights = (np.arange(frozen.N) < dropped) * 1.0
        expected = [row.mean() for row in losses[:since]]
        expected += [weighted(row, weights) for row in losses[since:]]
        np.testing.assert_allclose(found, expected, rtol=1e-5)
        np.testing.assert_array_equal(late.weights, weights)
    # Not enough are learnt before the end.
    late, found = run(
        lambda tracker: kr.callbacks.LateStopping(tracker, 0.05, 2, 1), losses
    )
    assert late.weights is None
    np.testing.assert_allclose(found, losses.mean(axis=1), rtol=1e-5)


def smallest(values, count):
    weights = np.zeros(len(values))
    weights[np.argsort(values)[:count]] = 1.0
    return weights


def cnlcu_by_hand(losses, rate, epochs, window, v):
    """The weights of each epoch but the first, with the soft bound."""
    told, means, selections = [], None, None
    for last in range(len(losses) - 1):
        damped = np.log(1 + losses[last] + losses[last] ** 2 / 2)
        if last % window == 0:
            seen, selections = [], np.ones(frozen.N)
        seen.append(damped)
        means = np.mean(seen, axis=0)
        s = last + 1
        left = v * max(1 - last / 79, 0)
        width = left * (s + left * np.log(2 * s) / s**2)
        bound = means - width / (selections + 1 - left)
        share = rate * min((last + 1) / epochs, 1)
        weights = smallest(bound, frozen.N - round(share * frozen.N))
        told.append(weights)
        selections = selections + weights
    return told


def test_cnlcu_by_hand():
    losses = 0.05 * varied(8) + 2.0
    v = 0.05
    expected = cnlcu_by_hand(losses, 0.5, 2, 3, v)
    # The width matters here: with none another selection is made.
    means = cnlcu_by_hand(losses, 0.5, 2, 3, 0.0)
    assert any((a != b).any() for a, b in zip(expected, means, strict=True))
    cnlcu, found = run(
        lambda tracker: kr.callbacks.CNLCU(tracker, 0.5, epochs=2, variance=v),
        losses,
    )
    np.testing.assert_array_equal(cnlcu.weights, expected[-1])
    expected = [
        weighted(*one) for one in zip(losses[1:], expected, strict=True)
    ]
    np.testing.assert_allclose(found, [losses[0].mean(), *expected], rtol=1e-5)


def test_the_hard_bound_leaves_outliers_out():
    """One jump in seven epochs: the mean drops the sample, the bound not."""
    losses = np.tile(LOSSES, (8, 1)) + np.linspace(0, 0.01, 8)[:, None]
    losses[3, 0] = 30.0
    for bound, kept in (("hard", 1), ("soft", 0)):
        cnlcu, _ = run(
            lambda tracker, bound=bound: kr.callbacks.CNLCU(
                tracker, 0.9, bound, epochs=1, window=7
            ),
            losses,
        )
        assert cnlcu.weights[0] == kept
        assert cnlcu.weights.sum() == 3


def test_ctrl_filters_inside_fit():
    losses = varied(8) * 0.2
    wrong = np.arange(frozen.N) % 7 == 0
    losses[:, wrong] += 2.0
    reweight, found = run(
        lambda tracker: kr.callbacks.Reweight(
            tracker, "ctrl", "threshold", every=3, start=4
        ),
        losses,
    )
    np.testing.assert_array_equal(reweight.weights == 0, wrong)
    expected = [row.mean() for row in losses[:4]]
    expected += [row[~wrong].mean() for row in losses[4:]]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


MAKERS = {
    "gmm": lambda tracker: kr.callbacks.GMMWeights(
        tracker, epochs=3, start=2, every=3
    ),
    "late": lambda tracker: kr.callbacks.LateStopping(
        tracker, 0.2, k=2, warm_up=1
    ),
    "soft": lambda tracker: kr.callbacks.CNLCU(
        tracker, 0.5, epochs=2, variance=0.3
    ),
    "hard": lambda tracker: kr.callbacks.CNLCU(
        tracker, 0.5, "hard", epochs=2, variance=0.3
    ),
}


@pytest.mark.parametrize(
    "name",
    [
        "gmm",
        pytest.param("late", marks=pytest.mark.once),
        pytest.param("soft", marks=pytest.mark.once),
    ],
)
def test_it_begins_anew_and_goes_on_where_it_was(name, tmp_path):
    pytest.importorskip("zarr")
    losses = learnt_course() if name == "late" else varied(9)
    callback, expected = run(MAKERS[name], losses)
    weights = callback.weights
    # A second fit of the same callback, with another model and tracker.
    _, found = run(callback, losses)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    np.testing.assert_allclose(callback.weights, weights, atol=1e-6)
    # In parts, each with all new, but for what is on disk.
    path, found = str(tmp_path / "run.zarr"), []
    for begin, end in ((0, 5), (5, 9)):
        parted, more = run(
            MAKERS[name], losses, store=path, initial_epoch=begin, epochs=end
        )
        found += more
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    np.testing.assert_allclose(parted.weights, weights, atol=1e-6)


def test_a_training_that_goes_on_without_its_record():
    with pytest.warns(UserWarning, match="initial_epoch=2, recorded epochs=0"):
        run(MAKERS["soft"], varied(4), initial_epoch=2)


@pytest.mark.parametrize("name", MAKERS)
def test_who_was_never_seen_stays(name, monkeypatch):
    losses = (learnt_course() if name == "late" else varied(9))[:8]
    losses[:, 25:] = np.nan
    trajectories = kr.trajectories.Trajectories(
        np.arange(frozen.N),
        np.arange(len(losses)),
        {
            "cross_entropy": losses,
            "correct": np.where(np.isnan(losses), np.nan, losses < 1.0),
        },
        LABELS,
        frozen.CLASSES,
    )
    tracker = frozen.tracker()
    monkeypatch.setattr(type(tracker), "trajectories", trajectories)
    monkeypatch.setattr(
        tracker,
        "last_epochs",
        lambda signal, count, ago=0: trajectories.signal(signal)[-count:],
    )
    monkeypatch.setattr(
        tracker, "last_values", lambda signal, ago=0: losses[-1]
    )
    weights = MAKERS[name](tracker).weights_of(len(losses), 0)
    assert (weights[25:] == 1).all()
    assert weights[:25].min() < 0.1


def test_small_loss_on_a_network_with_dropout():
    """The losses it selects by are of the pass with dropout."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((frozen.FEATURES,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(frozen.CLASSES, activation="softmax"),
        ]
    )
    frozen.compiled(model, "sparse_categorical_crossentropy")
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    small = kr.callbacks.SmallLoss(tracker, noise_rate=0.4, epochs=1)
    data = tracker.track(x, labels, batch_size=frozen.N)
    model.fit(data, epochs=3, verbose=0, callbacks=[tracker, small])
    losses = tracker.trajectories.signal("cross_entropy")
    assert (losses[1] != losses[2]).any()
    assert set(np.flatnonzero(small.weights)) == set(np.argsort(losses[1])[:18])


def test_bad_input():
    callbacks = kr.callbacks
    tracker = callbacks.LossTrajectory(signals=["margin"])
    for make in (callbacks.CNLCU, callbacks.LateStopping):
        with pytest.raises(ValueError, match="does not record"):
            make(tracker, 0.2)
        for rate in (0.0, 1.0):
            with pytest.raises(ValueError, match="`noise_rate` must"):
                make(callbacks.LossTrajectory(), rate)
    with pytest.raises(ValueError, match="GMMWeights reads.*cross_entropy"):
        callbacks.GMMWeights(tracker)
    tracker = callbacks.LossTrajectory()
    with pytest.raises(ValueError, match="`threshold` must.*below 1"):
        callbacks.GMMWeights(tracker, threshold=1.0)
    for name in ("epochs", "start", "every"):
        with pytest.raises(ValueError, match=f"`{name}` must.*at least 1"):
            callbacks.GMMWeights(tracker, **{name: 0})
    with pytest.raises(ValueError, match="`k` must.*at least 1"):
        callbacks.LateStopping(tracker, 0.2, k=0)
    with pytest.raises(ValueError, match="`warm_up` must.*at least 0"):
        callbacks.LateStopping(tracker, 0.2, warm_up=-1)
    with pytest.raises(ValueError, match="`bound` must be one of 'soft'"):
        callbacks.CNLCU(tracker, 0.2, bound="upper")
    with pytest.raises(ValueError, match="`window` must.*at least 1"):
        callbacks.CNLCU(tracker, 0.2, window=0)
    with pytest.raises(ValueError, match="`variance` must.*below 1"):
        callbacks.CNLCU(tracker, 0.2, variance=1.0)
    with pytest.raises(ValueError, match="`decay_epochs` must.*at least 2"):
        callbacks.CNLCU(tracker, 0.2, decay_epochs=1)
    with pytest.raises(ValueError, match="`loss_bound` must.*above 0"):
        callbacks.CNLCU(tracker, 0.2, loss_bound=0.0)
