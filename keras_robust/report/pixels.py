"""Images of any kind as pictures that can be shown."""

import numpy as np

from keras_robust.report.shades import as_shades
from keras_robust.report.shades import shade_range

_CHANNELS = (1, 3, 4)


def pictures(images, positions):
    """Returns images as pictures, on one scale for all of them.

    The scale is that of `shades`; alpha is read as 0 to 1, or 0 to 255, and
    not stretched.

    Args:
        images: Shape `(N, H, W)`, `(N, H, W, C)` or `(N, C, H, W)` with C in
            1, 3, 4 and any kind of numbers; or a list of N such images, also
            of different sizes, with `None` for those that are missing.
        positions: Which of them, integers `(M,)` from 0 to N - 1.

    Returns:
        A list of M float32 arrays in [0, 1], `(H, W)` for grey ones, `(H, W,
        3)` or `(H, W, 4)` otherwise, and `None` for a missing one.

    Raises:
        ValueError: If these are no images.
    """
    if hasattr(images, "shape"):
        check_shape(images)
        chosen = list(np.asarray(images[np.asarray(positions, int)]))
    else:
        chosen = [images[int(position)] for position in positions]
    chosen = [None if image is None else as_image(image) for image in chosen]
    shades = shade_range(colours(i) for i in chosen if i is not None)
    return [None if i is None else picture(i, shades) for i in chosen]


def as_image(image):
    """Returns one image as an array `(H, W)`, `(H, W, 3)` or `(H, W, 4)`.

    Raises:
        ValueError: If it is no image.
    """
    return _last_channels(_numbers(image))


def colours(image):
    """What of an image the scale counts: all but alpha."""
    return image[..., :3] if image.ndim == 3 else image


def picture(image, shades):
    """Returns an image of `as_image` in [0, 1], on the scale of `shades`."""
    shown = as_shades(colours(image), shades)
    if image.ndim == 2 or image.shape[2] == 3:
        return shown
    alpha = image[..., 3:]
    most = 255.0 if image.dtype.kind in "ui" or alpha.max() > 1 else 1.0
    return np.concatenate([shown, as_shades(alpha, (0.0, most))], axis=2)


def check_shape(images):
    """Raises a `ValueError` unless an array may hold images."""
    shape = tuple(images.shape)
    if len(shape) == 3 or (
        len(shape) == 4 and (shape[3] in _CHANNELS or shape[1] in _CHANNELS)
    ):
        return
    raise ValueError(
        "`images` must have shape (N, H, W), (N, H, W, C) or (N, C, H, W) "
        f"with 1, 3 or 4 channels. Received: images.shape={shape}"
    )


def count(images):
    """How many images there are, missing ones included.

    Raises:
        ValueError: If these are no images.
    """
    if hasattr(images, "shape"):
        check_shape(images)
        return int(images.shape[0])
    if isinstance(images, list | tuple):
        return len(images)
    raise ValueError(
        "`images` must be an array, or a list of images, None for a missing "
        f"one. Received: {type(images).__name__}"
    )


def _numbers(image):
    try:
        array = np.asarray(image)
    except (ValueError, TypeError):
        array = np.empty(0, object)
    if array.dtype.kind not in "buif" or array.size == 0:
        raise ValueError(
            "An image must be an array of numbers, or None if it is missing. "
            f"Received: {type(image).__name__} of dtype {array.dtype}, shape "
            f"{array.shape}"
        )
    return array


def _last_channels(image):
    """`(H, W)`, `(H, W, 3)` or `(H, W, 4)`."""
    if image.ndim == 3 and image.shape[2] not in _CHANNELS:
        image = np.moveaxis(image, 0, 2)
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[:, :, 0]
    if image.ndim == 2 or (image.ndim == 3 and image.shape[2] in (3, 4)):
        return image
    raise ValueError(
        "An image must have shape (H, W), (H, W, C) or (C, H, W) with 1, 3 "
        f"or 4 channels. Received: shape={image.shape}"
    )
