"""Noticing that a model has given up whole classes, and saying the cure."""

import warnings

import numpy as np

from keras_robust.losses import CrossEntropy
from keras_robust.losses import RobustLoss
from keras_robust.training import head


class CollapseWatch:
    """Watches how often each class is predicted on the training samples.

    A model that learns, however slowly, predicts every frequent class now and
    then; one that has collapsed never predicts some of them, though their
    labels are there. A class counts as given up when it is predicted for less
    than `SHARE` of as many samples as have its label in each of the last
    `LAST` epochs. On digits with 40 % wrong labels
    (`benchmarks/cold_start.py`) that share ends at 0 where a class is lost
    and above 0.8 where none is.

    Args:
        given_label: The given labels `(N,)`.
    """

    SHARE = 0.1
    LAST = 3
    # In the first epochs a slow start looks the same.
    AT_LEAST = 5
    # A class this rare (of an even share) may rightly stay unpredicted.
    RARE = 0.2

    def __init__(self, given_label):
        self._given = given_label
        self._shares = []

    def see(self, predicted, num_classes):
        """Takes the predicted classes `(N,)` of one epoch (NaN: not seen)."""
        seen = ~np.isnan(predicted)
        made = np.bincount(predicted[seen].astype(int), minlength=num_classes)
        asked = np.bincount(self._given[seen], minlength=num_classes)
        frequent = asked >= max(5, self.RARE * seen.sum() / num_classes)
        share = made / np.maximum(asked, 1)
        self._shares.append(np.where(frequent, share, 1.0))

    def given_up(self):
        """The classes given up at the end, as a list."""
        if len(self._shares) < self.AT_LEAST:
            return []
        last = np.max(self._shares[-self.LAST :], axis=0)
        return np.flatnonzero(last < self.SHARE).tolist()

    def warn(self, model, output=None):
        """Warns if classes were given up, with the cure for the loss.

        Args:
            model: The model.
            output: Which of several outputs, by name or number.
        """
        classes = self.given_up()
        if not classes:
            return
        names = ", ".join(map(str, classes[:5]))
        more = f" (and {len(classes) - 5} others)" if len(classes) > 5 else ""
        loss = head.compiled_loss(model, output)
        robust = isinstance(loss, RobustLoss)
        if robust and not isinstance(loss, CrossEntropy):
            cure = (
                f"{loss!r} from random weights is a usual cause. Begin with "
                "cross-entropy: callbacks=[CrossEntropyWarmUp(epochs=5), "
                "tracker], or 10 to 20 epochs of it if the network is small or "
                "slow to learn; or take a loss that needs none, such as "
                "GeneralizedCrossEntropy()."
            )
        else:
            cure = (
                "Usual causes are a learning rate too high and classes of "
                "very different size."
            )
        warnings.warn(
            "Training has collapsed: the model (almost) never predicts "
            f"{'class' if len(classes) == 1 else 'classes'} {names}{more}. "
            f"{cure} If classes were still coming back, more epochs help too. "
            "Trajectories of a collapsed model do not tell wrong labels from "
            "right ones.",
            stacklevel=2,
        )
