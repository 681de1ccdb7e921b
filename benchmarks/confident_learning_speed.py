"""What confident learning costs, beside cleanlab.

`python -m benchmarks.confident_learning_speed [--data DIR] [--quick] [--json
FILE]` flags the labels of made probabilities by several filters and scores
them by several qualities, in turn by cleanlab, where that is installed, and by
`detect.confident_learning` and `detect.label_quality`: seconds of the
processor (the median of the rounds), the most memory beside the input, and
how many flags differ. With `--data` it says how many of the labels of
`label_errors_20news.npz` that were checked by people and are flagged are
wrong.
"""

import os

# One thread, also inside of BLAS.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import dataclasses
import functools
import statistics
import time
import tracemalloc

import numpy as np

from benchmarks.harness import parser
from benchmarks.harness import report
from keras_robust.detect import confident_learning
from keras_robust.detect import label_quality
from keras_robust.detect.probabilities.confident_learning import FILTERS

try:
    import cleanlab
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
except ImportError:
    cleanlab = None

SIZES = ((1_000_000, 10), (50_000, 100))
QUICK_SIZES = ((20_000, 10), (2000, 100))
FLAGS = (
    "prune_by_noise_rate",
    "both",
    "confident_learning",
    "low_self_confidence",
)
QUALITIES = (
    "self_confidence",
    "normalized_margin",
    "confidence_weighted_entropy",
)
WRONG = 0.2


def made(num_samples, num_classes, dtype):
    """Labels, of which some are wrong, and probabilities of a fair model."""
    rng = np.random.default_rng(0)
    true = rng.integers(num_classes, size=num_samples)
    wrong = rng.random(num_samples) < WRONG
    labels = true.copy()
    shift = rng.integers(1, num_classes, size=int(wrong.sum()))
    labels[wrong] = (true[wrong] + shift) % num_classes
    p = rng.normal(size=(num_samples, num_classes)).astype(np.float32)
    sure = rng.normal(4.0, 1.5, num_samples)
    p[np.arange(num_samples), true] += sure.astype(np.float32)
    np.exp(p, out=p)
    p /= p.sum(axis=1, keepdims=True)
    return labels, p.astype(dtype)


def ways(name, labels, p):
    """What is compared: functions without arguments, cleanlab's last."""
    if name in FLAGS:
        ours = functools.partial(confident_learning, labels, p, name)
        options = {"filter_by": name, "n_jobs": 1}
        theirs = cleanlab and functools.partial(
            find_label_issues, labels, p, **options
        )
    else:
        ours = functools.partial(label_quality, labels, p, name)
        theirs = cleanlab and functools.partial(
            get_label_quality_scores, labels, p, method=name
        )
    return [ours, theirs] if cleanlab else [ours]


def seconds(functions, rounds):
    """Of the processor, each the median; and what they returned."""
    spent = [[] for _ in functions]
    results = [None] * len(functions)
    for _ in range(rounds):
        for i, function in enumerate(functions):
            begun = time.process_time()
            results[i] = function()
            spent[i].append(time.process_time() - begun)
    return [statistics.median(times) for times in spent], results


def peak_mib(function):
    """The most memory during the call, what it returns included."""
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    function()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (most - before) / 2**20


def result_mib(result):
    """Of the arrays that a result holds."""
    arrays = [result]
    if dataclasses.is_dataclass(result):
        arrays = [getattr(result, f.name) for f in dataclasses.fields(result)]
    return sum(getattr(a, "nbytes", 0) for a in arrays) / 2**20


def difference(ours, theirs):
    if dataclasses.is_dataclass(ours):
        flags = int((ours.is_label_issue != theirs).sum())
        return f"{flags} of {int(theirs.sum())} flags"
    return f"{np.abs(ours - theirs).max():.0e}"


def row(num_samples, num_classes, dtype, name, rounds):
    labels, p = made(num_samples, num_classes, dtype)
    functions = ways(name, labels, p)
    times, results = seconds(functions, rounds)
    memory = [peak_mib(function) for function in functions]
    found = {
        "probabilities": f"{num_samples:,} x {num_classes} {p.dtype}",
        "what": name,
        "CPU s": f"{times[0]:.3f}",
        "MiB": f"{memory[0]:.0f}",
        "of which the result": f"{result_mib(results[0]):.0f}",
    }
    if not cleanlab:
        return {**found, "cleanlab": "not installed"}
    return {
        **found,
        f"cleanlab {cleanlab.__version__}: CPU s": f"{times[1]:.3f}",
        "cleanlab: MiB": f"{memory[1]:.0f}",
        "times as fast": f"{times[1] / times[0]:.1f}",
        "of its memory": f"{memory[0] / memory[1]:.2f}",
        "differ": difference(*results),
    }


def checked_by_people(folder):
    """Rows of how many of the flagged and checked labels are wrong."""
    with np.load(os.path.join(folder, "label_errors_20news.npz")) as stored:
        labels, p = stored["y_test"], stored["pred_probs"]
        checked, is_error = stored["le_index"], stored["le_is_error"]
    rows = []
    for name in FILTERS:
        issues = confident_learning(labels.astype(np.int64), p, name)
        flagged = issues.is_label_issue[checked]
        hits = int(is_error[flagged].sum())
        rows.append(
            {
                "filter": name,
                "flagged": issues.num_issues,
                "of the checked": f"{int(flagged.sum())} of {checked.size}",
                "wrong": hits,
                "precision": f"{hits / max(int(flagged.sum()), 1):.3f}",
            }
        )
    return rows


def main(arguments=None):
    made_parser = parser(__doc__)
    made_parser.add_argument("--data", metavar="DIR", help="folder of the data")
    options = made_parser.parse_args(arguments)
    if options.data:
        rows = checked_by_people(options.data)
        report("confident_learning_20news", rows, options)
        return
    sizes, rounds = (QUICK_SIZES, 1) if options.quick else (SIZES, 5)
    rows = [
        row(*size, dtype, name, rounds)
        for size in sizes
        for dtype in (np.float32, np.float64)
        for name in (*FLAGS, *QUALITIES)
    ]
    report("confident_learning_speed", rows, options)


if __name__ == "__main__":
    main()
