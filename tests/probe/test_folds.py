"""Folds: whole groups, equal shares of the classes, no one twice."""

import warnings

import numpy as np
import pytest

from keras_robust.probe import folds


def test_stratified():
    classes = np.repeat([0, 1, 2], [50, 20, 10])
    number = folds.assign(classes, 5, None, True, 0)
    for one in range(5):
        assert np.bincount(classes[number == one]).tolist() == [10, 4, 2]


def test_not_stratified():
    classes = np.repeat([0, 1], 50)
    number = folds.assign(classes, 5, None, False, 0)
    assert np.bincount(number).tolist() == [20] * 5
    # Shuffled: not the first 20 in the first fold.
    assert set(number[:20]) == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("stratified", [True, False])
def test_groups_stay_whole(stratified):
    rng = np.random.default_rng(0)
    names = rng.integers(0, 30, 300)
    groups = folds.as_groups(np.array([f"patient {n}" for n in names]), 300)
    classes = names % 3
    number = folds.assign(classes, 4, groups, stratified, 0)
    for group in range(groups.max() + 1):
        assert len(set(number[groups == group])) == 1
    assert np.bincount(number).min() > 50
    if stratified:
        for one in range(4):
            assert np.bincount(classes[number == one]).min() > 10


@pytest.mark.parametrize("grouped", [True, False])
@pytest.mark.parametrize("stratified", [True, False])
def test_a_seed_makes_the_same_folds(grouped, stratified):
    classes = np.arange(60) % 3
    groups = np.arange(60) // 2 if grouped else None

    def made(seed):
        return folds.assign(classes, 3, groups, stratified, seed).tolist()

    state = repr(np.random.get_state())
    assert made(7) == made(7) != made(8)
    assert made(None) != made(None)
    assert repr(np.random.get_state()) == state


def test_names_of_groups():
    by_number = folds.as_groups([[5], [3], [5]], 3)
    assert by_number.tolist() == [1, 0, 1]
    strings = np.array(["b", "a", "b"], dtype=object)
    assert folds.as_groups(strings, 3).tolist() == [1, 0, 1]


def test_small_classes_pass_without_a_word():
    classes = np.array([0] * 8 + [1] * 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        number = folds.assign(classes, 5, None, True, 0)
        folds.warn_of_unseen(classes, number)
    assert number.max() == 4


def test_a_fold_without_a_sample():
    groups = np.array([0] * 20 + [1, 2])
    classes = np.arange(22) % 2
    try:
        number = folds.assign(classes, 3, groups, True, 0)
    except ValueError as error:
        assert "a fold has no sample" in str(error)
    else:
        assert np.bincount(number, minlength=3).min() > 0
