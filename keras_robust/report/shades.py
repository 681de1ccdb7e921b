"""Images of any numbers, as shades from 0 to 1."""

import numpy as np

# Whole numbers are read as 0 to 255 unless none of them reaches this.
_DARK = 32


def shade_range(images):
    """The numbers that stand for black and white, over images shown alike.

    Whole numbers are read as 0 to 255, others as 0 to 1. What is outside of
    that, and whole numbers of which all would be nearly black, are stretched
    from the least to the greatest. Numbers that are not finite do not count.

    Args:
        images: Arrays of any shapes; they are read one after the other.

    Returns:
        `(black, white)`, floats.
    """
    low, high, whole = np.inf, -np.inf, True
    for image in images:
        image = np.asarray(image)
        whole &= image.dtype.kind in "biu"
        if image.dtype.kind == "f":
            image = image[np.isfinite(image)]
        if image.size:
            low = min(low, float(image.min()))
            high = max(high, float(image.max()))
    if low > high:
        return 0.0, 1.0
    if whole and low >= 0 and high < _DARK:
        return 0.0, high or 255.0
    most = 255.0 if whole else 1.0
    if low >= 0 and high <= most:
        return 0.0, most
    return low, high


def as_shades(image, shades):
    """Values in [0, 1], float32; 0 where a number is not finite.

    Args:
        image: An array of numbers.
        shades: What `shade_range` returned.
    """
    black, white = shades
    image = np.asarray(image, np.float64)
    image = (image - black) / max(white - black, 1e-12)
    image = np.nan_to_num(image, nan=0.0, posinf=0.0, neginf=0.0)
    return np.clip(image, 0.0, 1.0).astype(np.float32)
