"""What theory says of every loss of the library.

`python -m benchmarks.theory [--quick] [--json out.json]` prints whether each
is symmetric, its asymmetry ratio, the noise rate up to which it tolerates
symmetric and pair noise of 10 and of 100 classes, what a search for a
counterexample to its calibration found, how hard it pulls at random weights and
whether it starts from there. Nothing is trained. `--quick`: of 10 classes only.
"""

import keras

from benchmarks.harness import parser
from benchmarks.harness import report
from benchmarks.library import every_loss
from keras_robust import theory
from keras_robust.theory.asymmetry import declares_ratio
from keras_robust.theory.asymmetry import has_ratio

MANY = 100
NONE = "-"


def row_of(text, loss, many):
    """The row of a loss; `many` is the same for many classes, or `None`."""
    row = {
        "loss": text,
        "symmetric": _asked(lambda: "yes" if theory.is_symmetric(loss) else ""),
        "ratio": _asked(lambda: _ratio(loss)),
        "symmetric noise": _rate(loss, "symmetric", 10),
        "pair": _rate(loss, "pair", 10),
    }
    if many is not None:
        row["symmetric, 100"] = _rate(many, "symmetric", MANY)
        row["pair, 100"] = _rate(many, "pair", MANY)
    row["counterexample"] = _asked(lambda: _calibration(loss))
    profile = theory.fitting_profile(loss)
    row["at start"] = f"{profile.at_start:.3f}"
    if many is not None:
        at_start = theory.fitting_profile(many, MANY).at_start
        row["at start, 100"] = f"{at_start:.3f}"
    row["starts"] = "yes" if profile.starts_cold else "no"
    return row


def _ratio(loss):
    if not has_ratio(loss, 10):
        return NONE
    return f"{theory.asymmetry_ratio(loss):.3f}" + _searched(loss, 10)


def _searched(loss, num_classes):
    """A mark for what is no closed form."""
    return "" if declares_ratio(loss, num_classes) else "~"


def _rate(loss, kind, num_classes):
    return _asked(
        lambda: (
            f"{theory.max_noise_rate(loss, kind, num_classes):.3f}"
            + _searched(loss, num_classes)
        )
    )


def _calibration(loss):
    found = theory.classification_calibration(loss, 10)
    return "shown" if found.weights is not None else ""


def _asked(ask):
    """What is said, or a dash where the loss is none of probabilities."""
    try:
        return ask()
    except ValueError:
        return NONE


def main(arguments=None):
    options = parser(__doc__).parse_args(arguments)
    of_ten = every_loss(10, from_logits=True)
    of_many = {} if options.quick else every_loss(MANY, from_logits=True)
    bar = keras.utils.Progbar(len(of_ten))
    rows = []
    for text, loss in of_ten.items():
        rows.append(row_of(text, loss, of_many.get(text)))
        bar.add(1)
    report("theory", rows, options)


if __name__ == "__main__":
    main()
