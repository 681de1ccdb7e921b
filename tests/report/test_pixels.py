import numpy as np
import pytest

from keras_robust.report import pixels

RAMP = np.linspace(0, 1, 12).reshape(3, 4)


def shown(images, positions=(0,)):
    return pixels.pictures(images, np.array(positions))


@pytest.mark.parametrize(
    "images",
    [
        RAMP[None],
        RAMP[None].astype("float16"),
        255 * RAMP[None],
        np.round(255 * RAMP[None]).astype("uint8"),
        np.round(60_000 * RAMP[None]).astype("uint16"),
        np.round(16 * RAMP[None]).astype("int64"),
        2 * RAMP[None] - 1,
        1e38 * (2 * RAMP[None] - 1).astype("float32"),
    ],
)
def test_any_range_becomes_the_same_shades(images):
    (picture,) = shown(images)
    assert picture.dtype == np.float32
    np.testing.assert_allclose(picture, RAMP, atol=0.04)


def test_yes_and_no_are_white_and_black():
    (picture,) = shown(RAMP[None] > 0.5)
    np.testing.assert_array_equal(picture, RAMP > 0.5)


def test_what_is_not_finite_neither_spoils_the_range_nor_the_picture():
    image = 7.0 * RAMP
    image[0, :3] = np.nan, np.inf, -np.inf
    (picture,) = shown(image[None])
    np.testing.assert_array_equal(picture[0, :3], 0)
    assert picture.max() == 1 and np.isfinite(picture).all()
    (empty,) = shown(np.full((1, 2, 2), np.nan))
    np.testing.assert_array_equal(empty, 0)


@pytest.mark.parametrize("channels", [3, 4])
def test_channels_first_are_moved_last(channels):
    last = np.random.default_rng(0).random((2, 5, 6, channels))
    (picture,) = shown(np.moveaxis(last, 3, 1), [1])
    np.testing.assert_allclose(picture, last[1], atol=1e-6)
    (listed,) = shown([None, np.moveaxis(last[1], 2, 0)], [1])
    np.testing.assert_array_equal(listed, picture)


def test_one_channel_is_grey_first_or_last():
    assert shown(np.zeros((1, 5, 6, 1)))[0].shape == (5, 6)
    assert shown(np.zeros((1, 1, 5, 6)))[0].shape == (5, 6)


def test_alpha_is_not_stretched():
    image = np.zeros((1, 2, 2, 4))
    image[..., :3], image[..., 3] = [[[[-3.0]]]], 0.25
    image[0, 0, 0, :3] = 5.0
    (picture,) = shown(image)
    np.testing.assert_allclose(picture[..., 3], 0.25)
    assert picture[0, 0, 0] == 1 and picture[1, 1, 0] == 0
    (picture,) = shown(np.full((1, 2, 2, 4), 51, "uint8"))
    np.testing.assert_allclose(picture, 0.2)


def test_images_shown_alike_share_a_scale_and_may_be_missing():
    bright, dark = np.full((2, 3), 8.0), np.full((5, 4), 2.0)
    found = shown([bright, None, dark, -dark], [0, 1, 2, 3])
    assert found[1] is None
    assert found[0].shape == (2, 3) and found[2].shape == (5, 4)
    values = [picture.mean() for picture in found if picture is not None]
    np.testing.assert_allclose(values, [1, 0.4, 0], atol=1e-6)


@pytest.mark.parametrize(
    "images, message",
    [
        (np.zeros((2, 9)), r"images.shape=\(2, 9\)"),
        (np.zeros((2, 5, 6, 7)), r"images.shape=\(2, 5, 6, 7\)"),
        (np.array([["a"]])[None], "array of numbers.*dtype <U1"),
        (["cat.png"], "array of numbers"),
        ([np.zeros((2, 3)) + 1j], "dtype complex128"),
        ([np.zeros((0, 3))], r"shape \(0, 3\)"),
        ([np.zeros(3)], r"\(H, W\).*shape=\(3,\)"),
        ([np.zeros((5, 6, 7))], "with 1, 3 or 4 channels"),
        ([[[1, 2], [3]]], "array of numbers"),
    ],
)
def test_what_is_no_image_is_refused(images, message):
    with pytest.raises(ValueError, match=message):
        shown(images)


def test_what_cannot_be_counted_is_refused():
    assert pixels.count([None, None]) == 2
    assert pixels.count(np.zeros((3, 2, 2))) == 3
    with pytest.raises(ValueError, match="Received: generator"):
        pixels.count(i for i in range(3))
