"""The benchmark of samples of no class: what it puts in, what it counts."""

import numpy as np

from benchmarks import open_set
from benchmarks.labelled import Labelled
from keras_robust.detect import LabelIssues


def test_what_is_put_in():
    true = np.arange(200, dtype="int32") % 5
    x = true.astype("float32")[:, None]
    samples = Labelled(x, true, true, 5)
    made = open_set.with_outsiders(samples, (0, 3), 0.1, seed=0)
    no_class = made.true == -1
    # Classes 1, 2 and 4 are left, and are numbered anew.
    assert len(made.x) == 120 and no_class.sum() == 12
    assert made.num_classes == 3 and set(made.given) == {0, 1, 2}
    assert np.isin(made.x[no_class], (0, 3)).all()
    kept = np.array([1, 2, 4])[made.true[~no_class]]
    np.testing.assert_array_equal(made.x[~no_class, 0], kept)
    assert abs((made.given != made.true)[~no_class].mean() - 0.15) < 0.03
    assert not (
        open_set.with_outsiders(samples, (0, 3), 0.0, seed=0).true == -1
    ).any()


def test_judged_by_hand():
    given = np.zeros(8, int)
    true = np.array([-1, -1, -1, 1, 1, 0, 0, 0])
    flagged = np.array([1, 1, 0, 1, 0, 1, 0, 0], bool)
    likeliest = np.array([0.2, 0.9, 0.2, 0.3, 0.9, 0.2, 1.0, 1.0])
    quality = np.where(flagged, 0.1, 0.9)
    issues = LabelIssues(
        np.arange(8),
        flagged,
        quality,
        given,
        given,
        given,
        quality,
        score="mine",
        split="mine",
        max_probability=likeliest,
    )
    samples = Labelled(np.zeros((8, 1)), given, true, 2)
    assert open_set.judged(issues, samples) == {
        "of no class": 3,
        "flagged of these": 2,
        "called so": 1,
        "wrong labels flagged": 1,
        "called so too": 1,
        "right labels flagged": 1,
        "and called so": 1,
    }
