"""Texts, cut where they are too long for a page."""


class Texts:
    """Makes what the page shows of a text.

    Args:
        samples: `Samples`; each a string, or bytes in UTF-8.
        length: How many characters of a text are shown.

    Attributes:
        notes: What the reader of the page should know, sentences.
    """

    notes = ()

    def __init__(self, samples, length):
        self._samples, self._length = samples, length

    def __call__(self, position, exact=True):
        """`[text, number of characters that were cut off]`, or `None`."""
        text = self._samples[position]
        if text is None:
            return None
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        if not isinstance(text, str):
            raise ValueError(
                'With kind="text" every sample must be a string. Received: '
                f"{self._samples.name(position)} of type {type(text).__name__}"
            )
        length = self._length if exact else self._length // 10
        return [text[:length], max(len(text) - length, 0)]
