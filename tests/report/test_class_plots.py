"""Given against suggested labels, and the noise of each class."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from keras_robust.report import plot_class_noise
from keras_robust.report import plot_label_matrix
from tests.report.made import issues

GIVEN = np.array([0, 0, 0, 1, 1, 2])
SUGGESTED = np.array([0, 1, 1, 1, 2, 2])
FOUND = issues([0.9, 0.1, 0.1, 0.9, 0.1, 0.9], GIVEN, SUGGESTED)


def test_cells_count_given_against_suggested():
    ax = plot_label_matrix(FOUND, ["cat", "dog", "owl"])
    cells = np.array([int(text.get_text()) for text in ax.texts])
    np.testing.assert_array_equal(cells.reshape(3, 3), FOUND.confusion())
    assert [t.get_text() for t in ax.get_yticklabels()] == ["cat", "dog", "owl"]
    assert ax.get_xlabel() == "suggested label"


def test_shades_are_of_changes_only():
    (picture,) = plot_label_matrix(FOUND).get_images()
    shades = np.asarray(picture.get_array())
    np.testing.assert_allclose(shades, [[0, 1, 0], [0, 0, 0.5], [0, 0, 0]])
    # From nothing to blue: what is behind shows where nothing changes.
    assert picture.cmap(0.0)[3] == 0 and picture.cmap(1.0)[3] == 1


def test_numbers_stand_out_of_every_shade():
    given = np.repeat(0, 100)
    suggested = np.repeat(np.arange(1, 10), [20, 19, 18, 15, 11, 8, 5, 3, 1])
    ax = plot_label_matrix(issues(np.full(100, 0.1), given, suggested))
    (picture,) = ax.get_images()
    for column, text in enumerate(ax.texts[1:10], 1):
        *rgb, alpha = picture.cmap(picture.get_array()[0, column])
        cell = light(alpha * np.array(rgb) + 1 - alpha)
        both = sorted([cell, light(np.array(to_rgb(text.get_color())))])
        assert (both[1] + 0.05) / (both[0] + 0.05) >= 4.4, text


def light(rgb):
    """The relative luminance of WCAG 2."""
    linear = np.where(
        rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4
    )
    return linear @ [0.2126, 0.7152, 0.0722]


def test_nothing_flagged_is_an_empty_matrix():
    ax = plot_label_matrix(issues([0.9, 0.9], [0, 1]))
    np.testing.assert_array_equal(ax.get_images()[0].get_array(), 0)


def test_of_many_classes_the_busiest_are_drawn():
    ax = plot_label_matrix(FOUND, list("abc"), most=2)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["a", "b"]
    assert ax.get_title(loc="left") == "2 of 3 classes, 2 of 3 changes"
    many = issues(np.full(40, 0.9), np.arange(40))
    assert not plot_label_matrix(many, most=40).texts


def test_labels_without_a_suggestion_are_said():
    ax = plot_label_matrix(issues([0.1, 0.9], [0, 1], [-1, 1]))
    assert "1 flagged labels have no suggestion" in ax.get_title(loc="left")


def test_classes_stand_worst_first_with_their_intervals():
    ax = plot_class_noise(FOUND, ["cat", "dog", "owl"])
    assert [t.get_text() for t in ax.get_yticklabels()] == ["cat", "dog", "owl"]
    points, (bars,) = ax.containers[0][0], ax.containers[0][2]
    np.testing.assert_allclose(points.get_xdata(), [2 / 3, 0.5, 0])
    table = FOUND.noise_table()
    ends = [segment[:, 0] for segment in bars.get_segments()]
    np.testing.assert_allclose(
        ends, [[row["low"], row["high"]] for row in table], atol=1e-12
    )
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["2 of 3", "1 of 2", "0 of 1", "all: 50.0%"]


def test_a_higher_confidence_makes_wider_bars():
    narrow, wide = (
        plot_class_noise(FOUND, confidence=c).containers[0][2][0].get_segments()
        for c in (0.5, 0.99)
    )
    assert wide[0][1, 0] - wide[0][0, 0] > narrow[0][1, 0] - narrow[0][0, 0]


def test_of_many_classes_the_worst_are_drawn():
    ax = plot_class_noise(FOUND, most=1)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["0"]
    assert "1 of 3 classes" in ax.get_title(loc="left")


def test_classes_without_labels_are_left_out():
    ax = plot_class_noise(issues([0.1, 0.9], [0, 2], num_classes=5))
    assert [t.get_text() for t in ax.get_yticklabels()] == ["0", "2"]


@pytest.mark.parametrize("plot", [plot_class_noise, plot_label_matrix])
def test_draws_on_given_axes(plot):
    ax = Figure().subplots()
    assert plot(FOUND, ax=ax) is ax
    with pytest.raises(ValueError, match="Received: most=0"):
        plot(FOUND, most=0)


def test_nothing_to_draw_is_refused():
    with pytest.raises(ValueError, match="There are no labels"):
        plot_class_noise(FOUND.filter(given_label=9))
    with pytest.raises(ValueError, match="confidence"):
        plot_class_noise(FOUND, confidence=1.5)
