"""Two groups where there are two, and one where there is one."""

import numpy as np
import pytest

from keras_robust.detect.beyond.two_groups import two_groups


def sizes(share, wide, count=4000, seed=0):
    rng = np.random.default_rng(seed)
    is_wide = rng.random(count) < share
    return np.abs(rng.normal(size=count)) * np.where(is_wide, wide, 1.0)


def test_the_groups_that_are_there_are_found():
    groups = two_groups(sizes(0.2, 8.0), least=0.5)
    assert groups.share == pytest.approx(0.2, abs=0.03)
    assert groups.narrow == pytest.approx(1.0, abs=0.06)
    assert groups.wide == pytest.approx(8.0, abs=0.8)
    # By Bayes, of the densities of normal distributions.
    z = np.array([0.0, 1.0, 3.0, 9.0])
    narrow = 0.8 * np.exp(-0.5 * z**2)
    wide = 0.2 * np.exp(-0.5 * (z / 8) ** 2) / 8
    np.testing.assert_allclose(
        groups.wide_probability(z), wide / (wide + narrow), atol=0.05
    )


def test_one_group_is_one():
    for groups in (
        two_groups(sizes(0.0, 1.0), least=0.5),
        # Not far enough apart to tell which is which.
        two_groups(sizes(0.3, 1.5), least=0.5),
    ):
        assert groups.share == 0.0
        assert (groups.wide_probability(np.array([0.0, 99.0])) == 0).all()


def test_heavy_tails_are_fitted():
    rng = np.random.default_rng(0)
    groups = two_groups(np.abs(rng.standard_t(4, 3000)), least=0.5)
    assert groups.share == 0.0 and groups.tail == 4.0
    assert groups.narrow == pytest.approx(1.0, abs=0.05)


def test_larger_is_more_probably_wide():
    for tail_share in (0.05, 0.4):
        size = sizes(tail_share, 10.0)
        groups = two_groups(size, least=0.5)
        wide = groups.wide_probability(np.linspace(0, 1e6, 1000))
        assert (np.diff(wide) >= 0).all() and wide[-1] > 0.99


def test_the_order_does_not_matter():
    size = sizes(0.1, 9.0, count=20000)
    assert two_groups(size, 0.5) == two_groups(size[::-1], 0.5)
