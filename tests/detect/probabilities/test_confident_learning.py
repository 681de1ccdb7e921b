import warnings

import numpy as np
import pytest

from keras_robust.detect import confident_learning
from keras_robust.detect.probabilities.confident_learning import FILTERS
from keras_robust.detect.probabilities.confident_learning import PRUNING
from keras_robust.noise import confident_joint
from tests.detect.probabilities.predictions import SETS
from tests.detect.probabilities.predictions import golden
from tests.detect.probabilities.predictions import predicted

every_filter = pytest.mark.parametrize("filter_by", FILTERS)


def joint_of(stored, filter_by):
    """cleanlab's: rounding equal counts is not the same everywhere."""
    joint = stored["confident_joint_calibrated"]
    return {"joint": joint} if filter_by in PRUNING else {}


@every_filter
@pytest.mark.parametrize("name", SETS)
def test_it_equals_cleanlab(name, filter_by):
    stored, labels, p = golden(name)
    options = joint_of(stored, filter_by)
    for short, score in (
        ("nm", "normalized_margin"),
        ("sc", "self_confidence"),
    ):
        issues = confident_learning(
            labels, p, filter_by, score=score, **options
        )
        mask = np.unpackbits(stored[f"issues_mask/{filter_by}"])
        np.testing.assert_array_equal(
            issues.is_label_issue, mask[: len(labels)].astype(bool)
        )
        ranked = issues.top(len(labels))
        ranked = ranked[issues.is_label_issue[ranked]]
        np.testing.assert_array_equal(
            ranked, stored[f"issues_ranked_{short}/{filter_by}"]
        )


@every_filter
def test_it_equals_cleanlab_on_a_real_run(filter_by):
    """float32 as it is; the rounding of its joint has no ties that matter."""
    stored, labels, p = golden("real")
    issues = confident_learning(labels, p, filter_by)
    mask = np.unpackbits(stored[f"issues_mask/{filter_by}"])
    np.testing.assert_array_equal(
        issues.is_label_issue, mask[: len(labels)].astype(bool)
    )
    if filter_by == "both":
        ranked = issues.top(len(labels))
        np.testing.assert_array_equal(
            ranked[issues.is_label_issue[ranked]],
            stored["issues_ranked_sc/both"],
        )
        right = np.unpackbits(stored["is_wrong"])[: len(labels)] == 0
        true = np.where(right, labels, (labels + 1) % 10)
        assert issues.evaluate(true)["f1"] == pytest.approx(0.825, abs=0.001)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"frac_noise": 0.5}, "prune_by_noise_rate_frac0.5"),
        ({"min_examples_per_class": 5}, "prune_by_noise_rate_min5"),
        ({"filter_by": "both"}, "both_frac1"),
    ],
)
def test_options_equal_cleanlab(name, options, key):
    stored, labels, p = golden(name)
    joint = stored["confident_joint_calibrated"]
    issues = confident_learning(labels, p, joint=joint, **options)
    mask = np.unpackbits(stored[f"issues_mask/{key}"])[: len(labels)]
    np.testing.assert_array_equal(issues.is_label_issue, mask.astype(bool))


def by_hand(labels, p, filter_by):
    """One class and one pair of classes after another, in float64.

    Every label that is as far as the last one to be pruned is pruned.
    """
    p = p.astype(np.float64)
    joint = confident_joint(labels, p, calibrate=True)
    for row, own in zip(joint, np.eye(len(joint), dtype=bool), strict=True):
        if row[own] == 0:
            # The one label that is left is taken from the others evenly.
            row[~own] = np.maximum(row - 1 / max((row > 0).sum() - 1, 1), 0)[
                ~own
            ]
    disputed = np.zeros(len(labels), bool)
    for i, label in enumerate(labels):
        row = p[i].copy()
        row[label] += 1e-6
        disputed[i] = row.argmax() != label
    by_class, by_rate = np.zeros((2, len(labels)), bool)
    for k in range(p.shape[1]):
        own = np.flatnonzero(labels == k)
        if own.size < 2:
            continue
        diagonal = max(joint[k, k], 1)
        count = own.size - diagonal
        if count:
            limit = np.sort(p[own, k])[count - 1]
            by_class[own] = p[own, k] <= limit
        for j in range(p.shape[1]):
            if j != k and joint[k, j]:
                margin = p[own, j] - p[own, k]
                limit = np.sort(margin)[::-1][joint[k, j] - 1]
                by_rate[own] |= margin >= limit
    pruned = {"prune_by_class": by_class, "prune_by_noise_rate": by_rate}
    pruned["both"] = by_class & by_rate
    return pruned[filter_by] & disputed


@pytest.mark.parametrize("filter_by", PRUNING)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("num_samples", "num_classes", "surely"),
    [
        # Several blocks of rows, and more margins than are kept at once.
        (40_000, 5, 1.0),
        (3000, 60, 3.0),
        # A model that knows nothing: pairs need margins below 0 too.
        (600, 4, 0.0),
        (300, 30, 0.0),
        # Sizes at which classes miss.
        (12, 10, 2.0),
    ],
)
def test_pruning_by_hand(num_samples, num_classes, surely, dtype, filter_by):
    labels, p, _ = predicted(num_samples, num_classes, 0.4, surely)
    p = p.astype(dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        issues = confident_learning(labels, p, filter_by)
    expected = by_hand(labels, p, filter_by)
    assert expected.any()
    np.testing.assert_array_equal(issues.is_label_issue, expected)


@pytest.mark.parametrize("filter_by", PRUNING)
def test_ties_by_hand(filter_by):
    """Votes of ten neighbours: many are alike."""
    labels, p, _ = predicted(500, 3, 0.3, 1.0)
    p = np.round(p * 10) / 10
    p[:, 0] += 1.0 - p.sum(axis=1)
    p = np.abs(p)
    p /= p.sum(axis=1, keepdims=True)
    expected = by_hand(labels, p, filter_by)
    issues = confident_learning(labels, p, filter_by)
    np.testing.assert_array_equal(issues.is_label_issue, expected)
    order = np.random.default_rng(1).permutation(500)
    moved = confident_learning(labels[order], p[order], filter_by)
    np.testing.assert_array_equal(moved.is_label_issue, expected[order])


@every_filter
def test_a_planted_wrong_label_is_found(filter_by):
    labels, p, true = predicted(rate=0.0, surely=9.0)
    labels[17] = (labels[17] + 1) % 4
    issues = confident_learning(labels, p, filter_by)
    assert issues.top(1) == [17]
    np.testing.assert_array_equal(np.flatnonzero(issues.is_label_issue), [17])
    assert issues.suggested_label[17] == true[17]
    assert issues.predicted_label[17] == true[17]
    assert issues.suggestion_confidence[17] == pytest.approx(p[17].max())
    right = np.delete(np.arange(400), 17)
    np.testing.assert_array_equal(issues.suggested_label[right], labels[right])
    np.testing.assert_allclose(
        issues.suggestion_confidence[right], p[right, labels[right]]
    )
    assert issues.split == filter_by and issues.num_classes == 4
    assert issues.wrong_probability is None


@every_filter
def test_wrong_labels_are_found(filter_by):
    labels, p, true = predicted(1000, rate=0.3, surely=6.0)
    result = confident_learning(labels, p, filter_by).evaluate(true)
    assert result["f1"] > 0.9
    assert result["average_precision"] > 0.98


def test_a_label_flagged_though_most_probable_has_another_suggested():
    """Only the filters by quality do that."""
    p = np.array([[0.4, 0.35, 0.25], [0.05, 0.9, 0.05]] * 10)
    labels = np.array([0, 1] * 10)
    # One is surely wrong, but the model gives it more than others.
    p[1] = 0.55, 0.45, 0.0
    issues = confident_learning(labels, p, "low_self_confidence")
    flagged = issues.is_label_issue
    assert (issues.predicted_label[flagged] == 0).all() and flagged[0]
    assert issues.suggested_label[0] == 1
    assert issues.suggestion_confidence[0] == 0.35


@every_filter
def test_order_does_not_matter(filter_by):
    labels, p, _ = predicted(500, surely=1.5)
    order = np.random.default_rng(3).permutation(500)
    issues = confident_learning(labels, p, filter_by)
    moved = confident_learning(labels[order], p[order], filter_by)
    for name in ("is_label_issue", "label_quality", "suggested_label"):
        np.testing.assert_array_equal(
            getattr(moved, name), getattr(issues, name)[order]
        )


@every_filter
def test_uniform_predictions_flag_nothing(filter_by):
    labels = np.arange(30) % 3
    issues = confident_learning(labels, np.full((30, 3), 1 / 3), filter_by)
    assert not issues.is_label_issue.any()


@every_filter
def test_ones_and_zeros(filter_by):
    """Decisions instead of probabilities."""
    labels, p, true = predicted(300, surely=9.0)
    hard = np.eye(4, dtype=np.int64)[true]
    issues = confident_learning(labels, hard, filter_by)
    np.testing.assert_array_equal(issues.is_label_issue, labels != true)
    assert np.isfinite(issues.evidence).all()


@pytest.mark.filterwarnings("ignore:.*labels at most")
@every_filter
def test_little_data(filter_by):
    for labels, p in (
        ([0], [[0.9, 0.1]]),
        ([1], [[0.9, 0.1]]),
        ([1, 0], [[0.9, 0.1], [0.2, 0.8]]),
        ([0, 0, 0, 0], [[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.6, 0.4]]),
        ([2, 2, 0], [[0.2, 0.3, 0.5], [0.1, 0.2, 0.7], [1.0, 0.0, 0.0]]),
    ):
        issues = confident_learning(labels, p, filter_by)
        assert len(issues) == len(labels)
        agree = np.argmax(p, axis=1) == labels
        if filter_by[:3] != "low":
            assert not issues.is_label_issue[agree].any()


def test_small_classes_are_named():
    labels = [0, 0, 0, 1, 2, 2]
    p = np.full((6, 4), 0.25)
    with pytest.warns(UserWarning, match=r"^1 classes have 1 labels.*: 1\.$"):
        confident_learning(labels, p)
    with pytest.warns(UserWarning, match=r"^2 classes have 2 .*: 1, 2\.$"):
        confident_learning(labels, p, min_examples_per_class=2)


def test_what_is_stored_gives_the_same(tmp_path):
    zarr = pytest.importorskip("zarr")
    labels, p, _ = predicted(700, 6, 0.4, 1.0)
    stored = zarr.open_array(
        tmp_path / "p.zarr",
        mode="w",
        shape=p.shape,
        chunks=(100, 6),
        dtype="float64",
    )
    stored[:] = p
    np.save(tmp_path / "p.npy", p)
    mapped = np.load(tmp_path / "p.npy", mmap_mode="r")
    for filter_by in FILTERS:
        expected = confident_learning(labels, p, filter_by)
        for given in (stored, mapped, p.tolist()):
            issues = confident_learning(labels, given, filter_by)
            for name in ("is_label_issue", "suggested_label", "evidence"):
                np.testing.assert_array_equal(
                    getattr(issues, name), getattr(expected, name)
                )


def test_nothing_given_is_changed():
    labels, p, _ = predicted()
    before = labels.copy(), p.copy()
    for filter_by in FILTERS:
        confident_learning(labels, p, filter_by)
    np.testing.assert_array_equal(labels, before[0])
    np.testing.assert_array_equal(p, before[1])


def test_ids_are_kept():
    labels, p, _ = predicted(3)
    issues = confident_learning(
        labels, p, "predicted_neq_given", ids=["a", "b", "c"]
    )
    assert issues.ids.tolist() == ["a", "b", "c"]


def test_labels_of_one_column():
    labels, p, _ = predicted()
    column = confident_learning(labels[:, np.newaxis], p)
    np.testing.assert_array_equal(
        column.is_label_issue, confident_learning(labels, p).is_label_issue
    )
    assert column.given_label.shape == (400,)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"filter_by": "prune"}, "`filter_by` must be one of .*filter_by='pr"),
        ({"score": "aum"}, "`score` must be one of .*self_conf.*score='aum'"),
        ({"frac_noise": 1.5}, r"`frac_noise` must be .*frac_noise=1.5"),
        ({"frac_noise": True}, r"`frac_noise` must be .*frac_noise=True"),
        ({"min_examples_per_class": -1}, "`min_examples_per_class` must be"),
        ({"joint": [[1, 2]]}, "`joint` must hold counts"),
        ({"ids": [1, 2]}, "`ids` must have one entry for each label.* 2 ids"),
        ({"ids": [1] * 400}, "`ids` must be unique"),
        ({"collisions": "paper"}, "`collisions` must be one of"),
        (
            {"filter_by": "predicted_neq_given", "frac_noise": 0.5},
            "are for the filters prune_by_noise_rate",
        ),
    ],
)
def test_arguments_that_are_none(options, message):
    labels, p, _ = predicted()
    with pytest.raises(ValueError, match=message):
        confident_learning(labels, p, **options)
