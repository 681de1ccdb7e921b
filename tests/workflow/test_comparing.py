"""Comparisons without any training."""

import numpy as np
import pytest

from keras_robust.workflow import comparing
from keras_robust.workflow import untouched


class Answers:
    """Stands for a model: it knows the probabilities."""

    loss = None
    outputs = ()

    def __init__(self, probabilities):
        self.probabilities = np.asarray(probabilities)

    def predict(self, x, batch_size, verbose):
        return self.probabilities


@pytest.fixture(autouse=True)
def plain_outputs(monkeypatch):
    class Plain:
        def __init__(self, model, from_logits, owner):
            pass

        def fill(self, into, positions, outputs):
            return outputs

    monkeypatch.setattr(comparing, "Outputs", Plain)


def compared(before, after, classes):
    test = untouched.TestSet(None, np.array(classes), None)
    return comparing.compare(Answers(before), Answers(after), test, 32)


HOT = np.eye(3)
CLASSES = np.repeat([0, 1], 50)


def test_gains_and_losses_are_counted_sample_by_sample():
    before = HOT[np.where(np.arange(100) < 40, 2, CLASSES)]
    after = HOT[np.where(np.arange(100) >= 95, 2, CLASSES)]
    found = compared(before, after, CLASSES)
    assert (found.fixed, found.broken, found.size) == (40, 5, 100)
    assert found.before["accuracy"] == 0.6 and found.after["accuracy"] == 0.95
    assert found.difference == pytest.approx(0.35)
    assert found.verdict == "better"
    by_class = found.by_class
    assert by_class[0] == {"class": 0, "count": 50, "before": 0.2, "after": 1.0}
    assert by_class[1]["after"] == 0.9
    assert by_class[2]["count"] == 0 and np.isnan(by_class[2]["after"])
    # A class that lost is named.
    assert "class 1 lost: 1.000 before, 0.900 after" in str(found)
    assert "class 0" not in str(found)
    assert compared(after, before, CLASSES).verdict == "worse"


def test_equal_models_show_no_difference():
    found = compared(HOT[CLASSES], HOT[CLASSES], CLASSES)
    assert found.low < 0 < found.high
    assert "no difference that so many samples can show" in str(found)
    assert found.before["cross_entropy"] == 0
    # A probability of 0 is no infinity.
    wrong = compared(HOT[CLASSES], HOT[1 - CLASSES], CLASSES)
    assert wrong.after["cross_entropy"] == pytest.approx(-np.log(1e-7))


def test_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(0)
    # Gains of 10 %, losses of 4 %, in 150 samples.
    draws = rng.multinomial(150, [0.10, 0.04, 0.86], size=2000)
    ends = np.array([comparing.paired_interval(f, b, 150) for f, b, _ in draws])
    covered = (ends[:, 0] < 0.06) & (0.06 < ends[:, 1])
    assert 0.93 < covered.mean() < 0.97


def test_interval_stays_a_difference_of_shares():
    low, high = comparing.paired_interval(1, 0, 1)
    assert -1 <= low < high <= 1


def test_unknown_test_labels_are_refused():
    with pytest.raises(ValueError, match="3 classes. Received: a test label 7"):
        compared(HOT, HOT, [0, 1, 7])


def test_samples_are_the_same_whatever_their_dtype():
    x = np.array([[0.1, 2.0], [-0.0, 3.0]])
    assert untouched.digests_of(x) == untouched.digests_of(x.astype("float32"))
    assert untouched.digests_of(abs(x)) == untouched.digests_of(x)
    whole = np.array([[1, 200]])
    for kind in ("uint8", "float16", "float64"):
        same = untouched.digests_of(whole.astype(kind))
        assert same == untouched.digests_of(whole)
    # Two that float32 could not tell apart.
    assert len(set(untouched.digests_of(np.array([2**25, 2**25 + 1])))) == 2
    two = {"a": x, "b": np.array(["cat", "dog"])}
    longer = {"a": x, "b": np.array(["cat", "dog", "horse"])[:2]}
    assert untouched.digests_of(two) == untouched.digests_of(longer)
    assert len(set(untouched.digests_of(two))) == 2


def test_changes_of_test_data_are_counted_by_equal_samples():
    def given(x, y):
        return untouched.as_test_set((np.array(x), np.array(y)), "audit")

    before = given([[1.0], [1.0], [2.0], [3.0]], [0, 1, 2, 0])
    now = given([[3.0], [1.0], [2.0], [4.0]], [1, 1, 2, 0])
    assert untouched.changes(now, before) == (1, 1, 0)
    # Of four there is one left.
    assert untouched.changes(given([[2.0]], [2]), before) == (0, 0, 3)
    hot = given([[1.0], [2.0]], [[0, 1], [1, 0]])
    assert hot.classes.tolist() == [1, 0]
