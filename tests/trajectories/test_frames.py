import os
import sys

import numpy as np
import pytest

from keras_robust.trajectories import Trajectories

pandas = pytest.importorskip("pandas")
parquet = pytest.importorskip("pyarrow.parquet")

NAN = np.nan


def build(ids=("a", "bü", ""), **changes):
    fields = {
        "epochs": [2, 5],
        "signals": {
            "margin": [[1, NAN, 3], [4, 5, np.inf]],
            "predicted": [[0, 1, 2], [2, 1, 0]],
        },
        "given_label": [0, 1, 2],
        "num_classes": 3,
        "counts": [[1, 0, 2], [1, 1, 1]],
    }
    return Trajectories(ids=ids, **{**fields, **changes})


def parquet_frame(trajectories, tmp_path):
    trajectories.to_parquet(tmp_path / "run.parquet")
    return pandas.read_parquet(tmp_path / "run.parquet")


@pytest.fixture(params=["frame", "parquet"])
def table(request, tmp_path):
    if request.param == "frame":
        return Trajectories.to_frame
    return lambda trajectories: parquet_frame(trajectories, tmp_path)


def test_one_row_an_epoch_and_sample(table):
    frame = table(build())
    columns = "epoch", "id", "given_label", "count", "margin", "predicted"
    assert tuple(frame.columns) == columns
    assert frame["epoch"].tolist() == [2, 2, 2, 5, 5, 5]
    assert frame["id"].tolist() == ["a", "bü", ""] * 2
    assert frame["given_label"].tolist() == [0, 1, 2] * 2
    assert frame["count"].tolist() == [1, 0, 2, 1, 1, 1]
    expected = [1, NAN, 3, 4, 5, np.inf]
    np.testing.assert_array_equal(frame["margin"], expected)
    assert frame["predicted"].tolist() == [0, 1, 2, 2, 1, 0]


def test_types(table):
    types = table(build(ids=[5, 3, 9])).dtypes
    assert [str(kind) for kind in types] == [
        "int64",
        "int64",
        "int64",
        "uint16",
        "float32",
        "float32",
    ]


def test_no_count_where_not_counted(table):
    assert "count" not in table(build(counts=None)).columns


@pytest.mark.parametrize("name", ["epoch", "id", "given_label", "count"])
def test_a_signal_called_as_a_column(name, tmp_path):
    t = build(signals={name: np.zeros((2, 3))})
    message = rf"the column '{name}' already.*signals=\['{name}'\]"
    with pytest.raises(ValueError, match=message):
        t.to_frame()
    with pytest.raises(ValueError, match=message):
        t.to_parquet(tmp_path / "run.parquet")
    assert os.listdir(tmp_path) == []


def test_a_row_group_is_an_epoch(tmp_path):
    ids = np.arange(1_100_000)
    t = Trajectories(
        ids, [2, 5], {"margin": np.zeros((2, ids.size))}, ids % 2, 2
    )
    t.to_parquet(tmp_path / "run.parquet")
    file = parquet.ParquetFile(tmp_path / "run.parquet")
    assert file.num_row_groups == 2
    assert file.read_row_group(1)["epoch"].unique().to_pylist() == [5]


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "run.parquet"
    build().to_parquet(path)
    before = path.read_bytes()

    def full_disk(self, *args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(parquet.ParquetWriter, "write_table", full_disk)
    with pytest.raises(OSError, match="Cannot write the table; .*No space"):
        build().to_parquet(path)
    assert os.listdir(tmp_path) == ["run.parquet"]
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    path = tmp_path / "missing" / "run.parquet"
    with pytest.raises(OSError, match="choose a path in an exist") as error:
        build().to_parquet(path)
    assert error.value.filename == str(path)


@pytest.mark.parametrize(
    ("module", "method", "arguments"),
    [("pandas", "to_frame", ()), ("pyarrow", "to_parquet", ("run.parquet",))],
)
def test_a_missing_package(monkeypatch, module, method, arguments):
    monkeypatch.setitem(sys.modules, module, None)
    message = rf"`{method}` needs {module}.*pip install 'keras-robust\[store\]'"
    with pytest.raises(ImportError, match=message):
        getattr(build(), method)(*arguments)
