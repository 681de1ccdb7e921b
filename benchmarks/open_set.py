"""Whether samples of no class are told from labels that are merely wrong.

`python -m benchmarks.open_set [--data DIR] [--quick] [--json FILE]` leaves two
or three classes out of a data set, puts samples of them in the place of a
tenth of the others, flips 15 % of the labels, trains with cross-entropy, and
asks `find_label_issues` and `fits_no_class`. Once on digits, with `--data` (see
benchmarks/data.py) on Fashion-MNIST too; and with nothing put in, where no
sample should be called so.
"""

import keras
import numpy as np

from benchmarks import labelled
from benchmarks.detection_runs import compiled
from benchmarks.harness import parser
from benchmarks.harness import report
from keras_robust import callbacks
from keras_robust import losses
from keras_robust import noise
from keras_robust.detect import find_label_issues

LEFT_OUT = ((8, 9), (0, 1), (5, 7, 9))
RATE = 0.1
WRONG = 0.15
# Epochs, and how many images.
SETS = {
    "digits": (
        lambda folder, seed: labelled.digits(folder, seed, "symmetric", 0.0),
        30,
    ),
    "Fashion-MNIST": (
        lambda folder, seed: labelled.fashion_mnist(
            folder, seed, "y_train", 6_000
        ),
        15,
    ),
}


def with_outsiders(samples, left_out, rate, seed):
    """Samples without some classes, and of these in the place of others.

    Returns:
        `Labelled` with the true label -1 where a sample is of no class.
    """
    rng = np.random.default_rng(seed)
    outside = np.isin(samples.true, left_out)
    classes = np.setdiff1d(samples.true, left_out)
    true = np.searchsorted(classes, samples.true[~outside]).astype("int32")
    given = noise.symmetric(true, WRONG, len(classes), seed=rng).labels
    noisy = noise.open_set(
        given,
        rate,
        x=samples.x[~outside],
        outside=samples.x[outside],
        num_classes=len(classes),
        seed=rng,
    )
    true = np.where(noisy.is_wrong, -1, true)
    return labelled.Labelled(noisy.x, given, true, len(classes))


def judged(issues, samples):
    """How well `fits_no_class` tells them apart, as numbers of samples."""
    no_class = samples.true == -1
    called = issues.fits_no_class()
    wrong = issues.is_label_issue & samples.wrong
    return {
        "of no class": int(no_class.sum()),
        "flagged of these": int((wrong & no_class).sum()),
        "called so": int((called & no_class).sum()),
        "wrong labels flagged": int((wrong & ~no_class).sum()),
        "called so too": int((called & wrong & ~no_class).sum()),
        "right labels flagged": int((issues.is_label_issue & ~wrong).sum()),
        "and called so": int((called & ~samples.wrong).sum()),
    }


def run(name, left_out, rate, seed, folder, epochs=None):
    """One training; returns a row."""
    load, usual = SETS[name]
    samples = with_outsiders(load(folder, seed), left_out, rate, seed)
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    tracker = callbacks.LossTrajectory()
    model = compiled(samples, losses.CrossEntropy(from_logits=True))
    tracker.fit(
        model,
        samples.x,
        samples.given,
        epochs=epochs or usual,
        batch_size=64,
        verbose=0,
    )
    issues = find_label_issues(tracker.trajectories)
    named = ", ".join(map(str, left_out))
    about = {"data": f"{name} without {named}", "seed": seed}
    return {**about, **judged(issues, samples)}


def main(arguments=None):
    made = parser(__doc__)
    made.add_argument("--data", metavar="DIR", help="folder of the images")
    options = made.parse_args(arguments)
    seeds = (0,) if options.quick else (0, 1, 2)
    jobs = [
        (name, left_out, rate, seed)
        for name in (SETS if options.data else ["digits"])
        for left_out in (LEFT_OUT[:1] if options.quick else LEFT_OUT)
        for rate in (RATE, 0.0)
        for seed in seeds
    ]
    bar = keras.utils.Progbar(len(jobs), unit_name="run")
    rows = []
    for job in jobs:
        rows.append(run(*job, options.data, 8 if options.quick else None))
        bar.add(1)
    report("open_set", rows, options)


if __name__ == "__main__":
    main()
