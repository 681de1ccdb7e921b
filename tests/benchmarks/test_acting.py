"""The benchmarks of what acts: their commands, quick."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from benchmarks import acting
from benchmarks import acting_cost
from benchmarks import back_off
from benchmarks import choices
from benchmarks import data
from benchmarks import detection
from benchmarks import loss_table
from benchmarks import open_set
from benchmarks import results
from benchmarks import study
from benchmarks.methods import Plan
from benchmarks.methods import Task
from keras_robust import callbacks
from keras_robust import losses


def _run(name, accuracy, epoch=4):
    return {"accuracy": accuracy, "epoch": epoch, "cpu_seconds": 2.0}


def test_finished_runs_are_read_and_not_repeated(tmp_path, monkeypatch, capsys):
    trained = []

    def train(make, setting, images, seed):
        (method,) = (k for k, known in acting.METHODS.items() if known is make)
        trained.append((method, seed))
        return _run(method, 0.5 + 0.1 * seed)

    monkeypatch.setattr(study, "train", train)
    common = ["--quick", "--runs", str(tmp_path), "--methods", "SmallLoss"]
    acting.main([*common, "--seeds", "0"])
    acting.main([*common, "CrossEntropy", "--seeds", "0", "1"])
    assert trained == [
        ("SmallLoss", 0),
        ("CrossEntropy", 0),
        ("CrossEntropy", 1),
        ("SmallLoss", 1),
    ]
    printed = capsys.readouterr().out
    row = "| digits, symmetric 0.4 | SmallLoss | 2 | 0.550 | 0.500 | 0.600 |"
    assert row in printed
    acting.main([*common, "--seeds", "0", "1", "--table"])
    assert row in capsys.readouterr().out and len(trained) == 4


def test_a_row_for_each_loss_and_a_column_for_each_noise():
    found = {
        ("clean", "CrossEntropy", 0): {"accuracy": 0.9},
        ("clean", "CrossEntropy", 1): {"accuracy": 0.8},
        ("noisy", "CrossEntropy", 0): {"accuracy": 0.5},
        ("noisy", "CrossEntropy", 1): None,
    }
    rows = study.rows_by_method(
        ["clean", "noisy"], ["CrossEntropy", "Focal"], (0, 1), found
    )
    assert rows == [
        {"loss": "CrossEntropy", "clean": "85.0 ±5.0", "noisy": "50.0"},
        {"loss": "Focal", "clean": "-", "noisy": "-"},
    ]


def test_how_far_the_pick_of_theory_is_behind():
    settings = {"digits": loss_table.OF_DIGITS["digits-0.4"]}
    methods = ["CrossEntropy", "nce+agce", "Focal"]
    found = {
        ("digits", name, 0): {"accuracy": accuracy}
        for name, accuracy in zip(methods, (0.5, 0.9, 0.925), strict=True)
    }
    *_, best, behind = loss_table.rows(settings, methods, [0], found, None)
    assert best["digits"] == "92.5 Focal"
    assert behind["digits"] == "2.5 nce+agce"


def test_runs_of_a_method_with_other_parameters_are_refused(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(study, "train", lambda *_: _run("", 0.5))
    command = ["--quick", "--runs", str(tmp_path), "--methods", "Reweight"]
    acting.main(command)

    def changed(**options):
        return lambda task: Plan(
            losses.CrossEntropy(from_logits=True),
            (callbacks.Reweight(task.tracker, start=task.warm_up, **options),),
        )

    monkeypatch.setitem(acting.METHODS, "Reweight", changed())
    acting.main([*command, "--table"])
    monkeypatch.setitem(acting.METHODS, "Reweight", changed(floor=0.5))
    with pytest.raises(ValueError, match="made in another way"):
        acting.main([*command, "--table"])


@pytest.mark.parametrize("methods", [acting.METHODS, choices.CHOICES])
def test_all_methods_are_told_apart_by_plain_values(methods):
    setting = acting.OF_DIGITS["digits-0.4"]
    texts = set()
    for make in methods.values():
        made = json.dumps(study.made_with(make, setting))
        assert made == json.dumps(study.made_with(make, setting))
        assert " at 0x" not in made
        texts.add(made)
    assert len(texts) == len(methods)


def test_the_text_says_which_methods_are_not_like_the_others():
    _, text = results.SECTIONS["acting"]
    text = text.replace("\n", " ")
    told, alike = text.partition(" are told the true")[0], "for NoisyEarly"
    assert alike in text
    for method, make in acting.METHODS.items():
        tracker = callbacks.LossTrajectory()
        plans = [
            make(Task(tracker, 12, 2, rate, "mnist")) for rate in (0.2, 0.4)
        ]
        name = method.partition("-")[0]
        of_rate = plans[0].made_with() != plans[1].made_with()
        assert (name in told.rpartition("Keras. ")[2]) == of_rate
        if plans[0].validates or not plans[0].tracked:
            assert name in text.partition("The order")[2].partition(".")[0]


def test_backing_off_is_told_apart_too():
    sizes = back_off.PART, replace(back_off.PART, widths=(4,))
    first, other = (
        back_off.made_with(back_off.entries(size)[0], size, None)
        for size in sizes
    )
    assert first != other and first["noise_rate"] == back_off.NOISE_RATE
    made = {
        json.dumps(back_off.made_with(entry, back_off.PART, None))
        for entry in back_off.entries(back_off.PART)
    }
    assert len(made) == len(back_off.entries(back_off.PART))


def test_unknown_methods_and_missing_files_are_said(tmp_path):
    with pytest.raises(SystemExit, match="Reweight.*Received: Rewieght"):
        acting.main(["--methods", "Rewieght"])
    with pytest.raises(SystemExit, match="digits-0.4. Received: fashion"):
        acting.main(["--settings", "fashion"])
    with pytest.raises(FileNotFoundError, match=data.FASHION_MNIST):
        acting.main(["--data", str(tmp_path)])
    with pytest.raises(SystemExit, match="no runs yet"):
        acting.main(["--table"])


def test_the_epoch_that_is_kept():
    tracker = callbacks.LossTrajectory()
    wave = callbacks.LabelWave(tracker)
    stop = callbacks.NoisyEarlyStopping()
    wave.best_epoch = stop.best_epoch = 1
    setting = acting.OF_DIGITS["digits-0.4"]
    planned = setting.epochs
    assert study._epoch_kept((), planned, setting) == planned
    # It goes back only where it stopped; Keras's always does.
    assert study._epoch_kept((wave,), planned, setting) == planned
    assert study._epoch_kept((wave,), 7, setting) == 2
    assert study._epoch_kept((stop,), planned, setting) == 2


def test_the_best_of_the_grid_is_chosen_with_one_seed():
    listed = back_off.entries(back_off.PART)
    assert len({entry.name for entry in listed}) == len(listed) == 21
    found = {(e.name, 0): {"f1": i / 100} for i, e in enumerate(listed)}
    found[listed[3].name, 0] = {"f1": 0.9}
    best = back_off.best_of_each(listed, found)
    assert [entry.kind for entry in best] == list(
        dict.fromkeys(entry.kind for entry in listed)
    )
    assert best[3] is listed[3] and best[-1] is listed[-1]


def test_out_of_sample_is_of_networks_that_have_not_seen_the_sample(
    monkeypatch,
):
    seen = []

    class Model:
        def fit(self, x, y, **options):
            seen.append(set(x[:, 0]))

        def predict(self, x, **options):
            assert not seen[-1] & set(x[:, 0])
            logits = np.zeros((len(x), 10))
            logits[:, 1] = x[:, 0]
            return logits

    monkeypatch.setattr(back_off.recipe, "network", lambda *_: Model())
    monkeypatch.setattr(back_off.recipe, "compile_model", lambda *_: None)
    x = np.arange(40.0).reshape(-1, 1)
    labels = np.arange(40) % 10
    images = data.Images(x, labels, labels, x, labels)
    entry = back_off.entries(back_off.QUICK)[0]
    found = back_off.out_of_sample(entry, images, back_off.QUICK, seed=0)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    expected = np.exp(x[:, 0]) / (np.exp(x[:, 0]) + 9)
    np.testing.assert_allclose(found[:, 1], expected)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "rows"),
    [
        (acting, len(acting.METHODS)),
        (back_off, len(back_off.entries(back_off.QUICK))),
        (acting_cost, len(acting_cost.WAYS)),
        (detection, 53),
        (open_set, 2),
        (loss_table, len(choices.CHOICES) + 2),
    ],
)
def test_quick_commands_write_their_rows(command, rows, tmp_path):
    file = tmp_path / "rows.json"
    command.main(["--quick", "--json", str(file)])
    found = json.loads(file.read_text())
    assert found["benchmark"] == command.__name__.rpartition(".")[2]
    assert found["machine"]["backend"] == keras.backend.backend()
    assert len(found["rows"]) == rows
