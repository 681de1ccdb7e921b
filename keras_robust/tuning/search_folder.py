"""The folder of a search: whose it is, and what lies beside its trials."""

import json
import os
import uuid
import zlib
from pathlib import Path

import numpy as np

from keras_robust.tuning import keras_tuner as kt

_FILE = "keras_robust.json"


def trajectories_path(tuner, trial_id, execution=0):
    """Where the trajectories of a trial are."""
    name = f"trajectories_{execution}.npz" if execution else "trajectories.npz"
    return os.path.join(tuner.get_trial_dir(trial_id), name)


def check_folder(tuner, described, labels):
    """Raises if the folder has trials of another search; marks it else.

    Args:
        tuner: The tuner, which knows the folder.
        described: What is the same for all trials of a search, plain values.
        labels: Name -> labels of training and validation, known again if
            they are arrays.
    """
    sums = {name: _sum(given) for name, given in labels.items()}
    described = json.loads(json.dumps({**described, **sums}))
    path = Path(tuner.project_dir) / _FILE
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        found = None
    if found is None:
        if _has_finished(tuner):
            raise _another(tuner, "trials of a search without RobustHyperModel")
        beside = path.with_name(f"{_FILE}.{uuid.uuid4().hex[:8]}.part")
        beside.write_text(json.dumps(described, indent=1))
        os.replace(beside, path)
    elif found != described:
        keys = sorted({*found, *described})
        other = [k for k in keys if found.get(k) != described.get(k)]
        raise _another(
            tuner,
            "; ".join(
                f"{k}={found.get(k)} there, {described.get(k)} here"
                for k in other
            ),
        )


def _another(tuner, received):
    return kt.fatal(
        "The folder holds another search, whose trials cannot be compared "
        "with these: give another `project_name` or `directory`, or "
        f"overwrite=True. Received: {tuner.project_dir!r} with {received}"
    )


def _has_finished(tuner):
    trials = getattr(tuner.oracle, "end_order", None)
    return bool(trials)


def _sum(labels):
    """A number by which labels are known again."""
    if labels is None:
        return None
    try:
        labels = np.ascontiguousarray(labels)
    except (TypeError, ValueError, RuntimeError):
        return None
    if labels.dtype.kind not in "iubf":
        return None
    return [list(labels.shape), zlib.crc32(labels.astype("float64").tobytes())]
