"""Relabel: lets a detector say, while `fit` runs, what a sample is."""

import numpy as np

from keras_robust import detect
from keras_robust.callbacks.in_step import InStep
from keras_robust.callbacks.judging import Judging
from keras_robust.callbacks.label_changes import LabelChanges
from keras_robust.callbacks.told_labels import ToldLabels
from keras_robust.losses import arguments
from keras_robust.training import sources


class Relabel(Judging, InStep):
    """Tells the loss other labels where a detector is sure.

    Every few epochs the trajectories so far are scored and split as
    `keras_robust.detect.find_label_issues` does. A flagged sample gets the
    class that the network called it most often over the last `window` epochs,
    if that is `confidence = count / window >= threshold`, and keeps it while
    that holds: the next judgement is of all samples again.

    For training on, in one `fit`, with the samples that `Reweight` drops, and
    in its place: a sample that another callback gives the weight 0 pulls to no
    label, so beside `Reweight` with the same score and split, which flags the
    same samples, the new labels have no effect; give that a `floor` above 0.

    The first epochs must tell right from wrong labels: a robust loss after its
    warm-up, or some epochs of cross-entropy. On scikit-learn's digits (40 %
    symmetric noise, the demo's CNN, AGCE after 5 epochs of warm-up, 25 epochs,
    three seeds on each backend) .943 to .983 of the changed labels were right,
    with cross-entropy .972 to .995; 2 to 5 % of all labels were wrong at the
    end.

    The user's arrays, metrics such as `accuracy` and what the tracker records
    stay of the given labels; `class_weight` and `sample_weight` stay those of
    the sample. One-hot labels stay one-hot; in a row of soft labels the two
    classes change places.

    A change confirms itself: the network learns the class it was given, and
    goes on predicting it. So a model must never be judged on labels that it
    changed: accuracy on them rises whether they are right or not, because both
    come from the same network. Validation data are never changed, and those
    that are the training data are refused, as far as it can be told.

    Args:
        tracker: The `LossTrajectory(mode="train")` that tracks the data of
            this `fit`, which records the signals that the score reads.
        score: As of `find_label_issues`. Defaults to `"aum"`.
        split: As of `find_label_issues`. Defaults to `"gmm"`.
        threshold: The least confidence of a change, in [0, 1]. Defaults to
            `0.9`, which with `window=5` means five epochs out of five.
        window: How many of the last epochs vote, at least 1. Defaults to `5`.
        every: Epochs between two judgements, at least 1. Defaults to `5`.
        start: The first epoch with changes, counted from 0, at least 1.
            Defaults to `10`.
        max_fraction: The largest share of all samples with another label than
            the given one, above 0 and at most 1; the surest come first.
            Defaults to `0.5`.
        truth: The right labels `(N,)`, where they are known: the changes are
            then measured against them, and never made by them. Defaults to
            `None`.
        verbose: 1 prints how many labels changed, and with `truth` the
            precision at the end. Defaults to `0`.

    Attributes:
        labels: The labels `(N,)` in force, a copy; `None` before the first
            `fit`.
        changes: Every change of this `fit`, a structured array of `id`,
            `epoch` (the first with it), `from`, `to` and `confidence` (NaN
            where the given label came back); `pandas.DataFrame` takes it.
        precision: The share of the labels in force that are not the given
            ones and are right, with `truth`; NaN where there are none.

    Raises:
        ValueError: For bad arguments, an unknown score or split, or a tracker
            that does not record what the score reads; when training starts,
            for a tracker that is not in `callbacks`, dense labels, or beside
            another callback that replaces labels; at the first validation,
            for validation data that are the training data.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(200, 4)).astype("float32")
    >>> right = x.argmax(axis=1)
    >>> noisy = kr.noise.symmetric(right, rate=0.2, num_classes=4, seed=0)
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(4, activation="softmax")]
    ... )
    >>> model.compile(keras.optimizers.Adam(0.05), kr.losses.CrossEntropy())
    >>> tracker = kr.callbacks.LossTrajectory()
    >>> relabel = kr.callbacks.Relabel(tracker, start=6, truth=right)
    >>> history = model.fit(
    ...     tracker.track(x, noisy.labels), epochs=9, verbose=0,
    ...     callbacks=[tracker, relabel],
    ... )
    >>> bool(relabel.precision > 0.8)
    True
    >>> undone = relabel.undo(relabel.changes["id"][:1])

    Reference: relabelling by the network's own stable predictions as in
    Tanaka et al., "Joint Optimization Framework for Learning with Noisy
    Labels", CVPR 2018, here of flagged samples only.
    """

    does = "changes"

    def __init__(
        self,
        tracker,
        score="aum",
        split="gmm",
        threshold=0.9,
        window=5,
        every=5,
        start=10,
        max_fraction=0.5,
        truth=None,
        verbose=0,
    ):
        super().__init__(None)
        self._judge_by(tracker, start, every)
        self.score = score
        self.split = split
        self.threshold = arguments.number(
            "threshold", threshold, at_least=0, at_most=1
        )
        self.window = arguments.integer("window", window, at_least=1)
        self.max_fraction = arguments.number(
            "max_fraction", max_fraction, above=0, at_most=1
        )
        self.truth = None if truth is None else _checked_truth(truth)
        self.verbose = verbose
        self.need(*detect.signals_of(score))
        detect.get_split(split)
        self._record = None
        # The names of those that keep their given label.
        self._kept = set()
        self._epoch = 0
        self._assigned = False

    @property
    def labels(self):
        return None if self._record is None else self._record.labels.copy()

    @property
    def changes(self):
        return None if self._record is None else self._record.table

    @property
    def precision(self):
        if self.truth is None:
            raise ValueError(
                "`precision` is against the right labels, and they are not "
                "known: Relabel(tracker, truth=...). Received: truth=None"
            )
        changed = self._begun("precision").changed
        right = self._record.labels == self.truth
        return float(right[changed].mean()) if changed.any() else float("nan")

    def undo(self, ids=None):
        """Gives samples their given label back, from the next epoch on.

        They keep it, in later `fit`s of this callback too. After a training
        was broken off and a new process goes on with it, call this again.

        Args:
            ids: Their ids. Defaults to `None`: all that are changed now.

        Returns:
            How many labels changed.

        Raises:
            ValueError: For unknown ids, or before the first `fit`.
        """
        record = self._begun("undo")
        positions = record.positions(ids)
        self._kept.update(record.ids_of(positions).tolist())
        self._assigned = False
        return record.take_back(self._epoch + 1, positions)

    def _begun(self, name):
        if self._record is None:
            raise ValueError(
                f"`{name}` is of changed labels, and nothing has been trained "
                "with this Relabel yet: put it into `callbacks` of `fit`."
            )
        return self._record

    def set_model(self, model):
        # An interrupted training leaves its own behind.
        self.participant = ToldLabels("Relabel", self.tracker, _check_held_out)
        self._assigned = False
        super().set_model(model)

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        data = self.participant.data
        if self.truth is not None and len(self.truth) != len(data.given_label):
            raise ValueError(
                "`truth` must be of the tracked samples, without those that "
                "`validation_split` holds out, the last ones. Received: "
                f"{len(self.truth)} labels, {len(data.given_label)} samples"
            )
        self._record = LabelChanges(data.ids, data.given_label)

    def judge(self, epoch, ago):
        # What was judged before a training was broken off is judged again.
        first = self.start if self._first else epoch
        for past in range(first, epoch + 1, self.every):
            before = epoch - past + ago
            if self.tracker.num_epochs > before:
                self._judge_once(past, before)
        self._assigned = False

    def _judge_once(self, epoch, ago):
        record, found = self._record, self.recorded(ago)
        issues = detect.find_label_issues(found, self.score, self.split)
        suggested, confidence = detect.suggest_labels(found, self.window)
        sure = issues.is_label_issue & (suggested >= 0)
        sure &= confidence >= self.threshold
        sure &= ~np.isin(found.ids, list(self._kept)) if self._kept else True
        # The surest first; of equals those least like their given label.
        order = np.lexsort((issues.evidence, -confidence))
        order = order[sure[order]]
        order = order[: int(self.max_fraction * len(sure) + 1e-9)]
        labels = found.given_label.copy()
        labels[order] = suggested[order]
        count = record.set(epoch, labels, confidence)
        if self.verbose and count:
            print(
                f"Epoch {epoch + 1}: {count} labels changed, "
                f"{len(order)} are not the given ones."
            )

    def on_epoch_begin(self, epoch, logs=None):
        super().on_epoch_begin(epoch, logs)
        self._epoch = epoch
        if not self._assigned:
            self.participant.assign(self._record.labels)
            self._assigned = True

    def on_train_end(self, logs=None):
        super().on_train_end(logs)
        # It holds the labels on the device.
        self.participant = None
        changed = np.count_nonzero(self._record.changed)
        if self.verbose and self.truth is not None and changed:
            print(
                f"Relabel: {self.precision:.3f} of {changed} changed labels "
                "are right."
            )


def _checked_truth(truth):
    truth = np.asarray(truth)
    if truth.ndim == 2 and truth.shape[1] == 1:
        truth = truth[:, 0]
    if truth.ndim != 1 or truth.dtype.kind not in "iu":
        raise ValueError(
            "`truth` must hold one class number for each sample, (N,). "
            f"Received: truth.shape={truth.shape}, dtype={truth.dtype}"
        )
    return truth.astype("int64")


def _check_held_out(data, x, y):
    if sources.holds(data.feed, x, y):
        raise ValueError(
            "Relabel changes the labels of the training data, and "
            "`validation_data` is part of them: a model is not to be judged "
            "on labels that it changes itself. Hold samples out: train, rest "
            "= tracker.track(x, y, validation_split=0.1), then "
            "model.fit(train, validation_data=rest, ...). Received: "
            "validation_data that is tracked"
        )
