import functools

import pytest

from keras_robust.detect.registry import Registry


@pytest.fixture
def registry():
    registry = Registry("score", "detect.register_score")
    registry.add("aum", 1, test_finds_by_name)
    registry.add("mean_cross_entropy", 2, test_nothing_is_near)
    return registry


def test_finds_by_name(registry):
    assert registry.get("aum") == 1
    assert registry.get("mean_cross_entropy") == 2


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("amu", "aum"),
        ("AUM", "aum"),
        ("mean_crossentropy", "mean_cross_entropy"),
        ("cross_entropy", "mean_cross_entropy"),
    ],
)
def test_an_unknown_name_brings_the_nearest(registry, name, nearest):
    with pytest.raises(ValueError) as error:
        registry.get(name)
    assert str(error.value) == (
        f'Unknown score: did you mean "{nearest}"? There are: aum, '
        "mean_cross_entropy; `detect.register_score` adds one. "
        f"Received: score={name!r}"
    )


@pytest.mark.parametrize("name", ["zzz", None, 3, ["aum"]])
def test_nothing_is_near(registry, name):
    with pytest.raises(ValueError, match="Unknown score: There are: aum"):
        registry.get(name)


def test_a_name_is_given_once(registry):
    with pytest.raises(ValueError, match="already is a score.*name='aum'"):
        registry.add("aum", 3, test_nothing_is_near)
    assert registry.get("aum") == 1


def test_the_same_function_of_a_second_import_is_the_newer_one(registry):
    def made():
        def function():
            """Of one name, and not the same object."""

        return function

    first, second = made(), made()
    assert first is not second
    registry.add("own", 3, first)
    registry.add("own", 4, second)
    assert registry.get("own") == 4
    elsewhere = made()
    elsewhere.__module__ = "another.module"
    with pytest.raises(ValueError, match="already is a score.*name='own'"):
        registry.add("own", 5, elsewhere)


def test_what_has_no_name_of_its_own_is_not_the_same(registry):
    for one, other in (
        (lambda: 1, lambda: 2),
        (functools.partial(print), functools.partial(print)),
    ):
        name = repr(one)
        registry.add(name, 1, one)
        registry.add(name, 2, one)
        with pytest.raises(ValueError, match="already is a score"):
            registry.add(name, 3, other)
        assert registry.get(name) == 2


@pytest.mark.parametrize("name", ["", None, 3])
def test_a_name_is_a_string(registry, name):
    with pytest.raises(ValueError, match="must be a non-empty string"):
        registry.add(name, 3, test_nothing_is_near)
