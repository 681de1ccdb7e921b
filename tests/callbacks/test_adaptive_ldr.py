"""AdaptiveLDRKL: the authors' numbers, inside `fit`, and what it refuses."""

import pathlib

import keras
import numpy as np
import pytest
from keras import ops

import keras_robust as kr
from keras_robust.losses import adaptive_ldr
from keras_robust.losses import ldr
from keras_robust.losses.labelled import Labelled
from tests.backend import to_numpy
from tests.backend import values_and_slopes
from tests.training import frozen

GOLDEN = pathlib.Path(__file__).parents[1] / "golden" / "adaptive_ldr.npz"


def test_the_authors_numbers():
    """Without softplus, as they were made."""
    golden = np.load(GOLDEN)
    logits, labels = golden["logits"], golden["labels"]
    lam = np.ones(len(labels))

    def normalized(z):
        z = ops.convert_to_tensor(z)
        return z / ops.mean(ops.abs(z), axis=-1, keepdims=True)

    for call, state in enumerate(golden["lambda_state"]):
        lam = to_numpy(adaptive_ldr.adapted(normalized(logits), lam, 1.0, 1.0))
        np.testing.assert_allclose(lam, state, rtol=2e-4)
        held = ops.convert_to_tensor(state)

        def loss(z, held=held):
            given = Labelled(labels, normalized(z), True, -1, None)
            price = adaptive_ldr.price(held, 1.0, 1.0, 10)
            return ldr.values(given, 1.0, held) + price

        values, slopes = values_and_slopes(loss, logits)
        np.testing.assert_allclose(values, golden["loss"][call], rtol=1e-4)
        np.testing.assert_allclose(
            slopes, golden["grad"][call], rtol=1e-3, atol=1e-5
        )


def fit(model, adaptive, x, labels, first=False, batch=frozen.N, **options):
    tracker = frozen.tracker()
    weight = options.pop("sample_weight", None)
    data = tracker.track(
        x, labels, batch_size=batch, shuffle=False, sample_weight=weight
    )
    options = {"epochs": 3, "verbose": 0, "shuffle": False, **options}
    callbacks = [adaptive, tracker] if first else [tracker, adaptive]
    history = model.fit(data, callbacks=callbacks, **options)
    return history.history["loss"], tracker


def moved(f, lam, first, alpha):
    classes = f.shape[1]
    p = np.exp(f / lam[:, None])
    p = p / p.sum(1, keepdims=True) + 1e-5
    p /= p.sum(1, keepdims=True)
    divergence = (p * np.log(classes * p)).sum(1)
    return first * (1 - divergence / (alpha * np.log(classes)))


def by_hand(z, labels, epochs, margin, first, alpha, weight=1.0):
    """Loss and lambdas of a frozen model, in float64."""
    classes = z.shape[1]
    f = np.log1p(np.exp(z))
    f /= f.mean(1, keepdims=True)
    lead = f - f[np.arange(len(f)), labels][:, None]
    lead += margin * (1 - np.eye(classes)[labels])
    lam, logged = np.full(len(f), first), []
    for _ in range(epochs):
        lam = moved(f, lam, first, alpha)
        values = lam * np.log(np.exp(lead / lam[:, None]).mean(1))
        values -= alpha * np.log(classes) / (2 * first) * (lam - first) ** 2
        logged.append(np.mean(weight * values))
    return logged, lam


@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_in_fit(first):
    loss = kr.losses.LDRKL(margin=0.5, lam=2.0, from_logits=True)
    model = frozen.classifier(loss, None)
    x, labels = frozen.samples()
    z = model.predict(x, verbose=0).astype("float64")
    weight = np.linspace(0.5, 2.0, frozen.N)
    logged, lam = by_hand(z, labels, 3, 0.5, 2.0, 1.5, weight)
    adaptive = kr.callbacks.AdaptiveLDRKL(alpha=1.5)
    for _ in range(1 + first):
        found, tracker = fit(
            model, adaptive, x, labels, first, sample_weight=weight
        )
        # The second fit begins anew.
        np.testing.assert_allclose(found, logged, rtol=1e-5)
        np.testing.assert_allclose(adaptive.lambdas, lam, rtol=1e-5)
    assert lam.std() > 0.01
    frozen.check(tracker, model, x, labels, 3, from_logits=True)
    assert "_keras_robust_attachment" not in vars(model)
    # Outside of training it is the loss that was compiled.
    plain = float(loss(labels, z.astype("float32")))
    evaluated = model.evaluate(x, labels, verbose=0)
    np.testing.assert_allclose(evaluated, plain, rtol=1e-5)


def two_heads(losses):
    inputs = keras.Input((frozen.FEATURES,))
    layers = [keras.layers.Dense(3, name=name) for name in "ab"]
    model = keras.Model(inputs, {la.name: la(inputs) for la in layers})
    return frozen.compiled(model, losses)


def test_one_for_each_of_two_outputs():
    """Whichever stands first; the tracker is of one of them."""
    make, options = kr.losses.LDRKL, {"from_logits": True}
    losses = {
        "a": make(margin=0.5, lam=2.0, **options),
        "b": make(margin=1.0, lam=5.0, **options),
    }
    model = two_heads(losses)
    x, labels = frozen.samples()
    y = {"a": labels, "b": (labels + 1) % frozen.CLASSES}
    z = model.predict(x, verbose=0)
    z = {name: part.astype("float64") for name, part in z.items()}
    of_a, lam_a = by_hand(z["a"], y["a"], 2, 0.5, 2.0, 1.5)
    of_b, lam_b = by_hand(z["b"], y["b"], 2, 1.0, 5.0, 1.0)
    tracker = frozen.tracker(output="a")
    data = tracker.track(x, y, batch_size=frozen.N)
    one = kr.callbacks.AdaptiveLDRKL(alpha=1.5, output="a")
    two = kr.callbacks.AdaptiveLDRKL(alpha=1.0, output="b")
    history = model.fit(
        data, epochs=2, verbose=0, callbacks=[one, tracker, two]
    ).history
    np.testing.assert_allclose(one.lambdas, lam_a, rtol=1e-5)
    np.testing.assert_allclose(two.lambdas, lam_b, rtol=1e-5)
    expected = np.add(of_a, of_b)
    np.testing.assert_allclose(history["loss"], expected, rtol=1e-5)
    again = kr.callbacks.AdaptiveLDRKL(output=0)
    with pytest.raises(ValueError, match="two AdaptiveLDRKL.*same output"):
        model.fit(data, verbose=0, callbacks=[one, tracker, again])


def slope_of(z, labels, margin, lam):
    """Gradient of the sum of losses by the logits, lambda held."""
    classes = z.shape[1]
    softplus, total = np.log1p(np.exp(z)), np.log1p(np.exp(z)).sum(1)[:, None]
    f = classes * softplus / total
    one_hot = np.eye(classes)[labels]
    shares = np.exp((f + margin * (1 - one_hot)) / lam[:, None])
    of_f = shares / shares.sum(1, keepdims=True) - one_hot
    inner = (of_f * f).sum(1, keepdims=True)
    return (classes * of_f - inner) / total / (1 + np.exp(-z))


def test_it_trains_as_a_loop_by_hand(tmp_path):
    """And goes on where it was."""
    loss = kr.losses.LDRKL(margin=0.5, lam=2.0, from_logits=True)
    model = frozen.classifier(loss, None, learning_rate=0.5)
    x, labels = frozen.samples()
    kernel, bias = (w.astype("float64") for w in model.get_weights())
    for begin, end in ((0, 2), (2, 4)):
        adaptive = kr.callbacks.AdaptiveLDRKL(
            store=tmp_path / "lambdas.npz", resume=True
        )
        fit(model, adaptive, x, labels, initial_epoch=begin, epochs=end)
    lam = np.full(frozen.N, 2.0)
    for _ in range(4):
        z = x @ kernel + bias
        f = np.log1p(np.exp(z))
        lam = moved(f / f.mean(1, keepdims=True), lam, 2.0, 1.0)
        slope = slope_of(z, labels, 0.5, lam) / frozen.N
        kernel -= 0.5 * x.T @ slope
        bias -= 0.5 * slope.sum(0)
    np.testing.assert_allclose(adaptive.lambdas, lam, rtol=1e-3)
    for ours, theirs in zip(model.get_weights(), (kernel, bias), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)


@pytest.mark.filterwarnings("ignore:Explicitly requested dtype float64")
def test_every_lambda_at_its_place():
    """Batches, the last one partial; one-hot labels; a float64 model."""
    options = {"from_logits": True, "dtype": "float64"}
    loss = kr.losses.LDRKL(margin=0.5, lam=2.0, **options)
    inputs = keras.Input((frozen.FEATURES,))
    layer = keras.layers.Dense(frozen.CLASSES, dtype="float64")
    model = frozen.compiled(keras.Model(inputs, layer(inputs)), loss)
    x, labels = frozen.samples()
    z = model.predict(x, verbose=0).astype("float64")
    _, lam = by_hand(z, labels, 2, 0.5, 2.0, 1.0)
    adaptive = kr.callbacks.AdaptiveLDRKL()
    one_hot = np.eye(frozen.CLASSES, dtype="float32")[labels]
    fit(model, adaptive, x, one_hot, batch=frozen.BATCH, epochs=2)
    np.testing.assert_allclose(adaptive.lambdas, lam, rtol=1e-5)


def test_extreme_logits_stay_finite():
    loss = kr.losses.LDRKL(margin=0.5, lam=2.0, from_logits=True)
    model = frozen.classifier(loss, None, learning_rate=0.1)
    x, labels = frozen.samples()
    x[::2] *= 1e4
    x[1::2] *= 1e-3
    adaptive = kr.callbacks.AdaptiveLDRKL()
    logged, _ = fit(model, adaptive, x, labels)
    assert np.isfinite(logged).all()
    assert (adaptive.lambdas > 0).all()
    assert all(np.isfinite(w).all() for w in model.get_weights())


def test_what_is_refused():
    x, labels = frozen.samples()
    rise = kr.losses.schedules.Linear(1.0, 2.0, end_epoch=4)
    for loss in (
        kr.losses.CrossEntropy(from_logits=True),
        kr.losses.LDRKL(lam=rise, from_logits=True),
    ):
        model = frozen.classifier(loss, None)
        with pytest.raises(ValueError, match="compile the model with an inst"):
            fit(model, kr.callbacks.AdaptiveLDRKL(), x, labels)
    loss = kr.losses.LDRKL(from_logits=True)
    model = two_heads({"a": loss, "b": loss})
    tracker = frozen.tracker(output="a")
    data = tracker.track(x, {"a": labels, "b": labels})
    adaptive = kr.callbacks.AdaptiveLDRKL(output="a")
    with pytest.raises(ValueError, match="give each an LDRKL"):
        model.fit(data, verbose=0, callbacks=[tracker, adaptive])
    with pytest.raises(ValueError, match="`alpha` must.*at least 1"):
        kr.callbacks.AdaptiveLDRKL(alpha=0.5)
    with pytest.raises(ValueError, match="AdaptiveLDRKL acts on single"):
        frozen.classifier(loss, None).fit(
            x, labels, verbose=0, callbacks=[kr.callbacks.AdaptiveLDRKL()]
        )
