"""Images as small pictures that stand in the page itself."""

import base64
import io
import os

import numpy as np

from keras_robust.report import pixels
from keras_robust.report.shades import shade_range

# Up to this size pixels are kept as they are, and shown as squares.
_EXACT = 32


class Images:
    """Makes data URIs of images.

    Args:
        samples: `Samples`; each an array `(H, W)`, `(H, W, C)` or
            `(C, H, W)` with C of 1, 3 or 4, a PIL image, or the path of one.
        positions: Those that will be asked for.
        size: The longest side of a picture in the page.

    Attributes:
        notes: What the reader of the page should know, sentences.
    """

    def __init__(self, samples, positions, size):
        self._samples, self._size = samples, size
        self._odd = 0
        self._shades = shade_range(self._arrays(positions))
        self.notes = []
        if self._odd:
            self.notes.append(
                f"{self._odd} images hold numbers that are not finite; they "
                "are shown as black."
            )

    def __call__(self, position, exact=True):
        """The picture as a data URI, or `None`.

        Args:
            position: Which sample.
            exact: Whether small ones keep every pixel as it is.
        """
        sample = self._samples[position]
        if sample is None:
            return None
        if _is_array(sample):
            array = self._array(sample, position)
            # Of a large photograph no more than is needed, with some to spare.
            step = max(max(array.shape[:2]) // (4 * self._size), 1)
            array = array[::step, ::step]
            picture = _picture(pixels.picture(array, self._shades))
        else:
            picture = self._opened(sample, position)
        if max(picture.size) > self._size:
            picture.thumbnail((self._size, self._size))
        return _data_uri(picture, exact and max(picture.size) <= _EXACT)

    def _arrays(self, positions):
        """Those that are arrays; pictures have shades already."""
        for position in positions:
            sample = self._samples[position]
            if sample is not None and _is_array(sample):
                array = self._array(sample, position)
                if array.dtype.kind == "f" and not np.isfinite(array).all():
                    self._odd += 1
                yield pixels.colours(array)

    def _array(self, sample, position):
        """An array `(H, W)`, `(H, W, 3)` or `(H, W, 4)` of numbers."""
        try:
            return pixels.as_image(sample)
        except ValueError as error:
            raise ValueError(
                f"Cannot show {self._samples.name(position)} as an image; "
                "an array, a PIL image or the path of an image file is one. "
                f"{error}"
            ) from error

    def _opened(self, sample, position):
        Image, ImageOps = _pillow()
        name = self._samples.name(position)
        if not isinstance(sample, Image.Image):
            try:
                with Image.open(sample) as file:
                    # Of a large photograph no more than is needed.
                    file.draft("RGB", (self._size, self._size))
                    sample = ImageOps.exif_transpose(file)
            except FileNotFoundError:
                raise
            except (
                OSError,
                SyntaxError,
                ValueError,
                Image.DecompressionBombError,
            ) as error:
                raise ValueError(
                    f"Cannot read the image of {name}, {error}. Received: "
                    f"{str(sample)!r}"
                ) from error
        if sample.mode.startswith(("I", "F")):
            # Of more than 8 bits, which Pillow would cut off.
            array = self._array(sample, position)
            return _picture(pixels.picture(array, shade_range([array])))
        clear = "A" in sample.mode or "transparency" in sample.info
        return sample.convert("RGBA" if clear else "RGB")


def _pillow():
    """Pillow's modules `Image` and `ImageOps`."""
    try:
        from PIL import Image
        from PIL import ImageOps
    except ImportError as error:
        raise ImportError(
            "Images in the review page need Pillow. Install it with: "
            "pip install 'keras-robust[report]'"
        ) from error
    return Image, ImageOps


def _is_array(sample):
    return not isinstance(sample, str | os.PathLike) and not hasattr(
        sample, "convert"
    )


def _picture(shades):
    Image, _ = _pillow()
    return Image.fromarray((shades * 255).round().astype(np.uint8))


def _data_uri(picture, exact):
    file = io.BytesIO()
    if exact:
        picture.save(file, "PNG")
    else:
        picture.save(file, "WEBP", quality=80, method=2)
    text = base64.b64encode(file.getvalue()).decode("ascii")
    return f"data:image/{'png' if exact else 'webp'};base64,{text}"
