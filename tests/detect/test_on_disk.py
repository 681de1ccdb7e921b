"""Label issues of a store, without loading it: the same as from memory."""

import numpy as np
import pytest

from keras_robust.detect import available_scores
from keras_robust.detect import estimate_noise_rate
from keras_robust.detect import find_label_issues
from keras_robust.trajectories import Trajectories
from keras_robust.trajectories import arrays
from keras_robust.trajectories import blocks
from keras_robust.trajectories.store import Store
from tests.detect.samples import noisy

pytest.importorskip("zarr")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    trajectories, _ = noisy(num_samples=50, num_epochs=5)
    trajectories.signals["margin"][:, 3] = np.nan
    path = tmp_path_factory.mktemp("run") / "run.zarr"
    names = list(trajectories.signals)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrays, "BLOCK", 16)
        store = Store.create(
            path, trajectories.ids, trajectories.given_label, names
        )
        for epoch in range(5):
            values = [trajectories.signals[name][epoch] for name in names]
            store.append(epoch, 4, np.stack(values), np.ones(50, int))
    return path, trajectories


@pytest.mark.filterwarnings("ignore:1 of 50 samples", "ignore:Do not trust")
@pytest.mark.parametrize("score", available_scores())
def test_it_equals_what_is_found_in_memory(saved, score, monkeypatch):
    path, trajectories = saved
    monkeypatch.setattr(arrays, "BLOCK", 16)
    monkeypatch.setattr(blocks, "BLOCK", 7)
    found = find_label_issues(str(path), score)
    wanted = find_label_issues(trajectories, score)
    for name in (
        "ids",
        "is_label_issue",
        "label_quality",
        "given_label",
        "predicted_label",
        "suggested_label",
        "evidence",
        "wrong_probability",
    ):
        np.testing.assert_array_equal(
            getattr(found, name), getattr(wanted, name), err_msg=name
        )
    assert found.num_classes == 4


@pytest.mark.filterwarnings("ignore:1 of 50 samples")
def test_only_a_block_is_in_memory_at_a_time(saved, monkeypatch):
    path, _ = saved
    monkeypatch.setattr(arrays, "BLOCK", 16)
    read, rows = [], arrays.read_rows

    def counted(opened, start, stop, checksum=0):
        read.append((opened[0], stop - start))
        return rows(opened, start, stop, checksum)

    monkeypatch.setattr(arrays, "read_rows", counted)
    find_label_issues(path, "aum")
    of_signals = [size for name, size in read if "signals/" in name]
    # Of five epochs the margin, and then what was predicted.
    assert max(of_signals) == 16
    assert sum(of_signals) == 2 * 5 * 50
    assert not [name for name, _ in read if "entropy" in name]


@pytest.mark.filterwarnings("ignore:1 of 50 samples")
def test_a_file_and_a_rate(saved, tmp_path):
    path, trajectories = saved
    file = tmp_path / "run.npz"
    trajectories.save(file)
    found = find_label_issues(file, "aum")
    wanted = find_label_issues(trajectories, "aum")
    np.testing.assert_array_equal(found.evidence, wanted.evidence)
    rate = estimate_noise_rate(trajectories)
    assert estimate_noise_rate(path) == estimate_noise_rate(file) == rate


def test_what_was_changed_on_disk_is_told(saved, tmp_path):
    _, trajectories = saved
    path = tmp_path / "run.zarr"
    store = Store.create(
        path, trajectories.ids, trajectories.given_label, ["margin"]
    )
    values = trajectories.signals["margin"]
    store.append(0, 4, values[:1], np.ones(50, int))
    zarr = arrays.import_zarr()
    group = zarr.open_group(path, mode="r+")
    group["epochs/000000/signals/margin"][7] = 1e9
    with pytest.raises(ValueError, match="margin is not what was written"):
        find_label_issues(path, "aum")


def test_what_is_not_there(saved, tmp_path):
    path, trajectories = saved
    with pytest.raises(FileNotFoundError):
        find_label_issues(tmp_path / "none.zarr", "aum")
    with pytest.raises(ValueError, match="the store is damaged or was not"):
        find_label_issues(tmp_path, "aum")
    store = Store.create(tmp_path / "new.zarr", [1, 2], [0, 1], ["margin"])
    with pytest.raises(ValueError, match="holds no finished epoch"):
        find_label_issues(store.path, "aum")
    store.append(0, 2, np.zeros((1, 2), "f4"), [1, 1])
    with pytest.raises(ValueError, match=r"LossTrajectory\(.*cross_entropy"):
        find_label_issues(store.path, "mean_cross_entropy")
    # Nothing was predicted, as far as is known.
    assert (find_label_issues(store.path, "aum").predicted_label == -1).all()


def test_blocks_of_trajectories_share_their_memory():
    trajectories, _ = noisy(num_samples=5)
    [(start, part)] = trajectories.blocks(["margin"])
    assert (start, len(part), list(part.signals)) == (0, 5, ["margin"])
    assert np.shares_memory(
        part.signal("margin"), trajectories.signal("margin")
    )
    assert isinstance(part, Trajectories) and "5 samples" in repr(part)
    with pytest.raises(ValueError, match="was not recorded"):
        trajectories.blocks(["loss"])
