import numpy as np
import pytest
from keras import ops
from matplotlib.figure import Figure

from keras_robust import losses
from keras_robust import report
from keras_robust.theory import max_noise_rate

AGCE = losses.AsymmetricGCE(a=0.6, q=0.6)
CE = losses.CrossEntropy()


def lines_of(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def test_loss_curves_are_the_formula():
    ax = Figure().subplots()
    drawn = report.plot_loss_curves({"AGCE": AGCE, "CE": CE}, ax=ax)
    assert drawn is ax
    p, values = lines_of(ax)["AGCE"].get_data()
    expected = 1.6**0.6 - (0.6 + p) ** 0.6
    np.testing.assert_allclose(values, expected / expected[0], atol=1e-6)
    p, values = lines_of(ax)["CE"].get_data()
    np.testing.assert_allclose(values, np.log(p) / np.log(p[0]), atol=1e-6)
    styles = {
        (line.get_color(), line.get_linestyle())
        for line in lines_of(ax).values()
    }
    assert len(styles) == 2


def test_a_function_is_called_by_its_name():
    def straight(y_true, y_pred):
        return 1 - ops.sum(y_true * y_pred, axis=-1)

    assert "straight" in lines_of(report.plot_loss_curves([straight]))


def test_pull_curves_and_where_training_starts():
    ax = report.plot_pull_curves([CE, AGCE], num_classes=4)
    p, pull = lines_of(ax)[repr(CE)].get_data()
    np.testing.assert_allclose(pull, (1 - p) / (1 - p[0]), atol=1e-6)
    at = [line.get_xdata()[0] for line in ax.get_lines()]
    assert 0.25 in at
    assert ax.get_xscale() == "log"


@pytest.mark.parametrize("kind, end", [("symmetric", 0.9), ("pair", 0.5)])
def test_the_dot_is_the_largest_rate(kind, end):
    ax = report.plot_needed_ratio({"AGCE": AGCE, "CE": CE}, kind)
    dots = [line for line in ax.get_lines() if line.get_marker() == "o"]
    ((x,), (y,)) = dots[0].get_data()
    assert len(dots) == 1
    assert x == pytest.approx(max_noise_rate(AGCE, kind))
    rates, had = lines_of(ax)["had"].get_data()
    assert np.interp(x, rates, had) == pytest.approx(y, rel=1e-2)
    assert ax.get_xlim() == pytest.approx((0, end))
    assert {"AGCE: 1.48", "CE: more than 50"} <= set(lines_of(ax))


def test_marks_where_the_risk_is_smallest():
    ael = losses.AsymmetricExponential(a=1.0)
    given = Figure().subplots(1, 2)
    axes = report.plot_risk_triangles(ael, "pair", 0.4, axes=given)
    assert axes is given
    marks = []
    for ax in axes:
        (mark,) = [line for line in ax.get_lines() if line.get_marker() == "o"]
        marks.append(np.ravel(mark.get_data()))
        assert {text.get_text() for text in ax.texts} == {"0", "1", "2"}
        assert len(ax.collections) == 1
    top = np.array([0.5, np.sqrt(0.75)])
    np.testing.assert_allclose(marks[0], top)
    # On the way to class 1: where (1 + log(0.6 / 0.4)) / 2 is left.
    own = (1 + np.log(1.5)) / 2
    np.testing.assert_allclose(marks[1], own * top, atol=0.01)
    (left, _) = report.plot_risk_triangles(ael, np.eye(3), label=2)
    assert left.get_title() == "right labels"


def test_saved(tmp_path):
    ax = report.plot_loss_curves(CE)
    path = report.save_figure(ax, tmp_path / "curve.png")
    assert path.stat().st_size > 5_000


@pytest.mark.parametrize("plot", ["loss_curves", "pull_curves", "needed_ratio"])
def test_too_many_losses_or_none(plot):
    draw = getattr(report, f"plot_{plot}")
    for number in (0, 7):
        many = {str(k): CE for k in range(number)}
        with pytest.raises(ValueError, match=f"Received: {number} losses"):
            draw(many)


def test_what_cannot_be_drawn():
    for plot in (report.plot_loss_curves, report.plot_pull_curves):
        with pytest.raises(ValueError, match="Received: num_classes=1"):
            plot(CE, num_classes=1, ax=Figure().subplots())
        with pytest.raises(ValueError, match="for a name take"):
            plot("agce", ax=Figure().subplots())
    with pytest.raises(ValueError, match="given label only"):
        report.plot_needed_ratio([losses.AsymmetricMSE()])
    with pytest.raises(ValueError, match="Did you mean"):
        report.plot_needed_ratio([AGCE], kind="pairs")
    with pytest.raises(ValueError, match="a matrix of 2 classes"):
        report.plot_risk_triangles(CE, np.eye(2))
    with pytest.raises(ValueError, match="`label` must be 0, 1 or 2"):
        report.plot_risk_triangles(CE, "pair", 0.2, label=3)
