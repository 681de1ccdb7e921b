"""The seed of a trial, made of its hyperparameters."""

import hashlib
import json


def seed_of(hp):
    """A number that is the same for the same hyperparameters, everywhere.

    What a tuner keeps for itself (`tuner/epochs`) is no part of it.

    Args:
        hp: The `keras_tuner.HyperParameters` of the trial.
    """
    values = {
        name: value if isinstance(value, str | bool) else float(value)
        for name, value in hp.values.items()
        if not name.startswith("tuner/")
    }
    text = json.dumps(values, sort_keys=True)
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:4], "little")
