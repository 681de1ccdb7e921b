"""Before and after, on data that neither training has seen."""

import dataclasses
import statistics

import numpy as np

from keras_robust.probe.outputs import Outputs

# As Keras clips probabilities in a cross-entropy.
_LEAST = 1e-7


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Two models on the same test data, sample by sample.

    Attributes:
        size: How many samples they were compared on.
        before: dict of `"accuracy"` and `"cross_entropy"` (nats) of the
            model trained on the given labels.
        after: The same of the repaired one.
        fixed: How many samples only the repaired model gets right.
        broken: How many only the first one.
        difference: Accuracy after less accuracy before.
        low, high: The 95 % interval of it.
        by_class: List of dicts, one for each class: `"class"`, `"count"`,
            `"before"` and `"after"` (accuracies, NaN of a class without
            samples).
    """

    size: int
    before: dict
    after: dict
    fixed: int
    broken: int
    difference: float
    low: float
    high: float
    by_class: list

    def __repr__(self):
        return (
            f"Comparison(accuracy {self.before['accuracy']:.3f} before, "
            f"{self.after['accuracy']:.3f} after, on {self.size} samples)"
        )

    @property
    def verdict(self):
        """What the interval says, in words."""
        if self.low > 0:
            return "better"
        if self.high < 0:
            return "worse"
        return "no difference that so many samples can show"

    def __str__(self):
        lines = [
            f"On {self.size:,} test samples: {self.verdict}",
            "                    before    after",
        ]
        for name, label in (
            ("accuracy", "accuracy"),
            ("cross_entropy", "cross-entropy"),
        ):
            lines.append(
                f"  {label:<15} {self.before[name]:>8.3f} "
                f"{self.after[name]:>8.3f}"
            )
        lines.append(
            f"  accuracy by {self.difference:+.3f} (95 % interval "
            f"{self.low:+.3f} to {self.high:+.3f}): {self.fixed:,} more right, "
            f"{self.broken:,} more wrong"
        )
        hurt = [
            row for row in self.by_class if row["after"] < row["before"] - 0.05
        ]
        for row in sorted(hurt, key=lambda row: row["after"] - row["before"]):
            lines.append(
                f"  class {row['class']} lost: {row['before']:.3f} before, "
                f"{row['after']:.3f} after, of {row['count']:,} samples"
            )
        lines.append(
            "  One training each: the interval knows the chance of the test "
            "samples,\n  not that of another training."
        )
        return "\n".join(lines)


def compare(before, after, test, batch_size):
    """Compares two models.

    Args:
        before, after: `keras.Model`s.
        test: A `TestSet`.
        batch_size: Samples at a time.

    Returns:
        A `Comparison`.

    Raises:
        ValueError: If a model gives no probabilities of classes, or a label
            is none of them.
    """
    probabilities = [
        _predicted(model, test.x, len(test.classes), batch_size)
        for model in (before, after)
    ]
    num_classes = min(found.shape[1] for found in probabilities)
    if test.classes.max() >= num_classes:
        raise ValueError(
            f"The models know {num_classes} classes. Received: a test label "
            f"{test.classes.max()}"
        )
    right = [found.argmax(axis=1) == test.classes for found in probabilities]
    fixed = int((right[1] & ~right[0]).sum())
    broken = int((right[0] & ~right[1]).sum())
    low, high = paired_interval(fixed, broken, len(test.classes))
    before, after = (
        _measured(found, hits, test.classes)
        for found, hits in zip(probabilities, right, strict=True)
    )
    return Comparison(
        size=len(test.classes),
        before=before,
        after=after,
        fixed=fixed,
        broken=broken,
        difference=after["accuracy"] - before["accuracy"],
        low=low,
        high=high,
        by_class=_by_class(test.classes, *right, num_classes),
    )


def paired_interval(fixed, broken, size, confidence=0.95):
    """The interval of the difference of two shares of the same samples.

    Formula: Wald's interval of `(f - b) / n`, with 1/2 added to each of the
    four counts: `f = fixed + 1/2`, `b = broken + 1/2`, `n = size + 2`;
    `(f - b) / n -+ z sqrt(f + b - (f - b)^2 / n) / n`.

    Example:

    >>> from keras_robust.workflow.comparing import paired_interval
    >>> low, high = paired_interval(fixed=30, broken=5, size=200)
    >>> round(low, 3), round(high, 3)
    (0.068, 0.179)

    Reference:
        Agresti and Min, "Simple improved confidence intervals for comparing
        matched proportions", Statistics in Medicine 24, 2005.
    """
    z = statistics.NormalDist().inv_cdf(0.5 + confidence / 2.0)
    more, less, total = fixed + 0.5, broken + 0.5, size + 2.0
    center = (more - less) / total
    width = z * np.sqrt(more + less - (more - less) ** 2 / total) / total
    return float(max(center - width, -1.0)), float(min(center + width, 1.0))


def _predicted(model, x, count, batch_size):
    outputs = Outputs(model, None, "repair")
    found = model.predict(x, batch_size=batch_size, verbose=0)
    return outputs.fill(None, np.arange(count), found)


def _measured(probabilities, hits, classes):
    own = probabilities[np.arange(len(classes)), classes].astype(np.float64)
    return {
        "accuracy": float(hits.mean()),
        "cross_entropy": float(-np.log(np.maximum(own, _LEAST)).mean()),
    }


def _by_class(classes, before, after, num_classes):
    count = np.bincount(classes, minlength=num_classes)
    with np.errstate(invalid="ignore"):
        shares = [
            np.bincount(classes[hits], minlength=num_classes) / count
            for hits in (before, after)
        ]
    rows = zip(
        range(num_classes), *(c.tolist() for c in (count, *shares)), strict=True
    )
    names = ("class", "count", "before", "after")
    return [dict(zip(names, row, strict=True)) for row in rows]
