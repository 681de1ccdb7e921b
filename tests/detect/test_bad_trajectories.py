"""Whatever is given: a right answer, or an error of ours that says why."""

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from keras_robust.detect import LabelIssues
from keras_robust.detect import aum_threshold
from keras_robust.detect import available_scores
from keras_robust.detect import data_map
from keras_robust.detect import el2n
from keras_robust.detect import estimate_noise_rate
from keras_robust.detect import find_label_issues
from keras_robust.detect import splits
from keras_robust.detect import threshold_labels
from keras_robust.detect.splits.split import _splits
from keras_robust.trajectories import Trajectories
from tests.detect.samples import noisy

NAN, INF = np.nan, np.inf
# What a run can record, and what only a mistake can.
RANGES = {
    "cross_entropy": [0.0, 1e-30, 0.5, 1.0, 7.5, 1e30, INF, NAN],
    "margin": [-INF, -1e30, -3.0, -0.1, 0.0, 2.0, 1e30, INF, NAN],
    "correct": [0.0, 1.0, NAN],
    "predicted": [0.0, 1.0, 2.0, NAN],
    "el2n": [0.0, 0.5, 1.0, 1.41421, NAN],
    "entropy": [0.0, 0.3, 1.0986, NAN],
}
ODD = [NAN, INF, -INF, 0.0, 1.0, -1.0, 0.5, 3.0, -7.5, 1e30, -1e30, 1e-30]
SPLITS = [
    *_splits.entries,
    splits.BetaMixture(on="quality"),
    splits.Fraction(0.3),
    splits.NoiseRate(0.5),
    splits.ThresholdSamples(),
]


def runs_of(ranges):
    """Among them one sample, one epoch, one class, constant signals, NaN."""

    def build(num_epochs, num_samples, labels, **signals):
        shape = num_epochs, num_samples
        return Trajectories(
            np.arange(num_samples),
            np.arange(num_epochs),
            {name: np.resize(v, shape) for name, v in signals.items()},
            np.resize(labels, num_samples),
            3,
        )

    return st.builds(
        build,
        st.integers(1, 5),
        st.integers(1, 60),
        st.lists(st.integers(0, 2), min_size=1, max_size=7),
        **{
            name: st.lists(st.sampled_from(range_), min_size=1, max_size=13)
            for name, range_ in ranges.items()
        },
    )


runs = runs_of(RANGES)
junk = st.sampled_from(
    [
        None,
        NAN,
        -1,
        0,
        1.5,
        "gmm",
        "aum",
        b"x",
        True,
        [],
        {},
        [1, 2],
        (0.1,),
        np.zeros(3),
        np.zeros((2, 3)),
        object(),
        splits.Fraction,
        splits.Threshold(0.3),
    ]
)
many = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def ours(call, *arguments, **named):
    """What a call returns, `None` where it refuses; a plain error fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            return call(*arguments, **named)
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            assert "Received: " in str(error), error
            return None


@many
@given(
    runs,
    st.sampled_from([n for n in available_scores() if n != "ctrl"]),
    st.sampled_from(SPLITS),
    st.sampled_from([None, True, False]),
)
def test_any_trajectories(run, score, split, per_class):
    found = ours(find_label_issues, run, score, split, per_class)
    if found is None:
        # Which is refused where all are of one class.
        assert isinstance(split, splits.ThresholdSamples)
        return
    assert isinstance(found, LabelIssues)
    quality = found.label_quality
    assert ((quality >= 0) & (quality <= 1)).all()
    assert found.is_label_issue.dtype == bool
    unseen = np.isnan(found.evidence)
    assert not found.is_label_issue[unseen].any()
    assert (quality[unseen] == 1).all()
    if found.wrong_probability is not None:
        wrong = found.wrong_probability
        assert ((wrong >= 0) & (wrong <= 1)).all()
    rate = ours(estimate_noise_rate, run, score, split, per_class)
    assert rate is None if unseen.all() else 0 <= rate <= 1


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@many
@given(runs_of(dict.fromkeys(RANGES, ODD)), st.sampled_from(available_scores()))
def test_signals_that_no_run_records(run, score):
    found = ours(find_label_issues, run, score)
    if found is not None:
        quality = found.label_quality
        assert ((quality >= 0) & (quality <= 1)).all()


@settings(many, max_examples=20)
@given(runs, st.sampled_from(SPLITS))
def test_ctrl_of_any_trajectories(run, split):
    ours(find_label_issues, run, "ctrl", split)


@many
@given(st.tuples(junk, junk, junk, junk), st.integers(0, 15))
def test_any_arguments(values, which):
    """Some of the four are as they should be."""
    good = noisy(num_samples=12)[0], "aum", "gmm", None
    mixed = [
        value if which >> at & 1 else right
        for at, (value, right) in enumerate(zip(values, good, strict=True))
    ]
    found = ours(find_label_issues, *mixed)
    assert found is None or isinstance(found, LabelIssues)
    ours(estimate_noise_rate, *mixed)


@many
@given(junk, junk)
def test_any_arguments_of_the_others(first, second):
    run, _ = noisy(num_samples=12)
    ours(threshold_labels, first, second)
    ours(threshold_labels, [0, 1, 2], first, seed=second)
    ours(aum_threshold, run, run, percentile=first)
    ours(aum_threshold, first, second)
    ours(data_map, first)
    ours(el2n, first)
    ours(el2n, run, epochs=first)
    for kind in (
        splits.Fraction,
        splits.Threshold,
        splits.NoiseRate,
        splits.BetaMixture,
        splits.ThresholdSamples,
    ):
        ours(kind, first)


labels = st.one_of(
    st.lists(
        st.sampled_from([0, 1, 2, -1, 7, 1.0, NAN, "a", None]), max_size=5
    ),
    st.lists(st.integers(0, 3), max_size=9),
    junk,
)


@many
@given(labels, st.sampled_from([None, 2, 3, 5, 1, 0, 2.0, "3"]), st.booleans())
def test_any_labels(values, num_classes, as_column):
    if as_column:
        try:
            values = np.asarray(values)[:, None]
        except (ValueError, IndexError, TypeError):
            return
    found = ours(threshold_labels, values, num_classes)
    if found is not None:
        given = np.asarray(values).reshape(-1)
        for made in found:
            changed = made != given
            assert changed.any()
            fake = given.max() + 1 if num_classes is None else num_classes
            assert (made[changed] == fake).all()


def test_named_errors(tmp_path):
    run, _ = noisy(num_samples=12)
    for call in (data_map, el2n):
        with pytest.raises(ValueError, match="must be a Trajectories.*list"):
            call([1.0])
    run.signals["correct"][3, 7] = 2.0
    for score in ("correctness", "forgetting", "first_k_epoch_learnt"):
        with pytest.raises(ValueError, match="Received: 2.0 in epoch 3 of the"):
            find_label_issues(run, score)
    with pytest.raises(FileNotFoundError):
        find_label_issues(tmp_path / "none.npz", "aum")


@pytest.mark.parametrize("score", ["auto", "mean_cross_entropy", "gmm", "ctrl"])
def test_logarithms_of_the_wrong_sign_are_refused(score):
    t, _ = noisy(num_samples=60)
    turned = {**t.signals, "cross_entropy": -t.signals["cross_entropy"]}
    turned = Trajectories(t.ids, t.epochs, turned, t.given_label, t.num_classes)
    with pytest.raises(ValueError, match="must be `-log p`, at least 0"):
        find_label_issues(turned, score)
