"""The demo over seeds: accuracy and detection, mean and worst.

`python -m benchmarks.demo [--quick] [--json out.json]` runs what
`keras-robust demo` runs, with seeds 0 to 9.
"""

import statistics

import keras

from benchmarks.harness import parser
from benchmarks.harness import report
from keras_robust import demo


def main(arguments=None):
    options = parser(__doc__).parse_args(arguments)
    seeds = 2 if options.quick else 10
    bar = keras.utils.Progbar(2 * demo.EPOCHS * seeds, unit_name="epoch")
    columns = {
        "cross-entropy, last epoch": [],
        "cross-entropy, stopped early": [],
        f"AsymmetricGCE(q=3), warm-up {demo.WARM_UP}": [],
        "flags, precision": [],
        "flags, recall": [],
        "flags, F1": [],
    }
    for seed in range(seeds):
        result = demo.run(seed=seed, bar=bar)
        found = result.found
        values = (
            result.last,
            result.stopped,
            result.robust,
            found["precision"],
            found["recall"],
            found["f1"],
        )
        for name, value in zip(columns, values, strict=True):
            columns[name].append(value)
    rows = [
        {
            "what": name,
            "mean": f"{statistics.mean(values):.3f}",
            "worst": f"{min(values):.3f}",
            "best": f"{max(values):.3f}",
        }
        for name, values in columns.items()
    ]
    report("demo", rows, options)


if __name__ == "__main__":
    main()
