"""check_model: does the last layer fit the compiled loss?"""

from keras_robust.training import head


def check_model(model):
    """Raises if the model gives logits to a loss that takes probabilities.

    The most frequent silent mistake with cross-entropy-like losses: numbers
    that are no probabilities are no error, only a wrong loss. `LossTrajectory`
    asks the same question before it trains.

    Args:
        model: A compiled `keras.Model`. Models with a regression loss or an
            output made by an unknown layer pass.

    Raises:
        ValueError: For a linear output under a loss on probabilities, with
            the fix; for a model that is not compiled.

    Warns:
        UserWarning: For a softmax or sigmoid output under a loss that takes
            logits.

    Example:

    >>> import keras
    >>> import keras_robust as kr
    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    >>> model.compile(loss=kr.losses.AsymmetricGCE(from_logits=True))
    >>> kr.probe.check_model(model)
    >>> model.compile(loss=kr.losses.AsymmetricGCE())
    >>> kr.probe.check_model(model)
    Traceback (most recent call last):
    ...
    ValueError: The model's last layer 'dense...' is linear, ...
    """
    head.check(model)
