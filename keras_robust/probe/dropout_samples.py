"""predict_samples: what a model says with its dropout left on."""

from typing import NamedTuple

import keras
import numpy as np

from keras_robust.losses import arguments
from keras_robust.probe import dropout_layers
from keras_robust.probe.inputs import as_arrays
from keras_robust.probe.inputs import rows
from keras_robust.probe.outputs import Outputs
from keras_robust.training import native
from keras_robust.training.sources.options import checked_count
from keras_robust.training.sources.options import checked_seed


class DropoutMean(NamedTuple):
    """Means over dropout samples.

    Attributes:
        pred_probs: The mean of the probabilities, float32 `(N, K)`.
        entropy: The mean of their entropies in nats, float32 `(N,)`.
    """

    pred_probs: np.ndarray
    entropy: np.ndarray


def predict_samples(
    model,
    x,
    samples=20,
    *,
    reduce=None,
    layers=None,
    from_logits=None,
    batch_size=32,
    seed=None,
    verbose=0,
):
    """Probabilities of a model whose dropout stays on (Monte Carlo dropout).

    Formula: `p_s = p(. | x; theta, m_s)` for s = 1 ... S, where every `m_s` is
    another random mask; `reduce="mean"` gives `1/S sum_s p_s` and
    `1/S sum_s H(p_s)`, `H(p) = -sum_k p_k log p_k`.

    How much the answers differ says how little the model knows of a sample,
    which tells an unusual sample from a wrong label; UQ-LED reads it. The
    entropy of the mean less the mean of the entropies is the information that
    the answers hold about the weights (BALD). A model that has been trained
    on the samples knows its labels: ask one about other samples than its own.

    Only dropout is as in training: `BatchNormalization` and all else are as
    in `predict`. The model stays as it is: its weights, statistics and seeds,
    and its mode. A pass costs what `predict` costs, compiled as
    `predict_on_batch` is; masks are drawn for a batch, so they depend on
    `batch_size`.

    Args:
        model: A built `keras.Model` of one output `(B, K)`, or `(B, 1)` for
            two classes, with a dropout layer with a rate above 0: Keras's
            `Dropout`, `SpatialDropout`, `AlphaDropout`, `GaussianDropout`,
            recurrent layers with `dropout` or `recurrent_dropout`, and
            attention with `dropout`; also inside of nested models and layers.
        x: Samples, an array or a nested dict, list or tuple of arrays.
        samples: How often to ask, S, at least 1. Defaults to `20`.
        reduce: `None` for all of them, 4 S N K bytes; or `"mean"` for a
            `DropoutMean`, of 4 N (K + 1) bytes. Defaults to `None`.
        layers: Names of the layers that are to drop, where they are of your
            own; their `call` must take `training`. Defaults to `None`: all of
            the layers above.
        from_logits: Whether the model gives logits. Defaults to `None`: read
            from the compiled loss or the last layer.
        batch_size: Samples at a time. Defaults to `32`.
        seed: An integer of at least 0: the same masks every time on a backend
            and device. Defaults to `None`: other ones every time.
        verbose: 1 for a progress bar. Defaults to `0`.

    Returns:
        float32 `(S, N, K)`, or a `DropoutMean`.

    Raises:
        ValueError: For a model without dropout, not built, of several
            outputs or several labels a sample, or that gives NaN; for bad
            arguments.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> model = keras.Sequential(
    ...     [
    ...         keras.Input((4,)),
    ...         keras.layers.Dropout(0.5),
    ...         keras.layers.Dense(3, activation="softmax"),
    ...     ]
    ... )
    >>> p = kr.probe.predict_samples(model, np.eye(4), samples=5, seed=0)
    >>> p.shape
    (5, 4, 3)
    >>> mean = kr.probe.predict_samples(
    ...     model, np.eye(4), samples=5, seed=0, reduce="mean"
    ... )
    >>> bool(np.allclose(mean.pred_probs, p.mean(axis=0), atol=1e-6))
    True

    Reference: Gal, Ghahramani, "Dropout as a Bayesian Approximation", ICML
    2016, eq. 6; for wrong labels Jakubik et al., "Improving Label Error
    Detection and Elimination with Uncertainty Quantification", 2024.
    """
    if not isinstance(model, keras.Model) or not model.built:
        raise ValueError(
            "`model` must be a keras.Model with weights: begin it with "
            "keras.Input, or call it on a batch first. Received: "
            f"{type(model).__name__}, built={getattr(model, 'built', None)}"
        )
    x, count = as_arrays(x, "predict_samples")
    samples = checked_count("samples", samples)
    size = min(checked_count("batch_size", batch_size), count)
    seed = None if seed is None else checked_seed(seed)
    arguments.choice("reduce", reduce, (None, "mean"))
    arguments.choice("verbose", verbose, (0, 1))
    outputs = Outputs(model, from_logits, "predict_samples")
    dropping = dropout_layers.find(model, layers)
    rng = np.random.default_rng(seed)
    whole = _Whole if reduce is None else _Mean
    kept = whole(samples, count)
    asked = _Inference(model)
    bar = keras.utils.Progbar(count, unit_name="sample") if verbose else None
    with (
        native.own_random_numbers(int(rng.integers(2**31))),
        dropout_layers.own_seeds(model, rng),
        dropout_layers.active(dropping),
    ):
        for start in range(0, count, size):
            positions = np.arange(start, min(start + size, count))
            # A batch of another size would be compiled anew.
            batch = rows(
                x, np.minimum(np.arange(start, start + size), count - 1)
            )
            for sample in range(samples):
                found = asked.predict_on_batch(batch)
                found = outputs.fill(None, positions, _first(found, positions))
                kept.add(sample, positions, found)
            if bar is not None:
                bar.update(int(positions[-1]) + 1)
    return kept.result()


class _Inference(keras.Model):
    """A model as `predict` has it, compiled by itself.

    The function that the model itself has compiled stays without dropout.
    """

    def __init__(self, model):
        super().__init__(name="keras_robust_inference")
        self.inner = model
        self.run_eagerly = model.run_eagerly
        self.jit_compile = model.jit_compile
        self.built = True

    def call(self, inputs):
        return self.inner(inputs, training=False)


def _first(found, positions):
    """The outputs of a batch, less those that fill it up."""
    return found[: len(positions)] if hasattr(found, "shape") else found


class _Whole:
    def __init__(self, samples, count):
        self._shape, self._kept = (samples, count), None

    def add(self, sample, positions, found):
        if self._kept is None:
            shape = (*self._shape, found.shape[1])
            self._kept = np.empty(shape, np.float32)
        self._kept[sample, positions] = found

    def result(self):
        return self._kept


class _Mean:
    """Sums of one batch in float64, and the means of those before."""

    def __init__(self, samples, count):
        self._samples, self._count = samples, count
        self._mean = self._sums = None

    def add(self, sample, positions, found):
        if self._mean is None:
            shape = (self._count, found.shape[1])
            self._mean = np.empty(shape, np.float32)
            self._entropy = np.empty(self._count, np.float32)
        p = found.astype(np.float64)
        # 0 log 0 is 0.
        entropy = -(p * np.log(np.where(p > 0, p, 1.0))).sum(axis=1)
        first = sample == 0
        self._sums = (
            (p, entropy)
            if first
            else (self._sums[0] + p, self._sums[1] + entropy)
        )
        if sample == self._samples - 1:
            self._mean[positions] = self._sums[0] / self._samples
            self._entropy[positions] = self._sums[1] / self._samples

    def result(self):
        return DropoutMean(self._mean, self._entropy)
