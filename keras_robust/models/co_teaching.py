"""CoTeaching: two networks that choose samples for each other."""

import keras
from keras import ops

from keras_robust.losses import arguments
from keras_robust.losses.base import PACKAGE
from keras_robust.models import networks
from keras_robust.models.reading import Reading
from keras_robust.models.selection import smallest


@keras.saving.register_keras_serializable(package=PACKAGE)
class CoTeaching(keras.Model):
    """Two networks, each trained on the samples that the other one chooses.

    Formula: in epoch `T`, counted from 0, each network picks the
    `(1 - R(T)) B` samples of a batch of `B` that have the smallest
    cross-entropy to it (rounded down, one at least), and its peer is trained
    on their mean loss; `R(T) = noise_rate min(T^exponent / epochs, 1)`.

    Wrong labels are learnt last, so early on their loss is large. A single
    network that drops them (`callbacks.SmallLoss`) confirms its own mistakes;
    two networks that begin differently make different ones, and filter them
    out for each other. It takes twice the time and memory of one.

    It is compiled and fitted as any model, with any loss of one label a
    sample; samples are ranked by cross-entropy whatever the loss. Its
    output is the mean of both networks' outputs (with logits: the mean logit),
    and `metrics`, `evaluate`, `predict` and callbacks see that. In the logs of
    `fit`, `loss` is the sum of what the two networks are trained on;
    `val_loss` is the compiled loss of the mean output on all samples.
    `sample_weight` multiplies the loss of the chosen samples and plays no part
    in choosing them.

    The networks share no weights, so the one optimizer is two: each network
    moves as if it had its own. Only what looks at all gradients at once is
    common to them: `global_clipnorm`, and the steps that loss scaling skips.

    `fit` counts epochs as Keras does, so `initial_epoch` is honoured and
    another `fit` begins from `R(0) = 0`; training loops of one's own say
    `begin_epoch`. The authors' code reaches `noise_rate^exponent` in even
    steps in epoch `epochs - 1`, and is at `noise_rate` from the next on.

    Args:
        model_a, model_b: Two built `keras.Model`s of one output
            `(B, classes)` that take the same inputs, share no layer and have
            different weights. They need not be alike.
        noise_rate: The share of wrong labels, at least 0 and below 1; 0
            trains each network by itself.
        epochs: The paper's `T_k`, at least 1. Defaults to `10`.
        exponent: The paper's `c`, above 0 and at most 10. Defaults to `1`.
        from_logits: Whether the networks give logits. Defaults to `None`:
            read from the compiled loss.
        name: Name of the model.

    Attributes:
        model_a, model_b: The networks, to be used and saved alone too.

    Raises:
        ValueError: For bad arguments; in `compile`, for a loss that does not
            weigh samples one by one, several labels a sample, or a loss that
            does not fit the last layers; in `fit`, for networks of the same
            weights.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> def network():
    ...     return keras.Sequential(
    ...         [keras.Input((4,)), keras.layers.Dense(4, activation="softmax")]
    ...     )
    >>> model = kr.CoTeaching(network(), network(), noise_rate=0.4)
    >>> model.compile("adam", loss=kr.losses.CrossEntropy())
    >>> x, y = np.eye(4), np.arange(4)
    >>> history = model.fit(x, y, epochs=2, verbose=0)
    >>> model.predict(x, verbose=0).shape
    (4, 4)
    >>> model.dropped(epoch=5)
    0.2

    Reference: Han et al., "Co-teaching: Robust Training of Deep Neural
    Networks with Extremely Noisy Labels", NeurIPS 2018, algorithm 1.
    """

    def __init__(
        self,
        model_a,
        model_b,
        noise_rate,
        epochs=10,
        exponent=1,
        from_logits=None,
        name="co_teaching",
    ):
        networks.check(model_a, model_b)
        # Inputs go to the networks as they are.
        super().__init__(name=name, dtype=model_a.dtype_policy, autocast=False)
        if getattr(self, "_distribute_strategy", None) is not None:
            raise ValueError(
                "CoTeaching chooses samples in a batch, and each replica of a "
                "tf.distribute strategy has a part of one. Make it outside of "
                "the strategy's scope."
            )
        self.model_a = model_a
        self.model_b = model_b
        self.noise_rate = arguments.number(
            "noise_rate", noise_rate, at_least=0, below=1
        )
        self.epochs = arguments.integer("epochs", epochs, at_least=1)
        self.exponent = arguments.number(
            "exponent", exponent, above=0, at_most=10
        )
        if from_logits is not None:
            from_logits = arguments.flag("from_logits", from_logits)
        self.from_logits = from_logits
        # A weight, because JAX's compiled step sees no other variable change.
        self._kept = self.add_weight(
            shape=(),
            initializer="ones",
            dtype="float32",
            trainable=False,
            autocast=False,
            name="kept",
        )
        self._reading = None
        self.built = True

    @property
    def outputs(self):
        """Where a callback reads the number of classes and the last layer."""
        return networks.outputs_of(self.model_a)

    def dropped(self, epoch):
        """The share of the samples that are dropped in an epoch, `R(T)`.

        Args:
            epoch: Counted from 0.
        """
        epoch = arguments.integer("epoch", epoch, at_least=0)
        return self.noise_rate * min(epoch**self.exponent / self.epochs, 1.0)

    def begin_epoch(self, epoch):
        """Says what epoch it is; `fit` does that by itself.

        Args:
            epoch: Counted from 0.
        """
        self._kept.assign(1.0 - self.dropped(epoch))

    def call(self, inputs, training=None):
        # Said to both: on JAX nothing else tells them.
        a = self.model_a(inputs, training=training)
        b = self.model_b(inputs, training=training)
        networks.check_outputs(a, b)
        both = ops.add(a * 0.5, b * 0.5)
        if training:
            # For the loss of this very output; past Keras's own tracking.
            self.__dict__["_outputs"] = both, a, b
        return both

    def train_step(self, *args):
        try:
            return super().train_step(*args)
        finally:
            # No tensor of a step outlives it.
            self.__dict__.pop("_outputs", None)

    def compile(self, *args, **options):
        super().compile(*args, **options)
        self._reading = None if self.loss is None else Reading(self)

    def compile_from_config(self, config):
        # Keras asks for that where `compile` is not its own.
        self.compile(**keras.saving.deserialize_keras_object(config))
        if self.optimizer is not None:
            self.optimizer.build(self.trainable_variables)

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        if not training or self._reading is None:
            return super().compute_loss(
                x, y, y_pred, sample_weight, training=training
            )
        both, a, b = self.__dict__.get("_outputs", (None, None, None))
        if both is not y_pred:
            raise ValueError(
                "CoTeaching computes the training loss of what it returned "
                "last: call the model with training=True, and hand its very "
                "output to `compute_loss`. Received: y_pred of another call"
            )
        of_a = self._weights(y, a, sample_weight)
        of_b = self._weights(y, b, sample_weight)
        # Each on what the other one chose; the networks' own penalties once.
        loss = super().compute_loss(x, y, a, of_b, training=True)
        return loss + self._compile_loss(y, b, of_a)

    def _weights(self, y, y_pred, sample_weight):
        """The weights with which a network chooses a batch, `(B,)`."""
        losses = self._reading.cross_entropy(y, y_pred)
        weights, count = smallest(losses, self._kept.value)
        if not self._reading.totals:
            # The mean over a batch becomes the mean over those chosen.
            size = ops.cast(ops.shape(losses)[0], "float32")
            weights = weights * (size / count)
        if sample_weight is None:
            return weights
        (given,) = keras.tree.flatten(sample_weight)
        return weights * ops.reshape(ops.cast(given, "float32"), (-1,))

    def fit(
        self,
        x=None,
        y=None,
        batch_size=None,
        epochs=1,
        verbose="auto",
        callbacks=None,
        **options,
    ):
        networks.check_different(self.model_a, self.model_b)
        told = keras.callbacks.LambdaCallback(
            on_epoch_begin=lambda epoch, logs: self.begin_epoch(epoch)
        )
        # A `CallbackList` is a callback as well.
        callbacks = [told, *keras.tree.flatten(callbacks or [])]
        return super().fit(
            x, y, batch_size, epochs, verbose, callbacks, **options
        )

    def get_config(self):
        serialize = keras.saving.serialize_keras_object
        return {
            "model_a": serialize(self.model_a),
            "model_b": serialize(self.model_b),
            "noise_rate": self.noise_rate,
            "epochs": self.epochs,
            "exponent": self.exponent,
            "from_logits": self.from_logits,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        networks_of = {
            name: keras.saving.deserialize_keras_object(
                config[name], custom_objects=custom_objects
            )
            for name in ("model_a", "model_b")
        }
        return cls(**{**config, **networks_of})
