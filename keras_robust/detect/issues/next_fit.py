"""What a `LabelIssues` gives the next training."""

import numpy as np

from keras_robust.detect.ranges import number

_KINDS = ("flags", "probability")


class NextFit:
    """Weights and labels to train with again."""

    def weights(self, kind="flags", floor=0.0, normalize=False):
        """Sample weights for a next `fit`.

        Formula: `floor` for a flagged label and 1 for the others
        (`"flags"`), or `max(floor, 1 - P(wrong))` (`"probability"`); with
        `normalize` divided by their mean.

        Weights change no label, so a mistake of the detector costs one
        sample only; prefer them to `corrected_labels` where in doubt. Keras
        divides the sum of weighted losses by the batch size, so weights of
        0 also make the steps smaller: `normalize` keeps the mean at 1.

        Args:
            kind: `"flags"` or `"probability"`; the latter where the
                detector gives P(wrong). Defaults to `"flags"`.
            floor: the least weight, in [0, 1]. Defaults to `0.0`.
            normalize: whether the weights have a mean of 1. Defaults to
                `False`.

        Returns:
            float64 array `(N,)`, for `fit(x, y, sample_weight=...)`. 1
            (before it is normalised) for a sample without any record.

        Raises:
            ValueError: if an argument is not as described, the detector
                gives no P(wrong), or all weights are 0 and have no mean.

        Example:

        >>> from keras_robust.detect import LabelIssues
        >>> issues = LabelIssues(
        ...     [7, 8, 9], [False, True, False], [0.9, 0.1, 0.8],
        ...     [0, 1, 1], [0, 0, 1], [0, 0, 1], [0.9, 0.1, 0.8],
        ...     score="mine", split="mine",
        ... )
        >>> issues.weights()
        array([1., 0., 1.])
        >>> issues.weights(normalize=True)
        array([1.5, 0. , 1.5])
        """
        if not isinstance(kind, str) or kind not in _KINDS:
            raise ValueError(
                f"`kind` must be one of {', '.join(_KINDS)}. Received: "
                f"kind={kind!r}"
            )
        floor = number("floor", floor, 0, 1)
        if kind == "flags":
            weights = np.where(self.is_label_issue, floor, 1.0)
        else:
            wrong = self.needed("wrong_probability")
            weights = np.where(np.isnan(wrong), 1.0, 1.0 - wrong)
            weights = np.maximum(weights, floor)
        if normalize and weights.size:
            mean = weights.mean()
            if not mean:
                raise ValueError(
                    "All labels have the weight 0, so no factor gives them a "
                    "mean of 1; set a `floor` above 0. Received: "
                    f"normalize={normalize}, floor={floor}"
                )
            weights /= mean
        return weights

    def corrected_labels(self, threshold):
        """The labels, with the sure suggestions put in place.

        Formula: the suggested label where the given one is flagged and the
        suggestion's confidence is at least `threshold`, else the given one;
        also where `fits_no_class` says that no class fits, if that is known.

        A label corrected wrongly does more harm than one left out, and
        mistakes that many samples share come back in the model trained on
        them: take a high threshold, `keep` or `weights` for the rest, and
        never correct validation or test labels so.

        Args:
            threshold: the least confidence, in (0, 1].

        Returns:
            int64 array `(N,)`.

        Raises:
            ValueError: if `threshold` is not in (0, 1], or the detector
                says nothing about how sure its suggestions are.

        Example:

        >>> from keras_robust.detect import LabelIssues
        >>> issues = LabelIssues(
        ...     [7, 8, 9], [False, True, True], [0.9, 0.1, 0.2],
        ...     [0, 1, 1], [0, 0, 2], [0, 0, 2], [0.9, 0.1, 0.2],
        ...     score="mine", split="mine", num_classes=3,
        ...     suggestion_confidence=[0.0, 0.95, 0.5],
        ... )
        >>> issues.corrected_labels(threshold=0.9)
        array([0, 0, 1])
        """
        threshold = number("threshold", threshold, 0, 1, ends="upper")
        sure = self.needed("suggestion_confidence") >= threshold
        sure &= self.is_label_issue & (self.suggested_label >= 0)
        if self.max_probability is not None:
            sure &= ~self.fits_no_class()
        return np.where(sure, self.suggested_label, self.given_label)
