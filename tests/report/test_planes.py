"""The data map, and the plane of hard and wrong."""

import numpy as np
import pytest

from keras_robust.report import plot_data_map
from keras_robust.report import plot_hard_or_wrong
from keras_robust.trajectories import Trajectories
from tests.report.made import legend_of

PLOTS = [plot_data_map, plot_hard_or_wrong]
SUSPECTS = np.array([True, False, False])


def run(given, other):
    """Probabilities of the given label and of the best other, (E, 3)."""
    given, other = np.array(given), np.array(other)
    return Trajectories(
        ids=[7, 8, 9],
        epochs=np.arange(len(given)),
        signals={
            "cross_entropy": -np.log(given),
            "margin": np.log(given) - np.log(other),
            "correct": np.where(np.isnan(given), np.nan, given > other),
        },
        given_label=[0, 1, 1],
        num_classes=4,
    )


RUN = run(
    [[0.1, 0.2, 0.7], [0.3, 0.2, 0.9]], [[0.8, 0.3, 0.2], [0.6, 0.3, 0.1]]
)


def points(ax):
    return [c.get_offsets().data for c in ax.collections]


def test_map_shows_deviation_and_mean():
    rest, suspects = points(plot_data_map(RUN, SUSPECTS))
    np.testing.assert_allclose(suspects, [[0.1, 0.2]], atol=1e-6)
    np.testing.assert_allclose(rest, [[0.0, 0.2], [0.1, 0.8]], atol=1e-6)


def test_plane_shows_given_and_best_other_probability():
    rest, suspects = points(plot_hard_or_wrong(RUN, SUSPECTS))
    np.testing.assert_allclose(suspects, [[0.2, 0.7]], atol=1e-6)
    np.testing.assert_allclose(rest, [[0.2, 0.3], [0.8, 0.15]], atol=1e-6)


@pytest.mark.parametrize("plot", PLOTS)
def test_groups_are_counted_and_differ_in_more_than_colour(plot):
    ax = plot(RUN, SUSPECTS)
    assert legend_of(ax) == ["2 other samples", "1 suspects"]
    rest, suspects = ax.collections
    assert rest.get_paths()[0].vertices.shape != (
        suspects.get_paths()[0].vertices.shape
    )


@pytest.mark.parametrize("plot", PLOTS)
def test_without_suspects_there_is_one_group(plot):
    ax = plot(RUN, names=("all", "none"))
    assert legend_of(ax) == ["3 all"]
    assert len(points(ax)[0]) == 3


@pytest.mark.parametrize("plot", PLOTS)
def test_samples_never_seen_are_left_out(plot):
    nan = np.nan
    ax = plot(run([[0.1, nan, 0.7]], [[0.8, nan, 0.2]]), SUSPECTS)
    assert [len(group) for group in points(ax)] == [1, 1]
    assert "1 samples without a record" in ax.get_title(loc="left")


@pytest.mark.parametrize("plot", PLOTS)
def test_of_many_samples_some_are_drawn_and_it_is_said(plot):
    ax, again = (plot(RUN, most=1) for _ in range(2))
    assert len(points(ax)[0]) == 1
    np.testing.assert_array_equal(points(ax)[0], points(again)[0])
    assert "1 of 3 other samples drawn" in ax.get_title(loc="left")


@pytest.mark.parametrize("plot", PLOTS)
def test_a_path_will_do(plot, tmp_path):
    RUN.save(tmp_path / "run.npz")
    assert len(points(plot(tmp_path / "run.npz"))[0]) == 3


@pytest.mark.parametrize("plot", PLOTS)
@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"suspects": SUSPECTS[:2]}, r"shape \(3,\), or .*shape \(2,\)"),
        ({"most": 0}, "Received: most=0"),
    ],
)
def test_wrong_arguments_are_refused(plot, arguments, message):
    with pytest.raises(ValueError, match=message):
        plot(RUN, **arguments)


@pytest.mark.parametrize("plot", PLOTS)
def test_signals_must_be_there(plot):
    bare = Trajectories([7], [0], {"entropy": [[1.0]]}, [0], 2)
    with pytest.raises(ValueError, match="was not recorded"):
        plot(bare)
