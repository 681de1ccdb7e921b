"""cross_val_predict_probs: what models say of samples they have not seen."""

import keras
import numpy as np

from keras_robust.losses import arguments
from keras_robust.noise.flips import as_classes
from keras_robust.probe import folds as assigning
from keras_robust.probe.fold_files import FoldFiles
from keras_robust.probe.fold_files import fingerprint
from keras_robust.probe.inputs import as_arrays
from keras_robust.probe.inputs import row_values
from keras_robust.probe.trainings import Data
from keras_robust.probe.trainings import Trainings
from keras_robust.training.sources.layout import as_numpy
from keras_robust.training.sources.options import checked_count
from keras_robust.training.sources.options import checked_seed

# What a `fit` of a fold cannot be asked for, and why.
_NOT_FOR_FIT = {
    "x": "the samples are `x` of this function",
    "y": "the labels are `y` of this function",
    "initial_epoch": "every fold begins with a new model, at epoch 0",
}


def cross_val_predict_probs(
    model_fn,
    x,
    y,
    folds=5,
    *,
    epochs=10,
    batch_size=32,
    groups=None,
    stratified=True,
    seed=None,
    sample_weight=None,
    callbacks=None,
    from_logits=None,
    resume=None,
    verbose=1,
    **fit,
):
    """Probabilities of every sample from a model that was not trained on it.

    Formula: with the samples in `folds` parts, row i is
    `p(. | x_i; theta_f)`, where f is the part of sample i and `theta_f` the
    weights learnt from all other parts.

    What confident learning asks for (`detect` takes it as `pred_probs`): a
    model that has been trained on a wrong label may know it by heart. It
    costs `folds` trainings; a `LossTrajectory` finds wrong labels in one. The
    probabilities need not come from here: any `(N, K)` array of out-of-sample
    probabilities will do, from scikit-learn's `cross_val_predict` or from a
    model that was trained on other data. The cheapest good ones for images
    and texts are those of a small head on features of a pretrained network:
    compute the features once (`embeddings`, or the network's `predict`) and
    give them to this function as `x`, with a `model_fn` of one `Dense` layer.

    Besides `x` it needs the memory of the training part of a fold, a copy,
    and of one model: each is let go before the next is made.

    With a `seed` the folds are the same every time, and each fold begins with
    `keras.utils.set_random_seed` of a seed of its own, so that the training
    can be repeated as far as the backend repeats it. The generators of Python,
    NumPy and PyTorch go on afterwards as if nothing had been; the seeds of
    Keras and TensorFlow stay set. Without a `seed` none is set.

    Args:
        model_fn: Function without arguments that builds and compiles a model
            of one output `(B, K)`, or `(B, 1)` for two classes; a new one at
            every call. It may load weights that were learnt elsewhere.
        x: Samples, an array or a nested dict, list or tuple of arrays, in
            memory or on disk (`np.memmap`).
        y: Labels in the form that the compiled loss takes: integers `(N,)` or
            `(N, 1)`, or rows `(N, K)` of one-hot or soft labels, whose class
            is the largest.
        folds: Number of parts, at least 2, at most N. Defaults to `5`.
        epochs: Epochs to train each model. Defaults to `10`.
        batch_size: Samples a step. Defaults to `32`.
        groups: The group of every sample, integers or strings `(N,)`, such as
            the patient or the video; a group is never split. Defaults to
            `None`: each sample by itself. With many groups stratifying is
            slow (the time of N groups times `folds` times classes).
        stratified: Whether every fold has about the same share of each class.
            Defaults to `True`; then the largest class must have a sample for
            every fold.
        seed: An integer of at least 0. Defaults to `None`: other folds every
            time.
        sample_weight: Weights `(N,)` for the training. Defaults to `None`.
        callbacks: Function that takes the number of a fold, from 0 on, and
            returns a list of new callbacks for it. Defaults to `None`.
        from_logits: Whether the model gives logits. Defaults to `None`: read
            from the compiled loss or the last layer.
        resume: Folder for the probabilities of each fold as it ends; called
            again with the same arguments, it goes on with the folds that are
            not there. It needs a `seed`, and reads `x` once to know it again.
            Of `callbacks` and `model_fn` it knows the shapes of the weights
            only, and nothing once all folds are there: take another folder
            for another model. Defaults to `None`.
        verbose: 0 for silence, 1 for a progress bar over all epochs of all
            folds, 2 for the lines of every `fit`. Defaults to `1`.
        **fit: Anything else that `model.fit` takes, such as `class_weight`.

    Returns:
        float32 `(N, K)`, rows in the order of `x`, which sum to 1; K is the
        number of the model's outputs, 2 for one output.

    Raises:
        OSError: If `resume` cannot be written.
        TypeError: If `model_fn` or `callbacks` give something else.
        ValueError: For bad arguments or labels; if a model, an optimizer or
            a callback is not new (that is the leak), a model gives NaN or no
            probabilities; if `resume` has files of another run.

    Warns:
        UserWarning: For classes that are in one fold only, and so unknown to
            the model that is asked about them.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> x = np.repeat(np.eye(3), 20, axis=0)
    >>> y = np.repeat(np.arange(3), 20)
    >>> y[0] = 1  # a wrong label
    >>> def model_fn():
    ...     softmax = keras.layers.Dense(3, activation="softmax")
    ...     model = keras.Sequential([keras.Input((3,)), softmax])
    ...     adam = keras.optimizers.Adam(0.3)
    ...     model.compile(adam, loss="sparse_categorical_crossentropy")
    ...     return model
    >>> pred_probs = kr.probe.cross_val_predict_probs(
    ...     model_fn, x, y, folds=2, epochs=9, seed=0, verbose=0
    ... )
    >>> pred_probs.shape
    (60, 3)
    >>> int(pred_probs[np.arange(60), y].argmin())
    0

    Reference: Stone, "Cross-Validatory Choice and Assessment of Statistical
    Predictions", JRSS B, 1974; for wrong labels Northcutt, Jiang, Chuang,
    "Confident Learning", JAIR 2021, section 3.
    """
    if not callable(model_fn) or isinstance(model_fn, keras.Model):
        raise TypeError(
            "`model_fn` must be a function that builds and compiles a model. "
            f"Received: model_fn={model_fn!r}"
        )
    x, count = as_arrays(x, "cross_val_predict_probs")
    y = as_numpy(y)
    classes = _classes(y, count)
    run = Trainings(
        model_fn=model_fn,
        folds=arguments.integer("folds", folds, at_least=2),
        epochs=checked_count("epochs", epochs),
        batch_size=checked_count("batch_size", batch_size),
        seed=None if seed is None else checked_seed(seed),
        callbacks=_callbacks(callbacks),
        from_logits=from_logits,
        verbose=arguments.choice("verbose", verbose, (0, 1, 2, "auto")),
        fit=_fit_options(fit),
    )
    arguments.flag("stratified", stratified)
    if groups is not None:
        groups = assigning.as_groups(groups, count)
    if sample_weight is not None:
        sample_weight = row_values("sample_weight", sample_weight, count)
    number = assigning.assign(classes, run.folds, groups, stratified, run.seed)
    files = None
    if resume is not None:
        files = _files(resume, run, x, y, sample_weight, number)
    assigning.warn_of_unseen(classes, number)
    data = Data(x, y, classes, sample_weight, number)
    return run.predict(data, files)


def _classes(y, count):
    """The class of every sample, int64 `(N,)`."""
    labels = y
    if y.ndim == 2 and y.shape[1] > 1 and y.dtype.kind in "biuf":
        total = y.sum(axis=1, dtype=np.float64)
        off = ~(y >= 0).all(axis=1) | ~(np.abs(total - 1.0) < 0.01)
        if off.any():
            first = int(np.argmax(off))
            raise ValueError(
                "Labels of shape (N, K) must be one-hot or soft: every row at "
                "least 0 and with the sum 1. "
                f"Received: y[{first}]={y[first][:6].tolist()}"
            )
        labels = y.argmax(axis=1)
    classes = as_classes(labels, None)[1]
    if len(classes) != count:
        raise ValueError(
            "There must be as many labels as samples. "
            f"Received: {count} samples, y.shape={y.shape}"
        )
    if classes.min() == classes.max():
        raise ValueError(
            "The labels must be of two classes or more. "
            f"Received: {count} labels, all {int(classes[0])}"
        )
    return classes


def _callbacks(callbacks):
    if callbacks is None:
        return lambda fold: []
    if not callable(callbacks):
        raise TypeError(
            "`callbacks` must be a function that takes the number of a fold "
            "and returns a list of new callbacks, because what a callback "
            "keeps of one fold would reach the next: "
            "callbacks=lambda fold: [...]. Received: "
            f"{type(callbacks).__name__}"
        )
    return callbacks


def _fit_options(fit):
    for name, why in _NOT_FOR_FIT.items():
        if name in fit:
            raise ValueError(
                f"`{name}` cannot be given to `fit`: {why}. "
                f"Received: {name}={type(fit[name]).__name__}"
            )
    return fit


def _files(resume, run, x, y, sample_weight, number):
    if run.seed is None:
        raise ValueError(
            "`resume` needs a `seed`, to make the same folds again. "
            "Received: seed=None"
        )
    options = {"epochs": run.epochs, "batch_size": run.batch_size, **run.fit}
    simple = (bool, int, float, str, dict, list, tuple, type(None))
    about = {
        "x": fingerprint(x),
        "y": fingerprint(y),
        "sample_weight": fingerprint(sample_weight),
        "folds": fingerprint(number),
        "seed": repr(run.seed),
        "from_logits": repr(run.from_logits),
    }
    for name, value in options.items():
        # Of other things, such as datasets, only the kind is known.
        plain = isinstance(value, simple) and name != "validation_data"
        about[name] = repr(value) if plain else type(value).__name__
    return FoldFiles(resume, about)
