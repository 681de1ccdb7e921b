"""Which labels of a `LabelIssues` to look at, and in which order."""

import dataclasses
import numbers

import numpy as np

from keras_robust.detect.arrays import as_array
from keras_robust.detect.checks import integer
from keras_robust.detect.issues.issue_columns import known_columns
from keras_robust.detect.ranges import number


class Selecting:
    """What takes some of the labels, or puts them in another order."""

    def top(self, k, per_class=False):
        """The positions of the k most suspicious labels, flagged or not.

        Args:
            k: how many, at least 0; all of them if there are fewer.
            per_class: whether to take k of every given class, so that a
                class whose labels are all called suspicious does not hide
                the others. Defaults to `False`.

        Returns:
            int64 array of positions, the worst first. Samples without any
            record come last.

        Raises:
            ValueError: if k is not an integer of at least 0.

        Example:

        >>> from keras_robust.detect import LabelIssues
        >>> quality = [0.1, 0.2, 0.3, 0.9]
        >>> issues = LabelIssues(
        ...     [0, 1, 2, 3], [True, True, True, False], quality,
        ...     [0, 0, 1, 1], [1, 1, 0, 1], [1, 1, 0, 1], quality,
        ...     score="mine", split="mine",
        ... )
        >>> issues.top(2)
        array([0, 1])
        >>> issues.top(1, per_class=True)
        array([0, 2])
        """
        k = integer("k", k, at_least=0)
        order = np.lexsort((self.evidence, self.label_quality))
        if not per_class:
            return order[:k]
        given = self.given_label[order]
        by_class = np.argsort(given, kind="stable")
        # Where in the order of its class each label stands.
        _, starts, sizes = np.unique(
            given[by_class], return_index=True, return_counts=True
        )
        place = np.empty(order.size, np.int64)
        place[by_class] = np.arange(order.size) - np.repeat(starts, sizes)
        return order[place < k]

    def sort(self):
        """All labels, the most suspicious first.

        Returns:
            `LabelIssues` in the order of `top`.
        """
        return self._take(self.top(len(self)))

    def fits_no_class(self, ratio=0.55):
        """The flagged samples that none of the classes seems to fit.

        Formula: flagged, and `max_probability < ratio * m`, where m is the
        mean `max_probability` of the labels that are not flagged.

        Of a sample of another kind (a shoe among digits, noise, an empty
        page) a model is less sure than of a label that is merely wrong. Look
        at these samples first of all; leave them out (`keep`) rather than
        give them another class: `corrected_labels` does not change them.
        benchmarks/RESULTS.md says how well that works on digits and on
        Fashion-MNIST with images of other classes in between. After few
        epochs little can be told.

        Args:
            ratio: how much less sure, in (0, 1]. Defaults to 0.55.

        Returns:
            boolean array `(N,)`.

        Raises:
            ValueError: if `ratio` is not in (0, 1], or the detector does not
                say how probable the likeliest class was.

        Example:

        >>> from keras_robust.detect import LabelIssues
        >>> quality = [0.1, 0.2, 0.9]
        >>> issues = LabelIssues(
        ...     ["a", "b", "c"], [True, True, False], quality,
        ...     [0, 1, 1], [1, 0, 1], [1, 0, 1], quality,
        ...     score="mine", split="mine", max_probability=[0.8, 0.4, 0.9],
        ... )
        >>> issues.fits_no_class()
        array([False,  True, False])

        Reference: Hendrycks and Gimpel, "A Baseline for Detecting
        Misclassified and Out-of-Distribution Examples in Neural Networks",
        ICLR 2017 (the maximum softmax probability, here of a training).
        """
        ratio = number("ratio", ratio, 0, 1, ends="upper")
        likeliest = self.needed("max_probability")
        usual = likeliest[~self.is_label_issue & ~np.isnan(likeliest)]
        if not usual.size:
            return np.zeros(len(self), bool)
        return self.is_label_issue & (likeliest < ratio * usual.mean())

    def filter(
        self,
        mask=None,
        *,
        flagged=None,
        given_label=None,
        suggested_label=None,
        min_quality=None,
        max_quality=None,
        min_wrong_probability=None,
    ):
        """The labels that fulfil every condition given, in their order.

        Args:
            mask: boolean mask `(N,)`, or positions, which then give the
                order. None for all.
            flagged: True for flagged labels only, False for the others.
            given_label: a class number, or several: only labels of these.
            suggested_label: the same of the suggested label.
            min_quality: the least quality, in [0, 1].
            max_quality: the highest quality, in [0, 1].
            min_wrong_probability: the least probability of being wrong, in
                [0, 1]; only where the detector gives one.

        Returns:
            `LabelIssues` of these labels, maybe of none.

        Raises:
            ValueError: if a condition is not as described.

        Example:

        >>> from keras_robust.detect import LabelIssues
        >>> quality = [0.1, 0.2, 0.9]
        >>> issues = LabelIssues(
        ...     ["a", "b", "c"], [True, True, False], quality,
        ...     [0, 1, 1], [1, 0, 1], [1, 0, 1], quality,
        ...     score="mine", split="mine",
        ... )
        >>> issues.filter(flagged=True, given_label=1).ids.tolist()
        ['b']
        """
        chosen = np.ones(len(self), bool)
        if flagged is not None:
            if not isinstance(flagged, bool | np.bool_):
                raise ValueError(
                    "`flagged` must be True, False or None. Received: "
                    f"flagged={flagged!r}"
                )
            chosen &= self.is_label_issue == flagged
        for name, wanted in (
            ("given_label", given_label),
            ("suggested_label", suggested_label),
        ):
            if wanted is not None:
                chosen &= np.isin(getattr(self, name), _classes(name, wanted))
        if min_quality is not None:
            least = number("min_quality", min_quality, 0, 1)
            chosen &= self.label_quality >= least
        if max_quality is not None:
            most = number("max_quality", max_quality, 0, 1)
            chosen &= self.label_quality <= most
        if min_wrong_probability is not None:
            least = number("min_wrong_probability", min_wrong_probability, 0, 1)
            chosen &= self.needed("wrong_probability") >= least
        if mask is None:
            return self._take(np.flatnonzero(chosen))
        positions = _positions(mask, len(self))
        return self._take(positions[chosen[positions]])

    def keep(self, positions=False):
        """Which samples to train on next: those that are not flagged.

        Args:
            positions: whether to return positions in place of a mask.
                Defaults to `False`.

        Returns:
            bool mask `(N,)`, or int64 positions, ascending.

        Example:

        >>> from keras_robust.detect import LabelIssues
        >>> issues = LabelIssues(
        ...     [7, 8, 9], [False, True, False], [0.9, 0.1, 0.8],
        ...     [0, 1, 1], [0, 0, 1], [0, 0, 1], [0.9, 0.1, 0.8],
        ...     score="mine", split="mine",
        ... )
        >>> issues.keep()
        array([ True, False,  True])
        >>> issues.keep(positions=True)
        array([0, 2])
        """
        kept = ~self.is_label_issue
        return np.flatnonzero(kept) if positions else kept

    def needed(self, name):
        """A column that not every detector fills, or a `ValueError`."""
        column = getattr(self, name)
        if column is None:
            raise ValueError(
                f'The score "{self.score}" gives no `{name}`, so there is '
                "nothing to go by. Use one that does, or set it: "
                f"`dataclasses.replace(issues, {name}=...)`"
            )
        return column

    def _take(self, positions):
        columns = {n: c[positions] for n, c in known_columns(self).items()}
        return dataclasses.replace(self, ids=self.ids[positions], **columns)


def _classes(name, wanted):
    classes = np.atleast_1d(as_array(name, wanted))
    if classes.ndim != 1 or classes.dtype.kind not in "iu":
        raise ValueError(
            f"`{name}` must be a class number, or a list of them. Received: "
            f"{name}={wanted!r}"
        )
    return classes


def _positions(mask, size):
    if isinstance(mask, numbers.Integral):
        mask = [mask]
    array = as_array("mask", mask)
    if array.dtype == bool and array.shape == (size,):
        return np.flatnonzero(array)
    if array.ndim == 1 and (array.dtype.kind in "iu" or not array.size):
        outside = (array < 0) | (array >= size)
        if not outside.any():
            return array.astype(np.int64)
        raise ValueError(
            f"`mask` must hold positions in [0, {size - 1}]. Received: "
            f"{array[outside][0]}"
        )
    raise ValueError(
        f"`mask` must be a boolean mask of shape ({size},), or positions. "
        f"Received: shape={array.shape}, dtype={array.dtype}"
    )
