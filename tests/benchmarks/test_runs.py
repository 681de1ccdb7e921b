"""Runs that are kept, and not run again."""

import pytest

from benchmarks.runs import Runs


def test_a_run_is_there_the_next_time(tmp_path):
    folder = tmp_path / "new" / "runs"
    made_with = {"epochs": 12, "widths": (32, 64)}
    runs = Runs(folder, made_with)
    assert runs.get("a") is None
    runs.keep("a", {"accuracy": 0.5})
    again = Runs(folder, made_with)
    assert again.get("a") == {"accuracy": 0.5}
    assert [path.name for path in folder.iterdir()] == ["a.json"]


def test_what_was_broken_off_is_not_there(tmp_path):
    (tmp_path / "a.json.part").write_text('{"made_')
    assert Runs(tmp_path, {}).get("a") is None


def test_runs_of_another_kind_are_refused(tmp_path):
    Runs(tmp_path, {"epochs": 12}).keep("a", {})
    with pytest.raises(ValueError, match="made in another way.*'epochs': 12"):
        Runs(tmp_path, {"epochs": 4}).get("a")


def test_without_a_folder_they_are_remembered():
    runs = Runs(None, {})
    runs.keep("a", {"accuracy": 0.5})
    assert runs.get("a") == {"accuracy": 0.5}
