"""The memory that recording into a store takes, as epochs go by.

`python -m benchmarks.tracking_memory [--quick] [--json out.json]` records
epochs of N made samples into a store on disk, in a process of its own for
each number of epochs, and reads the most memory the process took, the data
and the backend included; 0 epochs is training without a tracker.
"""

import resource
import subprocess
import sys
import tempfile

from benchmarks.harness import parser
from benchmarks.harness import report
from benchmarks.tracking_size import model
from benchmarks.tracking_size import samples
from keras_robust import callbacks


def grow(count, epochs):
    """Records epochs into a store; prints the most memory taken, in MB."""
    x, y = samples(count)
    with tempfile.TemporaryDirectory() as folder:
        tracker = callbacks.LossTrajectory(
            warn_on_collapse=False, store=f"{folder}/run.zarr"
        )
        size = max(64, count // 50)
        if epochs:
            data = tracker.track(x, y, batch_size=size)
            model().fit(data, epochs=epochs, verbose=0, callbacks=[tracker])
        else:
            model().fit(x, y, batch_size=size, verbose=0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"peak {peak / 1024:.0f}")


def measure(count, numbers_of_epochs):
    """Returns a row for each number of epochs."""
    rows = []
    for epochs in numbers_of_epochs:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.tracking_memory"]
            + ["--grow", str(count), str(epochs)],
            capture_output=True,
            text=True,
            check=True,
        )
        peak = done.stdout.split("peak ")[-1].strip()
        rows.append(
            {
                "samples": f"{count:,}",
                "epochs": epochs,
                "peak memory MB": int(peak),
            }
        )
    return rows


def main(arguments=None):
    made = parser(__doc__)
    made.add_argument("--grow", nargs=2, type=int, help="used by itself")
    options = made.parse_args(arguments)
    if options.grow:
        grow(*options.grow)
        return
    if options.quick:
        rows = measure(100_000, (0, 1, 3))
    else:
        rows = measure(10_000_000, (0, 1, 5))
        rows += measure(1_000_000, (0, 1, 100))
    report("tracking_memory", rows, options)


if __name__ == "__main__":
    main()
