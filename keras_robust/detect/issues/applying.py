"""From a person's decisions to labels, weights and a mask."""

import dataclasses

import numpy as np

from keras_robust.detect.arrays import as_array
from keras_robust.detect.issues.decisions import read_decisions
from keras_robust.detect.issues.fingerprint import Fingerprint

_UNDECIDED = ("keep", "exclude")


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class ReviewedLabels:
    """What `LabelIssues.apply` made of a person's decisions.

    Take `labels` with `weights` for `fit(x, labels, sample_weight=weights)`,
    or cut the data down: `fit(x[keep], labels[keep])`.

    Attributes:
        labels: the labels to train on, in the form that `y` had.
        weights: float64 `(N,)`, 0 for a sample that is left out, else 1.
        keep: bool `(N,)`, False for a sample that is left out.
        decided: bool `(N,)`, whether there is a decision.
        changed: bool `(N,)`, whether the label is another one now.
        answers: dict of id to True where the label was called wrong (or the
            sample left out), False where it was kept, for
            `LabelIssues.precision`.
    """

    labels: np.ndarray
    weights: np.ndarray
    keep: np.ndarray
    decided: np.ndarray
    changed: np.ndarray
    answers: dict

    def __repr__(self):
        return (
            f"ReviewedLabels({int(self.decided.sum())} of "
            f"{self.decided.size} labels decided: {int(self.changed.sum())} "
            f"changed, {int((~self.keep).sum())} left out)"
        )


class Applying(Fingerprint):
    """What turns decisions of the review page into the next training."""

    def apply(self, decisions, y=None, undecided="keep"):
        """Labels, weights and a mask, as a person decided.

        Formula: the decided label where there is one, else the given one.
        Weight 0 where the sample was excluded, else 1.

        Args:
            decisions: the path of the file that `to_html`'s page gives,
                `"decisions.csv"` or `.json`. Each row has an `id`, a
                `decision` (`"accept"`, `"keep"`, `"relabel"`, `"exclude"`,
                or nothing), the number of the `label`, and the `run` it is
                of. Edit it as you like: what does not fit is refused.
            y: the labels trained on, in the order of `ids`: class numbers
                `(N,)` or `(N, 1)`, or one-hot `(N, K)`. None for
                `given_label`. They are left as they are.
            undecided: what becomes of a flagged label that nobody decided
                about: `"keep"`, or `"exclude"`. Defaults to `"keep"`.

        Returns:
            A `ReviewedLabels`.

        Raises:
            FileNotFoundError: if there is no such file.
            ValueError: if the file is of another run, names an unknown
                sample or class, or one sample twice, if `y` is not what was
                reviewed, or an argument is not as described.

        Example:

        >>> import os
        >>> import tempfile
        >>> from keras_robust.detect import LabelIssues
        >>> issues = LabelIssues(
        ...     [7, 8, 9], [False, True, True], [0.9, 0.1, 0.2],
        ...     [0, 1, 1], [0, 0, 1], [0, 0, 0], [0.9, 0.1, 0.2],
        ...     score="mine", split="mine", num_classes=2,
        ... )
        >>> path = os.path.join(tempfile.mkdtemp(), "decisions.csv")
        >>> run = f"{issues.fingerprint}/2"
        >>> with open(path, "w") as file:
        ...     print("id,decision,label,run", file=file)
        ...     print(f"8,accept,0,{run}", file=file)
        ...     print(f"9,exclude,,{run}", file=file)
        >>> reviewed = issues.apply(path, y=[0, 1, 1])
        >>> reviewed
        ReviewedLabels(2 of 3 labels decided: 1 changed, 1 left out)
        >>> reviewed.labels, reviewed.weights
        (array([0, 0, 1]), array([1., 1., 0.]))
        """
        if undecided not in _UNDECIDED:
            raise ValueError(
                f"`undecided` must be one of {', '.join(_UNDECIDED)}. "
                f"Received: undecided={undecided!r}"
            )
        labels = _as_given(self, self.given_label if y is None else y)
        read = read_decisions(decisions, self)
        settled = self.given_label.copy()
        decided, excluded = np.zeros((2, len(self)), bool)
        for position, label in read:
            decided[position] = True
            if label < 0:
                excluded[position] = True
            else:
                settled[position] = label
        changed = settled != self.given_label
        wrong = changed | excluded
        names = self.ids[decided].tolist()
        answers = dict(zip(names, wrong[decided].tolist(), strict=True))
        if undecided == "exclude":
            excluded |= self.is_label_issue & ~decided
        return ReviewedLabels(
            labels=_with_changes(labels, settled, changed),
            weights=np.where(excluded, 0.0, 1.0),
            keep=~excluded,
            decided=decided,
            changed=changed,
            answers=answers,
        )


def _as_given(issues, y):
    """`y` as an array of its own, if it is what was reviewed."""
    labels, size = as_array("y", y), len(issues)
    hot = labels.ndim == 2 and labels.shape[1] > 1
    if (
        labels.ndim not in (1, 2)
        or len(labels) != size
        or labels.dtype.kind not in ("fiub" if hot else "fiu")
    ):
        raise ValueError(
            "`y` must hold a class number for each sample, shape "
            f"({size},) or ({size}, 1), or be one-hot, in the order of "
            f"`ids`. Received: shape={labels.shape}, dtype={labels.dtype}"
        )
    if hot and issues.num_classes not in (None, labels.shape[1]):
        raise ValueError(
            "One-hot `y` must have a column for each of the "
            f"{issues.num_classes} classes. Received: shape={labels.shape}"
        )
    classes = labels.argmax(axis=1) if hot else labels.reshape(size)
    other = classes != issues.given_label
    if other.any():
        first = int(np.argmax(other))
        raise ValueError(
            "`y` must be the labels that were reviewed, in the order of "
            f"`ids`; {int(other.sum())} of {size} differ. Received: "
            f"y[{first}] of class {classes[first]}, not "
            f"{issues.given_label[first]}"
        )
    return labels.copy()


def _with_changes(labels, settled, changed):
    if labels.ndim == 2 and labels.shape[1] > 1:
        new = settled[changed]
        if new.size and new.max() >= labels.shape[1]:
            raise ValueError(
                f"The class {new.max()} was decided for, which has no column "
                f"in one-hot `y`. Received: shape={labels.shape}"
            )
        labels[changed] = np.eye(labels.shape[1], dtype=labels.dtype)[new]
        return labels
    flat, new = labels.reshape(-1), settled[changed]
    flat[changed] = new
    if (flat[changed] != new).any():
        raise ValueError(
            f"`y` cannot hold the class {new.max()}; convert it. Received: "
            f"dtype={labels.dtype}"
        )
    return labels
