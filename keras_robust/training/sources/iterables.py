"""Iterables, functions and generators of `(x, y)` batches; grain among them."""

import itertools
import sys
from collections import deque

from keras_robust.training.sources.batches import Numbered
from keras_robust.training.sources.batches import Survey
from keras_robust.training.sources.batches import check_in_batches
from keras_robust.training.sources.feeds import TrackedStream
from keras_robust.training.sources.layout import Layout
from keras_robust.training.sources.options import checked_count
from keras_robust.training.sources.tracked import tracked


class TrackedGenerator(TrackedStream):
    """A generator object: read on for ever, its first pass kept until read.

    Args:
        kept: The batches of the first pass.
        rest: The generator, behind them.
        numbering: Their `Numbering`.
    """

    def __init__(self, kept, rest, numbering):
        super().__init__(self, len(kept))
        self._kept, self._rest = deque(kept), rest
        self._numbering = numbering
        self._number = 0
        self._looked_at = []
        self._training = False

    def disarm(self):
        super().disarm()
        self._training = False

    def rewind(self):
        # What came before the training, as to build the model, comes again.
        self._kept.extendleft(reversed(self._looked_at))
        self._number -= len(self._looked_at)
        self._looked_at.clear()
        self._training = True

    def on_epoch_begin(self):
        super(TrackedStream, self).on_epoch_begin()

    def in_order(self):
        raise ValueError(
            "A generator can be read only once, and training reads it: record "
            'with mode="train", or hand over the function that makes it. '
            "Received: data of a generator"
        )

    def _next(self):
        if self._kept:
            batch = self._kept.popleft()
        else:
            batch = next(self._rest, None)
        if batch is None:
            raise ValueError(
                "The generator ended: it must yield `steps_per_epoch` batches "
                f"every epoch, {self._num_batches}. Received: {self._number} "
                "batches in all"
            )
        if not self._training:
            self._looked_at.append(batch)
        self._number += 1
        number = (self._number - 1) % self._num_batches
        return self._numbering(batch, number)


def is_iterable(x):
    """Whether `x` yields batches: no array, and no container of arrays."""
    if isinstance(x, (str, bytes, dict, list, tuple, set)):
        return False
    if hasattr(x, "__array__") or hasattr(x, "shape"):
        return False
    return callable(x) or hasattr(x, "__iter__") or hasattr(x, "__next__")


def track_iterable(
    source,
    batch_size,
    class_weight,
    ids,
    id_key,
    num_classes,
    output,
    steps_per_epoch,
):
    """Tracks an iterable, a function or a generator; see `track`."""
    check_in_batches(batch_size)
    steps = steps_per_epoch
    if steps is not None:
        steps = checked_count("steps_per_epoch", steps)
    survey = Survey(Layout(output, id_key), num_classes)
    if hasattr(source, "__next__"):
        kept = _first_pass(source, steps)
        for batch in kept:
            survey.see(batch)
        given, names = survey.finish(ids, source)
        numbering = survey.numbering(given, names, class_weight)
        return tracked(TrackedGenerator(kept, source, numbering), given, names)
    if steps is None:
        _check_ends(source)

    def begin():
        return itertools.islice(_begun(source), steps)

    for batch in begin():
        survey.see(batch)
    if steps is not None and len(survey.sizes) < steps:
        _raise_short(steps, len(survey.sizes))
    given, names = survey.finish(ids, source)
    numbering = survey.numbering(given, names, class_weight)
    feed = TrackedStream(Numbered(begin, numbering), len(survey.sizes))
    return tracked(feed, given, names)


def _first_pass(source, steps):
    if steps is None:
        raise ValueError(
            "A generator can be read only once: say how many batches an epoch "
            "has with track(generator, steps_per_epoch=...), or hand over the "
            "function that makes it, which starts anew every epoch. Received: "
            f"x of type {type(source).__name__}, steps_per_epoch=None"
        )
    kept = list(itertools.islice(source, steps))
    if len(kept) < steps:
        _raise_short(steps, len(kept))
    return kept


def _begun(source):
    # What is iterable may be callable too.
    begun = source if hasattr(source, "__iter__") else source()
    if not hasattr(begun, "__iter__") and not hasattr(begun, "__next__"):
        raise ValueError(
            "A function given to `track` must return an iterator of (x, y) "
            f"batches. Received: {begun!r}"
        )
    return iter(begun)


def _check_ends(source):
    try:
        endless = len(source) >= sys.maxsize
    except TypeError:
        return
    if endless:
        raise ValueError(
            "The dataset never ends, so its samples cannot be counted: leave "
            "out its `repeat`, or say how many batches an epoch has with "
            f"`steps_per_epoch`. Received: {source!r}"
        )


def _raise_short(steps, found):
    raise ValueError(
        "The data has fewer batches than `steps_per_epoch`. Received: "
        f"steps_per_epoch={steps}, {found} batches"
    )
