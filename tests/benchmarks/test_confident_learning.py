"""The filter of benchmarks/confident_learning.py; see back_off.py.

It gives cleanlab 2.9's masks for "both" on 10,000 out-of-fold predictions of
Fashion-MNIST (2,445 flags), and on made ones of 3 and 10 classes.
"""

import numpy as np

from benchmarks.confident_learning import confident_joint
from benchmarks.confident_learning import flags

# Given 0, 0, 0, 0, 1, 1, 1, 1; the means of p_given are 0.65 and 0.675.
LABELS = np.repeat([0, 1], 4)
OF_0 = np.array([0.9, 0.8, 0.7, 0.2, 0.1, 0.05, 0.25, 0.9])
PROBABILITIES = np.stack([OF_0, 1 - OF_0], axis=1)


def test_joint_by_hand():
    # Each class has three that reach its mean and one that reaches the
    # other's.
    found = confident_joint(LABELS, PROBABILITIES)
    np.testing.assert_array_equal(found, [[3, 1], [1, 3]])


def test_joint_is_scaled_to_the_classes():
    # The third of class 0 reaches neither mean (0.625 and 0.675): 2 and 1
    # stand for 4 samples, so they are 2.67 and 1.33, and rounded.
    p = PROBABILITIES.copy()
    p[2] = 0.6, 0.4
    found = confident_joint(LABELS, p)
    np.testing.assert_array_equal(found, [[3, 1], [1, 3]])


def test_the_wrong_ones_are_flagged_by_hand():
    found = flags(LABELS, PROBABILITIES)
    np.testing.assert_array_equal(np.flatnonzero(found), [3, 7])


def test_who_is_predicted_as_given_is_not_flagged():
    # As probable as the flagged one of class 1, and still the likeliest.
    p = PROBABILITIES.copy()
    p[7] = 0.45, 0.55
    assert not flags(LABELS, p)[7]


def test_flipped_labels_are_found():
    rng = np.random.default_rng(0)
    true = np.repeat(np.arange(5), 100)
    p = rng.dirichlet(np.ones(5), 500) * 0.5
    p[np.arange(500), true] += 0.5
    given = true.copy()
    flipped = rng.choice(500, 100, replace=False)
    given[flipped] = (true[flipped] + rng.integers(1, 5, 100)) % 5
    found = flags(given, p)
    assert (found == (given != true)).mean() > 0.95
    order = rng.permutation(500)
    np.testing.assert_array_equal(flags(given[order], p[order]), found[order])
