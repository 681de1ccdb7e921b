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
        "Digits, 40 % symmetric noise, 40 epochs, as many seeds as *runs*: "
        "accuracy on\nclean test images at the last epoch. *collapsed*: runs "
        "in which a class is\npredicted for less than a tenth of its test "
        "images; *warned*: in how many of\nthose the tracker warned; *false "
        "alarms*: in how many of the others. *theory*:\nwhether "
        "`theory.fitting_profile` says that the loss starts from random "
        "weights;\nit is wrong for DataAmbiguation, "
        "NormalizedNegativeCrossEntropy and\nNormalizedNegativeFocal, and "
        'doubts `get("agce")`, `"aul"` and `"ael"` for CIFAR-10,\nwhich '
        "are on its border. With two or three runs a loss that collapses "
        "rarely can\nlook safe.",
    ),
    "theory": (
        "What theory says of the losses",
        "*ratio*: the asymmetry ratio; *symmetric noise* and *pair*: the "
        "largest rate that\nis tolerated, of 10 classes or of 100; ~ is "
        "numeric evidence, the others are\nclosed forms; - is a loss of more "
        "than probabilities, or without a ratio.\n*counterexample*: class "
        "probabilities found at which a wrong class is as good\n(none found "
        "is no proof). *at start*: the mean pull at random weights, over the\n"
        "largest; *starts*: whether training gets going from there. The two "
        "corrections\nare told 40 % symmetric noise, and are not made for "
        "other labels.",
    ),
    "lookup_table": (
        "Whether training ends where theory says",
        "Free logits for each class, trained at 10 % less and 10 % more noise "
        "than the\npredicted rate: the probability of the true class at the "
        "end. Inside of the rate\nit should be 1 (above 0.99 is *parted*). A "
        "normalised part gets there slowly.",
    ),
    "detection": (
        "Which detector finds the wrong labels",
        "Means of the seeds. AP: average precision of the order; F1 of the "
        "flags; *flagged /\nwrong*: how many are flagged for each that is "
        "wrong; ECE: expected calibration\nerror of P(wrong). *auto, left "
        "out*: its parts chosen on the other data sets.",
    ),
    "loss_table": (
        "Which loss for which noise",
        "Accuracy on clean test images in per cent at the last epoch, means of "
        "the seeds\nwith half of what they lie apart; benchmarks/loss_table.py "
        "says how it was trained:\na small recipe for processors, to compare "
        "losses with, not to compare with papers.\nCross-entropy *stopped "
        "early* goes back to the best epoch by noisy validation\nlabels. "
        "*ForwardCorrection(T)* is told the true transition matrix.",
    ),
    "open_set": (
        "Whether samples of no class are told from wrong labels",
        "A tenth of the samples are replaced by samples of classes that were "
        "left out, and\n15 % of the labels are flipped. Of the labels that "
        "`find_label_issues` flags:\nhow many `fits_no_class` calls samples "
        "of no class.",
    ),
    "acting": (
        "Methods that act during training",
        "The same network, from the same weights, with each method; by "
        "default of\ncross-entropy, and compared with it, with it stopped "
        "early on noisy validation\nlabels and with AGCE after a warm-up. "
        "The order of the samples is the same, but\nfor NoisyEarlyStopping, "
        "which trains on nine tenths of them and validates on the\nrest, and "
        "for CoTeaching, which has a second network and leaves the order to"
        "\nKeras. SmallLoss, LateStopping, CNLCU (soft and hard) and "
        "CoTeaching are told the\ntrue share of wrong labels, which no user "
        "knows; the others are not. Fashion-MNIST:\n10,000 images drawn by "
        "the seed, warm-ups of 2 epochs of 12; CIFAR-10N: 12,000\nimages, "
        "4 of 12. Accuracy on clean test images at the end, of methods that "
        "stop\nat the *epoch* (their mean) that they go back to. *worst* to "
        "*best* is what the\nseeds alone make of a method: differences "
        "within it show nothing.",
    ),
    "back_off": (
        "Finding wrong labels with losses that back off",
        '20 % of the labels flipped; confident learning\'s filter "both" on '
        "predictions\nof networks that have not seen the sample, against the "
        "truth; AUROC is of the\ngiven label's probability. A part of the "
        "paper's grid, on 3,000 images of\nFashion-MNIST with seed 0; the "
        "best of each loss by F1 has two more seeds, and\ntheir range "
        "(*other seeds*) is what to compare: they had no part in the choice.",
    ),
    "confident_learning_speed": (
        "What confident learning costs",
        "Flags by several filters and qualities by several methods, of made "
        "probabilities\nwith 20 % wrong labels, beside cleanlab on the same "
        "inputs in the same run: one\nthread, medians of five. Memory is what "
        "Python and NumPy hold at most beside the\ninput; the result of ours "
        "has eight columns, that of cleanlab is the mask.",
    ),
    "confident_learning_20news": (
        "Confident learning on labels that people checked",
        "Of the test labels of 20 Newsgroups with published probabilities: 93 "
        "that cleanlab\nhad proposed were checked by five people each, 82 are "
        "wrong. Of the others nothing\nis known.",
    ),
    "acting_cost": (
        "What acting on samples adds",
        "A step of the demo's network on 50,000 images in batches of 256, all "
        "with the\nsame loss: medians over trainings run in turn, and their "
        "ratios to the plain and\nto the tracked training of the same turn.",
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
# Those that were run on files of images.
WITH_DATA = ("acting", "back_off", "detection", "loss_table", "open_set")


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
        if name in WITH_DATA:
            command += " --data DIR"
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
