import numpy as np

from keras_robust.noise import symmetric


def test_every_other_class_is_as_likely():
    labels = np.full(30_000, 2)
    noisy = symmetric(labels, 1.0, num_classes=4, seed=0).labels
    counts = np.bincount(noisy, minlength=4)
    assert counts[2] == 0
    # Binomial(30000, 1/3): six standard deviations are 490.
    assert np.abs(counts[[0, 1, 3]] - 10_000).max() < 490


def test_rate_zero_changes_nothing():
    labels = np.arange(10)
    noisy = symmetric(labels, 0.0, seed=0)
    np.testing.assert_array_equal(noisy.labels, labels)


def test_a_class_without_samples_can_be_reached():
    noisy = symmetric(np.zeros(200, int), 1.0, num_classes=5, seed=0).labels
    assert set(noisy.tolist()) == {1, 2, 3, 4}
