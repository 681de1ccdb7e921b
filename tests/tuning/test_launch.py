import json
import os
import pathlib
import subprocess
import sys

import pytest

from keras_robust.tuning import launch

pytest.importorskip("grpc")

SCRIPT = pathlib.Path(__file__).parent / "searching.py"
LIMIT = 500


def launched(*arguments):
    """Whatever hangs is ended, by the launcher and at last by the test."""
    command = [sys.executable, "-m", "keras_robust.tuning.launch"]
    return subprocess.run(
        [*command, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=LIMIT + 30,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        cwd=SCRIPT.parents[2],
    )


def compared(kind, folder):
    """The trials of a search on two workers, and of one alone."""
    from tests.tuning import searching

    killed = folder / "killed"
    many, alone = folder / "many.json", folder / "alone.json"
    done = launched(
        f"--time-limit={LIMIT}", SCRIPT, folder / "many", kind, many, killed
    )
    assert done.returncode == 0, done.stderr
    assert killed.exists()
    assert done.stderr.count("worker1 died (-9) and is started again") == 1
    searching.main(folder / "alone", kind, alone)
    return [json.loads(path.read_text()) for path in (many, alone)]


def check_same(many, alone):
    """Metrics pass between processes as float32."""
    assert [t["values"] for t in many] == [t["values"] for t in alone]
    scores = [[trial["score"] for trial in found] for found in (many, alone)]
    assert scores[0] == pytest.approx(scores[1], abs=1e-6)


@pytest.mark.once
def test_two_workers_one_killed_find_what_one_alone_finds(tmp_path):
    many, alone = compared("RandomSearch", tmp_path)
    assert len(alone) == 6
    check_same(many, alone)


@pytest.mark.slow
def test_the_whole_grid_on_two_workers_one_killed(tmp_path):
    many, alone = compared("GridSearch", tmp_path)
    # Two losses, two warm-ups, two widths.
    assert len(alone) == 8
    check_same(many, alone)


QUICK = [
    # The chief ends well, whatever the workers do.
    ("import os, sys, time; c = 'chief' in os.environ['KERASTUNER_TUNER_ID']; "
     "time.sleep(0 if c else 60)", [], 0, "the chief ended with 0"),
    ("import os, sys; c = 'chief' in os.environ['KERASTUNER_TUNER_ID']; "
     "sys.exit(3 if c else 0)", [], 3, "the chief ended with 3"),
    ("import os, sys, time; c = 'chief' in os.environ['KERASTUNER_TUNER_ID']; "
     "time.sleep(60) if c else sys.exit(5)", ["--restarts", "1"], 1,
     "worker0 died (5) and is started again"),
    ("import time; time.sleep(60)", ["--time-limit", "0.5"], 1,
     "ended by --time-limit 0.5"),
]  # fmt: skip


@pytest.mark.parametrize("code, options, status, said", QUICK)
def test_nothing_outlives_the_chief_nor_the_limit(
    code, options, status, said, tmp_path, capfd
):
    script = tmp_path / "script.py"
    script.write_text(code)
    found = launch.main([*options, "--workers", "1", str(script)])
    assert found == status
    assert said in capfd.readouterr().err


def test_the_environment_and_the_arguments_reach_the_script(tmp_path, capfd):
    script = tmp_path / "script.py"
    script.write_text(
        "import os, sys, time\n"
        "e = os.environ\n"
        "print(e['KERASTUNER_TUNER_ID'], e['KERASTUNER_ORACLE_IP'],"
        " e['KERASTUNER_ORACLE_PORT'], sys.argv[1:], flush=True)\n"
        "time.sleep(1 if 'chief' in e['KERASTUNER_TUNER_ID'] else 0)\n"
    )
    arguments = ["--port", "4321", str(script), "--epochs", "3"]
    assert launch.main(arguments) == 0
    lines = sorted(capfd.readouterr().out.splitlines())
    assert lines == [
        f"{name} 127.0.0.1 4321 ['--epochs', '3']"
        for name in ("chief", "worker0", "worker1")
    ]


def test_who_works_for_a_chief(monkeypatch):
    monkeypatch.delenv("KERASTUNER_ORACLE_IP", raising=False)
    assert not launch.is_worker()
    monkeypatch.setenv("KERASTUNER_ORACLE_IP", "127.0.0.1")
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "chief")
    assert not launch.is_worker()
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "worker0")
    assert launch.is_worker()


def test_bad_arguments_are_refused(tmp_path, monkeypatch):
    script = tmp_path / "script.py"
    with pytest.raises(SystemExit, match="There is no such script"):
        launch.main([str(script)])
    script.write_text("")
    with pytest.raises(SystemExit, match="--workers must be at least 1"):
        launch.main(["--workers", "0", str(script)])
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"pip install 'keras-robust\[tune\]"):
        launch.main([str(script)])
