"""What `keras-robust find` cannot read: status 2, one line, nothing written."""

import os
import pathlib
import pickle
import re

import numpy as np
import pytest

from keras_robust import cli

NAN = np.nan
PAGE = ["--report", "r.html"]
FILES = ["--labels", "y.npy", "--probs", "p.npy"]


def refused(capsys, *arguments):
    """The line that is said, after checking that it is one."""
    before = sorted(os.listdir())
    assert cli.main(["find", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("keras-robust: ")
    assert captured.err.count("\n") == 1
    assert sorted(os.listdir()) == before
    return captured.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Give one input: .* Received: none"),
        (
            ["--labels", "no.npy", "--probs", "p.npy", "--output", "o.csv"],
            "^keras-robust: There is no such file: --labels no.npy\n$",
        ),
        (["--labels", "y.npy"], "--labels and --probs belong together"),
        (["--probs", "p.npy"], "--labels and --probs belong together"),
        ([*FILES, "--table", "t.csv"], "Received: --table, --labels"),
        ([*FILES, "--split", "gmm"], "--split has no place beside --labels"),
        ([*FILES, "--report", "r.txt"], "--report must end in .html.*r.txt"),
        ([*FILES, "--report", "no/r.html"], "folder of --report is not there"),
        ([*FILES, "--data", "y.npy"], "--data belongs to --report"),
        ([*FILES, *PAGE, "--kind", "image"], "--kind belongs to --data"),
        ([*FILES, *PAGE, "--data", "no.npy"], "no such file: --data no.npy"),
        (
            [*FILES, *PAGE, "--data", "p.npy"],
            "--data needs --kind, one of image",
        ),
        (
            [*FILES, *PAGE, "--data", "p.npy", "--kind", "audio"],
            "--kind audio and --sampling-rate belong together",
        ),
        (
            [*FILES, *PAGE, "--data", "p.npy", "--kind", "image"],
            r"Cannot show id .* an image; .*shape=\(4,\)",
        ),
        (
            [*FILES, *PAGE, "--data", "names.txt", "--kind", "image"],
            "a text a line. Received: --kind image",
        ),
        ([*FILES, *PAGE, "--data", "names.txt"], "list of 4 samples, 400 ids"),
        (
            [*FILES, *PAGE, "--data", "run.npz", "--kind", "image"],
            "--data must be a .npy file of numbers",
        ),
        ([*FILES, *PAGE, "--data-column", "x"], "a column of --table, alone"),
        (
            ["--trajectories", "run.npz", "--filter-by", "both"],
            "--filter-by has no place beside --trajectories",
        ),
        ([*FILES, "--prob-prefix", "p_"], "--prob-prefix has no place"),
        (["--trajectories", "no.npz"], "no such file: --trajectories no.npz"),
        (["--trajectories", "no.zarr"], "no such file: .* no.zarr"),
        (["--trajectories", "y.npy"], "Cannot read trajectories"),
        (["--trajectories", "run.npz", "--score", "amu"], 'mean "aum"'),
        (["--trajectories", "run.npz", "--split", "x"], "Unknown split"),
        ([*FILES, "--filter-by", "all"], "`filter_by` must be one of"),
        ([*FILES, "--top", "-1"], "--top must be at least 0"),
        ([*FILES, "--fail-above", "5"], "between 0 and 1. Received: 5.0"),
        ([*FILES, "--fail-above", "nan"], "between 0 and 1. Received: nan"),
        ([*FILES, "--overwrite"], "--overwrite belongs to --output"),
        ([*FILES, "--output", "x.txt"], "must end in .csv or .parquet"),
        ([*FILES, "--output", "no/x.csv"], "folder of --output is not there"),
        ([*FILES, "--class-names", "a,b"], "2 names, 4 classes"),
        ([*FILES, "--class-names", "a,b,a,c"], "differ.*Received: 'a'"),
        ([*FILES, "--class-names", "no.txt"], "No such file.*no.txt"),
        (
            ["--trajectories", "run.npz", "--class-names", "a"],
            "1 names, 4 classes",
        ),
        (["--labels", "names.npy", "--probs", "p.npy"], "--class-names gives"),
        (
            [*("--labels", "names.npy", "--probs", "p.npy")]
            + ["--class-names", "cat,dog,frog,cow"],
            r"class names. Received: 'owl' in row \d+ \(names: cat, dog",
        ),
    ],
)
def test_options_that_will_not_do(capsys, arguments, said):
    line = refused(capsys, *arguments)
    assert re.search(said, line), line


def rows(given, probs):
    """Bad labels and probabilities, and what is said of them."""
    ok = probs[:3]
    late = probs.copy()
    late[7, 2] = NAN
    logits = np.log(probs) * 10
    odd = given.copy()
    odd[9] = 4
    return {
        "wrong N": (given, ok, "one row for each label"),
        "wrong K": (odd, probs, r"labels\[9\]=4"),
        "negative": (given - 1, probs, r"labels\[\d+\]=-1"),
        "floats": (given * 1.0, probs, "integer dtype"),
        "one-hot": (np.eye(4, dtype=int)[given], probs, "One-hot"),
        "NaN": (given, late, r"\[7"),
        "logits": (given, logits, r"\[0"),
        "text": (given, probs.astype(str), "Received"),
        "one axis": (given, probs[:, 0], "shape"),
        "nothing": (given[:0], probs[:0], "Received"),
        "scalar": (np.array(3), probs, "Received"),
        "booleans": (given > 1, probs, "integer dtype"),
    }


@pytest.mark.parametrize(
    "kind", list(rows(np.zeros(12, int), np.ones((12, 4))))
)
def test_arrays_that_will_not_do(capsys, data, tmp_path, kind):
    labels, probs, said = rows(*data)[kind]
    np.save(tmp_path / "y.npy", labels)
    np.save(tmp_path / "p.npy", probs)
    line = refused(
        *(capsys, "--labels", str(tmp_path / "y.npy")),
        *("--probs", str(tmp_path / "p.npy"), "--output", "o.csv"),
    )
    assert re.search(said, line), line


class Trap:
    def __reduce__(self):
        return (os.mkdir, ("sprung",))


@pytest.mark.parametrize("kind", ["objects", "pickle", "empty", "text", "cut"])
def test_files_that_are_no_arrays(capsys, data, tmp_path, kind):
    path = tmp_path / "bad.npy"
    if kind == "objects":
        np.save(path, np.array([Trap()], object), allow_pickle=True)
    elif kind == "pickle":
        path.write_bytes(pickle.dumps(Trap()))
    elif kind == "cut":
        path.write_bytes(pathlib.Path("y.npy").read_bytes()[:-100])
    else:
        path.write_text("" if kind == "empty" else "0\n1\n2\n")
    line = refused(capsys, "--labels", str(path), "--probs", "p.npy")
    assert "--labels must be a .npy file of numbers" in line
    line = refused(capsys, "--labels", "y.npy", "--probs", "run.npz")
    assert "--probs must be a .npy file of numbers" in line
    assert not os.path.exists("sprung")


TABLE = "file,label,p_cat,p_dog\na,cat,0.9,0.1\nb,dog,0.2,0.8\n"


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        (TABLE, [], "one of --prob-columns and --prob-prefix"),
        (TABLE, ["--prob-prefix", "q_"], "Fewer than two columns begin"),
        (TABLE, ["--prob-columns", "p_cat,p_owl"], "no column 'p_owl'"),
        (TABLE, ["--prob-columns", "p_cat"], "two columns at least"),
        (TABLE, ["--prob-columns", "p_cat,p_cat"], "two columns at least"),
        (TABLE, ["--prob-columns", "label,p_cat"], "neither label nor id"),
        (TABLE, ["--prob-prefix", "p_", "--id-column", "x"], "no column 'x'"),
        (TABLE, ["--prob-prefix", "p_", "--label-column", "y"], "column 'y'"),
        (
            TABLE,
            ["--prob-prefix", "p_", "--class-names", "a,b,c"],
            "3 names, 2 classes",
        ),
        (TABLE + "c,cow,0.5,0.5\n", ["--prob-prefix", "p_"], "'cow' in row 2"),
        (TABLE + "c,1,0.5,0.5\n", ["--prob-prefix", "p_"], "'1' in row 2"),
        (TABLE + "c,,0.5,0.5\n", ["--prob-prefix", "p_"], "of row 2 .*missing"),
        (
            TABLE + "c,cat,0.5,x\n",
            ["--prob-prefix", "p_"],
            "'x' in column 'p_dog', row 2",
        ),
        (
            TABLE + "c,cat,0.5,\n",
            ["--prob-prefix", "p_"],
            "'' in column 'p_dog', row 2",
        ),
        (TABLE + "c,cat,0.5,0.9\n", ["--prob-prefix", "p_"], r"\[2"),
        (
            TABLE + "a,cat,1,0\n",
            ["--prob-prefix", "p_", "--id-column", "file"],
            "`ids` must be unique.*'a'",
        ),
        (TABLE + "1,2,3,4,5\n", ["--prob-prefix", "p_"], "Cannot read the tab"),
        (
            "label,p_cat,p_dog\n0,cat,0.9,0.1\n1,dog,0.2,0.8\n",
            ["--prob-prefix", "p_"],
            "more fields than its first line has names",
        ),
        ("file,label,p_cat,p_dog\n", ["--prob-prefix", "p_"], "no rows"),
        ("", ["--prob-prefix", "p_"], "Cannot read the table"),
        (
            "label,p_1,p_2\n1,0.5,0.5\n",
            ["--prob-prefix", "p_"],
            "those of the classes, 0 to 1",
        ),
        (b"\xff\xfe\x00\x01", ["--prob-prefix", "p_"], "not UTF-8 text"),
    ],
)
def test_tables_that_will_not_do(capsys, tmp_path, text, arguments, said):
    pytest.importorskip("pandas")
    path = tmp_path / "t.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    line = refused(capsys, "--table", str(path), *arguments)
    assert re.search(said, line), line


def test_a_wrong_name_does_not_wait_for_the_table(capsys):
    line = refused(
        *(capsys, "--table", "no.csv", "--prob-prefix", "p_"),
        *("--filter-by", "all"),
    )
    assert "`filter_by` must be one of" in line


def test_parquet_that_is_none_and_tables_that_are_not_there(capsys, tmp_path):
    pytest.importorskip("pyarrow")
    path = tmp_path / "t.parquet"
    path.write_text(TABLE)
    line = refused(capsys, "--table", str(path), "--prob-prefix", "p_")
    assert "Cannot read the table" in line
    line = refused(capsys, "--table", "no.csv", "--prob-prefix", "p_")
    assert "There is no such file: --table no.csv" in line


def test_what_is_read_is_not_replaced(capsys, data, tmp_path):
    pytest.importorskip("pandas")
    path = tmp_path / "t.csv"
    path.write_text(TABLE)
    line = refused(
        *(capsys, "--table", str(path), "--prob-prefix", "p_"),
        *("--output", str(path), "--overwrite"),
    )
    assert "would replace the file that is read" in line
    assert path.read_text() == TABLE


def test_packages_that_only_some_files_need(capsys, tmp_path, monkeypatch):
    there = __import__("importlib").util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec",
        lambda name, *a: None if name == "pandas" else there(name, *a),
    )
    (tmp_path / "t.csv").write_text(TABLE)
    table = str(tmp_path / "t.csv")
    for arguments in (
        ["--table", table, "--prob-prefix", "p_"],
        [*FILES, "--output", "o.parquet"],
    ):
        line = refused(capsys, *arguments)
        assert "needs pandas. Install it with: pip install" in line


OF_TABLE = ["--table", "t.csv", "--prob-prefix", "p_"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (OF_TABLE, "not UTF-8 text.* Received: --table t.csv"),
        ([*FILES, "--class-names", "l.txt"], "Received: --class-names l.txt"),
        ([*FILES, *PAGE, "--data", "l.txt"], "Received: --data l.txt"),
    ],
)
def test_text_of_another_encoding(capsys, arguments, said):
    pytest.importorskip("pandas")
    pathlib.Path("t.csv").write_bytes(b"label,p_a,p_b\ncaf\xe9,0.5,0.5\n")
    pathlib.Path("l.txt").write_bytes(b"caf\xe9\nb\nc\nd\n")
    assert re.search(said, refused(capsys, *arguments))


def test_class_names_in_another_order_than_the_columns(capsys):
    pytest.importorskip("pandas")
    pathlib.Path("t.csv").write_text("label,p_a,p_b\na,0.9,0.1\nb,0.2,0.8\n")
    line = refused(capsys, *OF_TABLE, "--class-names", "b,a")
    assert "order of the columns. Received: 'b' for the column of 'a'" in line
    assert cli.main(["find", *OF_TABLE, "--class-names", "a,b"]) == 0
