"""What every benchmark shares: options, the machine, a table, a JSON file."""

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import sys

import keras


def parser(description):
    """An argument parser with the options every benchmark takes."""
    first = description.strip().splitlines()[0]
    made = argparse.ArgumentParser(description=first)
    made.add_argument("--quick", action="store_true", help="fewer repetitions")
    made.add_argument("--json", metavar="FILE", help="also write the rows here")
    return made


def machine():
    """Backend, versions and processor of this run."""
    packages = ["keras", "numpy", keras.backend.backend()]
    if keras.backend.backend() == "tensorflow":
        packages[-1:] = ["tensorflow", "tensorflow-cpu"]
    versions = {}
    for package in packages:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "backend": keras.backend.backend(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "date": datetime.date.today().isoformat(),
        **versions,
    }


def _processor():
    try:
        with open("/proc/cpuinfo") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def table(rows):
    """The rows (dicts of the same keys) as a Markdown table."""
    names = list(rows[0])
    lines = ["| " + " | ".join(names) + " |"]
    lines.append("|" + "---|" * len(names))
    for row in rows:
        lines.append("| " + " | ".join(str(row[n]) for n in names) + " |")
    return "\n".join(lines)


def report(name, rows, options):
    """Prints the rows and writes them to `--json`, written then renamed."""
    about = machine()
    print(", ".join(f"{key} {value}" for key, value in about.items()))
    print(table(rows))
    if options.json:
        beside = options.json + ".part"
        with open(beside, "w") as file:
            content = {"benchmark": name, "machine": about, "rows": rows}
            json.dump(content, file, indent=1)
        os.replace(beside, options.json)
    sys.stdout.flush()
