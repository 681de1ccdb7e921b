"""Sounds as WAV files that stand in the page itself."""

import base64
import io
import wave

import numpy as np


class Sounds:
    """Makes data URIs of sounds.

    Args:
        samples: `Samples`; each an array `(T,)`, `(T, C)` or `(C, T)` with C
            of 1 or 2: floats from -1 to 1, or whole numbers over the whole
            range of their type.
        rate: How many numbers a second has.
        seconds: How much of a sound is kept.

    Attributes:
        notes: What the reader of the page should know, sentences.
    """

    notes = ()

    def __init__(self, samples, rate, seconds):
        self._samples, self._rate = samples, rate
        self._length = max(int(rate * seconds), 1)

    def __call__(self, position, exact=True):
        """`[data URI, seconds that were cut off]`, or `None`."""
        sample = self._samples[position]
        if sample is None:
            return None
        waves = self._waves(sample, position)
        cut = max(len(waves) - self._length, 0) / self._rate
        file = io.BytesIO()
        with wave.open(file, "wb") as written:
            written.setnchannels(waves.shape[1])
            written.setsampwidth(2)
            written.setframerate(self._rate)
            written.writeframes(_as_int16(waves[: self._length]).tobytes())
        text = base64.b64encode(file.getvalue()).decode("ascii")
        return [f"data:audio/wav;base64,{text}", round(cut, 1)]

    def _waves(self, sample, position):
        """`(T, C)`."""
        try:
            waves = np.asarray(sample)
        except (ValueError, TypeError):
            waves = np.empty(0, object)
        shape = waves.shape
        if waves.ndim == 1:
            waves = waves[:, None]
        elif waves.ndim == 2 and shape[1] > 2:
            waves = waves.T
        if (
            waves.ndim != 2
            or waves.shape[1] not in (1, 2)
            or not waves.size
            or waves.dtype.kind not in "iuf"
        ):
            raise ValueError(
                "A sound must be an array (T,), (T, C) or (C, T) of numbers, "
                "with 1 or 2 channels. Received: "
                f"{self._samples.name(position)} of shape {shape}, dtype "
                f"{waves.dtype}"
            )
        return waves


def _as_int16(waves):
    if waves.dtype.kind in "iu":
        info = np.iinfo(waves.dtype)
        middle = (info.max + info.min + 1) // 2
        floats = (waves.astype(np.float64) - middle) / (info.max - middle)
    else:
        floats = np.nan_to_num(
            waves.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0
        )
        # What is louder than 1 is turned down, not cut.
        floats /= max(np.abs(floats).max(), 1.0)
    return np.clip(floats * 32767, -32768, 32767).round().astype("<i2")
