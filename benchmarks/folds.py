"""Probabilities of networks that have not seen the sample."""

import keras
import numpy as np

from benchmarks import recipe


def out_of_fold(make, x, y, num_classes, folds, seed, **options):
    """Trains on all parts but one, and asks for that one, every part.

    Args:
        make: Returns a new compiled model that gives logits, and the
            callbacks of its training.
        x, y: The samples and their labels.
        num_classes: K.
        folds: How many parts, stratified by `y`.
        seed: Of the parts, and of every training.
        **options: Of `fit`.

    Returns:
        Float64 `(N, K)`.
    """
    from sklearn.model_selection import StratifiedKFold

    found = np.empty((len(y), num_classes))
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for seen, unseen in parts.split(np.zeros(len(y)), y):
        keras.utils.clear_session()
        keras.utils.set_random_seed(seed)
        model, listed = make()
        model.fit(x[seen], y[seen], callbacks=listed, verbose=0, **options)
        logits = recipe.logits(model, x[unseen]).astype("float64")
        logits -= logits.max(axis=1, keepdims=True)
        odds = np.exp(logits)
        found[unseen] = odds / odds.sum(axis=1, keepdims=True)
    return found
