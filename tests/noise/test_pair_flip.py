import numpy as np

from keras_robust.noise import pair_flip


def test_flips_to_the_next_class():
    labels = np.arange(1000) % 5
    noisy = pair_flip(labels, 0.45, seed=0).labels
    flipped = noisy != labels
    assert flipped.sum() == 450
    np.testing.assert_array_equal(noisy[flipped], (labels[flipped] + 1) % 5)


def test_the_next_class_goes_by_num_classes():
    assert pair_flip([4], 1.0, num_classes=6).labels.tolist() == [5]
    assert pair_flip([4], 1.0, num_classes=5).labels.tolist() == [0]
