import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_robust.noise import asymmetric
from keras_robust.noise.class_maps import CIFAR100_SUPERCLASS


@pytest.mark.parametrize(
    ("name", "becomes"),
    [
        # 7 -> 1, 2 -> 7, 5 <-> 6, 3 -> 8.
        ("mnist", [0, 1, 7, 8, 4, 6, 5, 1, 8, 9]),
        # Pullover <-> coat, T-shirt <-> shirt, sandal <-> sneaker.
        ("fashion_mnist", [6, 1, 4, 3, 2, 7, 0, 5, 8, 9]),
        # Truck -> automobile, bird -> airplane, deer -> horse, cat <-> dog.
        ("cifar10", [0, 1, 0, 5, 7, 3, 6, 7, 8, 1]),
    ],
)
def test_tables(name, becomes):
    noisy = asymmetric(np.arange(10), 1.0, name)
    assert noisy.labels.tolist() == becomes


def test_cifar100_stays_in_its_superclass():
    groups = np.array(CIFAR100_SUPERCLASS)
    assert np.bincount(groups).tolist() == [5] * 20
    becomes = asymmetric(np.arange(100), 1.0, "cifar100").labels
    np.testing.assert_array_equal(groups[becomes], groups)
    assert sorted(becomes) == list(range(100))
    # Aquatic mammals: beaver, dolphin, otter, seal, whale, beaver.
    assert becomes[[4, 30, 55, 72, 95]].tolist() == [30, 55, 72, 95, 4]
    # Flowers: orchid, poppy, rose, sunflower, tulip, orchid.
    assert becomes[[54, 62, 70, 82, 92]].tolist() == [62, 70, 82, 92, 54]


@given(
    labels=st.lists(st.integers(0, 9), min_size=1, max_size=80),
    rate=st.floats(0, 1),
    seed=st.integers(0, 2**32),
)
def test_exact_rates_of_the_mapped_classes(labels, rate, seed):
    labels = np.array(labels, np.uint8)
    before = labels.copy()
    noisy = asymmetric(labels, rate, "mnist", seed=seed)
    mapped = np.isin(labels, [2, 3, 5, 6, 7])
    total = round(rate * int(mapped.sum()))
    assert noisy.is_wrong.sum() == total
    assert not noisy.is_wrong[~mapped].any()
    sizes = np.bincount(labels[mapped], minlength=10)
    wrong = np.bincount(labels[noisy.is_wrong], minlength=10)
    assert (np.abs(wrong - total * sizes / max(sizes.sum(), 1)) < 1).all()
    becomes = np.array([0, 1, 7, 8, 4, 6, 5, 1, 8, 9])
    flipped = becomes[labels[noisy.is_wrong]]
    np.testing.assert_array_equal(noisy.labels[noisy.is_wrong], flipped)
    np.testing.assert_array_equal(labels, before)
    assert noisy.labels.dtype == np.uint8
    again = asymmetric(labels, rate, "mnist", seed=seed)
    np.testing.assert_array_equal(noisy.labels, again.labels)


def test_bernoulli_within_five_sigma():
    labels = np.arange(100_000) % 10
    noisy = asymmetric(labels, 0.4, "cifar10", seed=0, exact=False)
    matrix = noisy.transition_matrix
    sigma = np.sqrt(0.4 * 0.6 / 10_000)
    for old, new in [(9, 1), (2, 0), (4, 7), (3, 5), (5, 3)]:
        assert 0 < abs(matrix[old, new] - 0.4) < 5 * sigma
    assert matrix[[0, 1, 6, 7, 8], [0, 1, 6, 7, 8]].tolist() == [1] * 5


def test_all_ways_to_write_a_mapping_are_the_same():
    labels = np.arange(40) % 3
    noisy = asymmetric(labels, 0.5, {2: 0, 1: 1}, seed=0)
    same = asymmetric(labels, 0.5, np.array([0, 1, 0]), seed=0)
    np.testing.assert_array_equal(noisy.labels, same.labels)
    assert asymmetric([0, 0], 1.0, {0: 3}).num_classes == 4
    assert asymmetric([0, 0], 1.0, {0: 3}, num_classes=6).num_classes == 6
    assert asymmetric([0, 0], 1.0, "mnist").num_classes == 10


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mapping": "imagenet"}, r"one of \['cifar10', .*'imagenet'"),
        ({"mapping": None}, r"`mapping` must hold at least one"),
        ({"mapping": {}}, r"must map a class to another.*mapping=\{\}"),
        ({"mapping": {1: 1}}, r"must map a class to another"),
        ({"mapping": [0, 1, 2]}, r"must map a class to another"),
        ({"mapping": {0: -1}}, r"at least 0. Received: 0: -1"),
        ({"mapping": {0: 1.0}}, r"Received: 0: 1.0"),
        ({"mapping": {"a": 1}}, r"Received: 'a': 1"),
        ({"mapping": {0: 10**12}}, r"Received: 0: 10{12}"),
        ({"mapping": [0, 5, 2]}, r"mapping\[1\]=5, num_classes=3"),
        ({"mapping": [[0], [1, 2]]}, r"rows may differ"),
        ({"mapping": [1, 0]}, r"labels\[2\]=2, num_classes=2"),
        ({"mapping": {0: 5}, "num_classes": 3}, r"of 6 classes.*classes=3"),
        ({"mapping": "mnist", "num_classes": 12}, r"of 10 classes"),
        ({"rate": 2}, r"`rate` must be"),
        ({"labels": [0, -1]}, r"labels\[1\]=-1"),
        ({"exact": None}, r"`exact` must be"),
    ],
)
def test_errors(change, message):
    arguments = {"labels": [0, 1, 2], "rate": 0.5, "mapping": {0: 1}}
    with pytest.raises(ValueError, match=message):
        asymmetric(**{**arguments, **change})
