"""Writes RESULTS.md from what the benchmarks measured.

`python -m benchmarks.results FILE.json ...` takes the files that `--json`
wrote, and keeps those that are in benchmarks/results/ already.
"""

import argparse
import json
import os
import pathlib
import shutil

from benchmarks.harness import table

HERE = pathlib.Path(__file__).parent
HEAD = """# Results

Printed by the commands beside them (`python -m benchmarks.NAME`) on a shared
virtual machine; the numbers are in benchmarks/results/, and this page is made
of them by `python -m benchmarks.results`. Medians of ratios, run in turn in
one process, are to be trusted before single times.
"""
# benchmark -> heading and text
SECTIONS = {
    "demo": (
        "The demo over seeds",
        "Digits, 40 % symmetric noise, 40 epochs, seeds 0 to 9: accuracy on "
        "clean test\nimages, and the flagged labels of the robust training "
        "against the truth.",
    ),
    "cold_start": (
        "Which losses start cold",
        "Digits, 40 % symmetric noise, 40 epochs, 10 seeds: accuracy on clean "
        "test\nimages at the last epoch. *collapsed*: runs in which a class is "
        "predicted for\nless than a tenth of its test images; *warned*: in how "
        "many of those the\ntracker warned; *false alarms*: in how many of the "
        "others.",
    ),
    "tracking": (
        "What recording adds",
        "An epoch of the demo's network on the digits: plain `fit` on arrays, "
        "with a\n`LossTrajectory` of three signals, and plain with a `predict` "
        "over the training\ndata after every epoch.",
    ),
    "tracking_size": (
        "Recording as the data grow",
        "A linear model on batches of 64 of N made samples: what recording "
        "three signals\nadds to a step.",
    ),
    "tracking_memory": (
        "Memory while recording into a store",
        "The most memory of a process that records epochs of N made samples "
        "into a store\non disk, the data (36 bytes a sample) and the backend "
        "included; 0 epochs is training\nwithout a tracker.",
    ),
    "losses": (
        "Speed and memory of the losses",
        "Forward and backward with integer labels, compiled as `fit` does, as "
        "a ratio to\nKeras's own sparse cross-entropy on the same input; "
        "memory beside the inputs, as\na ratio too.",
    ),
}


def section(name):
    """The lines of one benchmark, a table for every backend measured."""
    title, text = SECTIONS[name]
    lines = [f"\n## {title}\n", text]
    found_in = sorted((HERE / "results").glob(f"{name}-*.json"))
    if not found_in:
        return []
    for path in found_in:
        found = json.loads(path.read_text())
        about = dict(found["machine"])
        backend = about.pop("backend")
        said = ", ".join(f"{key} {value}" for key, value in about.items())
        command = f"KERAS_BACKEND={backend} python -m benchmarks.{name}"
        lines += [f"\n`{command}`, {said}:\n", table(found["rows"])]
    return lines


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", metavar="FILE.json")
    options = parser.parse_args(arguments)
    kept = HERE / "results"
    kept.mkdir(exist_ok=True)
    for file in options.files:
        found = json.loads(pathlib.Path(file).read_text())
        name = f"{found['benchmark']}-{found['machine']['backend']}.json"
        shutil.copyfile(file, kept / name)
    lines = [HEAD.rstrip()]
    for name in SECTIONS:
        lines += section(name)
    beside = HERE / "RESULTS.md.part"
    beside.write_text("\n".join(lines) + "\n")
    os.replace(beside, HERE / "RESULTS.md")


if __name__ == "__main__":
    main()
