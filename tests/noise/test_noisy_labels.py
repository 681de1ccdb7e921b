import numpy as np
import pytest

from keras_robust.noise import NoisyLabels
from keras_robust.noise import symmetric


def by_hand():
    return NoisyLabels(
        labels=np.array([[0], [2], [2], [2], [0]], np.uint8),
        is_wrong=np.array([False, True, False, False, True]),
        true_labels=np.array([0, 0, 2, 2, -1]),
        num_classes=3,
    )


def test_the_matrix_is_counted():
    # Class 1 has no samples; the last sample is of no class.
    np.testing.assert_array_equal(
        by_hand().transition_matrix, [[0.5, 0, 0.5], [0, 1, 0], [0, 0, 1]]
    )
    assert by_hand().transition_matrix.dtype == np.float64


def test_what_else_it_says():
    noisy = by_hand()
    assert noisy.positions.tolist() == [1, 4]
    assert noisy.rate == 0.4
    assert len(noisy) == 5
    assert repr(noisy) == "NoisyLabels(2 of 5 labels wrong, 3 classes)"


def test_it_compares_like_its_labels():
    right = np.arange(20) % 4
    noisy = symmetric(right, 0.3, seed=0)
    np.testing.assert_array_equal(noisy != right, noisy.is_wrong)
    np.testing.assert_array_equal(np.asarray(noisy), noisy.labels)
    assert np.asarray(noisy, dtype="float32").dtype == np.float32
    copy = np.array(noisy)
    copy[:] = 0
    assert noisy.labels.any()


def test_it_is_frozen():
    with pytest.raises(AttributeError):
        by_hand().labels = np.zeros(5)


def test_the_matrix_of_many_classes_is_not_made_unasked():
    # It would take 8 TB.
    labels = np.array([0, 999_999])
    assert symmetric(labels, 0.5, seed=0).rate == 0.5
