import numpy as np
import pytest
from matplotlib.figure import Figure

from keras_robust.report import plot_quality
from tests.report.made import issues
from tests.report.made import legend_of

QUALITY = [0.05, 0.15, 0.15, 0.65, 0.95, 0.95]


def heights(ax, name):
    (bars,) = [c for c in ax.containers if c.get_label().endswith(name)]
    return np.array([bar.get_height() for bar in bars])


def test_bars_count_flagged_labels_on_the_others():
    ax = plot_quality(issues(QUALITY, np.zeros(6, int)), bins=10)
    np.testing.assert_array_equal(
        heights(ax, "not flagged"), [0, 0, 0, 0, 0, 0, 1, 0, 0, 2]
    )
    flagged = ax.containers[1]
    assert [bar.get_height() for bar in flagged] == [1, 2] + 8 * [0]
    assert flagged[9].get_y() == 2 and flagged[0].get_hatch()
    assert ax.get_xlim() == (0, 1)


def test_a_line_stands_between_both_groups():
    ax = plot_quality(issues(QUALITY, np.zeros(6, int)))
    (line,) = ax.lines
    np.testing.assert_allclose(line.get_xdata(), 0.4)
    assert 'split "half"' in legend_of(ax)


def test_a_split_by_class_has_no_line():
    flagged = [True, False, True, True, False, False]
    ax = plot_quality(issues(QUALITY, np.zeros(6, int), flagged=flagged))
    assert not ax.lines
    assert "no single line" in ax.get_title(loc="left")


@pytest.mark.parametrize("everyone", [True, False])
def test_a_group_may_be_empty(everyone):
    flagged = np.full(6, everyone)
    ax = plot_quality(issues(QUALITY, np.zeros(6, int), flagged=flagged))
    assert not ax.lines and not ax.get_title(loc="left")


def test_evidence_has_its_own_scale_and_leaves_out_the_unseen():
    evidence = [-7.0, -5.0, np.nan, 2.0, 3.0, 4.0]
    quality = [0.05, 0.15, 1.0, 0.65, 0.95, 0.95]
    ax = plot_quality(
        issues(quality, np.zeros(6, int), evidence=evidence), of="evidence"
    )
    assert ax.get_xlim() == (-7, 4)
    assert '"mine"' in ax.get_xlabel()
    assert "1 samples without a record" in ax.get_title(loc="left")
    np.testing.assert_allclose(ax.lines[0].get_xdata(), -1.5)


def test_draws_on_given_axes():
    ax = Figure().subplots()
    assert plot_quality(issues(QUALITY, np.zeros(6, int)), ax=ax) is ax


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"of": "margin"}, "Received: of='margin'"),
        ({"bins": 0}, "Received: bins=0"),
        ({"bins": 2.5}, "Received: bins=2.5"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        plot_quality(issues(QUALITY, np.zeros(6, int)), **arguments)


def test_nothing_recorded_is_refused():
    nothing = issues([1.0], [0], evidence=[np.nan])
    with pytest.raises(ValueError, match="No sample has a record"):
        plot_quality(nothing)
