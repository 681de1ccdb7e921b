"""`keras-robust find`, as someone would use it."""

import csv
import json
import os
import pathlib
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from keras_robust import cli
from keras_robust.commands import find_table
from keras_robust.detect import confident_learning
from keras_robust.detect import find_label_issues
from keras_robust.trajectories import Trajectories
from tests.commands import inputs
from tests.report.review import read

ROOT = pathlib.Path(__file__).parents[2]


def found(capsys, *arguments, status=0):
    """What the command says as JSON."""
    capsys.readouterr()
    assert cli.main(["find", *arguments, "--json"]) == status
    captured = capsys.readouterr()
    assert captured.err == ""
    return json.loads(captured.out)


def test_labels_and_probabilities_in_a_process_of_its_own(data, tmp_path):
    output = tmp_path / "issues.csv"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "keras_robust", "find"),
            *("--labels", "y.npy", "--probs", "p.npy", "--top", "3"),
            *("--class-names", ",".join(inputs.NAMES)),
            *("--output", str(output), "--fail-above", "0.1"),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 1
    # TensorFlow says something of the machine, we do not.
    assert "keras" not in done.stderr and "Error" not in done.stderr
    given, probs = data
    issues = confident_learning(given, probs)
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"{issues.num_issues} of 400 labels flagged (")
    assert lines[2].split()[:4] == ["class", "labels", "flagged", "share"]
    assert sorted(line.split()[0] for line in lines[3:7]) == inputs.NAMES
    assert lines[8] == "The 3 most suspicious (quality 0 is worst)"
    worst = issues.top(1)[0]
    assert lines[10].split()[:3] == [
        str(worst),
        inputs.NAMES[given[worst]],
        inputs.NAMES[issues.suggested_label[worst]],
    ]
    assert lines[-1] == f"All 400 rows are in {output}"
    with open(output, newline="") as file:
        rows = list(csv.DictReader(file))
    flagged = [row["is_label_issue"] == "True" for row in rows]
    np.testing.assert_array_equal(flagged, issues.is_label_issue)
    quality = [float(row["label_quality"]) for row in rows]
    np.testing.assert_array_equal(quality, issues.label_quality)


def test_the_wrong_labels_are_found(capsys):
    report = found(capsys, "--labels", "y.npy", "--probs", "p.npy")
    assert {row["id"] for row in report["top"]} <= set(range(60))
    assert len(report["top"]) == 20
    assert abs(report["num_issues"] - 60) < 6
    assert report["share"] == report["num_issues"] / 400
    assert report["classes"][2]["suggestion"] == 1


def test_trajectories(capsys):
    report = found(capsys, "--trajectories", "run.npz", "--top", "60")
    issues = find_label_issues(Trajectories.load("run.npz"))
    assert report["num_issues"] == issues.num_issues
    assert [row["id"] for row in report["top"]] == issues.top(60).tolist()
    assert {row["id"] for row in report["top"]} == set(range(60))
    assert (report["score"], report["split"]) == ("auto", "expected")
    chosen = ["--score", "gmm", "--split", "threshold"]
    report = found(capsys, "--trajectories", "run.npz", *chosen)
    assert (report["score"], report["split"]) == ("gmm", "threshold")


def test_why_not_to_trust_it_is_in_the_json(capsys, tmp_path):
    Trajectories.load("run.npz").select(epochs=[0]).save(tmp_path / "a.npz")
    arguments = ["--trajectories", str(tmp_path / "a.npz"), "--json"]
    assert cli.main(["find", *arguments]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["distrust"] == ["1 epochs were recorded, fewer than 5"]
    assert found(capsys, "--trajectories", "run.npz")["distrust"] == []


def test_a_store_of_a_run_is_not_loaded(capsys, tmp_path, monkeypatch):
    pytest.importorskip("zarr")
    from keras_robust.trajectories.on_disk import TrajectoriesOnDisk
    from keras_robust.trajectories.store import Store

    t = Trajectories.load("run.npz")
    path = str(tmp_path / "run.zarr")
    store = Store.create(path, t.ids, t.given_label, ["margin", "predicted"])
    for row, epoch in enumerate(t.epochs):
        values = np.stack([t.signals[name][row] for name in store.signals])
        store.append(epoch, t.num_classes, values, np.ones(400, np.uint16))
    expected = found(capsys, "--trajectories", "run.npz", "--score", "aum")
    monkeypatch.delattr(Trajectories, "load")
    monkeypatch.delattr(TrajectoriesOnDisk, "load")
    report = found(capsys, "--trajectories", path, "--score", "aum")
    assert report == expected


@pytest.mark.parametrize("kind", ["csv", "tsv", "csv.gz", "parquet"])
@pytest.mark.parametrize("by", ["prefix", "columns"])
def test_tables(capsys, data, tmp_path, monkeypatch, kind, by):
    pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    # In many parts, the last one smaller.
    monkeypatch.setattr(find_table, "_PART", 6 * 70)
    path = tmp_path / f"table.{kind}"
    table = inputs.frame(*data)
    if kind == "parquet":
        table.to_parquet(path)
    else:
        sep = "\t" if kind == "tsv" else ","
        table.to_csv(path, index=False, sep=sep)
    columns = ",".join(f"p_{name}" for name in inputs.NAMES)
    which = {
        "prefix": ["--prob-prefix", "p_"],
        "columns": [
            *("--prob-columns", columns),
            *("--class-names", "names.txt"),
        ],
    }
    chosen = ["--filter-by", "both", "--score", "normalized_margin"]
    report = found(
        *(capsys, "--table", str(path), "--id-column", "file"),
        *(*which[by], *chosen),
    )
    expected = found(capsys, "--labels", "y.npy", "--probs", "p.npy", *chosen)
    for row in expected["top"]:
        row["id"] = f"{row['id']:03d}"
    for row, name in zip(expected["classes"], inputs.NAMES, strict=True):
        row["name"] = name
    assert report == expected


def test_a_table_is_never_whole_in_memory(tmp_path, monkeypatch):
    pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    import pyarrow
    import pyarrow.parquet

    probs = np.full((50_000, 20), 0.05)
    columns = {f"p_{k}": probs[:, k] for k in range(20)}
    table = pyarrow.table({"label": np.arange(50_000) % 20, **columns})
    path = tmp_path / "table.parquet"
    pyarrow.parquet.write_table(table, path, row_group_size=1000)
    monkeypatch.setattr(find_table, "_PART", 20_000)
    options = cli.parser().parse_args(
        ["find", "--table", str(path), "--prob-prefix", "p_"]
    )
    find_table.read(options, None)  # what is imported does not count
    tracemalloc.start()
    labels, found, _, _ = find_table.read(options, None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_array_equal(found, probs)
    assert labels[:3].tolist() == [0, 1, 2]
    # The labels take 0.4 MB of it, twice while they are put together.
    assert peak < probs.nbytes / 4


def test_labels_by_number_or_by_name(capsys, data, tmp_path):
    pytest.importorskip("pandas")
    expected = found(capsys, "--labels", "y.npy", "--probs", "p.npy")["top"]
    names = ["--class-names", "cat,dog,frog,owl"]
    by_name = found(capsys, "--labels", "names.npy", "--probs", "p.npy", *names)
    assert by_name["top"] == expected
    given, probs = data
    path = tmp_path / "table.csv"
    table = inputs.frame(given, probs, labels=given, ids=np.arange(400))
    # Columns that are numbered, and out of order.
    table.columns = ["id", "note", "class", "p_2", "p_0", "p_1", "p_3"]
    table[["p_0", "p_1", "p_2", "p_3"]] = probs
    table.to_csv(path, index=False)
    report = found(
        *(capsys, "--table", str(path), "--label-column", "class"),
        *("--prob-prefix", "p_", "--id-column", "id"),
    )
    assert report["top"] == expected
    np.save(tmp_path / "column.npy", given[:, None])
    column = str(tmp_path / "column.npy")
    assert found(capsys, "--labels", column, "--probs", "p.npy")["top"] == (
        expected
    )


def test_output_is_kept_or_replaced(capsys, tmp_path):
    output = tmp_path / "issues.csv"
    output.write_text("mine")
    arguments = ["find", "--labels", "y.npy", "--probs", "p.npy"]
    arguments += ["--output", str(output)]
    assert cli.main(arguments) == 2
    assert "--overwrite replaces it" in capsys.readouterr().err
    assert output.read_text() == "mine"
    assert cli.main([*arguments, "--overwrite"]) == 0
    assert output.read_text().startswith("id,is_label_issue,")
    assert list(tmp_path.iterdir()) == [output]


def test_status_by_the_share_that_is_flagged(capsys):
    files = ["--labels", "y.npy", "--probs", "p.npy"]
    found(capsys, *files, "--fail-above", "0.1", status=1)
    found(capsys, *files, "--fail-above", "0.5", status=0)
    share = found(capsys, *files)["share"]
    found(capsys, *files, "--fail-above", str(share), status=0)


def test_many_classes_and_names_that_steer_a_terminal(capsys, tmp_path):
    rng = np.random.default_rng(0)
    given = rng.integers(30, size=300)
    probs = 0.1 / 30 + 0.9 * np.eye(30)[given]
    probs[0] = np.roll(probs[0], 1)
    np.save(tmp_path / "y.npy", given)
    np.save(tmp_path / "p.npy", probs)
    (tmp_path / "n.txt").write_text(
        "\n".join(f"\x1b[2J{k}" for k in range(30)), encoding="utf-8"
    )
    files = [f"--{n}={tmp_path / n[0]}.npy" for n in ("yes", "probs")]
    files[0] = f"--labels={tmp_path / 'y.npy'}"
    names = f"--class-names={tmp_path / 'n.txt'}"
    assert cli.main(["find", *files, names, "--top", "0"]) == 0
    printed = capsys.readouterr().out
    assert "(10 classes more, or without labels)" in printed
    assert "\x1b" not in printed and "\\x1b[2J" in printed
    assert "most suspicious" not in printed


def test_warnings_are_one_line_each(capsys, tmp_path):
    t = Trajectories.load("run.npz")
    t.signals["margin"][:, 5] = np.nan
    t.save(tmp_path / "run.npz")
    arguments = ["find", "--trajectories", str(tmp_path / "run.npz")]
    assert cli.main(arguments) == 0
    warned = capsys.readouterr().err
    assert warned.startswith("keras-robust: warning: 1 of 400 samples have no")
    assert warned.count("\n") == 1


def test_help_has_an_example(capsys):
    for arguments in (["--help"], ["find", "--help"]):
        with pytest.raises(SystemExit) as stopped:
            cli.main(arguments)
        assert stopped.value.code == 0
        assert "example:" in capsys.readouterr().out


def test_the_review_page_shows_images(capsys, data, tmp_path):
    pytest.importorskip("jinja2")
    np.save("images.npy", np.zeros((400, 4, 4, 3), "uint8"))
    page = str(tmp_path / "review.html")
    arguments = ["--labels", "y.npy", "--probs", "p.npy", "--report", page]
    images = ["--data", "images.npy", "--kind", "image"]
    names = ["--class-names", ",".join(inputs.NAMES)]
    report = found(capsys, *arguments, *images, *names)
    assert report["report"] == page
    told = read.payload(page)
    assert told["kind"] == "image" and told["classes"] == inputs.NAMES
    issues = confident_learning(*data)
    assert told["run"] == f"{issues.fingerprint}/4"
    assert len(told["samples"]) == issues.num_issues == len(told["suggested"])
    assert cli.main(["find", *arguments, "--overwrite", "--top", "0"]) == 0
    assert f"Open {page} in a browser" in capsys.readouterr().out
    assert read.payload(page)["samples"] is None


def test_the_review_page_shows_texts_and_lines(capsys, data, tmp_path):
    pytest.importorskip("jinja2")
    pytest.importorskip("pyarrow")
    lines = [f"line {i}\u2028" for i in range(400)]
    pathlib.Path("texts.txt").write_text("\n".join(lines), encoding="utf-8")
    page = str(tmp_path / "review.html")
    run = ["--trajectories", "run.npz", "--report", page]
    found(capsys, *run, "--data", "texts.txt")
    told = read.payload(page)
    assert told["samples"][0] == [lines[int(told["ids"][0])], 0]
    assert len(told["lines"]["cards"]) == len(told["samples"])
    table = inputs.frame(*data)
    table["text"] = ["", *lines[1:]]
    table.to_csv(tmp_path / "t.csv", index=False)
    table.to_parquet(tmp_path / "t.parquet")
    for name in ("t.csv", "t.parquet"):
        table = ["--table", str(tmp_path / name), "--prob-prefix", "p_"]
        page = str(tmp_path / f"{name}.html")
        text = ["--report", page, "--data-column", "text"]
        found(capsys, *table, *text)
        told = read.payload(page)
        shown = dict(zip(told["ids"], told["samples"], strict=True))
        assert shown["7"] == [lines[7], 0]
        assert shown["0"] in (None, ["", 0])
