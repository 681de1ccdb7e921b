import json
import os
import sys
import warnings

import numpy as np
import pytest

from keras_robust.trajectories import Trajectories
from keras_robust.trajectories import arrays
from keras_robust.trajectories.store import Store
from tests.trajectories import runs

zarr = pytest.importorskip("zarr")


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "run.zarr")


@pytest.mark.parametrize("ids", [runs.IDS, np.array([9, 2**62, -5, 0])])
def test_round_trip(path, ids):
    store = runs.make(path, epochs=(0, 3, 4), ids=ids)
    assert store.epochs == [0, 3, 4]
    loaded = Trajectories.load(path)
    runs.assert_epochs(loaded, [0, 3, 4])
    assert loaded.ids.tolist() == ids.tolist()
    assert loaded.ids.dtype.kind == ids.dtype.kind
    assert loaded.given_label.tolist() == runs.LABELS.tolist()
    assert loaded.num_classes == 3
    assert list(loaded.signals) == list(runs.SIGNALS)
    assert loaded.counts.dtype == np.uint16


def test_no_warning_and_no_pickle(path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        runs.make(path)
        Trajectories.load(path)
    metadata = []
    for folder, _, names in os.walk(path):
        if "zarr.json" in names:
            with open(os.path.join(folder, "zarr.json")) as file:
                metadata.append(json.load(file))
    types = {m["data_type"] for m in metadata if m["node_type"] == "array"}
    assert types == {"float32", "uint16", "int64", "uint8"}


def test_any_zarr_reads_it(path):
    runs.make(path)
    group = zarr.open_group(path, mode="r")
    assert dict(group.attrs) == {
        "format": "keras_robust.trajectories",
        "version": 1,
    }
    margin = group["epochs/000001/signals/margin"]
    expected = runs.epoch_values(1)[0][0]
    np.testing.assert_array_equal(margin[...], expected)
    assert sorted(group["epochs"].group_keys()) == [
        "000000",
        "000001",
        "000002",
    ]


def test_several_chunks(path, monkeypatch):
    monkeypatch.setattr(arrays, "BLOCK", 100)
    labels = np.arange(250) % 3
    runs.make(path, (0, 1), np.arange(250), labels)
    margin = zarr.open_array(f"{path}/epochs/000001/signals/margin", mode="r")
    assert margin.chunks == (100,)
    runs.assert_epochs(Trajectories.load(path), [0, 1])


def test_every_nan_comes_back_to_the_bit(path):
    bits = np.array([0xFFC00000, 0x7FC00000, 0x7FC00001, 0xFF800000], "uint32")
    values = np.stack([bits.view("float32")] * 2)
    store = Store.create(path, runs.IDS, runs.LABELS, runs.SIGNALS)
    store.append(0, 3, values, np.zeros(4, "int64"))
    # All one NaN: a chunk that zarr would leave out.
    store.append(1, 3, np.full((2, 4), bits[:1].view("float32")[0]), [0] * 4)
    margin = Trajectories.load(path).signal("margin").view("uint32")
    assert margin.tolist() == [bits.tolist(), [0xFFC00000] * 4]


def test_nothing_lies_beside_it(path):
    runs.make(path)
    assert os.listdir(os.path.dirname(path)) == ["run.zarr"]
    assert sorted(os.listdir(path)) == [
        "committed.json",
        "epochs",
        "given_label",
        "ids",
        "zarr.json",
    ]


def test_a_finished_epoch_is_never_written_again(path):
    def files():
        return {
            os.path.join(folder, name): os.stat(
                os.path.join(folder, name)
            ).st_mtime_ns
            for folder, _, names in os.walk(path)
            for name in names
            if name != "committed.json"
        }

    store = runs.make(path)
    before = files()
    runs.append(store, 3)
    assert files().items() >= before.items()


def test_what_exists_is_not_overwritten(path, tmp_path):
    runs.make(path)
    (tmp_path / "file.zarr").write_text("mine")
    os.symlink("nowhere", tmp_path / "link.zarr")
    for name in ("run.zarr", "file.zarr", "link.zarr"):
        taken = str(tmp_path / name)
        with pytest.raises(ValueError, match="`resume=True`, or") as error:
            Store.create(taken, runs.IDS, runs.LABELS, runs.SIGNALS)
        assert str(error.value).endswith(f"Received: path={taken!r}")
    runs.assert_epochs(Trajectories.load(path), [0, 1, 2])


def test_resume_goes_on(path):
    store = Store.resume(path, runs.IDS, runs.LABELS, runs.SIGNALS)
    assert store.epochs == []
    runs.append(store, 0, 1)
    store = Store.resume(path, list(runs.IDS), runs.LABELS, runs.SIGNALS)
    assert store.epochs == [0, 1]
    runs.append(store, 2)
    runs.assert_epochs(Trajectories.load(path), [0, 1, 2])


def test_resume_takes_the_signals_in_another_order(path):
    runs.make(path, (0,))
    store = Store.resume(path, runs.IDS, runs.LABELS, runs.SIGNALS[::-1])
    values, counts = runs.epoch_values(1)
    store.append(1, 3, values[::-1], counts)
    runs.assert_epochs(Trajectories.load(path), [0, 1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ids": ["a"], "given_label": [0]}, "It has 4 samples, this data 1"),
        ({"ids": ["a", "b", "", "c"]}, r"Its ids\[1\] is 'bü', .* data 'b'"),
        ({"ids": [0, 1, 2, 3]}, r"Its ids\[0\] is 'a', that of this data 0"),
        ({"given_label": [0, 1, 1, 0]}, r"given_label\[2\] is 2, .* data 1"),
        ({"signals": ["margin"]}, r"\['margin', 'counts'\], .*\['margin'\]"),
    ],
)
def test_resume_refuses_another_run(path, change, message):
    runs.make(path)
    fields = {
        "ids": runs.IDS,
        "given_label": runs.LABELS,
        "signals": runs.SIGNALS,
        **change,
    }
    with pytest.raises(ValueError, match=message) as error:
        Store.resume(path, **fields)
    assert "The store is of another run: resume with" in str(error.value)


def test_forget_from_lets_epochs_be_repeated(path):
    store = runs.make(path, (0, 1, 2, 3))
    store.forget_from(9)
    assert store.epochs == [0, 1, 2, 3]
    store.forget_from(2)
    assert store.epochs == [0, 1]
    assert sorted(os.listdir(f"{path}/epochs")) == [
        "000000",
        "000001",
        "zarr.json",
    ]
    runs.append(store, 2)
    runs.assert_epochs(Trajectories.load(path), [0, 1, 2])
    store.forget_from(0)
    assert store.epochs == []


def test_two_handles_agree(path):
    one = runs.make(path)
    other = Store.resume(path, runs.IDS, runs.LABELS, runs.SIGNALS)
    runs.append(other, 3)
    assert one.epochs == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="up to 3: go on .*epoch=3$"):
        runs.append(one, 3)
    runs.assert_epochs(Trajectories.load(path), [0, 1, 2, 3])


VALUES = np.zeros((2, 4), "float32")
COUNTS = np.ones(4, "int64")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((2, 3, VALUES, COUNTS), "up to 2: .*forget_from.2.*epoch=2$"),
        ((-1, 3, VALUES, COUNTS), "integer of at least 0. Rec.*epoch=-1$"),
        ((True, 3, VALUES, COUNTS), "integer of at least 0. .*epoch=True$"),
        ((3.0, 3, VALUES, COUNTS), "integer of at least 0. .*epoch=3.0$"),
        ((3, 4, VALUES, COUNTS), "of 3 classes: .*num_classes=4$"),
        ((3, 1, VALUES, COUNTS), "at least 2. Received: num_classes=1"),
        ((3, 3, VALUES[:1], COUNTS), r"= \(2, 4\) .*\(1, 4\) and \(4,\)$"),
        ((3, 3, VALUES, COUNTS[:1]), r"\(2, 4\) and \(1,\)$"),
        ((3, 3, VALUES, COUNTS * 70_000), "65535.*values from 70000"),
        ((3, 3, VALUES * 1j, COUNTS), '"margin" must hold numbers.*complex'),
    ],
)
def test_append_refuses(path, arguments, message):
    store = runs.make(path)
    with pytest.raises(ValueError, match=message):
        store.append(*arguments)
    runs.assert_epochs(Trajectories.load(path), [0, 1, 2])


def test_labels_are_checked_when_the_classes_are_known(path):
    store = Store.create(path, [1, 2], [0, 5], ["margin"])
    with pytest.raises(ValueError, match=r"given_label\[1\]=5, num_cl.*=3"):
        store.append(0, 3, np.zeros((1, 2)), [1, 1])
    assert store.epochs == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ids": [1, 1]}, "`ids` must be unique"),
        ({"given_label": [0.5, 1]}, "`given_label` must hold .*float64"),
        ({"given_label": [0]}, r"`given_label` .*shape=\(1,\)"),
        ({"given_label": [0, -1]}, r"given_label\[1\]=-1"),
        ({"signals": []}, r"at least one. Received: signals=\[\]"),
        ({"signals": ["a", "a"]}, r"differ, .*signals=\['a', 'a'\]"),
        ({"signals": ["../a"]}, r"identifiers .*name='../a'"),
    ],
)
def test_create_refuses(path, change, message):
    fields = {"ids": [1, 2], "given_label": [0, 1], "signals": ["margin"]}
    for begin in (Store.create, Store.resume):
        with pytest.raises(ValueError, match=message):
            begin(path, **{**fields, **change})
    assert not os.path.exists(path)


def test_a_part_is_read(path):
    runs.make(path, (0, 1, 2, 5))
    part = Trajectories.load(path, epochs=slice(1, None), ids=["", "a"])
    whole = Trajectories.load(path).select(slice(1, None), ["", "a"])
    assert part.epochs.tolist() == [1, 2, 5]
    assert part.ids.tolist() == ["", "a"]
    assert part.given_label.tolist() == [2, 0]
    for name in runs.SIGNALS:
        np.testing.assert_array_equal(part.signals[name], whole.signals[name])
    np.testing.assert_array_equal(part.counts, whole.counts)
    with pytest.raises(ValueError, match="Epoch 3 was not recorded; there"):
        Trajectories.load(path, epochs=[2, 3])
    with pytest.raises(ValueError, match=r"not recorded. .*ids\[1\]='x'"):
        Trajectories.load(path, ids=["a", "x"])


def test_a_store_without_an_epoch(path):
    Store.create(path, runs.IDS, runs.LABELS, runs.SIGNALS)
    with pytest.raises(ValueError, match="no finished epoch: .*run.zarr'$"):
        Trajectories.load(path)


def test_a_missing_store(path):
    for opener in (Trajectories.load, Store.open):
        with pytest.raises(FileNotFoundError, match="run.zarr"):
            opener(path)


def test_zarr_is_missing(path, monkeypatch):
    runs.make(path)
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(ImportError, match=r"pip install 'keras-robust\[sto"):
        Trajectories.load(path)
    with pytest.raises(ImportError, match=r"pip install 'keras-robust\[sto"):
        Store.create(path + "2", runs.IDS, runs.LABELS, runs.SIGNALS)
