"""What takes part in a training step."""

import contextlib


class Participant:
    """Something that takes part in the training step; override what you need.

    Where a tracker says which samples are in a batch, its methods are called
    in this order: of all participants `before_step`, then of all `told`, and
    so on. But for `check`, `allocate` and `validated` they run while the step
    is traced: they may read and write carrier variables and must not touch the
    host.

    Attributes:
        tracked: The `sources.Tracked` data whose sample positions it reads
            from the batches, `None` if it reads none.
        output: The `Output` it is of, `None` if not known.
        acts: Whether it acts on single samples, and so needs a participant
            with `tracked`.
        relabels: Whether `told` returns other labels; only one may.
    """

    tracked = None
    output = None
    acts = False
    relabels = False

    def check(self, others):
        """Raises if it cannot take part beside `others`."""

    def allocate(self, attachment, tracked):
        """Takes its variables from the carrier, if it `acts`.

        Called once, when it is known what is tracked.
        """

    def validated(self, x, y):
        """Called on the host with what `fit` is about to validate on."""

    def around_loss(self):
        """A context manager around the loss of a training step."""
        return contextlib.nullcontext()

    def before_step(self, index, y, y_pred):
        """Called with the batch's sample positions, given labels and outputs.

        Once a step: before the first loss that the step computes.
        """

    def told(self, index, y, y_pred, sample_weight):
        """Returns the labels and weights that the loss is told instead."""
        return y, sample_weight

    def penalty(self, index, y, y_pred, sample_weight):
        """Returns a scalar that is added to the loss, or `None`.

        The labels are the given ones, the weights those the loss was told.
        """
        return None

    def after_loss(self, index, y, y_pred):
        """As `before_step`: after the first loss that the step computes."""

    def after_any_loss(self, y, y_pred):
        """After that loss, of any data: the labels it was told, the outputs."""
