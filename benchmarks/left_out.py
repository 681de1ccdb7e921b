"""The study behind `auto`: its parts, chosen on the other data sets.

Three choices are studied: the evidence, the share of the epochs that the
number of wrong labels is counted in, and the slope of P(wrong). For every
data set they are chosen by what is best on the others, and judged on it. When
a fit of two groups replaces that count is as in `auto`, not chosen here.
"""

import math
import statistics

import numpy as np
from sklearn.metrics import average_precision_score

from benchmarks.detectors import Found
from benchmarks.detectors import calibration_error
from benchmarks.detectors import judged
from keras_robust.detect import Score
from keras_robust.detect import splits
from keras_robust.detect.scores.auto import log_ratio
from keras_robust.detect.scores.auto import probability_right
from keras_robust.detect.scores.auto import sharper_rate
from keras_robust.detect.scores.confident_rate import confident_rate
from keras_robust.detect.scores.in_pass import given_and_other

EVIDENCE = {
    "mean margin": lambda t: t.mean("margin"),
    "mean difference": lambda t: np.subtract(*given_and_other(t)).mean(axis=0),
    "log-odds of means": lambda t: log_ratio(*given_and_other(t)),
    "mean log-probability": lambda t: -t.mean("cross_entropy"),
}
LAST = (1 / 6, 1 / 3, 1 / 2, 2 / 3)
SLOPES = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0)


def candidates(run):
    """What each choice gives on one run, to choose by and to judge by."""
    found = {}
    evidence = {n: f(run.trajectories) for n, f in EVIDENCE.items()}
    for name, values in evidence.items():
        found["evidence", name] = average_precision_score(run.wrong, -values)
    rates = {share: confident_rate(run.trajectories, share) for share in LAST}
    for share, rate in rates.items():
        # How many times too many or too few; a tenth at the least.
        ratio = max(rate / run.wrong.mean(), 0.1)
        found["last", share] = -abs(math.log(ratio))
    for name, values in evidence.items():
        for share, rate in rates.items():
            sharper = sharper_rate(values, rate)
            for slope in SLOPES:
                right = probability_right(values, sharper, slope)
                error = calibration_error(1 - right, run.wrong)
                found["slope", (name, share, slope)] = -error
    return found, evidence, rates


def chosen_without(name, of_runs):
    """The choice that is best on all data sets but one.

    Args:
        name: The data set that is left out.
        of_runs: dict of (data set, seed) to the first of `candidates`.
    """
    others = [found for key, found in of_runs.items() if key[0] != name]

    def best(kind, options):
        return max(
            options,
            key=lambda option: statistics.mean(f[kind, option] for f in others),
        )

    evidence = best("evidence", list(EVIDENCE))
    last = best("last", LAST)
    _, _, slope = best("slope", [(evidence, last, s) for s in SLOPES])
    return evidence, last, slope


def judged_left_out(runs):
    """`auto` on every run, with what was chosen on the other data sets.

    Args:
        runs: dict of (data set, seed) to `Run`.

    Returns:
        dict of (data set, seed) to the result of `judged`, and dict of data
        set to the choice.
    """
    made = {key: candidates(run) for key, run in runs.items()}
    of_runs = {key: found for key, (found, _, _) in made.items()}
    names = dict.fromkeys(name for name, _ in runs)
    choices = {name: chosen_without(name, of_runs) for name in names}
    results = {}
    for key, run in runs.items():
        evidence, last, slope = choices[key[0]]
        _, values, rates = made[key]
        values = values[evidence]
        rate = sharper_rate(values, rates[last])
        right = probability_right(values, rate, slope)
        flags = splits.ExpectedNumber()(Score(right, values))
        found = Found(-values, flags.mask, flags.wrong_probability)
        results[key] = judged(found, run)
    return results, choices
