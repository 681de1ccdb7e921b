"""The main job: the demo's parts, and its command."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from keras_robust import cli
from keras_robust import demo
from keras_robust import losses


def test_digits_are_split_and_only_training_labels_are_noisy():
    digits = demo.load_digits("symmetric", 0.4, seed=0)
    sizes = len(digits.y_train), len(digits.y_valid), len(digits.y_test)
    assert sum(sizes) == 1797 and sizes[2] == 450
    noisy = sizes[0] + sizes[1]
    wrong = (digits.y_train != digits.true_train).mean()
    assert abs(wrong - 0.4) < 0.02
    again = demo.load_digits("symmetric", 0.4, seed=0)
    np.testing.assert_array_equal(digits.y_train, again.y_train)
    assert noisy == 1347


def test_the_name_agce_stands_for_the_usage_line():
    assert demo.robust_loss("agce").q == 3.0
    assert isinstance(demo.robust_loss("gce"), losses.GeneralizedCrossEntropy)
    assert isinstance(demo.robust_loss("nce+agce"), losses.ActivePassive)


@pytest.mark.once
def test_command_prints_all_it_promises(tmp_path, capsys):
    picture = tmp_path / "demo.png"
    arguments = ["demo", "--epochs", "6", "--output", str(picture)]
    assert cli.main(arguments) == 0
    printed = capsys.readouterr().out
    for text in (
        "cross-entropy, last epoch",
        "cross-entropy, stopped early on noisy validation",
        "AsymmetricGCE(a=1.0, q=3.0), 5 epochs of warm-up",
        "precision",
        "suggested",
    ):
        assert text in printed
    rows = printed.split("quality\n")[1].split("\n\n")[0].splitlines()
    assert len(rows) == 20 and all(len(row.split()) == 5 for row in rows)
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["demo.html", "demo.png"]
    page = (tmp_path / "demo.html").read_text()
    assert "Digits with wrong labels" in page
    assert f"open {tmp_path / 'demo.html'} in a browser" in printed


def test_a_page_of_ones_own_is_not_replaced(tmp_path, capsys):
    mine = tmp_path / "demo.html"
    mine.write_text("mine")
    output = str(tmp_path / "demo.png")
    assert cli.main(["demo", "--output", output]) == 2
    assert "replace a file of yours" in capsys.readouterr().err
    assert mine.read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--loss", "agec"], "Did you mean"),
        (["--rate", "1.5"], "between 0 and 1. Received: rate=1.5"),
        (["--rate", "nan"], "between 0 and 1. Received: rate=nan"),
        (["--epochs", "0"], "at least 1. Received: epochs=0"),
        (["--seed", "-1"], "Received: seed=-1"),
        (["--output", "no/such/folder/x.png"], "folder of the picture"),
        (["--output", "x.gif"], "ends in .png"),
    ],
)
def test_bad_arguments_are_one_clear_line(arguments, said, capsys):
    assert cli.main(["demo", *arguments]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert "Accuracy" not in captured.out


@pytest.mark.once
def test_module_is_the_command():
    shown = subprocess.run(
        [sys.executable, "-m", "keras_robust", "demo", "--help"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(_root())},
        check=True,
    )
    assert "--rate" in shown.stdout


def _root():
    return pathlib.Path(__file__).parents[1]
