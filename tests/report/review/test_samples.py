"""Samples of any kind and range reach the page, or a clear error says why."""

import io
import pathlib
import wave

import numpy as np
import pytest

from tests.report.review import read
from tests.report.review import suspects
from tests.report.review.written import new_folder
from tests.report.review.written import written

pytest.importorskip("jinja2")
Image = pytest.importorskip("PIL.Image")
RAMP = np.linspace(0, 1, 64).reshape(8, 8)


def shown(tmp_path, image, others=None):
    """Pixels of the first of four images, in [0, 1]."""
    others = [image] * 3 if others is None else others
    samples = written(tmp_path, [image, *others], "image")["samples"]
    return np.asarray(read.picture(samples[0])) / 255


@pytest.mark.parametrize(
    "image",
    [
        RAMP,
        RAMP.astype("float16"),
        RAMP[..., None],
        (RAMP * 255).round().astype("uint8"),
        (RAMP * 255).round().astype("int64"),
        (RAMP * 255).round(),
        RAMP * 6 - 3,
        (RAMP * 65535).astype("uint16"),
        (RAMP * 16).round().astype("int32"),
        RAMP[None],
    ],
)
def test_grey_images_of_any_range(tmp_path, image):
    pixels = shown(tmp_path, image)
    assert pixels.shape == (8, 8)
    np.testing.assert_allclose(pixels, RAMP, atol=0.04)


@pytest.mark.parametrize("channels", [3, 4])
def test_colours_first_or_last(tmp_path, channels):
    image = np.random.default_rng(0).random((8, 9, channels))
    for given in (image, np.moveaxis(image, 2, 0)):
        pixels = shown(new_folder(tmp_path), given)
        np.testing.assert_allclose(pixels, image, atol=0.003)


def test_one_range_for_all_that_is_shown(tmp_path):
    pixels = shown(tmp_path, RAMP * 2, [RAMP * 4, RAMP, RAMP * 1e9])
    np.testing.assert_allclose(pixels, RAMP / 2, atol=0.003)


def test_masks_and_numbers_that_are_not_finite(tmp_path):
    pixels = shown(new_folder(tmp_path), RAMP > 0.5)
    assert set(pixels.ravel()) == {0.0, 1.0}
    odd = RAMP.copy()
    odd[0, :3] = np.nan, np.inf, -np.inf
    path = suspects.build(4, 2).to_html(
        tmp_path / "odd.html", np.stack([odd, RAMP, odd, odd]), "image"
    )
    pixels = np.asarray(read.picture(read.payload(path)["samples"][0])) / 255
    np.testing.assert_allclose(pixels[1:], RAMP[1:], atol=0.003)
    assert (pixels[0, :3] == 0).all()
    assert (
        "1 images hold numbers that are not finite"
        in pathlib.Path(path).read_text()
    )
    nothing = shown(new_folder(tmp_path), np.full((3, 3), np.nan))
    assert (nothing == 0).all()


def test_large_images_are_made_small(tmp_path):
    image = np.random.default_rng(0).random((90, 300, 3))
    told = written(tmp_path, [image] * 4, "image", image_size=64)
    uri = told["samples"][0]
    assert uri.startswith("data:image/webp;base64,")
    assert read.picture(uri).size == (64, 19)


def test_pictures_and_their_files(tmp_path):
    picture = Image.fromarray((RAMP * 255).astype("uint8"))
    picture.convert("RGB").save(tmp_path / "a.png")
    clear = picture.convert("RGBA")
    told = written(
        tmp_path,
        lambda i: [tmp_path / "a.png", clear][i],
        "image",
    )
    modes = [read.picture(uri).mode for uri in told["samples"]]
    assert modes == ["RGB", "RGBA"]


@pytest.mark.parametrize("dtype", ["uint16", "int32", "float32"])
def test_pictures_of_more_than_8_bits(tmp_path, dtype):
    picture = Image.fromarray((RAMP * 4000).astype(dtype))
    pixels = shown(tmp_path, picture)
    np.testing.assert_allclose(pixels, RAMP, atol=0.003)


def test_large_arrays_become_small_pictures(tmp_path):
    ramp = np.repeat(np.repeat(RAMP, 250, axis=0), 200, axis=1)
    told = written(tmp_path, [ramp] * 4, "image", image_size=80)
    picture = read.picture(told["samples"][0])
    assert picture.size == (64, 80)
    pixels = np.asarray(picture.convert("L"))[5::10, 4::8] / 255
    np.testing.assert_allclose(pixels, RAMP, atol=0.05)


def test_missing_samples_are_shown_as_missing(tmp_path):
    pandas = pytest.importorskip("pandas")
    for number, missing in enumerate((None, float("nan"), pandas.NA)):
        told = written(new_folder(tmp_path), [missing, "b", "c", "d"], "text")
        assert told["samples"] == [None, ["b", 0]], number
    told = written(new_folder(tmp_path), [None] * 4, "tabular")
    assert told["samples"] == [None, None]


def test_texts_of_any_letters_and_length(tmp_path):
    strange = "</script><!-- \u2028 \x00 \ud800 🙂 \u202e 電"
    told = written(
        tmp_path, [strange, "x" * 100_000, "", ""], "text", text_length=500
    )
    assert told["samples"] == [[strange, 0], ["x" * 500, 99_500]]
    series = pytest.importorskip("pandas").Series(
        ["a", b"b\xff", "c", "d"], index=[9, 8, 7, 6]
    )
    told = written(new_folder(tmp_path), series, "text")
    assert told["samples"] == [["a", 0], ["b\ufffd", 0]]


class Tensor:
    """What a row of a tensor does."""

    def __init__(self, values):
        self.values, self.freed = np.asarray(values), False

    def __len__(self):
        return len(self.values)

    def __getitem__(self, position):
        return Tensor(self.values[position])

    def detach(self):
        return self

    def cpu(self):
        self.freed = True
        return self

    def __array__(self, dtype=None, copy=None):
        if not self.freed:
            raise TypeError("on a device")
        return self.values


@pytest.mark.parametrize(
    "kind, shape",
    [("image", (4, 8, 8)), ("tabular", (4, 3)), ("audio", (4, 9))],
)
def test_tensors_are_their_numbers(tmp_path, kind, shape):
    options = {"sampling_rate": 8} if kind == "audio" else {}
    array = np.random.default_rng(0).random(shape)
    told = written(new_folder(tmp_path), array, kind, **options)
    assert written(new_folder(tmp_path), Tensor(array), kind, **options) == told


@pytest.mark.parametrize(
    "sound, channels",
    [
        (np.sin(np.arange(800)), 1),
        ((np.sin(np.arange(800)) * 32767).astype("int16"), 1),
        ((np.sin(np.arange(800)) * 127 + 128).astype("uint8"), 1),
        (np.sin(np.arange(800))[:, None], 1),
        (np.sin(np.arange(800)) * [[1], [1]], 2),
        (np.sin(np.arange(800)) * 50, 1),
    ],
)
def test_sounds_become_wav_files(tmp_path, sound, channels):
    told = written(tmp_path, [sound] * 4, "audio", sampling_rate=100, seconds=5)
    uri, cut = told["samples"][0]
    assert cut == 3.0
    with wave.open(io.BytesIO(read.contents(uri))) as file:
        assert file.getnchannels() == channels
        assert (file.getframerate(), file.getnframes()) == (100, 500)
        waves = np.frombuffer(file.readframes(500), "<i2")[::channels]
    np.testing.assert_allclose(waves / 32767, np.sin(np.arange(500)), atol=0.02)


@pytest.mark.parametrize(
    "data, kind, options, message",
    [
        (np.zeros((4, 2, 2, 2)), "image", {}, r"id 100 .*shape=\(2, 2, 2\)"),
        ([np.zeros((0, 2))] * 4, "image", {}, r"id 100 .*shape \(0, 2\)"),
        ([3, 3, 3, 3], "image", {}, r"id 100 as .*shape=\(\)"),
        (np.zeros((4, 2, 2), complex), "image", {}, "dtype complex128"),
        ([[[1, 2], [3]]] * 4, "image", {}, "id 100 .*list of dtype object"),
        (np.zeros((3, 2, 2)), "image", {}, "ndarray of 3 samples, 4 ids"),
        ("abcd", "text", {}, "str of 4 samples, 4 ids"),
        (5, "text", {}, "int of no samples"),
        (set("abcd"), "text", {}, "set of 4 samples, 4 ids"),
        ([1, 2, 3, 4], "text", {}, "id 100 of type int"),
        (["a", "b", "c", "d"], "tabular", {}, "id 100 of type str"),
        ([[1], [1, 2], [1], [1]], "tabular", {}, "id 101 of 2 values, not 1"),
        ([{"a": 1}, {}] * 2, "tabular", {}, "id 101 without 'a'"),
        ([[1]] * 4, "tabular", {"feature_names": []}, "0 names, 1 columns"),
        ([[1]] * 4, "tabular", {"feature_names": {"a"}}, "a list in the order"),
        (np.zeros((4, 9)), "audio", {}, "sampling_rate=None"),
        (np.zeros((4, 9)), "audio", {"sampling_rate": 0}, "sampling_rate=0"),
        (
            np.zeros((4, 3, 3)),
            "audio",
            {"sampling_rate": 8},
            r"id 100 of shape \(3, 3\)",
        ),
        (
            np.zeros((4, 9)),
            "audio",
            {"sampling_rate": 8, "seconds": 0},
            "above 0. Received: seconds=0",
        ),
        (["a"] * 4, "video", {}, "image, text, tabular, audio. Rec.*'video'"),
        (["a"] * 4, None, {}, "Received: kind=None"),
        (None, "image", {}, "belongs to `data`"),
    ],
)
def test_samples_that_will_not_do(tmp_path, data, kind, options, message):
    with pytest.raises(ValueError, match=message):
        written(tmp_path, data, kind, **options)
    assert list(tmp_path.iterdir()) == []


def test_files_that_will_not_do(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_text("no image")
    with pytest.raises(ValueError, match="Cannot read the image of id 100"):
        written(tmp_path, [tmp_path / "a.png"] * 4, "image")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 9)
    Image.new("1", (8, 8)).save(tmp_path / "b.png")
    with pytest.raises(ValueError, match="image of id 100, .*64 pixels"):
        written(tmp_path, [tmp_path / "b.png"] * 4, "image")
    with pytest.raises(FileNotFoundError, match="none.png"):
        written(tmp_path, ["none.png"] * 4, "image")


def test_alpha_is_not_stretched(tmp_path):
    image = np.dstack([RAMP * 9, RAMP * 9, RAMP * 9, RAMP])
    pixels = shown(tmp_path, image)
    np.testing.assert_allclose(pixels, np.dstack([RAMP] * 4), atol=0.003)
