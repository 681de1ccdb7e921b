"""LossTrajectory: every sample's trajectory, recorded while `fit` runs."""

import numpy as np

from keras_robust.callbacks import fitting
from keras_robust.callbacks import tracker_options
from keras_robust.callbacks.tracker import Tracker
from keras_robust.training import sources


class LossTrajectory(Tracker):
    """Records signals of every training sample, every epoch, inside `fit`.

    Wrap the data in `track`, which lets each sample's position travel with
    its label, and hand the callback to `fit`, before callbacks that read the
    logs. Or let `fit` or `attach` here do both. Afterwards the model is
    exactly as before.

    Args:
        signals: What to record of the given label with probability `p`:
            `"cross_entropy"` (`-log p`, nats, whatever the compiled loss),
            `"margin"` (`log p` less the largest other, the logit margin),
            `"correct"` (1 where it is the most probable class),
            `"confidence"` (`p`), `"predicted"` (the most probable class;
            always recorded), `"entropy"` (of the prediction, nats), `"el2n"`
            (length of prediction less one-hot label), `"loss"` (the compiled
            loss, unweighted).
        from_logits: Whether the model gives logits. Defaults to `None`: read
            from the compiled loss; needed for losses it cannot be read from
            and for `update`.
        mode: `"train"` (default): the values of the training pass itself,
            with its dropout and augmentation, at the weights of each step; no
            extra pass. `"eval"`: one more pass over the tracked data at the
            end of every epoch, as the model predicts; `fit` may be given
            other data, such as blended one.
        output: Which of several outputs, by name or number.
        reduce: With dense labels (an image, a sentence): `"mean"` over the
            positions that count, or a quantile in [0, 1], the value at that
            rank rounded down. It is the same for all signals: 0.9 is near the
            worst position by `"cross_entropy"` and near the best by
            `"margin"`, which wants 0.1. The given label of such a sample is its
            most frequent class, the predicted one that of the largest mean
            probability.
        store: A folder such as `"run.zarr"` to append each epoch to, so that
            memory does not grow and a crash loses at most one epoch. Defaults
            to `None`: in memory.
        resume: Whether to go on with what `store` has, if it is of the same
            samples, labels and signals. Load the weights of then and give
            `fit` `initial_epoch=tracker.next_epoch`, or let Keras's
            `BackupAndRestore` do both.
        logs: Numbers to write into the logs: `"noise_rate"` (share of
            suspects so far), `"clean_loss"`, `"suspect_loss"` (their mean
            cross-entropy), `"coverage"` (share of samples seen).
        warn_on_collapse: Whether to warn when the model has given up whole
            classes. Defaults to `True`; not done with dense labels.

    Attributes:
        trajectories: `keras_robust.trajectories.Trajectories` of what has
            been recorded so far; a ValueError before the first epoch's end. A
            further `fit` of the same model on the same samples continues it,
            its epochs numbered on.
        next_epoch: The number of the epoch after the last recorded one.
        last_epoch: The signals of the epoch that ended last, a dict of arrays
            `(N,)`.

    Raises:
        ValueError: For bad arguments, labels that are no class indices, a
            last layer that does not fit the loss; all before training.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(3, activation="softmax")]
    ... )
    >>> model.compile("adam", loss="sparse_categorical_crossentropy")
    >>> x, y = np.eye(4)[:3], np.arange(3)
    >>> tracker = kr.callbacks.LossTrajectory()
    >>> history = model.fit(
    ...     tracker.track(x, y, batch_size=2), epochs=5, verbose=0,
    ...     callbacks=[tracker],
    ... )
    >>> tracker.trajectories.signals["cross_entropy"].shape
    (5, 3)

    Reference: the trajectory view of Pleiss et al., NeurIPS 2020 (AUM) and
    Swayamdipta et al., EMNLP 2020 (Data Maps).
    """

    def __init__(
        self,
        signals=("cross_entropy", "margin", "correct"),
        from_logits=None,
        warn_on_collapse=True,
        mode="train",
        output=None,
        reduce="mean",
        store=None,
        resume=False,
        logs=(),
    ):
        tracker_options.check(mode, reduce, store, resume)
        super().__init__()
        self.logs = tracker_options.checked_logs(logs)
        self.signals = tracker_options.checked_signals(signals, self.logs)
        self.from_logits = from_logits
        self.warn_on_collapse = warn_on_collapse
        self.mode = mode
        self.output = output
        self.reduce = reduce
        self.store = store
        self.resume = resume

    def track(
        self,
        x,
        y=None,
        batch_size=None,
        sample_weight=None,
        shuffle=True,
        seed=None,
        ids=None,
        num_classes=None,
        class_weight=None,
        id_key=None,
        validation_split=0.0,
        steps_per_epoch=None,
    ):
        """Returns the data to hand to `fit`, with every sample known.

        Args:
            x: Arrays (NumPy, JAX, PyTorch, pandas; nested dicts, lists or
                tuples of them) of N samples; a `tf.data.Dataset`,
                `keras.utils.PyDataset`, PyTorch `DataLoader`, grain dataset or
                other iterable of batches `(x, y)` or `(x, y, weights)`; a
                function that returns such an iterator; or a generator with
                `steps_per_epoch` (its first epoch is kept until it was read).
                Anything but arrays is read once here, for its labels, and must
                give the same samples in the same order every time (a
                `DataLoader` may shuffle), or say with `id_key` which they are.
            y: Labels: integers `(N,)` or `(N, 1)`, one-hot `(N, K)`, or dense
                ones; of several outputs a dict or list. For arrays only.
            batch_size: Samples a step. Arrays: defaults to 32. A
                `tf.data.Dataset`: if given, it holds single samples and is
                shuffled and batched here; if not, it is batched already and is
                read in its order.
            sample_weight: Weights `(N,)`; for arrays only.
            shuffle: Whether to shuffle arrays before every epoch. Defaults to
                `True`; what `fit` is told changes nothing.
            seed: Seed of the shuffling, at least 0. Defaults to `None`: drawn
                from NumPy's global generator, which
                `keras.utils.set_random_seed` seeds. The order of an epoch
                follows from the seed and its number alone, so a training that
                goes on after it was broken off reads what it would have read.
            ids: Names of the samples, N unique integers or strings. Defaults
                to their positions.
            num_classes: Number of classes, to check labels now rather than at
                the first step. Defaults to `None`.
            class_weight: Dict of class to weight; becomes sample weights (in
                place of `fit`'s, which Keras cannot use on tracked data).
            id_key: Where `x` or `y` is a dict: the key of the ids in it.
            validation_split: Share of the samples, the last ones as in `fit`,
                that is kept from training; for arrays only.
            steps_per_epoch: Batches an epoch of a generator.

        Returns:
            Data for `model.fit`, which then needs no `y`, `batch_size` or
            `shuffle`; with `validation_split` the pair of that and
            `validation_data`.

        Raises:
            ValueError: If lengths differ or labels are no class indices.
        """
        if seed is None:
            seed = int(np.random.randint(2**31 - 1))
        held_out = None
        if validation_split:
            (x, y, sample_weight, ids), held_out = sources.validation_split(
                x, y, sample_weight, ids, validation_split
            )
        tracked = sources.track(
            x,
            y,
            batch_size=batch_size,
            sample_weight=sample_weight,
            class_weight=class_weight,
            shuffle=shuffle,
            seed=seed,
            ids=ids,
            id_key=id_key,
            num_classes=num_classes,
            output=self.output,
            steps_per_epoch=steps_per_epoch,
        )
        tracker_options.check_blended(tracked, self.mode)
        self._take(tracked)
        feed = tracked.feed
        if self.mode == "eval":
            # Raises for data that can be read only once.
            sources.in_order(feed)
            feed = sources.plain(feed)
        return feed if held_out is None else (feed, held_out)

    def with_ids(self, y, ids=None):
        """Returns labels for a `fit` under `attach`, with their samples' ids.

        Args:
            y: Labels, as of `track`.
            ids: As of `track`.
        """
        return fitting.Named(y, ids)

    def fit(self, model, x, y=None, **options):
        """Tracks the data and fits, in one call.

        The model is as before afterwards, also after an error or an
        interrupt. On TensorFlow arrays are read faster than by
        `model.fit(tracker.track(x, y))`: some tenths of a millisecond a step.

        Args:
            model: A compiled model.
            x, y: As of `track`.
            **options: What `model.fit` takes, and `ids`, `id_key`, `seed`,
                `num_classes` as of `track`.

        Returns:
            What `model.fit` returns.
        """
        return fitting.fit(self, model, x, y, **options)

    def attach(self, model):
        """A context in which the model's own `fit` is tracked.

        `with tracker.attach(model): model.fit(x, tracker.with_ids(y), ...)`
        takes all that `fit` takes; no need to name the tracker in
        `callbacks`, nor, without ids of one's own, for `with_ids`. The model
        is as before afterwards.

        Args:
            model: A compiled model.
        """
        return fitting.attach(self, model)

    def samples(self, y, ids=None, num_classes=None):
        """Declares the samples that a training loop will `update`.

        Args:
            y: Their labels, `(N,)`, `(N, 1)` or `(N, K)`.
            ids: As of `track`.
            num_classes: As of `track`.
        """
        self._take(sources.declared(y, ids, num_classes))

    def update(self, ids, y_true, y_pred):
        """Records a batch of a training loop that is not `fit`.

        It needs `LossTrajectory(from_logits=...)`.

        To be called outside of compiled functions, after `samples`; then
        `end_epoch` once an epoch. Several processes record a part each, and
        `Trajectories.merge` joins them.

        Args:
            ids: Ids of the batch, `(B,)`.
            y_true, y_pred: Labels and predictions, as a loss takes them.

        Raises:
            ValueError: For an undeclared id, or sizes that differ.
        """
        self._begun_loop().update(ids, y_true, y_pred)

    def end_epoch(self):
        """Ends an epoch of `update`s.

        Returns:
            Dict of the numbers asked for by `logs`.
        """
        return self._end_loop_epoch()
