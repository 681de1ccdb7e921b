import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from keras_robust.report import plot_search

ROWS = [
    {"score": 0.9, "loss": "gce", "q": 0.5, "score_error": 0.1},
    {"score": 0.6, "loss": "agce", "score_error": 0.2},
    {"score": 0.5, "loss": "gce", "q": 0.7, "score_error": 0.1},
    {"score": 0.8, "loss": "agce", "score_error": 0.1},
    {"score": None, "loss": "mae"},
]


def points(ax, label):
    (line,) = [line for line in ax.lines if line.get_label() == label]
    return sorted(zip(*line.get_data(), strict=True))


def test_choices_stand_beside_each_other_the_best_median_first():
    ax = plot_search(ROWS)
    names = [text.get_text() for text in ax.get_xticklabels()]
    # Both have the median 0.7: by name then.
    assert names == ["agce", "gce"]
    assert points(ax, "trials") == [(0, 0.6), (0, 0.8), (1, 0.5), (1, 0.9)]
    assert points(ax, "best") == [(1, 0.9)]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("loss", "score")


def test_numbers_are_an_axis_and_others_are_left_out():
    ax = plot_search(ROWS, "q")
    assert points(ax, "trials") == [(0.5, 0.9), (0.7, 0.5)]
    assert ax.get_xscale() == "linear"
    rows = [{"score": s, "lr": 10.0**-s} for s in (1, 2, 3)]
    assert plot_search(rows, "lr").get_xscale() == "log"


def test_errors_of_the_score_are_drawn_where_all_have_one():
    (bars,) = plot_search(ROWS).containers
    ends = np.array([s[:, 1] for s in bars.lines[2][0].get_segments()])
    np.testing.assert_allclose(np.diff(ends)[:, 0] / 2, [0.1, 0.2, 0.1, 0.1])
    rows = [{k: v for k, v in row.items() if "_" not in k} for row in ROWS]
    assert not plot_search(rows).containers


def test_the_smallest_is_the_best_where_the_report_says_so():
    class Report:
        rows = [{"score": 0.9, "loss": "gce"}, {"score": 0.2, "loss": "mae"}]
        objective = "val_mae"
        direction = "min"

    ax = plot_search(Report())
    names = [text.get_text() for text in ax.get_xticklabels()]
    assert names == ["mae", "gce"]
    assert points(ax, "best") == [(0, 0.2)]


def test_draws_on_given_axes_of_a_report():
    class Report:
        rows = ROWS
        objective = "val_accuracy"

    ax = Figure().subplots()
    assert plot_search(Report(), ax=ax) is ax
    assert ax.get_ylabel() == "val_accuracy"
    assert {to_hex(line.get_color()) for line in ax.lines} == {
        "#0072b2",
        "#d55e00",
    }


def test_a_hyperparameter_that_no_trial_has():
    with pytest.raises(ValueError, match="There are: loss, q.*parameter='p'"):
        plot_search(ROWS, "p")
    with pytest.raises(ValueError, match="There are: none"):
        plot_search([])
