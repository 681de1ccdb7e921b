"""Variables that travel through the compiled training step.

On JAX only the variables a trainer threads through its step are live inside
it; any other is silently frozen at its value of the first trace. A metric's
variables are threaded on every backend, so state rides in a metric that
reports nothing, is never reset by Keras and is never saved.
"""

import keras


class Carrier(keras.metrics.Metric):
    """A metric that only carries variables.

    `add` gives it a variable: one row per sample for what is kept of each
    sample (signals, counts, later weights and targets), a scalar for what
    holds for the whole step (the epoch).
    """

    def __init__(self):
        super().__init__(name="keras_robust_carrier")

    def add(self, name, shape, dtype, aggregation="sum"):
        """Returns a new variable of zeros, live inside the training step."""
        return self.add_variable(
            shape=shape,
            initializer="zeros",
            dtype=dtype,
            aggregation=aggregation,
            name=name,
        )

    def update_state(self, *args, **kwargs):
        """Does nothing: whoever added a variable writes it."""

    def result(self):
        return {}

    def reset_state(self):
        """Does nothing: Keras resets metrics before every evaluation too."""

    def save_own_variables(self, store):
        """Saves nothing: a model file has nothing of ours."""

    def load_own_variables(self, store):
        """Loads nothing."""
