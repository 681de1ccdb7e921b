"""The benchmarks of what acts: their commands, quick."""

import json

import keras
import numpy as np
import pytest

from benchmarks import acting
from benchmarks import acting_cost
from benchmarks import back_off
from benchmarks import data
from keras_robust import callbacks


def _run(name, accuracy, epoch=4):
    return {"accuracy": accuracy, "epoch": epoch, "cpu_seconds": 2.0}


def test_finished_runs_are_read_and_not_repeated(tmp_path, monkeypatch, capsys):
    trained = []

    def train(method, setting, images, seed):
        trained.append((method, seed))
        return _run(method, 0.5 + 0.1 * seed)

    monkeypatch.setattr(acting, "train", train)
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
    assert acting._epoch_kept((), planned, setting) == planned
    # It goes back only where it stopped; Keras's always does.
    assert acting._epoch_kept((wave,), planned, setting) == planned
    assert acting._epoch_kept((wave,), 7, setting) == 2
    assert acting._epoch_kept((stop,), planned, setting) == 2


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
    ],
)
def test_quick_commands_write_their_rows(command, rows, tmp_path):
    file = tmp_path / "rows.json"
    command.main(["--quick", "--json", str(file)])
    found = json.loads(file.read_text())
    assert found["benchmark"] == command.__name__.rpartition(".")[2]
    assert found["machine"]["backend"] == keras.backend.backend()
    assert len(found["rows"]) == rows
