"""All losses on all kinds of noise: the table to choose from.

`python -m benchmarks.loss_table [--data DIR] [--runs DIR] [--quick]
[--json FILE]` trains the same network from the same weights with every loss of
benchmarks/choices.py, and prints the accuracy on clean test images at the last
epoch; cross-entropy stopped early by noisy validation labels, for which it
leaves out a tenth of the images, at the epoch it goes back to. With `--data`
(see benchmarks/data.py) on Fashion-MNIST with ten noises and on CIFAR-10 with
the labels that people gave; without on digits. The recipe is one for
processors: 5,000 images, on Fashion-MNIST a network with one hidden layer, 24
epochs; on CIFAR-10 three convolutions, 12 epochs. `--runs` keeps every run in
a file, and what is there is not run again. The last rows say which loss was
best, and how far behind is the first of `theory.suggest_loss`, which was told
the true transition matrix. TensorFlow is the fastest backend
on a processor; TF_NUM_INTRAOP_THREADS=1 holds it to one.
"""

import functools

from benchmarks import data
from benchmarks.choices import CHOICES
from benchmarks.study import Setting
from benchmarks.study import Study
from benchmarks.study import rows_by_method
from keras_robust.losses.base import LOSSES
from keras_robust.losses.registry import aliases
from keras_robust.theory import suggest_loss

_SYMMETRIC = (0.0, 0.2, 0.4, 0.6, 0.8)
_ASYMMETRIC = (0.1, 0.2, 0.3, 0.4)


def _fashion(rate, kind):
    return Setting(
        f"Fashion-MNIST, {kind} {rate}" if rate else "Fashion-MNIST, clean",
        functools.partial(data.fashion_mnist, rate=rate, kind=kind),
        "mnist",
        (),
        epochs=24,
        train=5_000,
    )


def _cifar(name, labels):
    return Setting(
        f"CIFAR-10N, {name}",
        functools.partial(data.cifar10n, labels=labels),
        "cifar10",
        (8, 16, 32),
        train=5_000,
    )


# The names that `--settings` takes.
OF_FILES = {
    **{f"fashion-sym-{r}": _fashion(r, "symmetric") for r in _SYMMETRIC},
    **{f"fashion-asym-{r}": _fashion(r, "asymmetric") for r in _ASYMMETRIC},
    "fashion-idn-0.4": _fashion(0.4, "instance"),
    "cifar10n-clean": _cifar("clean", "y_train"),
    "cifar10n-aggre": _cifar("aggre", "noisy_aggre"),
    "cifar10n-random1": _cifar("random1", "noisy_random1"),
    "cifar10n-worst": _cifar("worst", "noisy_worst"),
}
OF_DIGITS = {
    "digits-0.4": Setting(
        "digits, symmetric 0.4", data.digits, "mnist", (), 30, 2
    )
}


def rows(settings, methods, seeds, found, folder):
    """The table, with how far the pick of theory is behind the best loss."""
    made = rows_by_method(settings, methods, seeds, found)
    best = {"loss": "the best of these"}
    behind = {"loss": "suggest_loss's pick is behind by"}
    for key, setting in settings.items():
        mean = {
            row["loss"]: float(row[key].partition(" ")[0])
            for row in made
            if row[key] != "-"
        }
        name = max(mean, key=mean.get) if mean else "-"
        best[key] = f"{mean[name]:.1f} {name}" if mean else "-"
        pick = pick_of(setting.load(folder, 0).first(setting.train, None))
        known = mean.keys() & {pick}
        behind[key] = f"{mean[name] - mean[pick]:.1f} {pick}" if known else "-"
    return [*made, best, behind]


def pick_of(images):
    """The row of the loss that `suggest_loss` puts first for these labels."""
    name = suggest_loss(images.transition_matrix).best.name
    full = aliases().get(name, name)
    return name if name in CHOICES else LOSSES[full].__name__


STUDY = Study("loss_table", __doc__, OF_FILES, OF_DIGITS, CHOICES, rows)


def main(arguments=None):
    STUDY.main(arguments)


if __name__ == "__main__":
    main()
