"""The result of `find_dense_issues`."""

import dataclasses
import typing

import numpy as np

from keras_robust.detect.beyond.dense_input import chunks
from keras_robust.detect.beyond.positions import judged
from keras_robust.detect.beyond.ranked import Ranked


class PositionIssues(typing.NamedTuple):
    """The positions of one sample, arrays of the shape of its labels.

    Args:
        is_label_issue: bool, True where the label is called wrong.
        label_quality: float64 in [0, 1], low = suspicious: the probability of
            the given label; 1 where a position does not count.
        predicted_label: int64, the most probable class.
        suggested_label: int64, the class that the model is sure of where the
            label is flagged, elsewhere the label.
    """

    is_label_issue: np.ndarray
    label_quality: np.ndarray
    predicted_label: np.ndarray
    suggested_label: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class DenseIssues(Ranked):
    """What `find_dense_issues` found; N samples and K classes.

    Args:
        ids: Names of the samples, `(N,)`; every array of N has that order.
        is_label_issue: bool `(N,)`, True where enough positions are flagged.
        label_quality: float64 `(N,)` in [0, 1], low = suspicious.
        evidence: float64 `(N,)`, the mean quality of the positions, which
            orders samples of the same quality; NaN where none counts.
        num_positions: int64 `(N,)`, how many positions count.
        num_position_issues: int64 `(N,)`, how many of them are flagged.
        thresholds: float64 `(K,)`, the mean probability of each class over the
            positions that have its label.
        confident_joint: int64 `(K, K)`, how many positions of each given class
            (rows) are surely of which class (columns).
        ignore_class: The label of positions that do not count, or `None`.
    """

    ids: np.ndarray
    is_label_issue: np.ndarray
    label_quality: np.ndarray
    evidence: np.ndarray
    num_positions: np.ndarray
    num_position_issues: np.ndarray
    thresholds: np.ndarray
    confident_joint: np.ndarray
    ignore_class: int | None = None

    _columns = (
        "is_label_issue",
        "label_quality",
        "num_positions",
        "num_position_issues",
    )

    def __repr__(self):
        return (
            f"DenseIssues({self.num_issues} of {len(self)} samples flagged, "
            f"{int(self.num_position_issues.sum())} of "
            f"{int(self.num_positions.sum())} positions)"
        )

    def positions(self, labels, pred_probs):
        """Says which positions of one sample are probably wrong.

        Args:
            labels: Its labels, `(T,)`, `(H, W)` or any other shape.
            pred_probs: Its probabilities, with an axis of K classes more.

        Returns:
            `PositionIssues`, of the thresholds found among all samples.

        Raises:
            ValueError: If they are not as `find_dense_issues` takes them, or
                of another number of classes.
        """
        (chunk,) = chunks([([labels], [pred_probs])], self.ignore_class)
        if chunk.num_classes != self.thresholds.size:
            raise ValueError(
                "`pred_probs` must have as many classes as those that the "
                f"issues were found in, {self.thresholds.size}. Received: "
                f"{chunk.num_classes} classes"
            )
        labels = np.asarray(labels).astype(np.int64)
        counted = np.ones(labels.shape, bool)
        if self.ignore_class is not None:
            counted = labels != self.ignore_class
        predicted = np.asarray(pred_probs).argmax(axis=-1).astype(np.int64)
        found = judged(chunk, self.thresholds)
        flagged = np.zeros(labels.shape, bool)
        flagged[counted] = found.flagged
        quality = np.ones(labels.shape)
        quality[counted] = found.quality
        suggested = labels.copy()
        suggested[flagged] = found.confident[found.flagged]
        return PositionIssues(flagged, quality, predicted, suggested)
