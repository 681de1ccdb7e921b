"""Whether every fold has a model of its own, which has seen nothing yet."""

import hashlib
import weakref

import keras
import numpy as np


class Fresh:
    """Looks at the models of all folds, one after another.

    A model that has learnt from samples it is to be asked about knows their
    labels by heart, right or wrong: the probabilities look fine and are not
    out of fold.
    """

    def __init__(self):
        self._models, self._optimizers, self._callbacks = [], [], []
        self._before = self._learnt = frozenset()

    def check(self, model, fold):
        """Raises unless a model is new; to be called before its training.

        Raises:
            TypeError: If it is no `keras.Model`.
            ValueError: If it, its optimizer or weights were trained before.
        """
        if not isinstance(model, keras.Model):
            raise TypeError(
                "`model_fn` must return a compiled keras.Model. Received: "
                f"{type(model).__name__} for fold {fold}"
            )
        if _among(model, self._models):
            raise _stale(
                "gave the same model again, whose weights have learnt from "
                "these samples",
                fold,
            )
        optimizer = getattr(model, "optimizer", None)
        if optimizer is None:
            raise ValueError(
                "`model_fn` must return a compiled model: call "
                "`model.compile(optimizer, loss=...)` in it. Received: a "
                f"model that is not compiled, for fold {fold}"
            )
        if _among(optimizer, self._optimizers):
            raise _stale("gave a model with the optimizer of another", fold)
        steps = int(keras.ops.convert_to_numpy(optimizer.iterations))
        if steps:
            raise _stale(
                f"gave a model whose optimizer has taken {steps} steps", fold
            )
        before = _digests(model)
        known = [before[digest] for digest in before.keys() & self._learnt]
        if known:
            raise _stale(
                "gave a model with weights that another fold has learnt "
                f"({', '.join(sorted(known)[:3])}; {len(known)} in all)",
                fold,
            )
        self._before = frozenset(before)
        self._models.append(weakref.ref(model))
        self._optimizers.append(weakref.ref(optimizer))

    def trained(self, model):
        """Takes down what the model has learnt."""
        self._learnt |= frozenset(_digests(model)) - self._before

    def check_callbacks(self, made, fold):
        """Returns the callbacks of a fold, all of them new.

        Raises:
            TypeError: If they are no list of callbacks.
            ValueError: If one of them was in another fold.
        """
        made = [] if made is None else made
        if not isinstance(made, (list, tuple)) or not all(
            isinstance(callback, keras.callbacks.Callback) for callback in made
        ):
            raise TypeError(
                "`callbacks` must be a function that takes the number of a "
                "fold and returns a list of callbacks. Received: "
                f"callbacks({fold})={made!r}"
            )
        for callback in made:
            if _among(callback, self._callbacks):
                raise ValueError(
                    "`callbacks` must make new callbacks at every call: what "
                    "one keeps of a fold would reach the next. Received: the "
                    f"same {type(callback).__name__} for fold {fold} as before"
                )
        # One that is used again is alive until then.
        self._callbacks.extend(weakref.ref(callback) for callback in made)
        return list(made)


def _among(thing, references):
    return any(reference() is thing for reference in references)


def _digests(model):
    """What each weight is, in few bytes, and where it is."""
    found = {}
    for variable in model.weights:
        values = np.ascontiguousarray(keras.ops.convert_to_numpy(variable))
        digest = hashlib.blake2b(f"{values.shape} {values.dtype} ".encode())
        digest.update(values.reshape(-1).view(np.uint8))
        found[digest.digest()] = variable.path
    return found


def _stale(what, fold):
    return ValueError(
        f"`model_fn` must make a new model at every call, and {what}: its "
        "answers would not be out of fold. Let it build and compile one, with "
        "a new optimizer; weights that were learnt elsewhere may be loaded "
        f"before `compile`. Received: fold {fold}"
    )
