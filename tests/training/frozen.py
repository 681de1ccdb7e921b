"""A small problem, and what one forward pass says of every sample."""

import keras
import numpy as np

import keras_robust as kr

# Fewer than Keras's batch of 32, so that most tests compile one step.
N = 30
FEATURES = 4
CLASSES = 3
# Full batches and a partial last one.
BATCH = 8


def samples(count=N, classes=CLASSES, seed=0):
    """Random features `(count, FEATURES)` and labels `(count,)`."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, FEATURES)).astype("float32")
    return x, rng.integers(0, classes, count)


def classifier(
    loss="sparse_categorical_crossentropy",
    activation="softmax",
    outputs=CLASSES,
    learning_rate=0.0,
    **options,
):
    """A compiled linear model; at learning rate 0 it stays as it is."""
    model = keras.Sequential(
        [
            keras.Input((FEATURES,)),
            keras.layers.Dense(outputs, activation=activation),
        ]
    )
    return compiled(model, loss, learning_rate, **options)


def compiled(model, loss, learning_rate=0.0, **options):
    model.compile(keras.optimizers.SGD(learning_rate), loss=loss, **options)
    return model


def begun_alike(model):
    """The model with weights that are the same in every process.

    `keras.utils.set_random_seed` imports TensorFlow, whatever the backend.
    """
    rng = np.random.default_rng(0)
    for weight in model.trainable_weights:
        weight.assign(rng.normal(scale=0.5, size=weight.shape))
    return model


def tracker(*args, **options):
    """A tracker; what it says of collapses is not the point here."""
    return kr.callbacks.LossTrajectory(*args, warn_on_collapse=False, **options)


def log_probs(outputs, from_logits=False):
    """Log-probabilities of all classes, in float64."""
    outputs = np.asarray(outputs, dtype="float64")
    if outputs.shape[1] == 1 and from_logits:
        outputs = 1.0 / (1.0 + np.exp(-outputs))
        from_logits = False
    if outputs.shape[1] == 1:
        outputs = np.concatenate([1.0 - outputs, outputs], axis=1)
    if from_logits:
        return outputs - np.log(np.exp(outputs).sum(axis=1, keepdims=True))
    return np.log(outputs)


def signals(outputs, labels, from_logits=False):
    """The signals of every sample, by definition."""
    log_p = log_probs(outputs, from_logits)
    rows = np.arange(len(labels))
    own = log_p[rows, labels]
    others = log_p.copy()
    others[rows, labels] = -np.inf
    predicted = log_p.argmax(axis=1)
    p = np.exp(log_p)
    one_hot = np.eye(p.shape[1])[labels]
    return {
        "cross_entropy": -own,
        "margin": own - others.max(axis=1),
        "correct": (predicted == labels).astype("float64"),
        "predicted": predicted.astype("float64"),
        "confidence": p[rows, labels],
        "entropy": -(p * log_p).sum(axis=1),
        "el2n": np.linalg.norm(p - one_hot, axis=1),
    }


def check(tracker, model, x, labels, epochs, from_logits=False, tolerance=1e-5):
    """Every epoch has each sample at its place, as a forward pass gives it."""
    # As `fit` reads them: tf.data knows no lists.
    outputs = model(keras.tree.lists_to_tuples(x), training=False)
    outputs = keras.ops.convert_to_numpy(keras.ops.stop_gradient(outputs))
    expected = signals(outputs, labels, from_logits)
    recorded = tracker.trajectories
    assert set(tracker.signals) == set(recorded.signals)
    assert recorded.num_epochs == epochs
    assert len(recorded) == len(labels)
    np.testing.assert_array_equal(recorded.given_label, labels)
    np.testing.assert_array_equal(recorded.counts, 1)
    for name, values in expected.items():
        if name not in recorded.signals:
            continue
        assert recorded.signals[name].shape == (epochs, len(labels))
        for epoch in recorded.signals[name]:
            np.testing.assert_allclose(
                epoch, values, rtol=tolerance, atol=tolerance, err_msg=name
            )


class Interrupt(keras.callbacks.Callback):
    """Ends the training in the middle of an epoch."""

    def __init__(self, error, epoch=1, batch=2):
        super().__init__()
        self.error, self.place, self.epoch = error, (epoch, batch), None

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if (self.epoch, batch) == self.place:
            raise self.error
