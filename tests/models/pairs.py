"""Pairs of small networks, and what co-teaching does with them by hand."""

import keras
import numpy as np

import keras_robust as kr
from tests.training import frozen


def network(activation="softmax", outputs=frozen.CLASSES, **options):
    return keras.Sequential(
        [
            keras.Input((frozen.FEATURES,)),
            keras.layers.Dense(outputs, activation=activation),
        ],
        **options,
    )


def pair(noise_rate=0.4, epochs=4, activation="softmax", outputs=3, **options):
    """Two linear networks whose outputs are far from each other."""
    networks = [network(activation, outputs) for _ in range(2)]
    rng = np.random.default_rng(5)
    for made in networks:
        made.set_weights([rng.normal(size=w.shape) for w in made.get_weights()])
    return kr.CoTeaching(*networks, noise_rate, epochs, **options)


def probabilities(network, x):
    """Of a linear network of `x`, in float64; a binary head has two."""
    kernel, bias = (np.float64(weight) for weight in network.get_weights())
    logits = x @ kernel + bias
    if logits.shape[1] == 1:
        logits = np.concatenate([np.zeros_like(logits), logits], axis=1)
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def cross_entropy(network, x, labels):
    p = probabilities(network, x)
    return -np.log(p[np.arange(len(labels)), labels])


def kept(rate, size):
    # In whole per cent, so that nothing is rounded.
    return max(1, size * (100 - round(100 * rate)) // 100)


def chosen(losses, rate):
    """The positions of the smallest losses."""
    return np.argsort(losses)[: kept(rate, len(losses))]


def loss_of_batch(model, x, labels, rate, weights=None):
    """The sum of both networks' means over what the other one chose."""
    weights = np.ones(len(x)) if weights is None else weights
    of_a = cross_entropy(model.model_a, x, labels)
    of_b = cross_entropy(model.model_b, x, labels)
    by_a, by_b = chosen(of_a, rate), chosen(of_b, rate)
    return (weights * of_a)[by_b].mean() + (weights * of_b)[by_a].mean()


def loss_of_epoch(model, x, labels, rate, batch):
    """What `fit` logs: batches weigh as many samples as they have."""
    starts = range(0, len(x), batch)
    parts = [slice(start, start + batch) for start in starts]
    sizes = [len(x[part]) for part in parts]
    losses = [loss_of_batch(model, x[p], labels[p], rate) for p in parts]
    return np.average(losses, weights=sizes)
