"""Multi-label probabilities of every epoch, made into one."""

import numpy as np

from keras_robust.detect.beyond.arrays import as_array
from keras_robust.detect.beyond.arrays import check_all
from keras_robust.detect.beyond.multi_label_input import as_yes_or_no
from keras_robust.detect.statistics.odds import logistic

# Keras's epsilon: no probability is nearer to 0 or to 1.
_NEAREST = 1e-7
_OF = ("probabilities", "logits", "losses")


def mean_multi_label_probs(epochs, of="probabilities", labels=None):
    """What a model said of each class over the epochs of its training.

    Formula: `sigmoid(mean_e logit_e)`, where `logit = log(p / (1 - p))`. It is
    the area under the margin of one class against the rest: with a single
    yes or no its logit, with the sign of the given label, is the margin.

    Use it to find wrong labels from one training run in place of a
    cross-validation, with the predictions of every epoch, which a callback
    keeps: `LossTrajectory` records one label a sample.

    Args:
        epochs: `(E, N, K)`, or an iterable of E arrays `(N, K)`, which are
            read one at a time. NaN where a class was not seen.
        of: What they are: `"probabilities"` (default), `"logits"`, or
            `"losses"`: binary cross-entropies of the given labels.
        labels: The given labels, as of `find_multi_label_issues`; for losses
            only.

    Returns:
        Probabilities for `find_multi_label_issues`, float64 `(N, K)`, NaN
        where a class was never seen or, with losses, has no label.

    Raises:
        ValueError: If the shapes differ or values are not what `of` says,
            naming the first one.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> from keras_robust.detect import find_multi_label_issues
    >>> from keras_robust.detect import mean_multi_label_probs
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(3, activation="sigmoid")]
    ... )
    >>> model.compile("adam", loss="binary_crossentropy")
    >>> x, y, kept = np.eye(4), np.eye(4)[:, :3], []
    >>> keep = keras.callbacks.LambdaCallback(
    ...     on_epoch_end=lambda epoch, logs: kept.append(
    ...         model.predict(x, verbose=0)
    ...     )
    ... )
    >>> history = model.fit(x, y, epochs=2, verbose=0, callbacks=[keep])
    >>> pred_probs = mean_multi_label_probs(kept)
    >>> find_multi_label_issues(y, pred_probs).class_quality.shape
    (4, 3)

    Reference: Pleiss et al., "Identifying Mislabeled Data using the Area Under
    the Margin Ranking", NeurIPS 2020, equation 1 with two classes.
    """
    if of not in _OF:
        raise ValueError(
            f"`of` must be one of {', '.join(_OF)}. Received: of={of!r}"
        )
    total = None
    for number, epoch in enumerate(_iterable(epochs)):
        name = f"epochs[{number}]"
        epoch = as_array(name, epoch, "fiub", "numbers of shape (N, K)")
        if total is None:
            if epoch.ndim != 2 or not epoch.size:
                raise ValueError(
                    "`epochs` must have the shape (E, N, K), none of them 0. "
                    f"Received: {name}.shape={epoch.shape}"
                )
            total, seen = np.zeros(epoch.shape), np.zeros(epoch.shape, np.int64)
            sign = _signs(labels, of, epoch.shape)
        if epoch.shape != total.shape:
            raise ValueError(
                "`epochs` must have the same shape each. Received: "
                f"{name}.shape={epoch.shape}, epochs[0].shape={total.shape}"
            )
        logit = _logits(name, epoch.astype(np.float64), of) * sign
        present = ~np.isnan(logit)
        np.add(total, logit, out=total, where=present)
        seen += present
    if total is None:
        raise ValueError(
            "`epochs` must have one epoch at least. Received: none"
        )
    with np.errstate(invalid="ignore"):
        mean = total / seen
    return logistic(mean)


def _iterable(epochs):
    try:
        return iter(epochs)
    except TypeError:
        raise ValueError(
            "`epochs` must have the shape (E, N, K). Received: "
            f"epochs={epochs!r}"
        ) from None


def _signs(labels, of, shape):
    if of != "losses":
        return 1.0
    if labels is None:
        raise ValueError(
            '`of="losses"` needs `labels`: a loss says how probable the given '
            "label is. Received: labels=None"
        )
    given = as_yes_or_no(labels, shape[1])
    if given.shape != shape:
        raise ValueError(
            "`labels` must have one row for each sample. Received: "
            f"labels.shape={given.shape}, epochs[0].shape={shape}"
        )
    return np.array([-1.0, 1.0, np.nan])[given]


def _logits(name, values, of):
    """Logits, of the given label where they are made of losses."""
    limit = np.log(1.0 / _NEAREST - 1.0)
    if of == "logits":
        return np.clip(values, -limit, limit)
    if of == "losses":
        check_all(~(values < 0), name, values, "Losses must be at least 0")
        values = np.exp(-values)
    else:
        check_all(
            ~((values < 0) | (values > 1)),
            name,
            values,
            "Probabilities must be in [0, 1]",
        )
    values = np.clip(values, _NEAREST, 1.0 - _NEAREST)
    return np.log(values) - np.log1p(-values)
