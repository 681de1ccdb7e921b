import keras
import numpy as np
import pytest

import keras_robust as kr
from keras_robust.report import plot_search
from keras_robust.tuning import NoiseCorrectedAccuracy
from keras_robust.tuning import RobustHyperModel
from keras_robust.tuning import SearchReport
from keras_robust.tuning import search_report
from tests.tuning.searches import MATRIX
from tests.tuning.searches import Y
from tests.tuning.searches import build
from tests.tuning.searches import search
from tests.tuning.searches import tuner_of

keras_tuner = pytest.importorskip("keras_tuner")


@pytest.fixture(scope="module")
def tuner(tmp_path_factory):
    hypermodel = RobustHyperModel(
        build,
        losses=("agce", "nce+agce", "eps"),
        score=NoiseCorrectedAccuracy(MATRIX),
    )
    folder = tmp_path_factory.mktemp("report")
    return search(tuner_of(folder, hypermodel=hypermodel, max_trials=4))


def test_rows_are_the_trials_the_best_first(tuner):
    report = SearchReport(tuner)
    scores = [row["score"] for row in report.rows]
    assert scores == sorted(scores, reverse=True)
    assert report.best is report.rows[0]
    assert report.objective == "val_noise_corrected_accuracy"
    best = tuner.oracle.get_best_trials()[0]
    assert report.best["score"] == best.score
    for row in report.rows:
        assert row["val_noise_corrected_accuracy"] == row["score"]
        assert row["val_noise_corrected_accuracy_error"] > 0
        assert row["loss"] in ("agce", "nce+agce", "eps", "ce")
        assert row["epoch"] in (0, 1)
        assert "val_loss" not in row
    frame = report.to_frame()
    assert len(frame) == 4
    assert list(frame["score"]) == scores


def test_the_table_in_print(tuner):
    text = str(SearchReport(tuner))
    head = text.splitlines()[1].split()
    assert head == [
        "trial",
        "score",
        "val_noise_corrected_accuracy_error",
        "epoch",
        "loss",
        "hyperparameters",
    ]
    assert "width=" in text


def test_the_line_compiles_the_best_loss(tuner):
    report = SearchReport(tuner)
    model = build(report.best_hyperparameters)
    exec(report.compile_line, {"model": model, "kr": kr, "keras": keras})
    wanted = report.best_loss.get_config()
    found = model.loss.get_config()
    assert str(found.keys()) == str(wanted.keys())
    for name, value in wanted.items():
        if isinstance(value, float):
            assert found[name] == pytest.approx(value, rel=1e-5)
    assert "loss=kr.losses.get(" in report.compile_line
    warm_up = report.best_hyperparameters.values.get("loss_warm_up")
    assert (f"CrossEntropyWarmUp({warm_up})" in report.compile_line) == bool(
        warm_up
    )


def test_every_kind_of_loss_gets_a_line():
    line = SearchReport._loss
    report = SearchReport.__new__(SearchReport)
    report.prefix = "loss"

    class Trial:
        hyperparameters = keras_tuner.HyperParameters()

    report._trials = [Trial]
    values = Trial.hyperparameters.values = {"loss": "eps", "loss_eps_m": 1e3}
    loss = kr.losses.get("eps", loss="ce", from_logits=True)
    assert line(report, loss) == (
        "kr.losses.get(\"eps\", m=1000.0, loss='cross_entropy', "
        "from_logits=True)"
    )
    values.update({"loss": "forward"})
    assert "transition_matrix=transition_matrix" in line(report, None)
    report.prefix = "robust"
    with pytest.raises(
        ValueError, match="no choice of a loss.*prefix='robust'"
    ):
        line(report, None)


def test_the_optimizer_is_written_with_what_it_was_given():
    class Own(keras.optimizers.SGD):
        pass

    of = keras.optimizers
    schedule = of.schedules.CosineDecay(0.1, 10)
    for optimizer, line in (
        (of.Adam(), "keras.optimizers.Adam(0.001)"),
        (
            of.SGD(0.25, momentum=0.9, nesterov=True),
            "keras.optimizers.SGD(0.25, momentum=0.9, nesterov=True)",
        ),
        (
            of.AdamW(2e-3, weight_decay=0.01, clipnorm=1.0),
            "keras.optimizers.AdamW(0.002, weight_decay=0.01, clipnorm=1.0)",
        ),
        (of.SGD(schedule), "optimizer"),
        (of.LossScaleOptimizer(of.Adam()), "optimizer"),
        (Own(), "optimizer"),
    ):
        assert search_report._optimizer(optimizer) == line


@pytest.mark.filterwarnings("ignore:Do not trust how many labels")
def test_flagged_labels_are_those_of_the_best_trial(tuner):
    report = SearchReport(tuner)
    np.testing.assert_array_equal(report.issues.given_label, Y)
    worst = report.rows[-1]["trial"]
    assert report.trajectories(worst).num_epochs == 2
    with pytest.raises(
        FileNotFoundError, match="a RobustHyperModel with track"
    ):
        report.trajectories("9")


def test_is_plotted(tuner):
    report = SearchReport(tuner)
    ax = plot_search(report)
    assert ax.get_ylabel() == report.objective
    assert len(ax.lines[-2].get_xdata()) == 4


def test_ties_stand_in_the_order_of_their_hyperparameters(tuner):
    class Oracle:
        objective = keras_tuner.Objective("val_accuracy", "max")

    def trial(number, width, status="COMPLETED"):
        hp = keras_tuner.HyperParameters()
        hp.values = {"width": width}
        made = keras_tuner.engine.trial.Trial(hp, str(number), status)
        made.score = 0.5
        return made

    class Tuner:
        oracle = Oracle()

    for order in ((0, 1, 2), (2, 1, 0)):
        widths = (8, 4, 2)
        made = {str(k): trial(n, widths[n]) for k, n in enumerate(order)}
        made["3"] = trial(3, 1, "FAILED")
        Oracle.trials = made
        rows = SearchReport(Tuner()).rows
        assert [row["width"] for row in rows] == [2, 4, 8, 1]
        assert rows[-1]["score"] is None


def test_a_search_without_trials_and_a_worker_are_refused(tmp_path):
    with pytest.raises(ValueError, match="No trial.*Received: 0 trials"):
        SearchReport(tuner_of(tmp_path))

    class Worker:
        oracle = object()

    with pytest.raises(ValueError, match="where the chief runs"):
        SearchReport(Worker())
