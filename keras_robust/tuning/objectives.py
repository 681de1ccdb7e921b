"""What trials are compared by."""

import keras

from keras_robust.tuning import keras_tuner as kt


def objective_of(score):
    """The `keras_tuner.Objective` of a score on validation data.

    Args:
        score: The name of a metric, or a metric, that is better the larger.
    """
    name = score if isinstance(score, str) else getattr(score, "name", None)
    metric = isinstance(score, str | keras.metrics.Metric)
    if not metric or not name or "loss" in name:
        raise ValueError(
            "`score` must be a metric that is better the larger it is, such "
            "as 'accuracy' or NoiseCorrectedAccuracy(transition_matrix); "
            f"{WHY} Received: score={score!r}"
        )
    return kt.imported().Objective(f"val_{name}", "max")


WHY = (
    "each loss has a scale of its own, so the smallest value of different "
    "losses, or of one with different parameters, says nothing of which "
    "trained best."
)


def check_objective(objective, spaces):
    """Raises for the value of a loss as objective where losses differ.

    Args:
        objective: The tuner's.
        spaces: Name -> `SearchSpace` of the losses to choose from.
    """
    names = [objective.name, *getattr(objective, "name_to_direction", ())]
    by_loss = [name for name in names if name in ("loss", "val_loss")]
    differ = len(spaces) > 1 or any(one.ranges for one in spaces.values())
    if by_loss and differ:
        raise kt.fatal(
            f"{by_loss[0]!r} cannot be the objective of a search for losses: "
            f"{WHY} Take `hypermodel.objective`. Received: objective="
            f"{objective}, losses={list(spaces)}"
        )
