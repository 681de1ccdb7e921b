import os
import subprocess
import sys

import pytest
from matplotlib.figure import Figure

from keras_robust.report import plot_gallery
from keras_robust.report import save_figure


def test_figure_or_axes_become_a_picture(tmp_path):
    figure = Figure(figsize=(2, 1))
    for name, drawn in (("a.png", figure), ("b.png", figure.subplots())):
        path = save_figure(drawn, tmp_path / name, dpi=50)
        assert path == tmp_path / name
        assert path.read_bytes().startswith(b"\x89PNG")
        width, height = path.read_bytes()[16:20], path.read_bytes()[20:24]
        assert (int.from_bytes(width), int.from_bytes(height)) == (100, 50)
    assert sorted(os.listdir(tmp_path)) == ["a.png", "b.png"]


@pytest.mark.parametrize(
    "name, start",
    [("a", b"\x89PNG"), ("a.PNG", b"\x89PNG"), ("a.pdf", b"%PDF")],
)
def test_suffix_says_what_is_written(tmp_path, name, start):
    path = save_figure(Figure(), str(tmp_path / name))
    assert path.name == name
    assert path.read_bytes().startswith(start)


def test_old_picture_survives_a_failure(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    figure = Figure()

    def savefig(file, **_):
        file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(figure, "savefig", savefig)
    with pytest.raises(KeyboardInterrupt):
        save_figure(figure, path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.png"]


def test_missing_folder_is_named(tmp_path):
    path = tmp_path / "none" / "a.png"
    with pytest.raises(OSError, match="existing, writable folder") as caught:
        save_figure(Figure(), path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "figure, name, message",
    [
        (None, "a.png", "Received: figure=None"),
        (Figure(), "a.txt", "suffix of `path` must be one of .*png"),
    ],
)
def test_wrong_arguments_are_refused(tmp_path, figure, name, message):
    with pytest.raises(ValueError, match=message):
        save_figure(figure, tmp_path / name)
    assert os.listdir(tmp_path) == []


def test_missing_matplotlib_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install 'keras-robust\[report"):
        plot_gallery([[[0.0]]], given=[0], suggested=[0])


def test_neither_pyplot_nor_the_backend_is_touched(tmp_path):
    code = """
import sys
import matplotlib.pyplot
from keras_robust.report import plot_gallery, save_figure
figure = plot_gallery([[[0.0, 1.0]]], given=[0], suggested=[1])
save_figure(figure, sys.argv[1])
assert matplotlib.pyplot.get_fignums() == []
assert matplotlib.get_backend() == "svg"
"""
    path = tmp_path / "a.png"
    subprocess.run(
        [sys.executable, "-c", code, str(path)],
        check=True,
        env={**os.environ, "MPLBACKEND": "svg"},
    )
    assert path.exists()
