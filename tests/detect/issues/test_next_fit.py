import numpy as np
import pytest

from tests.detect.issues.samples import build

NAN = np.nan


def test_weights_by_the_flags():
    assert build().weights().tolist() == [1, 0, 0, 1]
    assert build().weights(floor=0.25).tolist() == [1, 0.25, 0.25, 1]
    assert build().weights(normalize=True).tolist() == [2, 0, 0, 2]


def test_weights_by_the_probability():
    issues = build(wrong_probability=[0.1, 0.7, 1.0, NAN])
    expected = pytest.approx([0.9, 0.3, 0.0, 1.0])
    assert issues.weights("probability") == expected
    floored = issues.weights("probability", floor=0.2, normalize=True)
    assert floored == pytest.approx(np.array([0.9, 0.3, 0.2, 1.0]) / 0.6)
    assert floored.mean() == pytest.approx(1.0)


def test_weights_say_what_they_need():
    with pytest.raises(ValueError, match='"aum" gives no `wrong_probability`'):
        build().weights("probability")
    with pytest.raises(ValueError, match="flags, probability. Received: kind"):
        build().weights("soft")
    with pytest.raises(ValueError, match=r"`floor` must .* \[0, 1\]"):
        build().weights(floor=-1)
    every = build(is_label_issue=np.ones(4, bool))
    with pytest.raises(ValueError, match="All labels have the weight 0"):
        every.weights(normalize=True)


def test_only_sure_suggestions_correct_a_label():
    issues = build(
        is_label_issue=[False, True, True, True],
        suggested_label=[1, 2, 0, -1],
        suggestion_confidence=[1.0, 0.9, 0.5, 1.0],
    )
    assert issues.corrected_labels(0.9).tolist() == [0, 2, 2, 0]
    assert issues.corrected_labels(0.5).tolist() == [0, 2, 0, 0]
    unknown = build(suggestion_confidence=[NAN, NAN, 0.9, NAN])
    assert unknown.corrected_labels(0.1).tolist() == [0, 1, 0, 0]
    assert unknown.given_label.tolist() == [0, 1, 2, 0]


def test_a_sample_of_no_class_gets_no_other_label():
    issues = build(
        is_label_issue=[False, True, True, False],
        suggested_label=[0, 2, 0, 0],
        suggestion_confidence=[1.0, 0.9, 0.9, 1.0],
        max_probability=[0.9, 0.8, 0.43, NAN],
    )
    # Half as sure as of the only unflagged sample with a record.
    assert issues.fits_no_class().tolist() == [False, False, True, False]
    assert issues.fits_no_class(0.45).tolist() == [False] * 4
    assert issues.corrected_labels(0.9).tolist() == [0, 2, 2, 0]
    every = build(is_label_issue=np.ones(4, bool), max_probability=[0.1] * 4)
    assert not every.fits_no_class().any()
    with pytest.raises(ValueError, match="no `max_probability`"):
        build().fits_no_class()
    for ratio in (0, 1.1, NAN, "0.5"):
        with pytest.raises(ValueError, match=r"`ratio` must .* \(0, 1\]"):
            every.fits_no_class(ratio)


def test_correcting_refuses_to_guess():
    with pytest.raises(ValueError, match="no `suggestion_confidence`"):
        build().corrected_labels(0.9)
    for threshold in (0, 1.1, NAN, "0.9"):
        with pytest.raises(ValueError, match=r"`threshold` must .* \(0, 1\]"):
            build().corrected_labels(threshold)
