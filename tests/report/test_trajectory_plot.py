import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from keras_robust.report import plot_data_map
from keras_robust.report import plot_quality_by_epoch
from keras_robust.report import plot_trajectories
from keras_robust.trajectories import Trajectories
from tests.report.made import issues

SUSPECTS = np.array([True, True, False, False, False])


def run(values, epochs=(3, 4), name="cross_entropy"):
    return Trajectories(
        ids=np.arange(5),
        epochs=epochs,
        signals={name: values},
        given_label=np.zeros(5, int),
        num_classes=2,
    )


VALUES = np.array([[4.0, 6.0, 1.0, 2.0, 9.0], [3.0, 5.0, 0.0, 1.0, 8.0]])


def line(ax, name):
    (found,) = [a for a in ax.lines if name in str(a.get_label())]
    return found


def test_lines_are_the_medians_of_the_groups():
    ax = plot_trajectories(run(VALUES), SUSPECTS)
    np.testing.assert_array_equal(line(ax, "suspects").get_xdata(), [3, 4])
    np.testing.assert_allclose(line(ax, "suspects").get_ydata(), [5, 4])
    np.testing.assert_allclose(line(ax, "other").get_ydata(), [2, 1])


def test_band_lies_between_the_quantiles():
    ax = plot_trajectories(run(VALUES), SUSPECTS, quantiles=(0.0, 1.0))
    others, suspects = [c.get_paths()[0].get_extents() for c in ax.collections]
    assert (others.y0, others.y1) == (0, 9)
    assert (suspects.y0, suspects.y1) == (3, 6)


def test_legend_counts_the_groups_and_axes_have_units():
    ax = plot_trajectories(run(VALUES), SUSPECTS)
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["3 other samples", "2 suspects"]
    assert ax.get_xlabel() == "epoch"
    assert "(nats)" in ax.get_ylabel()
    assert "10 to 90 %" in ax.get_title(loc="left")


def test_groups_differ_in_more_than_colour():
    ax = plot_trajectories(run(VALUES), SUSPECTS)
    lines = [line(ax, "suspects"), line(ax, "other")]
    assert len({to_hex(a.get_color()) for a in lines}) == 2
    assert len({a.get_linestyle() for a in lines}) == 2


def test_samples_not_seen_are_left_out():
    values = VALUES.copy()
    values[0, 0] = values[1, :2] = np.nan
    ax = plot_trajectories(run(values), SUSPECTS)
    np.testing.assert_allclose(line(ax, "suspects").get_ydata(), [6, np.nan])


def test_correct_is_averaged():
    values = np.array([[0, 1, 1, 1, 0], [0, 0, 1, 1, 1]])
    ax = plot_trajectories(run(values, name="correct"), SUSPECTS, "correct")
    np.testing.assert_allclose(line(ax, "suspects").get_ydata(), [0.5, 0])
    np.testing.assert_allclose(line(ax, "other").get_ydata(), [2 / 3, 1])
    assert not ax.collections
    assert ax.get_ylim() == (0, 1)


def test_own_signal_keeps_its_name():
    ax = plot_trajectories(run(VALUES, name="entropy"), SUSPECTS, "entropy")
    assert ax.get_ylabel() == "entropy"


@pytest.mark.parametrize("everyone", [True, False])
def test_a_group_may_be_empty(everyone):
    ax = plot_trajectories(run(VALUES), np.full(5, everyone))
    (text,) = ax.get_legend().get_texts()
    assert text.get_text().startswith("5 ")


def test_one_epoch_is_visible():
    ax = plot_trajectories(run(VALUES[:1], epochs=[7]), SUSPECTS)
    assert line(ax, "suspects").get_marker() == "x"
    assert line(ax, "other").get_marker() == "o"


def test_label_issues_are_taken_as_they_are():
    found = issues(1.0 - SUSPECTS, np.zeros(5, int))
    ax = plot_trajectories(run(VALUES), found)
    np.testing.assert_allclose(line(ax, "suspects").get_ydata(), [5, 4])


@pytest.mark.parametrize(
    "plot",
    [plot_trajectories, plot_data_map, plot_quality_by_epoch],
)
def test_label_issues_in_another_order_are_refused(plot):
    found = issues(1.0 - SUSPECTS, np.zeros(5, int)).filter(np.arange(5)[::-1])
    with pytest.raises(ValueError, match="same samples in the same order"):
        plot(run(VALUES), found)


def test_draws_on_given_axes():
    ax = Figure().subplots()
    assert plot_trajectories(run(VALUES), SUSPECTS, ax=ax) is ax
    assert len(ax.lines) == 2


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"suspects": SUSPECTS[:4]}, r"shape \(5,\), or .*shape \(4,\)"),
        ({"suspects": [0, 1]}, "boolean mask.*dtype int64"),
        ({"signal": "predicted"}, "Received: signal='predicted'"),
        ({"signal": "margin"}, "'margin' was not recorded"),
        ({"quantiles": (0.9, 0.1)}, "the lower first"),
        ({"quantiles": (0.1, 1.1)}, "the lower first"),
        ({"quantiles": (0.1,)}, "two numbers"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    arguments = {"suspects": SUSPECTS, **arguments}
    with pytest.raises(ValueError, match=message):
        plot_trajectories(run(VALUES), **arguments)
