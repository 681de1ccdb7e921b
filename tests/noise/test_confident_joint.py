from pathlib import Path

import numpy as np
import pytest

from keras_robust.noise import confident_joint
from keras_robust.noise import confident_thresholds
from keras_robust.noise import noise_matrices

GOLDEN = Path(__file__).parents[1] / "golden" / "confident_learning.npz"
SETS = ("k3_n200", "k10_n1000", "k10_n2000_pair", "k50_n1200")


@pytest.fixture(params=SETS)
def golden(request):
    with np.load(GOLDEN) as stored:
        found = {
            key.split("/", 1)[1]: stored[key]
            for key in stored.files
            if key.startswith(request.param + "/")
        }
    # As cleanlab saw them.
    p = found.pop("pred_probs_f32").astype(np.float64)
    p /= p.sum(axis=1, keepdims=True)
    return request.param, found, found["labels"].astype(int), p


def test_it_equals_cleanlab(golden):
    _, stored, labels, p = golden
    np.testing.assert_allclose(
        confident_thresholds(labels, p), stored["thresholds"], rtol=1e-12
    )
    np.testing.assert_array_equal(
        confident_joint(labels, p), stored["confident_joint_raw"]
    )
    joint = confident_joint(labels, p, calibrate=True)
    np.testing.assert_array_equal(joint, stored["confident_joint_calibrated"])
    matrices = noise_matrices(joint)
    for name, value in (
        ("joint", matrices.joint),
        ("py", matrices.prior),
        ("noise_matrix", matrices.given_of_true),
        ("inv_noise_matrix", matrices.true_of_given),
    ):
        np.testing.assert_allclose(
            value, stored[name], atol=1e-12, err_msg=name
        )


def test_the_papers_rule_differs_where_it_is_said_to(golden):
    name, _, labels, p = golden
    ours = confident_joint(labels, p)
    papers = confident_joint(labels, p, collisions="most_probable_confident")
    # Each of the samples is taken from one cell and put into another.
    moved = np.abs(ours - papers).sum() // 2
    assert moved == (7 if name == "k50_n1200" else 0)


def by_hand(labels, p, papers):
    """One sample after another."""
    num_classes = p.shape[1]
    t = [p[labels == k, k].mean() for k in range(num_classes)]
    joint = np.zeros((num_classes, num_classes), int)
    for label, row in zip(labels, p, strict=True):
        sure = [k for k in range(num_classes) if row[k] >= t[k] - 1e-6]
        if len(sure) == 1:
            joint[label, sure[0]] += 1
        elif sure:
            among = sure if papers else range(num_classes)
            joint[label, max(among, key=lambda k: row[k])] += 1
    for k in range(num_classes):
        joint[k, k] = max(joint[k, k], 1)
    return joint


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("papers", [False, True])
def test_every_block_and_dtype(papers, dtype):
    """Many classes that collide, in more than one block."""
    rng = np.random.default_rng(0)
    labels = rng.integers(70, size=3000)
    p = rng.dirichlet(np.full(70, 0.1), size=3000)
    p = p.astype(dtype)
    rule = "most_probable_confident" if papers else "most_probable"
    np.testing.assert_array_equal(
        confident_joint(labels, p, collisions=rule),
        by_hand(labels, p.astype(np.float64), papers),
    )


def test_thresholds_by_hand():
    p = np.array([[0.7, 0.3], [0.7, 0.3], [0.2, 0.8]])
    # One below 0.7 by less than counts, and one that nothing reaches.
    joint = confident_joint([0, 1, 1], p, thresholds=[0.7 + 9e-7, 0.9])
    np.testing.assert_array_equal(joint, [[1, 0], [1, 1]])
    column = confident_joint([0, 1, 1], p, thresholds=[[0.5], [0.5]])
    np.testing.assert_array_equal(column, [[1, 0], [1, 1]])


def test_a_class_without_labels_is_nobodys():
    p = np.array([[0.1, 0.1, 0.8], [0.3, 0.6, 0.1], [0.2, 0.7, 0.1]])
    np.testing.assert_allclose(
        confident_thresholds([0, 1, 1], p), [0.1, 0.65, 2.0]
    )
    joint = confident_joint([0, 1, 1], p, calibrate=True)
    # Each row has the size of its class.
    np.testing.assert_array_equal(joint.sum(axis=1), [1, 2, 0])


def test_a_class_never_predicted_has_a_threshold_above_zero():
    p = np.array([[1.0, 0.0], [1.0, 0.0]])
    np.testing.assert_array_equal(confident_thresholds([0, 1], p), [1, 2e-6])


def test_one_class_one_sample():
    joint = confident_joint([0], [[0.9, 0.1]], calibrate=True)
    np.testing.assert_array_equal(joint, [[1, 0], [0, 0]])


def test_order_does_not_matter():
    rng = np.random.default_rng(0)
    labels, p = rng.integers(4, size=100), rng.dirichlet(np.ones(4), 100)
    order = rng.permutation(100)
    np.testing.assert_array_equal(
        confident_joint(labels, p), confident_joint(labels[order], p[order])
    )


@pytest.mark.parametrize("thresholds", [[0.5], [0.5, np.nan], "half", [[1, 2]]])
def test_thresholds_that_are_none(thresholds):
    with pytest.raises(ValueError, match=r"`thresholds` must hold one number"):
        confident_joint([0, 1], np.full((2, 2), 0.5), thresholds)


def test_a_rule_that_is_none():
    with pytest.raises(ValueError, match="collisions='paper'"):
        confident_joint([0, 1], np.full((2, 2), 0.5), collisions="paper")


def test_matrices_of_a_class_without_counts():
    found = noise_matrices([[3, 0, 1], [1, 0, 0], [0, 0, 0]])
    np.testing.assert_allclose(found.prior, [0.8, 0.0, 0.2])
    np.testing.assert_allclose(found.given_of_true[:, 1], [0, 1, 0])
    np.testing.assert_allclose(found.true_of_given[:, 2], [0, 0, 1])


@pytest.mark.parametrize(
    "joint", [[1, 2], [[1, 2]], [[1, -1], [0, 1]], [[1, np.nan], [0, 1]], None]
)
def test_what_is_no_joint(joint):
    with pytest.raises(ValueError, match="`joint` must hold counts"):
        noise_matrices(joint)


def test_a_joint_of_nothing():
    with pytest.raises(ValueError, match="must count something"):
        noise_matrices(np.zeros((2, 2)))
