"""SearchReport: what a search for a loss has found."""

import functools
import json
import os

from keras_robust.detect import find_label_issues
from keras_robust.losses import search_space
from keras_robust.trajectories import Trajectories
from keras_robust.tuning.loss_hyperparameters import warm_up_epochs
from keras_robust.tuning.search_folder import trajectories_path

# Of different losses they cannot be compared.
_NOT_SHOWN = ("loss", "val_loss")


class SearchReport:
    """The trials of a search, the best of them, and what it says of the data.

    Use it after `tuner.search`, also of a search that was read again from its
    folder; `print` shows the table. `report.plot_search` draws it. Of a
    search on many workers only the chief has the trials.

    Trials of the same score stand in the order of their hyperparameters, so
    that the winner does not depend on which worker was quicker.

    Args:
        tuner: A tuner of KerasTuner whose search has ended. Trials that
            failed or still run have no score, and stand last.
        prefix: That of `loss_hyperparameters`. Defaults to `"loss"`.

    Attributes:
        rows: A dict for every trial, the best first: `trial`, `status`,
            `score`, `epoch` (counted from 0, of the score), the
            hyperparameters and the metrics by their names.
        best: The first of them.
        objective: The name of what `score` is.
        direction: `"max"`, or `"min"` where the best score is the smallest.

    Raises:
        ValueError: If no trial has ended, or the tuner is a worker's.

    Example:

    With the tuner of the example of `RobustHyperModel`:

    ```python
    report = kr.tuning.SearchReport(tuner)
    print(report)
    report.compile_line
    report.issues.top(20)
    kr.report.plot_search(report, "loss_agce_q")
    ```
    """

    def __init__(self, tuner, prefix="loss"):
        trials = getattr(tuner.oracle, "trials", None)
        if trials is None:
            raise ValueError(
                "A worker knows no trials but its own: make the report where "
                "the chief runs, or with a tuner of the same folder after the "
                "search. Received: a tuner with a chief elsewhere"
            )
        self.objective = tuner.oracle.objective.name
        self.prefix = prefix
        self._tuner = tuner
        self.direction = tuner.oracle.objective.direction
        sign = -1.0 if self.direction == "max" else 1.0
        self._trials = sorted(trials.values(), key=lambda t: _order(t, sign))
        self.rows = [_row(trial) for trial in self._trials]
        if not self.rows or self.rows[0]["score"] is None:
            messages = [t.message for t in self._trials if t.message]
            raise ValueError(
                "No trial of this search has ended. Received: "
                f"{len(self.rows)} trials"
                + (f", the first failed with {messages[0]}" if messages else "")
            )
        self.best = self.rows[0]

    def to_frame(self):
        """The rows as a pandas DataFrame."""
        try:
            import pandas
        except ImportError as error:
            raise ImportError(
                "`to_frame` needs pandas: `pip install 'keras-robust[report]'`"
            ) from error
        return pandas.DataFrame(self.rows)

    @property
    def best_hyperparameters(self):
        """The `keras_tuner.HyperParameters` of the best trial."""
        return self._trials[0].hyperparameters

    @property
    def best_loss(self):
        """The loss of the best trial, to compile with."""
        return self._tuner.hypermodel.build(self.best_hyperparameters).loss

    @functools.cached_property
    def compile_line(self):
        """The line that compiles a model as the best trial's was.

        Numbers have 6 digits. It needs `import keras` and
        `import keras_robust as kr`; a warm-up, which is a callback of `fit`,
        stands behind it as a comment. Of metrics it has the accuracy. What no
        line can say is a name to be filled in: `transition_matrix`, and
        `optimizer` for one of your own or with a schedule.
        """
        hp = self.best_hyperparameters
        model = self._tuner.hypermodel.build(hp)
        line = (
            f"model.compile({_optimizer(model.optimizer)}, "
            f'loss={self._loss(model.loss)}, metrics=["accuracy"])'
        )
        warm_up = warm_up_epochs(hp, self.prefix)
        if warm_up:
            line += (
                f"  # callbacks=[kr.callbacks.CrossEntropyWarmUp({warm_up})]"
            )
        return line

    @functools.cached_property
    def issues(self):
        """The `LabelIssues` of the training labels, by the best trial."""
        return find_label_issues(self.trajectories())

    def trajectories(self, trial=None):
        """The `Trajectories` of a trial.

        Args:
            trial: Its `trial` in the rows. Defaults to `None`: the best.
        """
        trial = self.best["trial"] if trial is None else trial
        path = trajectories_path(self._tuner, trial)
        if not os.path.exists(path):
            raise FileNotFoundError(
                "There are no trajectories of this trial: a RobustHyperModel "
                "with track=True writes them, into the folder of the search "
                f"on the machine of its worker. Received: {path}"
            )
        return Trajectories.load(path)

    def __str__(self):
        shown = [
            name
            for name in ("trial", "score", self._error, "epoch", self.prefix)
            if name in self.best
        ]
        head = [*shown, "hyperparameters"]
        cells = [head]
        for trial, row in zip(self._trials, self.rows, strict=True):
            own = {
                name: value
                for name, value in trial.hyperparameters.values.items()
                if name != self.prefix
            }
            text = ", ".join(f"{k}={_short(v)}" for k, v in own.items())
            cells.append([*(_short(row.get(name)) for name in shown), text])
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            "  ".join(
                cell.ljust(width)
                for cell, width in zip(row, widths, strict=True)
            ).rstrip()
            for row in cells
        ]
        return "\n".join([f"score: {self.objective}", *lines])

    @property
    def _error(self):
        return f"{self.objective}_error"

    def _loss(self, loss):
        values = self.best_hyperparameters.values
        name = values.get(self.prefix)
        if name is None:
            raise ValueError(
                "The trials have no choice of a loss: its name is the "
                "`prefix` of `loss_hyperparameters`. Received: prefix="
                f"{self.prefix!r}, hyperparameters {sorted(values)}"
            )
        start = f"{self.prefix}_{name}_"
        given = {
            key.removeprefix(start): value
            for key, value in values.items()
            if key.startswith(start)
        }
        space = search_space(name, transition_matrix=0.0)
        fixed = {k: repr(v) for k, v in space.fixed.items()}
        if "transition_matrix" in fixed:
            fixed["transition_matrix"] = "transition_matrix"
        given = {key: _short(value) for key, value in given.items()}
        if getattr(loss, "from_logits", False):
            fixed["from_logits"] = "True"
        listed = [f"{key}={text}" for key, text in (given | fixed).items()]
        return f"kr.losses.get({', '.join([json.dumps(name), *listed])})"


def _order(trial, sign):
    values = json.dumps(trial.hyperparameters.values, sort_keys=True)
    ended = trial.status == "COMPLETED" and trial.score is not None
    return (not ended, sign * trial.score if ended else 0.0, values)


def _row(trial):
    ended = trial.status == "COMPLETED" and trial.score is not None
    metrics = {
        name: float(history.get_best_value())
        for name, history in trial.metrics.metrics.items()
        if name not in _NOT_SHOWN and history.get_history()
    }
    return {
        "trial": trial.trial_id,
        "status": trial.status,
        "score": float(trial.score) if ended else None,
        "epoch": int(trial.best_step) if ended else None,
        **metrics,
        **trial.hyperparameters.values,
    }


def _optimizer(optimizer):
    kind, given = type(optimizer), optimizer.get_config()
    # On PyTorch Keras has classes of its own behind the public names.
    own = not kind.__module__.startswith("keras.")
    if own or any(isinstance(one, dict) for one in given.values()):
        return "optimizer"
    usual = {**kind().get_config(), "name": given["name"]}
    rate = _short(given.pop("learning_rate"))
    changed = [f"{k}={_written(v)}" for k, v in given.items() if v != usual[k]]
    listed = ", ".join([rate, *changed])
    return f"keras.optimizers.{kind.__name__}({listed})"


def _written(value):
    return _short(value) if isinstance(value, float) else repr(value)


def _short(value):
    if isinstance(value, float):
        return repr(float(f"{value:.6g}"))
    return "" if value is None else str(value)
