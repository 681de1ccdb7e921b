import numpy as np
import pytest
from matplotlib import rcParams
from matplotlib.colors import to_rgb

from keras_robust import report
from keras_robust.report import style
from tests.report.made import issues

# What eyes without red and without green cones see (Machado et al. 2009).
BLIND = {
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


def linear(colour):
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(first, second):
    weights = [0.2126, 0.7152, 0.0722]
    dark, light = sorted(linear(c) @ weights for c in (first, second))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", ["white", "#121212"])
@pytest.mark.parametrize(
    "colour", [style.BLUE, style.VERMILLION, style.GREEN, style.GREY]
)
def test_colours_stand_out_on_paper_and_on_a_dark_screen(colour, ground):
    assert contrast(colour, ground) > 3.0


@pytest.mark.parametrize("eyes", BLIND)
def test_groups_are_told_apart_by_colour_blind_eyes(eyes):
    seen = [
        np.clip(np.array(BLIND[eyes]) @ linear(look.colour), 0, 1)
        for look in (style.OTHERS, style.SUSPECTS)
    ]
    assert np.linalg.norm(seen[0] - seen[1]) > 0.3


def test_groups_differ_in_more_than_colour():
    for field in ("dashes", "marker", "hatch"):
        assert getattr(style.OTHERS, field) != getattr(style.SUSPECTS, field)


def test_dark_style_turns_ink_light_and_is_left_again():
    before = dict(rcParams)
    with report.dark_style():
        ax = report.plot_quality(issues([0.1, 0.9], [0, 1]))
    assert dict(rcParams) == before
    ground = ax.figure.get_facecolor()
    assert contrast(ax.xaxis.label.get_color(), ground) > 7
    assert contrast(ax.get_xticklabels()[0].get_color(), ground) > 7
    assert contrast(ax.spines["left"].get_edgecolor(), ground) > 7
    box = ax.get_legend().get_frame().get_facecolor()
    assert contrast(box, ground) == 1


def test_names_are_shown_as_they_are():
    assert style.short("a $x$") == r"a \$x\$"
    assert style.short("two\nlines") == "two lines"
    long = [style.short(f"breed of dog number {n} of many") for n in (17, 18)]
    assert long[0] == "breed of dog… 17 of many" != long[1]
    # A formula that is none would not be drawn.
    names = ["$\\frac{$", "<b>"]
    ax = report.plot_class_noise(issues([0.1, 0.9], [0, 1]), names)
    ax.figure.draw_without_rendering()
    assert ax.get_yticklabels()[0].get_text() == r"\$\frac{\$"


@pytest.mark.parametrize(
    "names, message",
    [
        ({0: "cat", 1: "dog"}, "must be a list"),
        ("ab", "must be a list"),
        (["cat"], "must name all 2 classes"),
    ],
)
def test_wrong_names_are_refused(names, message):
    for plot in (report.plot_class_noise, report.plot_label_matrix):
        with pytest.raises(ValueError, match=message):
            plot(issues([0.1, 0.9], [0, 1]), names)
