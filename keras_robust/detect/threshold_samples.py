"""AUM's threshold: what a class that does not exist says of wrong labels."""

import numpy as np

from keras_robust.detect.issues.label_issues import LabelIssues
from keras_robust.detect.scores.score import compute_score
from keras_robust.detect.splits.by_threshold import ThresholdSamples
from keras_robust.detect.splits.deciding import warn_of_unseen
from keras_robust.detect.statistics.means import mean_of_seen
from keras_robust.detect.statistics.odds import logistic
from keras_robust.detect.statistics.votes import majority_vote
from keras_robust.detect.statistics.votes import vote_besides
from keras_robust.noise.flips import as_classes
from keras_robust.noise.flips import generator
from keras_robust.trajectories import Trajectories

_MOST = np.finfo(np.float32).max


def threshold_labels(labels, num_classes=None, seed=0):
    """Labels for two trainings, each with samples of a class of nothing.

    In either, `round(N / (K + 1))` samples drawn at random get the new class
    K, one at least, and no sample gets it in both. A model cannot tell why:
    they are labels known to be wrong, and `aum_threshold` measures the others
    by them.

    Args:
        labels: Integer class numbers, `(N,)` or `(N, 1)`, at least 2.
        num_classes: K, at least 2. Defaults to `None`: the largest label
            plus one.
        seed: Of the draw. Defaults to `0`.

    Returns:
        The labels of the first and of the second training, int64 `(N,)` both.
        The model needs K + 1 outputs.

    Raises:
        ValueError: if the labels, K or the seed are not as described.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import threshold_labels
    >>> first, second = threshold_labels([0, 1, 0, 1, 0, 1])
    >>> np.bincount(first), np.bincount(second)
    (array([2, 2, 2]), array([2, 2, 2]))
    >>> bool(((first == 2) & (second == 2)).any())
    False

    Reference:
        Pleiss et al., "Identifying Mislabeled Data using the Area Under the
        Margin Ranking", NeurIPS 2020, section 4.
    """
    _, classes, num_classes = as_classes(labels, num_classes)
    if classes.size < 2:
        raise ValueError(
            "`labels` must be of two samples at least, as each training has "
            f"one of the new class. Received: {classes.size}"
        )
    count = max(round(classes.size / (num_classes + 1)), 1)
    chosen = generator(seed).permutation(classes.size)
    first, second = classes.copy(), classes.copy()
    first[chosen[:count]] = num_classes
    second[chosen[count : 2 * count]] = num_classes
    return first, second


def aum_threshold(first, second, percentile=99.0):
    """Label issues by AUM, with the threshold learned from a fake class.

    Formula: in each run the threshold `a` is a percentile of the AUM of the
    samples of the fake class; a label is wrong if `AUM - a <= 0`, on average
    over the runs in which it was not of that class. `evidence` is that
    difference, and `label_quality = 1 / (1 + exp(-evidence))`.

    For a threshold that is measured and not assumed, at the price of two
    trainings: `threshold_labels` says on which labels. The paper takes the
    union of two runs in which a sample may be judged twice; the mean judges
    each once. Of small data the 99th percentile is that of one or two samples
    and flags many right labels; then take a lower one.

    Args:
        first, second: `Trajectories` of the two runs, of the same samples,
            with the signal `"margin"`.
        percentile: In [0, 100]. Defaults to `99`, as in the paper.

    Returns:
        `LabelIssues` of the labels as they were, in the order of `first`.

    Raises:
        ValueError: if an argument is not as described, or the runs are not
            on labels of `threshold_labels`.

    Warns:
        UserWarning: if samples have no record.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> keras.utils.set_random_seed(0)
    >>> x = np.random.default_rng(0).normal(size=(300, 4)).astype("float32")
    >>> right = x.argmax(axis=1)
    >>> y = kr.noise.symmetric(right, rate=0.2, num_classes=4, seed=0)
    >>> runs = []
    >>> for labels in kr.detect.threshold_labels(y, num_classes=4):
    ...     model = keras.Sequential([
    ...         keras.Input((4,)), keras.layers.Dense(5, activation="softmax")
    ...     ])
    ...     model.compile(keras.optimizers.Adam(0.05), kr.losses.CrossEntropy())
    ...     tracker = kr.callbacks.LossTrajectory()
    ...     history = model.fit(
    ...         tracker.track(x, labels), epochs=10, verbose=0,
    ...         callbacks=[tracker],
    ...     )
    ...     runs.append(tracker.trajectories)
    >>> issues = kr.detect.aum_threshold(*runs, percentile=90)
    >>> issues.evaluate(right)["f1"] > 0.8
    True

    Reference:
        Pleiss et al., "Identifying Mislabeled Data using the Area Under the
        Margin Ranking", NeurIPS 2020, section 4.
    """
    split = ThresholdSamples(percentile=percentile)
    runs, fakes = _two_runs(first, second)
    margins = np.stack(
        [
            _over_limit(run, fake, split)
            for run, fake in zip(runs, fakes, strict=True)
        ]
    )
    evidence = mean_of_seen(margins)
    warn_of_unseen(~np.isnan(evidence), "aum")
    flagged = evidence <= 0
    quality = logistic(evidence)
    given = np.where(fakes[0], runs[1].given_label, runs[0].given_label)
    predicted, suggested = _labels(runs, given, flagged)
    return LabelIssues(
        ids=first.ids,
        is_label_issue=flagged,
        label_quality=np.where(np.isnan(evidence), 1.0, quality),
        given_label=given,
        predicted_label=predicted,
        suggested_label=suggested,
        evidence=evidence,
        score="aum",
        split=repr(split),
        num_classes=first.num_classes - 1,
    )


def _two_runs(first, second):
    """The runs in one order, and who is of the fake class in them."""
    for name, run in (("first", first), ("second", second)):
        if not isinstance(run, Trajectories):
            raise ValueError(
                f"`{name}` must be a Trajectories. Received: "
                f"{type(run).__name__}"
            )
        run.check_recorded("margin")
    if len(first) != len(second) or first.num_classes != second.num_classes:
        raise ValueError(
            "`first` and `second` must be of the same samples and classes. "
            f"Received: {len(first)} and {len(second)} samples, "
            f"{first.num_classes} and {second.num_classes} classes"
        )
    if first.num_classes < 3:
        raise ValueError(
            "A run on labels of `threshold_labels` has at least 3 classes, "
            f"the fake one among them. Received: {first.num_classes} classes"
        )
    if not np.array_equal(first.ids, second.ids):
        second = second.select(ids=first.ids)
    runs = first, second
    fakes = [run.given_label == run.num_classes - 1 for run in runs]
    differs = first.given_label != second.given_label
    differs &= ~fakes[0] & ~fakes[1]
    wrong = differs | (fakes[0] & fakes[1])
    if wrong.any():
        at = int(np.argmax(wrong))
        raise ValueError(
            "The two runs must be on the two labels of one call of "
            "`threshold_labels`: no sample is of the fake class in both, and "
            "of different other classes. Received: the labels "
            f"{first.given_label[at]} and {second.given_label[at]} of the id "
            f"{first.ids[at].item()!r}"
        )
    return runs, fakes


def _over_limit(run, is_fake, split):
    """The AUM less the threshold of a run, NaN for the fake class."""
    area = compute_score("aum", run).evidence
    # The difference of two infinities is none.
    area = np.clip(area, -_MOST, _MOST)
    known = area[is_fake & ~np.isnan(area)]
    if not known.size:
        raise ValueError(
            "A run has no threshold: none of its samples of the fake class "
            f"was seen. Received: {int(is_fake.sum())} such samples"
        )
    return np.where(is_fake, np.nan, area - split.limit(known))


def _labels(runs, given, flagged):
    """The predicted and the suggested labels, by the epochs of both runs."""
    if any("predicted" not in run.signals for run in runs):
        unknown = np.full(given.shape, -1, np.int64)
        return unknown, unknown.copy()
    fake = runs[0].num_classes - 1
    votes = np.concatenate([run.signals["predicted"] for run in runs])
    votes[votes == fake] = np.nan
    suggested = given.copy()
    other, _ = vote_besides(votes[:, flagged], given[flagged])
    suggested[flagged] = np.where(other >= 0, other, given[flagged])
    return majority_vote(votes), suggested
