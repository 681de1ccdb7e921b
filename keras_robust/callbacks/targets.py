"""What callbacks share that keep a target of every sample, `(N, K)`."""

from keras import ops

from keras_robust.callbacks import target_rows
from keras_robust.callbacks.kept import Keeper
from keras_robust.callbacks.kept import Keeps
from keras_robust.losses import arguments


class Targets(Keeper):
    """The target of every sample, a number for every class.

    Attributes:
        rows: The rows of `target_rows`.
        more_bytes: Bytes a sample that are kept beside them.
    """

    more_bytes = 0

    def add(self, attachment, tracked):
        options, count = self._options, len(tracked.given_label)
        _check_size(options, count, self.classes, self.more_bytes)
        self.rows = target_rows.rows(
            attachment.carrier,
            count,
            self.classes,
            options.dtype,
            options.top_k,
        )
        self.kept = dict(self.rows.kept)

    def dense(self):
        """The targets `(N, K)` of now, a copy on the host."""
        return self.rows.dense(self.read())


def mean(values, output, sample_weight):
    """The mean of values `(B,)`, weighted as the loss of that output is."""
    weight = None if sample_weight is None else output.select(sample_weight)
    if weight is not None:
        weight = ops.cast(weight, values.dtype)
        values = values * ops.reshape(weight, ops.shape(values))
    return ops.mean(values)


def _check_size(options, count, classes, more):
    name, top_k = type(options).__name__, options.top_k
    if top_k is not None and top_k > classes:
        raise ValueError(
            f"`top_k` must be at most the number of classes, {classes}. "
            f"Received: top_k={top_k}"
        )
    needed = target_rows.bytes_of(count, classes, options.dtype, top_k)
    needed += count * more
    width = classes if top_k is None else top_k
    if needed > options.max_bytes:
        raise ValueError(
            f"{name} would keep {count:,} x {width:,} numbers, "
            f"{needed:,} bytes, more than `max_bytes` allows. Allow more, or "
            "take dtype='float16', half of it, or a (smaller) `top_k`. "
            f"Received: max_bytes={options.max_bytes:,}, "
            f"dtype={options.dtype!r}, top_k={top_k}"
        )
    if options.verbose:
        print(f"{name} keeps {count:,} x {width:,} numbers, {needed:,} bytes.")


class KeepsTargets(Keeps):
    """A callback that keeps targets.

    Args:
        output, from_logits, store, resume: As of `Keeps`.
        dtype: Of the targets.
        top_k: How many of a sample's numbers to keep; `None` for all.
        max_bytes: The most memory they may take.
        verbose: Whether to print what they take.
    """

    keeper = Targets

    def __init__(
        self,
        output,
        from_logits,
        dtype,
        top_k,
        max_bytes,
        verbose,
        store,
        resume,
    ):
        super().__init__(output, from_logits, store, resume)
        self.dtype = arguments.choice("dtype", dtype, tuple(target_rows.BYTES))
        self.top_k = arguments.integer(
            "top_k", top_k, optional=True, at_least=1
        )
        self.max_bytes = arguments.integer("max_bytes", max_bytes, at_least=0)
        self.verbose = verbose

    @property
    def targets(self):
        return self._seen()

    def _shown(self, keeper):
        return keeper.dense()
