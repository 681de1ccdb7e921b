"""What `keras-robust find` prints."""

import json
import math

import numpy as np

# More classes than these only fill the screen; --json has all.
_CLASSES = 20


def as_text(issues, names, top, output, page):
    """Yields the lines of the report: a summary, the classes, the worst."""
    share = issues.num_issues / len(issues)
    yield (
        f"{issues.num_issues} of {len(issues)} labels flagged ({share:.1%}), "
        f"score {issues.score}, split {issues.split}"
    )
    rows = sorted(issues.noise_table(), key=lambda row: -row["flagged"])
    shown = [row for row in rows if row["count"]][:_CLASSES]
    yield ""
    yield from _table(
        ["class", "labels", "flagged", "share", "95 %", "mostly suggested"],
        [_class_cells(row, names) for row in shown],
    )
    if len(shown) < len(rows):
        yield f"({len(rows) - len(shown)} classes more, or without labels)"
    if top:
        positions = issues.top(top)
        yield ""
        yield f"The {positions.size} most suspicious (quality 0 is worst)"
        probability = issues.wrong_probability is not None
        heads = ["id", "given", "suggested", "quality", "flagged"]
        yield from _table(
            [*heads, "P(wrong)"] if probability else heads,
            [_sample_cells(issues, names, p, probability) for p in positions],
        )
    if output:
        yield ""
        yield f"All {len(issues)} rows are in {output}"
    if page:
        yield ""
        yield f"Open {page} in a browser to review the flagged labels"


def as_json(issues, names, top, output, page):
    """Yields one line of JSON with the same content, and all classes."""
    classes = [
        {**row, "name": _name(row["class"], names)}
        for row in issues.noise_table()
    ]
    columns = (
        "label_quality",
        "is_label_issue",
        "given_label",
        "predicted_label",
        "suggested_label",
        "wrong_probability",
        "suggestion_confidence",
        "max_probability",
    )
    worst = [
        {
            "id": issues.ids[position].item(),
            **{
                name: getattr(issues, name)[position].item()
                for name in columns
                if getattr(issues, name) is not None
            },
        }
        for position in issues.top(top)
    ]
    report = {
        "num_samples": len(issues),
        "num_issues": issues.num_issues,
        "share": issues.num_issues / len(issues),
        "score": issues.score,
        "split": issues.split,
        "distrust": list(issues.distrust),
        "classes": classes,
        "top": worst,
        "output": output,
        "report": page,
    }
    yield json.dumps(_without_nan(report), allow_nan=False)


def _class_cells(row, names):
    suggested = "-"
    if row["suggested"]:
        name = _name(row["suggestion"], names)
        suggested = f"{name} ({row['suggested']})"
    return [
        _name(row["class"], names),
        str(row["count"]),
        str(row["flagged"]),
        f"{row['share']:.1%}",
        f"{100 * row['low']:.1f} to {row['high']:.1%}",
        suggested,
    ]


def _sample_cells(issues, names, position, probability):
    cells = [
        _printable(str(issues.ids[position])),
        _name(issues.given_label[position], names),
        _name(issues.suggested_label[position], names),
        f"{issues.label_quality[position]:.2e}",
        "yes" if issues.is_label_issue[position] else "no",
    ]
    if probability:
        cells.append(f"{issues.wrong_probability[position]:.3f}")
    return cells


def _name(label, names):
    if label < 0:
        return "-"
    return _printable(names[label]) if names else str(int(label))


def _printable(text):
    """Nothing that a file holds shall steer the terminal."""
    return text if text.isprintable() else ascii(text)


def _table(heads, rows):
    """Yields lines with columns of the same width, numbers to the right."""
    widths = [
        max(map(len, column)) for column in zip(heads, *rows, strict=True)
    ]
    for row in [heads, *rows]:
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(c.rjust(w) for c, w in others)]
        yield f"  {'  '.join(cells)}"


def _without_nan(value):
    """JSON has no NaN; it is `null`."""
    if isinstance(value, dict):
        return {key: _without_nan(v) for key, v in value.items()}
    if isinstance(value, list):
        return [_without_nan(v) for v in value]
    if isinstance(value, float | np.floating) and not math.isfinite(value):
        return None
    return value
