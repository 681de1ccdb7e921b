import numpy as np
import pytest

from keras_robust.detect import find_label_issues
from keras_robust.report import plot_detection_by_epoch
from keras_robust.report import plot_quality_by_epoch
from tests.detect.samples import noisy
from tests.report.made import legend_of

RUN, TRUE = noisy(num_samples=60, num_epochs=4)
WRONG = RUN.given_label != TRUE
AUM = {"score": "aum", "split": "gmm"}


def test_quality_is_that_of_the_epochs_so_far():
    ax = plot_quality_by_epoch(RUN, WRONG, **AUM)
    rest, suspects = ax.lines
    np.testing.assert_array_equal(rest.get_xdata(), [0, 1, 2, 3])
    first = find_label_issues(RUN.select(epochs=[0, 1]), **AUM).label_quality
    np.testing.assert_allclose(rest.get_ydata()[1], np.median(first[~WRONG]))
    np.testing.assert_allclose(suspects.get_ydata()[1], np.median(first[WRONG]))
    assert legend_of(ax) == ["48 other samples", "12 suspects"]


def test_without_suspects_they_are_those_found_at_the_end():
    ax = plot_quality_by_epoch(RUN, score="mean_cross_entropy")
    found = find_label_issues(RUN, score="mean_cross_entropy")
    assert legend_of(ax)[1] == f"{found.num_issues} suspects"
    assert '"mean_cross_entropy"' in ax.get_ylabel()


def test_some_of_many_epochs_are_looked_at_and_always_the_last():
    ax = plot_quality_by_epoch(RUN, WRONG, most=2, **AUM)
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), [0, 3])
    ax = plot_quality_by_epoch(RUN, WRONG, most=1, **AUM)
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), [3])
    assert ax.lines[0].get_marker() == "o"


def test_samples_not_seen_yet_have_no_quality():
    values = RUN.signals["margin"].copy()
    values[:2, WRONG] = np.nan
    ax = plot_quality_by_epoch(
        type(RUN)(RUN.ids, RUN.epochs, {"margin": values}, RUN.given_label, 4),
        WRONG,
        **AUM,
    )
    known = np.isfinite(ax.lines[1].get_ydata())
    np.testing.assert_array_equal(known, [False, False, True, True])


def test_detection_is_measured_at_every_epoch():
    ax = plot_detection_by_epoch(RUN, TRUE, **AUM)
    auroc, precision, f1 = ax.lines
    at_end = find_label_issues(RUN, **AUM).evaluate(TRUE)
    assert auroc.get_ydata()[-1] == at_end["auroc"]
    assert precision.get_ydata()[-1] == at_end["average_precision"]
    assert f1.get_ydata()[-1] == at_end["f1"]
    first = find_label_issues(RUN.select(epochs=[0]), **AUM).evaluate(TRUE)
    assert auroc.get_ydata()[0] == first["auroc"]
    assert len({line.get_linestyle() for line in ax.lines}) == 3


def test_only_the_last_epoch_warns_of_little_data():
    with pytest.warns(UserWarning) as caught:
        plot_detection_by_epoch(RUN, TRUE)
    (warning,) = caught
    assert "Do not trust how many labels are flagged" in str(warning.message)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"suspects": WRONG[:3]}, "boolean mask"),
        ({"score": "arm"}, "arm"),
        ({"quantiles": (1, 0)}, "the lower first"),
        ({"most": 0}, "most=0"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        plot_quality_by_epoch(RUN, **arguments)
