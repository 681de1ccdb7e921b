"""One training after another, and what each model says of its fold."""

import gc
from typing import Any
from typing import NamedTuple

import keras
import numpy as np

from keras_robust.noise.flips import as_classes
from keras_robust.probe.fresh import Fresh
from keras_robust.probe.inputs import rows
from keras_robust.probe.outputs import Outputs
from keras_robust.training.random_numbers import seeded


class Data(NamedTuple):
    """What is known of all samples.

    Attributes:
        x: Nested arrays of N samples.
        y: Labels in the form that the loss takes.
        classes: Their classes, int64 `(N,)`.
        sample_weight: Weights `(N,)`, or `None`.
        fold: The fold of each, from 0 on, `(N,)`.
    """

    x: Any
    y: np.ndarray
    classes: np.ndarray
    sample_weight: np.ndarray | None
    fold: np.ndarray


class Trainings:
    """The trainings of `cross_val_predict_probs`.

    Args:
        **options: Those of its arguments that say how to train, checked.
    """

    def __init__(self, **options):
        vars(self).update(options)
        self._fresh = Fresh()

    def predict(self, data, files):
        """Returns the probabilities of all samples, float32 `(N, K)`.

        Args:
            data: The `Data`.
            files: The `FoldFiles`, or `None`.
        """
        pred_probs = None
        bar = self._bar()
        for fold in range(self.folds):
            positions = np.flatnonzero(data.fold == fold)
            found = None
            if files is not None:
                found = files.read(fold, len(positions))
            if found is None:
                # What is in this call alone is let go when it returns.
                with seeded(self.seed, fold):
                    found = self._of_fold(fold, data, positions, files, bar)
                # Models refer to themselves.
                gc.collect()
            if pred_probs is None:
                shape = (len(data.classes), found.shape[1])
                pred_probs = np.empty(shape, np.float32)
            if found.shape[1] != pred_probs.shape[1]:
                raise ValueError(
                    "The models of all folds must have as many outputs. "
                    f"Received: {found.shape[1]} classes in fold {fold}, "
                    f"{pred_probs.shape[1]} before"
                )
            pred_probs[positions] = found
            if bar is not None:
                bar.update((fold + 1) * self.epochs)
        return pred_probs

    def _of_fold(self, fold, data, positions, files, bar):
        model = self.model_fn()
        self._fresh.check(model, fold)
        if files is not None:
            files.check_network(model)
        owner = "cross_val_predict_probs"
        outputs = Outputs(model, self.from_logits, owner)
        if outputs.num_classes is not None:
            as_classes(data.classes, outputs.num_classes)
        callbacks = self.callbacks(fold)
        callbacks = self._fresh.check_callbacks(callbacks, fold)
        if bar is not None:
            callbacks.append(_Epochs(bar, fold * self.epochs))
        others = np.flatnonzero(data.fold != fold)
        weights = data.sample_weight
        model.fit(
            rows(data.x, others),
            data.y[others],
            sample_weight=None if weights is None else weights[others],
            batch_size=self.batch_size,
            epochs=self.epochs,
            callbacks=callbacks,
            verbose=2 if self.verbose == 2 else 0,
            **self.fit,
        )
        self._fresh.trained(model)
        found = model.predict(
            rows(data.x, positions), batch_size=self.batch_size, verbose=0
        )
        pred_probs = outputs.fill(None, positions, found)
        as_classes(data.classes, pred_probs.shape[1])
        if files is not None:
            files.write(fold, model, pred_probs)
        return pred_probs

    def _bar(self):
        if self.verbose not in (1, "auto"):
            return None
        target = self.folds * self.epochs
        return keras.utils.Progbar(target, unit_name="epoch")


class _Epochs(keras.callbacks.Callback):
    """Moves a bar on by an epoch."""

    def __init__(self, bar, done):
        super().__init__()
        self._bar, self._done = bar, done

    def on_epoch_end(self, epoch, logs=None):
        self._bar.update(self._done + epoch + 1)
