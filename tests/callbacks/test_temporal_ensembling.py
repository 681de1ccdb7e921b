"""TemporalEnsembling: by hand, inside `fit`, and what it refuses."""

import numpy as np
import pytest

import keras_robust as kr
from tests.training import frozen


def quiet(**options):
    return kr.callbacks.TemporalEnsembling(verbose=0, **options)


def fit(model, callback, first=False, batch=frozen.N, **options):
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    weight = options.pop("sample_weight", None)
    data = tracker.track(
        x, labels, batch_size=batch, shuffle=False, sample_weight=weight
    )
    options = {"epochs": 4, "verbose": 0, "shuffle": False, **options}
    callbacks = [callback, tracker] if first else [tracker, callback]
    history = model.fit(data, callbacks=callbacks, **options)
    return history.history["loss"], tracker


def ramp(epoch, weight, epochs):
    return weight * np.exp(-5.0 * (1.0 - min(epoch / epochs, 1.0)) ** 2)


def loop_by_hand(model, epochs, alpha, weights, drop=False):
    """A loop with the weights of `model`, in float64; at rate 0.5."""
    x, labels = frozen.samples()
    kernel, bias = (w.astype("float64") for w in model.get_weights())
    one_hot = np.eye(frozen.CLASSES)[labels]
    sums, logged = np.zeros_like(one_hot), []
    for epoch in range(epochs):
        z = x @ kernel + bias
        p = np.exp(z - z.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        loss = -np.log((p * one_hot).sum(1))
        slope = p - one_hot
        if epoch > 0:
            apart = p - sums / (1.0 - alpha**epoch)
            loss += weights[epoch] * (apart**2).mean(1)
            of_p = weights[epoch] * 2.0 * apart / frozen.CLASSES
            slope += p * (of_p - (of_p * p).sum(1, keepdims=True))
        logged.append(loss.mean())
        sums = alpha * sums + (1.0 - alpha) * p
        if drop:
            sums[np.arange(frozen.N), sums.argmin(axis=1)] = 0.0
        kernel -= 0.5 * x.T @ slope / frozen.N
        bias -= 0.5 * slope.mean(0)
    return logged, sums / (1.0 - alpha**epochs), (kernel, bias)


@pytest.mark.parametrize(
    "from_logits, first, top_k",
    [(False, True, None), (True, False, None), (False, False, 2)],
    ids=str,
)
def test_it_trains_as_a_loop_by_hand(from_logits, first, top_k):
    """Another prediction every epoch; the gradient is not the target's."""
    model = frozen.classifier(
        kr.losses.CrossEntropy(from_logits=from_logits),
        None if from_logits else "softmax",
        learning_rate=0.5,
    )
    weights = [ramp(epoch, 3.0, 2) for epoch in range(4)]
    assert weights[2] == weights[3] == 3.0
    logged, targets, trained = loop_by_hand(
        model, 4, 0.6, weights, top_k is not None
    )
    ensembling = quiet(weight=3.0, ramp_epochs=2, top_k=top_k)
    found, tracker = fit(model, ensembling, first)
    np.testing.assert_allclose(found, logged, rtol=1e-4)
    np.testing.assert_allclose(ensembling.targets, targets, rtol=1e-3)
    for ours, theirs in zip(model.get_weights(), trained, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)
    assert tracker.trajectories.num_epochs == 4
    assert "_keras_robust_attachment" not in vars(model)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_a_frozen_model_agrees_with_itself(dtype):
    """At every place; and a second fit begins anew."""
    model = frozen.classifier(kr.losses.CrossEntropy())
    x, labels = frozen.samples()
    p = model.predict(x, verbose=0)
    ensembling = quiet(ramp_epochs=0, dtype=dtype)
    plain = -np.log(p[np.arange(frozen.N), labels]).mean()
    rtol = 1e-4 if dtype == "float32" else 2e-3
    for _ in range(2):
        found, _ = fit(model, ensembling, epochs=2)
        np.testing.assert_allclose(found, [plain] * 2, rtol=rtol)
        np.testing.assert_allclose(ensembling.targets, p, rtol=rtol)
        assert ensembling.targets.dtype == dtype


def test_a_schedule_goes_on_where_it_was(tmp_path):
    """The schedule is the weight as it is; sums and visits come back."""
    rise = kr.losses.schedules.Linear(1.0, 4.0, end_epoch=3)
    model = frozen.classifier(kr.losses.CrossEntropy(), learning_rate=0.5)
    weights = [1.0, 2.0, 3.0, 4.0]
    logged, targets, _ = loop_by_hand(model, 4, 0.6, weights)
    store, found = tmp_path / "targets.npz", []
    for begin, end in ((0, 2), (2, 4)):
        ensembling = quiet(weight=rise, store=store, resume=True)
        found += fit(model, ensembling, initial_epoch=begin, epochs=end)[0]
    np.testing.assert_allclose(found, logged, rtol=1e-4)
    np.testing.assert_allclose(ensembling.targets, targets, rtol=1e-3)


@pytest.mark.filterwarnings("ignore:20 of 30 samples were never seen")
def test_who_was_never_seen_has_no_target():
    model = frozen.classifier(kr.losses.CrossEntropy())
    ensembling = quiet()
    fit(model, ensembling, batch=10, epochs=1, steps_per_epoch=1)
    p = model.predict(frozen.samples()[0][:10], verbose=0)
    np.testing.assert_allclose(ensembling.targets[:10], p, rtol=1e-4)
    assert not ensembling.targets[10:].any()


def test_bad_arguments():
    fall = kr.losses.schedules.Linear(1.0, -1.0, end_epoch=3)
    for bad in (
        {"weight": -1},
        {"weight": fall},
        {"alpha": 1.0},
        {"ramp_epochs": -1},
    ):
        with pytest.raises(ValueError, match=f"`{next(iter(bad))}` must"):
            kr.callbacks.TemporalEnsembling(**bad)
    model = frozen.classifier(kr.losses.CrossEntropy())
    with pytest.raises(ValueError, match="TemporalEnsembling acts on single"):
        model.fit(*frozen.samples(), verbose=0, callbacks=[quiet()])
    with pytest.raises(ValueError, match="TemporalEnsembling would keep 30"):
        fit(model, quiet(max_bytes=1))
