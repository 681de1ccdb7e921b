"""Event files, read back by TensorBoard itself."""

import io
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest

import keras_robust as kr
from keras_robust.report import write_tensorboard
from keras_robust.report.event_file import EventFile
from tests.detect.samples import noisy

pytest.importorskip("tensorboard")

RUN, TRUE = noisy(num_samples=60, num_epochs=3)
HOW = {"score": "aum", "split": "gmm"}
ISSUES = kr.detect.find_label_issues(RUN, **HOW)
IMAGES = np.random.default_rng(0).random((60, 4, 4))


def read(path):
    """What TensorBoard makes of the file: scalars, histograms, images."""
    from tensorboard.backend.event_processing import event_accumulator
    from tensorboard.util import tensor_util

    found = event_accumulator.EventAccumulator(
        str(path), size_guidance={"tensors": 0}
    ).Reload()
    kinds = {"scalars": {}, "histograms": {}, "images": {}}
    for tag in found.Tags()["tensors"]:
        data = found.SummaryMetadata(tag).plugin_data
        for event in found.Tensors(tag):
            value = tensor_util.make_ndarray(event.tensor_proto)
            kinds[data.plugin_name].setdefault(tag, {})[event.step] = value
    for tag in found.Tags()["images"]:
        kinds["images"][tag] = {
            event.step: event for event in found.Images(tag)
        }
    return kinds


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    return read(
        write_tensorboard(folder, RUN, ISSUES, IMAGES, list("abcd"), k=4)
    )


def test_means_of_groups_are_scalars(written):
    margin, mask = RUN.signals["margin"], ISSUES.is_label_issue
    for group, members in (
        ("all", slice(None)),
        ("suspects", mask),
        ("others", ~mask),
    ):
        found = written["scalars"][f"mean_margin/{group}"]
        assert sorted(found) == [0, 1, 2]
        for epoch, value in found.items():
            assert value == pytest.approx(margin[epoch][members].mean(), 1e-5)
    assert written["scalars"]["coverage"][2] == 1
    flagged = written["scalars"]["label_issues/flagged"]
    assert flagged == {2: ISSUES.num_issues}
    assert not [tag for tag in written["scalars"] if "predicted" in tag]


def test_losses_of_all_samples_are_histograms(written):
    loss = RUN.signals["cross_entropy"]
    buckets = written["histograms"]["cross_entropy/all"]
    for epoch, rows in buckets.items():
        left, right, count = rows.T
        assert count.sum() == 60
        assert left[0] == pytest.approx(loss[epoch].min())
        assert right[-1] == pytest.approx(loss[epoch].max())
    suspects = written["histograms"]["cross_entropy/suspects"][2]
    assert suspects[:, 2].sum() == ISSUES.num_issues


def test_suspects_and_plots_are_pictures(written):
    from PIL import Image

    assert sorted(written["images"]) == [
        "label_issues/classes",
        "label_issues/given_and_suggested",
        "label_issues/quality",
        "label_issues/suspects",
    ]
    for pictures in written["images"].values():
        found = pictures[2]
        picture = Image.open(io.BytesIO(found.encoded_image_string))
        assert picture.size == (found.width, found.height)


def test_samples_not_seen_and_numbers_not_finite_are_left_out(tmp_path):
    values = np.array([[1.0, np.nan, 3.0], [np.nan] * 3, [1.0, np.inf, 2.0]])
    run = kr.trajectories.Trajectories(
        [1, 2, 3], [0, 1, 2], {"margin": values}, [0, 1, 0], 2
    )
    found = read(write_tensorboard(tmp_path, run))
    assert found["scalars"]["mean_margin/all"] == {0: 2.0}
    histograms = found["histograms"]["margin/all"]
    assert {e: h[:, 2].sum() for e, h in histograms.items()} == {0: 2, 2: 2}
    assert found["scalars"]["coverage"][1] == 0
    assert found["images"] == {}


def test_nothing_that_is_there_is_changed(tmp_path):
    first = write_tensorboard(tmp_path / "new", RUN)
    before = pathlib.Path(first).read_bytes()
    second = write_tensorboard(tmp_path / "new", RUN)
    assert first != second
    assert pathlib.Path(first).read_bytes() == before


@pytest.mark.parametrize("suffix", ["npz", "zarr"])
def test_a_path_will_do(tmp_path, suffix):
    path = tmp_path / f"run.{suffix}"
    if suffix == "npz":
        RUN.save(path)
    else:
        pytest.importorskip("zarr")
        model, tracker = small_run(store=path)
        model.fit(tracker.track(*DATA), verbose=0, callbacks=[tracker])
    found = read(write_tensorboard(tmp_path / "logs", path))
    assert "cross_entropy/all" in found["histograms"]


@pytest.mark.parametrize(
    "options, message",
    [
        ({"issues": "flags"}, "must be LabelIssues. Received: str"),
        ({"issues": ISSUES.filter(flagged=True)}, r"shape \(60,\)"),
        ({"images": IMAGES}, "they need `issues`"),
        ({"issues": ISSUES, "images": IMAGES[:5]}, "5 images, 60 samples"),
        ({"issues": ISSUES, "class_names": ["a"]}, "must name all 4"),
        ({"issues": ISSUES, "images": IMAGES, "k": 0}, "Received: k=0"),
        ({"issues": ISSUES, "images": IMAGES, "k": 201}, "Received: k=201"),
    ],
)
def test_wrong_arguments_are_refused_before_writing(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        write_tensorboard(tmp_path, RUN, **options)
    assert not list(tmp_path.iterdir())


def test_missing_tensorboard_names_the_extra(monkeypatch, tmp_path):
    name = "tensorboard.summary.writer.record_writer"
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=r"'keras-robust\[tensorboard\]'"):
        EventFile(tmp_path)


def test_no_other_framework_is_loaded(tmp_path):
    # By itself: Keras loads some.
    code = """
import runpy
import sys
EventFile = runpy.run_path(sys.argv[1])["EventFile"]
with EventFile(sys.argv[2]) as file:
    file.scalar("a", 1.0, 0)
    file.histogram("b", [1.0, 2.0], 0)
assert "tensorboard" in sys.modules
assert not {"tensorflow", "torch", "jax", "keras"} & set(sys.modules)
"""
    source = sys.modules[EventFile.__module__].__file__
    subprocess.run(
        [sys.executable, "-c", code, source, str(tmp_path)], check=True
    )


X = np.eye(4, dtype="float32")[np.arange(24) % 4]
DATA = X, np.arange(24) % 3


def small_run(**options):
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(3, activation="softmax")]
    )
    model.compile("adam", loss="sparse_categorical_crossentropy")
    return model, kr.callbacks.LossTrajectory(**options)


def test_a_running_fit_is_shown_epoch_by_epoch(tmp_path):
    model, tracker = small_run()
    board = kr.report.TrajectoryTensorBoard(
        tracker, tmp_path, images=IMAGES[:24], k=3, **HOW
    )
    seen = []
    watch = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(
            len(read(board.path)["scalars"]["mean_margin/all"])
        )
    )
    data = tracker.track(*DATA, batch_size=24)
    options = {"verbose": 0, "callbacks": [tracker, board, watch]}
    model.fit(data, epochs=2, **options)
    assert seen == [1, 2]
    first = read(board.path)
    mean = tracker.trajectories.signals["margin"][1].mean()
    assert first["scalars"]["mean_margin/all"][1] == pytest.approx(mean, 1e-5)
    assert "label_issues/suspects" in first["images"]
    # A second fit goes on in a file of its own.
    model.fit(data, epochs=1, **options)
    assert len(list(tmp_path.iterdir())) == 2
    assert list(read(board.path)["scalars"]["mean_margin/all"]) == [2]


def test_an_unfinished_fit_leaves_a_readable_file(tmp_path):
    model, tracker = small_run()
    board = kr.report.TrajectoryTensorBoard(tracker, tmp_path, **HOW)

    def stop(epoch, logs):
        raise KeyboardInterrupt

    stopping = keras.callbacks.LambdaCallback(on_epoch_end=stop)
    with pytest.raises(KeyboardInterrupt):
        model.fit(
            tracker.track(*DATA, batch_size=24),
            verbose=0,
            callbacks=[tracker, board, stopping],
        )
    assert list(read(board.path)["scalars"]["mean_margin/all"]) == [0]


def test_the_tracker_stands_before_it(tmp_path):
    model, tracker = small_run()
    board = kr.report.TrajectoryTensorBoard(tracker, tmp_path, **HOW)
    with pytest.raises(ValueError, match="must stand before it"):
        model.fit(tracker.track(*DATA), verbose=0, callbacks=[board, tracker])


def test_images_of_other_samples_are_refused_before_training(tmp_path):
    model, tracker = small_run()
    board = kr.report.TrajectoryTensorBoard(tracker, tmp_path, images=IMAGES)
    with pytest.raises(ValueError, match="60 images, 24 samples"):
        model.fit(tracker.track(*DATA), verbose=0, callbacks=[tracker, board])
    with pytest.raises(ValueError, match="does not record: entropy"):
        kr.report.TrajectoryTensorBoard(tracker, tmp_path, score="entropy")
    with pytest.raises(ValueError, match="Received: k=0"):
        kr.report.TrajectoryTensorBoard(tracker, tmp_path, k=0)
    with pytest.raises(ValueError, match="must be the LossTrajectory"):
        kr.report.TrajectoryTensorBoard(None, tmp_path)
