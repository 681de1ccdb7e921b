import numpy as np

from keras_robust.detect import first_k_epoch
from keras_robust.detect.scores.first_k_epoch_learnt import first_k_epoch_learnt
from keras_robust.trajectories import Trajectories

NAN = np.nan

# A column a sample.
CORRECT = np.array(
    [
        [1, 0, 1, 0, 1, 0, NAN, 1],
        [1, 1, 0, 0, NAN, 1, NAN, NAN],
        [1, 1, 1, 0, 1, 1, NAN, NAN],
        [0, 1, 1, 1, 1, 0, NAN, NAN],
        [0, 0, 1, 1, 0, 0, NAN, NAN],
    ],
    float,
)


def test_the_first_epoch_after_k_in_a_row():
    assert first_k_epoch(CORRECT, 3).tolist() == [2, 3, 4, 5, 3, 5, 5, 5]
    assert first_k_epoch(CORRECT, 1).tolist() == [0, 1, 0, 3, 0, 1, 5, 0]
    assert first_k_epoch(CORRECT).tolist() == first_k_epoch(CORRECT, 3).tolist()


def test_the_quality_by_hand():
    trajectories = Trajectories(
        np.arange(8), np.arange(5), {"correct": CORRECT}, np.zeros(8, int), 2
    )
    score = first_k_epoch_learnt(trajectories)
    # Epochs beyond the fewest possible, of at most 4.
    late = np.array([0, 1, 2, 3 + 3 / 5, 1, 3 + 3 / 5, NAN, 3.0])
    np.testing.assert_allclose(score.quality, 1 - late / 4)
    np.testing.assert_allclose(score.evidence, -np.sqrt(late))


def test_the_share_of_dense_positions_is_correct_above_one_half():
    share = np.array([[0.9, 0.2], [0.8, 0.6], [0.7, 0.9]])
    assert first_k_epoch(share, 2).tolist() == [1, 2]
