import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from keras_robust.report import plot_gallery
from keras_robust.report import plot_worst
from tests.report.made import issues

GIVEN = np.array([0, 1, 2, 0, 1, 2])
SUGGESTED = np.array([1, 1, 0, 2, 0, 1])


def images(*shape, seed=0):
    return np.random.default_rng(seed).random((6, *shape))


def titles(figure):
    return [ax.get_title() for ax in figure.axes]


def pictures(figure):
    return [np.asarray(ax.get_images()[0].get_array()) for ax in figure.axes]


def test_captions_name_given_and_suggested_label():
    figure = plot_gallery(
        images(4, 4), GIVEN, SUGGESTED, ["cat", "dog", "owl"], positions=[2, 0]
    )
    assert titles(figure) == ["owl → cat", "cat → dog"]


def test_classes_without_names_are_numbers():
    figure = plot_gallery(images(4, 4), GIVEN, SUGGESTED)
    assert titles(figure) == ["0 → 1", "1 → 1", "2 → 0", "0 → 2", "1 → 0"] + [
        "2 → 1"
    ]


def test_only_changed_labels_stand_out():
    figure = plot_gallery(images(4, 4), GIVEN, SUGGESTED, positions=[0, 1, 2])
    colours = [to_hex(ax.title.get_color()) for ax in figure.axes]
    assert colours[0] == colours[2] != colours[1]


@pytest.mark.parametrize(
    "shape, shown",
    [
        ((3, 5), (3, 5)),
        ((3, 5, 1), (3, 5)),
        ((3, 5, 3), (3, 5, 3)),
        ((3, 5, 4), (3, 5, 4)),
    ],
)
def test_images_are_shown_in_the_order_asked_for(shape, shown):
    all_images = images(*shape)
    figure = plot_gallery(all_images, GIVEN, SUGGESTED, positions=[4, 1])
    for picture, position in zip(pictures(figure), [4, 1], strict=True):
        assert picture.shape == shown
        np.testing.assert_allclose(
            picture, all_images[position].reshape(shown), atol=1e-6
        )


def test_bytes_are_read_as_0_to_255():
    dark = np.full((6, 2, 2), 51, "uint8")
    (picture,) = pictures(
        plot_gallery(dark, GIVEN, SUGGESTED, positions=np.array([3]))
    )
    np.testing.assert_allclose(picture, 0.2)


def test_other_ranges_are_stretched_together():
    wide = images(2, 2) * 0
    wide[0], wide[1] = -3.0, 5.0
    shown = pictures(plot_gallery(wide, GIVEN, SUGGESTED))
    assert [picture.mean() for picture in shown[:3]] == [0, 1, 0.375]


def test_constant_images_out_of_range_are_drawn():
    shown = pictures(plot_gallery(np.full((6, 2, 2), 7.0), GIVEN, SUGGESTED))
    assert np.isfinite(shown).all()


@pytest.mark.parametrize("columns, rows", [(10, 1), (4, 2), (1, 6)])
def test_cells_fill_row_after_row(columns, rows):
    figure = plot_gallery(images(4, 4), GIVEN, SUGGESTED, columns=columns)
    assert len(figure.axes) == 6
    grid = figure.axes[0].get_gridspec()
    assert (grid.nrows, grid.ncols) == (rows, min(columns, 6))


def test_draws_on_part_of_a_figure():
    whole = Figure()
    _, right = whole.subfigures(1, 2)
    assert plot_gallery(images(4, 4), GIVEN, SUGGESTED, figure=right) is right
    assert len(whole.axes) == 6


@pytest.mark.parametrize(
    "change, message",
    [
        ({"images": np.zeros((6, 9, 32, 32))}, "images.shape=.6, 9, 32, 32."),
        ({"images": np.zeros((6, 9))}, r"Received: images.shape=\(6, 9\)"),
        ({"images": np.zeros((5, 4, 4))}, r"`given` must .*\(5,\).*\(6,\)"),
        ({"suggested": SUGGESTED[:2]}, r"`suggested` must .*shape \(2,\)"),
        ({"given": GIVEN / 2}, "`given` must .*dtype float64"),
        ({"given": GIVEN - 1}, "labels from -1 to 1"),
        ({"suggested": SUGGESTED - 2}, "numbers from -1.*labels from -2"),
        ({"class_names": ["cat", "dog"]}, "must name them all"),
        ({"positions": [6]}, "from 0 to 5.*from 6 to 6"),
        ({"positions": [-1]}, "from 0 to 5"),
        ({"positions": []}, "must be a list of integers|0 images"),
        ({"positions": [0.5]}, "must be a list of integers"),
        ({"positions": [0] * 201}, "choose some.*201 images"),
        ({"columns": 0}, "Received: columns=0"),
    ],
)
def test_wrong_arguments_are_refused(change, message):
    arguments = {
        "images": images(4, 4),
        "given": GIVEN,
        "suggested": SUGGESTED,
        **change,
    }
    with pytest.raises(ValueError, match=message):
        plot_gallery(**arguments)


def test_channels_first_and_sizes_of_their_own_are_drawn():
    figure = plot_gallery(np.zeros((6, 3, 32, 32)), GIVEN, SUGGESTED)
    assert pictures(figure)[0].shape == (32, 32, 3)
    listed = [np.zeros((2 + i, 3)) for i in range(6)]
    shown = pictures(plot_gallery(listed, GIVEN, SUGGESTED))
    assert [picture.shape[0] for picture in shown] == [2, 3, 4, 5, 6, 7]


def test_missing_images_and_suggestions_are_said():
    listed = [None, *images(4, 4)[1:]]
    suggested = np.array([1, -1, 0, 2, 0, 1])
    figure = plot_gallery(listed, GIVEN, suggested, positions=[0, 1])
    missing, unknown = figure.axes
    assert [text.get_text() for text in missing.texts] == ["no image"]
    assert not missing.get_images() and unknown.get_images()
    assert unknown.get_title() == "1 → ?"
    assert to_hex(unknown.title.get_color()) != to_hex(
        missing.title.get_color()
    )
    # All of them.
    figure = plot_gallery([None] * 6, GIVEN, SUGGESTED)
    figure.draw_without_rendering()


def test_the_worst_come_first():
    found = issues([0.9, 0.2, 0.1, 0.8, 0.7, 0.6], GIVEN, SUGGESTED)
    figure = plot_worst(found, images(4, 4), k=2, class_names=list("abc"))
    assert titles(figure) == ["c → a", "b → b"]
    figure = plot_worst(found, images(4, 4), k=1, per_class=True)
    assert titles(figure) == ["2 → 0", "1 → 1", "0 → 2"]
    with pytest.raises(ValueError, match="Received: 5 images, 6 samples"):
        plot_worst(found, images(4, 4)[:5])
