"""The README's code runs as it stands, and finds what it says."""

import pathlib
import re
import subprocess

import pytest

from keras_robust import cli

README = pathlib.Path(__file__).parents[1] / "README.md"


def blocks(language):
    text = README.read_text()
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.once
def test_the_code_trains_finds_wrong_labels_and_records(
    capsys, tmp_path, monkeypatch
):
    pytest.importorskip("pandas")
    pytest.importorskip("zarr")
    pytest.importorskip("jinja2")
    code = blocks("python")
    first, review, reviewed, recording, acting, scheduled, searching = code
    names = {}
    exec(compile(first, "README.md", "exec"), names)
    found = names["issues"].evaluate(names["right"])
    assert found["f1"] > 0.9
    predicted = names["model"].predict(names["x"], verbose=0).argmax(axis=1)
    assert (predicted == names["right"]).mean() > 0.9
    monkeypatch.chdir(tmp_path)
    exec(compile(review, "README.md", "exec"), names)
    assert (tmp_path / "review.html").stat().st_size > 100_000
    worst = names["issues"].top(1)[0]
    rows = ["id,decision,label,run", f"{worst},exclude,,{_run(names)}"]
    (tmp_path / "decisions.csv").write_text("\n".join(rows))
    exec(compile(reviewed, "README.md", "exec"), names)
    assert names["reviewed"].weights[worst] == 0
    assert "1 of 1797 labels decided" in capsys.readouterr().out
    exec(compile(recording, "README.md", "exec"), names)
    assert names["found"].num_epochs == 3
    assert (tmp_path / "run.zarr").is_dir()
    exec(compile(acting, "README.md", "exec"), names)
    assert names["tracker"].trajectories.num_epochs == 8
    exec(compile(scheduled, "README.md", "exec"), names)
    assert names["model"].loss.at(epoch=3).cutoff == 0.0
    pytest.importorskip("keras_tuner")
    # Trials are dear; two of one epoch find nothing, and run all of it.
    searching = searching.replace("max_trials=20", "max_trials=2")
    searching = searching.replace("epochs=30", "epochs=1")
    exec(compile(searching, "README.md", "exec"), names)
    assert len(names["report"].rows) == 2
    assert names["report"].compile_line.startswith("model.compile(")


def _run(names):
    return f"{names['issues'].fingerprint}/10"


def test_commands_name_what_is_there():
    install, find, tests = blocks("bash")
    command, *arguments = find.split()
    assert command == "keras-robust"
    assert cli.parser().parse_args(arguments).output == "issues.csv"
    assert tests.strip() == "bash tests/run"
    assert (README.parent / "tests" / "run").is_file()
    root = README.parent
    extras = re.search(r"\[([a-z,]+)\]", install).group(1).split(",")
    setup = (root / "setup.cfg").read_text()
    for extra in extras:
        assert f"\n{extra} =\n" in setup
    assert (
        subprocess.run(["bash", "-n", root / "tests" / "run"]).returncode == 0
    )
