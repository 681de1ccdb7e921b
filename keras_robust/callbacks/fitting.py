"""`fit` on tracked data in one call, or behind the user's own call."""

import contextlib
from dataclasses import dataclass
from typing import Any

import keras

from keras_robust import training
from keras_robust.training import native

# What `fit` takes and `track` understands.
_TRACKED = (
    "batch_size",
    "sample_weight",
    "class_weight",
    "shuffle",
    "steps_per_epoch",
    "id_key",
    "num_classes",
    "seed",
)


@dataclass(frozen=True)
class Named:
    """Labels and the ids of their samples, from `with_ids`."""

    labels: Any
    ids: Any


def fit(tracker, model, x, y=None, **options):
    """Fits on tracked data; see `LossTrajectory.fit`."""
    training.release(model)
    return _fit(tracker, model, model.fit, x, y, **options)


@contextlib.contextmanager
def attach(tracker, model):
    """Puts tracked data behind `model.fit`; see `LossTrajectory.attach`."""
    if not isinstance(model, keras.Model):
        raise ValueError(
            f"`attach` takes a keras.Model. Received: {type(model).__name__}"
        )
    training.release(model)
    original = model.fit
    shadowed = model.__dict__.get("fit")

    # What people give `fit` by position.
    def fit_tracked(
        x=None, y=None, batch_size=None, epochs=1, verbose="auto", **options
    ):
        options["batch_size"] = batch_size
        options.update(epochs=epochs, verbose=verbose)
        return _fit(tracker, model, original, x, y, **options)

    # Past Keras's and PyTorch's __setattr__, as an attachment does it.
    model.__dict__["fit"] = fit_tracked
    try:
        yield model
    finally:
        if model.__dict__.get("fit") is fit_tracked:
            del model.__dict__["fit"]
        if shadowed is not None:
            model.__dict__["fit"] = shadowed


def _fit(tracker, model, original, x, y, **options):
    ids = options.pop("ids", None)
    if isinstance(y, Named):
        y, ids = y.labels, y.ids
    taken = {k: options.pop(k) for k in _TRACKED if k in options}
    share = options.pop("validation_split", None) or 0.0
    if options.get("validation_data") is not None:
        # As in Keras, they come before the split.
        share = 0.0
    data = tracker.track(x, y, ids=ids, validation_split=share, **taken)
    if share:
        data, options["validation_data"] = data
        options.setdefault("validation_batch_size", taken.get("batch_size"))
    if tracker.mode == "train":
        data = tracker._read_quicker()
    if "steps_per_epoch" in taken:
        options["steps_per_epoch"] = taken["steps_per_epoch"]
    # Arrays `track` has shuffled; of other data than a PyDataset Keras warns
    # that it does not.
    shuffles = isinstance(data, keras.utils.PyDataset)
    options["shuffle"] = taken.get("shuffle", shuffles)
    if tracker._tracked.order is not None:
        options["shuffle"] = False
    listed = keras.tree.flatten(options.pop("callbacks", None) or [])
    if not any(callback is tracker for callback in listed):
        # First, so that those after it find its numbers in the logs.
        listed.insert(0, tracker)
    try:
        # Some strategies read a batch before they tell the callbacks.
        if native.reads_before_callbacks_under_strategy(model):
            tracker._join_early(model)
        return original(data, callbacks=listed, **options)
    finally:
        # Keras tells callbacks nothing of an error or an interrupt.
        tracker._release()
        training.release(model)
