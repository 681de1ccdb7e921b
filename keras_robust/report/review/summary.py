"""What was found, in plain words."""

import numpy as np

# A class of which this share is flagged is rather one the model gave up.
_GIVEN_UP = 0.8
_FEW_EPOCHS = 3
_CLASSES = 5


def summary_of(issues, names, positions, epochs=None, notes=()):
    """Sentences for the head of the page.

    Args:
        issues: `LabelIssues`.
        names: The names of the classes.
        positions: Those that have a card.
        epochs: How many epochs were recorded; None where nothing tells.
        notes: What else the reader should know, sentences.

    Returns:
        dict of `"lead"`, a sentence, and of `"found"`, `"sure"` and
        `"distrust"`, lists of sentences.
    """
    flagged, total = issues.num_issues, len(issues)
    lead = (
        f"{flagged:,} of {_count(total, 'label')} "
        f"({_percent(flagged / max(total, 1))}) "
        f"{'is' if flagged == 1 else 'are'} probably wrong."
    )
    if not flagged:
        lead = f"None of {_count(total, 'label')} is flagged as wrong."
    return {
        "lead": lead,
        "found": _found(issues, names, positions),
        "sure": _sure(issues),
        "distrust": [*_distrust(issues, names, epochs), *notes],
    }


def _found(issues, names, positions):
    rows = [row for row in issues.noise_table() if row["flagged"]]
    rows.sort(key=lambda row: -row["flagged"])
    sentences = []
    for row in rows[:_CLASSES]:
        text = (
            f"{_named(names, row['class'])}: {row['flagged']:,} of "
            f"{_count(row['count'], 'label')} ({_percent(row['share'])})"
        )
        if row["suggested"]:
            text += (
                f", most often suggested: {_named(names, row['suggestion'])} "
                f"({row['suggested']:,})"
            )
        sentences.append(f"{text[0].upper()}{text[1:]}.")
    if len(rows) > _CLASSES:
        sentences.append(f"And {_count(len(rows) - _CLASSES, 'class')} more.")
    if len(positions) != issues.num_issues:
        sentences.append(
            f"The cards are the {len(positions):,} most suspicious labels."
        )
    return sentences


def _sure(issues):
    flags = issues.is_label_issue
    sentences = []
    for column, what in (
        ("wrong_probability", "are wrong with a probability"),
        ("suggestion_confidence", "have a suggestion with a confidence"),
    ):
        values = getattr(issues, column)
        if values is None or not flags.any():
            continue
        values = values[flags]
        likely = int((values >= 0.9).sum())
        sentences.append(
            f"{likely:,} of the {values.size:,} flagged labels {what} of "
            "90 % or more, says the detector."
        )
    if issues.wrong_probability is None:
        sentences.append(
            "The detector ranks the labels, the worst first, but does not "
            "say how probably each is wrong."
        )
    sentences.append(
        f"Found by the score “{issues.score}” and the split "
        f"“{issues.split}”. Your answers tell how many of the flags are right."
    )
    return sentences


def _distrust(issues, names, epochs):
    # What the detector itself has said.
    sentences = [f"{r[0].upper()}{r[1:]}." for r in issues.distrust]
    share = issues.num_issues / max(len(issues), 1)
    if share > 0.5:
        sentences.append(
            "More than half of all labels are flagged. Labels are seldom so "
            "bad: look at a few cards, and at how the model was trained."
        )
    for row in issues.noise_table():
        if row["count"] >= 5 and row["share"] >= _GIVEN_UP:
            name = _named(names, row["class"])
            sentences.append(
                f"Nearly all labels of {name} are flagged. "
                "More often the model gave this class up than that all of it "
                "is wrong."
            )
    if epochs is not None and epochs < _FEW_EPOCHS:
        sentences.append(
            f"Only {_count(epochs, 'epoch')} recorded: the detector had "
            "little to go by."
        )
    flags = issues.is_label_issue
    suggested = issues.suggested_label
    without = (suggested < 0) | (suggested == issues.given_label)
    without = int((flags & without).sum())
    if without:
        sentences.append(
            f"{_count(without, 'flagged label')} without a suggestion: choose "
            "the class yourself."
        )
    unseen = int(np.isnan(issues.evidence).sum())
    if unseen:
        sentences.append(
            f"{_count(unseen, 'sample')} never seen in training, so nothing "
            "is known of them."
        )
    sentences.append(
        "A flag is a suspicion. Rare, hard and odd samples with right labels "
        "are flagged too, and mistakes that many samples share go unseen."
    )
    return sentences


def _named(names, label):
    name = names[label]
    # Signs that turn the direction of writing end with the name.
    return f"class {name}" if name == str(label) else f"“\u2068{name}\u2069”"


def _count(number, thing):
    plural = {"class": "classes"}.get(thing, f"{thing}s")
    return f"{number:,} {thing if number == 1 else plural}"


def _percent(share):
    return f"{100 * share:.1f} %"
