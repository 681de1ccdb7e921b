import numpy as np
import pytest

from keras_robust.report import plot_precision_recall
from keras_robust.report import plot_roc
from tests.report.made import issues
from tests.report.made import legend_of

# The third most suspicious label is right, the last one wrong.
GIVEN = np.zeros(6, int)
TRUE = np.array([1, 1, 0, 0, 0, 1])
FOUND = issues([0.1, 0.2, 0.3, 0.7, 0.8, 0.9], GIVEN)


def corners(line):
    return np.stack(line.get_data(), axis=1).tolist()


def test_roc_follows_the_order_and_marks_the_split():
    ax = plot_roc(FOUND, TRUE)
    chance, curve, point = ax.lines
    assert corners(curve)[0] == [0, 0] and corners(curve)[-1] == [1, 1]
    assert [0, 2 / 3] in corners(curve)
    assert corners(chance) == [[0, 0], [1, 1]]
    assert corners(point) == [[1 / 3, 2 / 3]]
    assert legend_of(ax) == ["mine, AUROC 0.667", "3 flagged"]


def test_precision_and_recall_follow_the_order():
    ax = plot_precision_recall(FOUND, TRUE)
    chance, curve, point = ax.lines
    np.testing.assert_array_equal(chance.get_ydata(), 0.5)
    for corner in ([1, 0.5], [2 / 3, 1], [0, 1]):
        assert corner in corners(curve)
    assert corners(point) == [[2 / 3, 2 / 3]]
    assert curve.get_drawstyle() == "steps-post"
    found = FOUND.evaluate(TRUE)["average_precision"]
    assert f"average precision {found:.3f}" in legend_of(ax)[0]


@pytest.mark.parametrize("plot", [plot_roc, plot_precision_recall])
def test_two_scores_share_axes(plot):
    other = issues([0.9, 0.8, 0.3, 0.7, 0.2, 0.1], GIVEN)
    ax = plot(other, TRUE, name="other", ax=plot(FOUND, TRUE))
    assert len(ax.lines) == 5
    first, second = ax.lines[1], ax.lines[3]
    assert first.get_color() != second.get_color()
    assert first.get_linestyle() != second.get_linestyle()
    assert legend_of(ax)[2].startswith("other, ")


@pytest.mark.parametrize("plot", [plot_roc, plot_precision_recall])
@pytest.mark.parametrize(
    "true, message",
    [
        (TRUE[:3], r"`true_labels` must hold.*shape=\(3,\)"),
        (GIVEN, "Received: 0 wrong labels of 6"),
        (GIVEN + 1, "Received: 6 wrong labels of 6"),
    ],
)
def test_wrong_truth_is_refused(plot, true, message):
    with pytest.raises(ValueError, match=message):
        plot(FOUND, true)


@pytest.mark.parametrize("plot", [plot_roc, plot_precision_recall])
def test_a_column_of_labels_will_do(plot):
    assert corners(plot(FOUND, TRUE[:, None]).lines[2]) == corners(
        plot(FOUND, TRUE).lines[2]
    )


def test_without_flags_there_is_no_point_of_precision():
    none = issues(FOUND.label_quality, GIVEN, flagged=np.zeros(6, bool))
    ax = plot_precision_recall(none, TRUE)
    ax.figure.draw_without_rendering()
    assert np.isnan(ax.lines[2].get_ydata()).all()
