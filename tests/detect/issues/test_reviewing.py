import numpy as np
import pytest

from tests.detect.issues.samples import build

NAN = np.nan


def ranked(size=200, flagged=None):
    """Labels in the order of their suspicion, the ids backwards."""
    quality = np.linspace(0, 1, size)
    label = np.zeros(size, int)
    return build(
        ids=np.arange(size)[::-1],
        is_label_issue=np.arange(size) < (size if flagged is None else flagged),
        label_quality=quality,
        given_label=label,
        predicted_label=label,
        suggested_label=label,
        evidence=quality,
    )


def test_all_read_is_all_known():
    wrong = np.arange(200) % 3 == 0
    found = ranked().precision(wrong)
    assert found.precision == found.low == found.high
    assert found.precision == pytest.approx(wrong.mean())
    assert (found.answered, found.size, found.worth_reading) == (200, 200, 0)


def test_strata_by_hand():
    issues = ranked()
    answers = np.full(200, "", object)
    answers[:10] = "wrong"
    answers[10:20] = "right"
    answers[[100, 150, 199]] = "wrong", "Right", " right "
    found = issues.precision(answers, strata=2)
    assert found.precision == pytest.approx(10 / 20 * 0.5 + 1 / 3 * 0.5)
    first, second = found.strata
    assert (first["size"], first["answered"], first["wrong"]) == (100, 20, 10)
    assert (second["size"], second["answered"], second["wrong"]) == (100, 3, 1)
    # Wilson's interval of 10 in 20 is .299 to .701, and a fifth is known.
    narrower = np.sqrt(0.8)
    assert first["low"] == pytest.approx(0.5 - 0.2007 * narrower, abs=1e-4)
    assert first["high"] == pytest.approx(0.5 + 0.2007 * narrower, abs=1e-4)
    parts = [(s["precision"] - s["low"]) / 2 for s in found.strata]
    assert found.low == pytest.approx(found.precision - np.hypot(*parts))


def test_the_top_alone_says_nothing_of_the_rest():
    """The rest is right: who extrapolates the top would be far off."""
    answers = {int(i): "wrong" for i in ranked().ids[:40]}
    found = ranked().precision(answers)
    assert np.isnan(found.precision)
    assert found.low == pytest.approx(0.2)
    assert found.high == 1.0
    assert ranked().precision(answers, k=40).precision == 1.0


def test_the_interval_holds_the_truth_as_often_as_it_says():
    """Precision falls with the rank, and a person reads what is told first."""
    rng = np.random.default_rng(0)
    issues = ranked(300)
    chance = np.linspace(1, 0.1, 300)
    first = issues.precision({}).next[:50]
    inside, errors = 0, []
    for _ in range(300):
        wrong = rng.random(300) < chance
        answers = np.full(300, None)
        answers[first] = wrong[first]
        found = issues.precision(answers)
        inside += found.low <= wrong.mean() <= found.high
        errors.append(found.precision - wrong.mean())
    assert 0.93 <= inside / 300 <= 1.0
    assert abs(np.mean(errors)) < 0.015


def test_what_to_read_is_spread_over_the_ranks_and_goes_on():
    issues = ranked()
    to_read = issues.precision({}).next
    assert sorted(to_read.tolist()) == list(range(200))
    strata = to_read[:25] // 40
    assert np.bincount(strata).tolist() == [5] * 5
    # Answered by turns, the rest keeps its order.
    answers = np.full(200, NAN, object)
    answers[to_read[:25]] = True
    assert issues.precision(answers).next.tolist() == to_read[25:].tolist()


def test_strata_of_right_labels_are_not_worth_reading():
    issues = ranked()
    answers = np.full(200, None)
    answers[:40:2] = "wrong"
    answers[120:] = "right"
    answers[[125, 190]] = None
    found = issues.precision(answers)
    # Two strata not begun, and the first of which much is wrong.
    assert found.worth_reading == 20 + 80
    assert sorted(found.next // 40)[-1] == 2
    everything = issues.precision(answers, worth=0.0)
    assert everything.worth_reading == 20 + 80 + 2
    # Those not begun come first.
    assert set(found.next[:20] // 40) == {1, 2}


def test_the_flagged_labels_or_the_first_k():
    issues = ranked(flagged=30)
    assert issues.precision({}).size == 30
    assert issues.precision({}, k=70).size == 70
    assert issues.precision({}, k=999).size == 200
    # Answers for others do not count.
    others = {int(issues.ids[100]): "wrong"}
    assert issues.precision(others).answered == 0
    assert len(ranked(3).precision({}).strata) == 3


def test_strings_as_ids():
    found = build().precision({"b": "wrong", "c": "right"})
    assert found.precision == 0.5
    assert repr(found) == (
        "ReviewedPrecision(0.500, from 0.500 to 0.500, by 2 of 2 labels; 0 "
        "more are worth reading)"
    )


@pytest.mark.parametrize(
    ("decisions", "options", "said"),
    [
        ({"x": "wrong"}, {}, "1 of 1 ids were not recorded.*'x'"),
        ({1: "wrong"}, {}, "The recorded ids are strings"),
        ({"b": "wrong", 1: "right"}, {}, "all strings or all integers"),
        ({"b": "maybe"}, {}, "\"wrong\" or \"right\".*'maybe' for id 'b'"),
        ({"b": 1}, {}, "Received: 1 for id 'b'"),
        ([True, False], {}, r"shape \(4,\). Received: .*shape=\(2,\)"),
        ("wrong", {}, "decisions of type str"),
        (None, {}, "decisions of type NoneType"),
        ({}, {"k": 0}, "`k` must be an integer"),
        ({}, {"strata": 0}, "`strata` must be an integer"),
        ({}, {"worth": 20}, r"`worth` must be a number in \[0, 1\]"),
        ({}, {"confidence": 1}, r"`confidence` must be a number in \(0, 1\)"),
    ],
)
def test_bad_arguments(decisions, options, said):
    with pytest.raises(ValueError, match=said):
        build().precision(decisions, **options)


def test_nothing_to_judge():
    unflagged = build(is_label_issue=np.zeros(4, bool))
    with pytest.raises(ValueError, match="No label is flagged"):
        unflagged.precision({})
    with pytest.raises(ValueError, match="There are no labels"):
        build().filter([]).precision({}, k=3)
