"""Which loss for this noise: the library's, ranked by what theory says.

The only file here that knows the losses of the library; the others are handed
theirs. `losses` knows nothing of theory.
"""

import functools
from dataclasses import dataclass

import keras

from keras_robust import losses
from keras_robust.losses.presets import PRESETS
from keras_robust.losses.registry import aliases
from keras_robust.theory.evaluation import check_loss
from keras_robust.theory.fitting import FittingProfile
from keras_robust.theory.fitting import fitting_profile
from keras_robust.theory.judge import OPEN
from keras_robust.theory.judge import TOLERATED
from keras_robust.theory.judge import Judge
from keras_robust.theory.native import one_question
from keras_robust.theory.weights import label_weights
from keras_robust.theory.weights import lead_of

# Published parameters are for ten classes or for a hundred; between lies this.
_MANY = 30
CROSS_ENTROPY = "ce"
# Of the losses without parameters that anyone had to publish.
_WITHOUT_PRESETS = (CROSS_ENTROPY, "gce", "mae", "nce")


@dataclass(frozen=True)
class Suggestion:
    """One loss, and why it stands where it stands.

    Attributes:
        name: For `losses.get`, and `tuning.loss_hyperparameters`, which
            bounds its parameters to those that tolerate the noise if it is
            given the same `transition_matrix`.
        loss: The loss with the parameters published for `dataset`.
        dataset: The data set they are published for; `None` for defaults.
        is_tolerated: Whether the loss tolerates the noise of every class.
        margin: The smallest over the classes, as of `noise_tolerance`: how
            much more often than needed the right label is given. NaN for a
            loss without an asymmetry ratio.
        profile: The `FittingProfile`.
        why: The reasons, in words.
    """

    name: str
    loss: keras.losses.Loss
    dataset: str | None
    is_tolerated: bool
    margin: float
    profile: FittingProfile
    why: str

    def __str__(self):
        return f"{self.name}, {self.loss!r}: {self.why}"


@dataclass(frozen=True)
class Suggestions:
    """Losses for some noise, the best first; print them for the reasons.

    Attributes:
        ranked: A `Suggestion` for each loss.
    """

    ranked: tuple

    @property
    def best(self):
        """The first."""
        return self.ranked[0]

    def __iter__(self):
        return iter(self.ranked)

    def __len__(self):
        return len(self.ranked)

    def __getitem__(self, index):
        return self.ranked[index]

    def __str__(self):
        return "\n".join(
            f"{place}. {one}" for place, one in enumerate(self.ranked, 1)
        )


@one_question()
def suggest_loss(
    noise, rate=None, num_classes=None, dataset=None, from_logits=False
):
    """Ranks the losses of the library for some label noise.

    Use it for a first loss to try, and for the names to tune over. The order
    is that of what can be said before training: losses that tolerate the
    noise before those that do not; of the first, those that start from random
    weights, the smaller pull on labels that the network finds improbable
    first, as those are mostly the wrong ones; then those that need a warm-up,
    the larger pull at the start first; of the others, those first whose best
    prediction under the noise is the least off.

    It knows neither your data nor your network. Cross-entropy tolerates
    nothing and is ranked so; stopped early it is within a point or two of the
    best here on many data (benchmarks/RESULTS.md), so compare with it.

    Args:
        noise: A transition matrix `(K, K)`, a `noise.NoiseEstimate`, or
            `"symmetric"` or `"pair"`.
        rate: The share of wrong labels in [0, 1]; for a name only.
        num_classes: K; for a name only.
        dataset: Whose published parameters to take, as of `losses.get`.
            Defaults to `None`: those for CIFAR-10 up to 30 classes, for
            CIFAR-100 above.
        from_logits: Of the losses returned. Defaults to `False`.

    Returns:
        `Suggestions`, which hold a `Suggestion` for each loss.

    Raises:
        ValueError: For a bad matrix or rate, as `noise_tolerance`, or a data
            set that nothing is published for.

    Example:

    >>> from keras_robust.theory import suggest_loss
    >>> found = suggest_loss("pair", 0.4, 10)
    >>> found.best.name, found.best.is_tolerated
    ('nce+agce', True)
    >>> [one.name for one in found if not one.is_tolerated][-1]
    'ce'

    Reference: Zhou et al., "Asymmetric Loss Functions for Learning with Noisy
    Labels", ICML 2021 (tolerance); Ou and Zhang, "A Curriculum Perspective of
    Robust Loss Functions" (the sample weights). The order is ours.
    """
    matrix = label_weights(noise, rate, num_classes)
    classes = len(matrix)
    if dataset is None:
        dataset = "cifar100" if classes > _MANY else "cifar10"
    judged = []
    for name, preset in _candidates(dataset):
        # From logits nothing is clipped: the loss as its formula says.
        formula = losses.get(name, preset, from_logits=True)
        profile = _profile(name, preset, classes)
        judged.append((name, preset, *_judged(name, formula, profile, matrix)))
    judged.sort(key=lambda one: one[2])
    return Suggestions(
        tuple(
            Suggestion(
                name,
                losses.get(name, preset, from_logits=from_logits),
                preset,
                *rest,
            )
            for name, preset, _, *rest in judged
        )
    )


def _candidates(dataset):
    """`(name, data set)` of every loss to be ranked."""
    known = sorted({key for table in PRESETS.values() for key in table})
    if dataset not in known:
        raise ValueError(
            "`dataset` must be one that parameters are published for: "
            f"{', '.join(known)}. Received: dataset={dataset!r}"
        )
    short = {name: alias for alias, name in aliases().items()}
    for name, table in PRESETS.items():
        # A sum without its first part is the second, which is there too.
        if dataset in table and table[dataset].get("alpha") != 0:
            yield short.get(name, name), dataset
    for name in _WITHOUT_PRESETS:
        yield name, None


def _of_margin(margin, ratio):
    if ratio is None:
        return "tolerates it (numeric evidence)"
    return (
        "tolerates it: the right label is given "
        f"{1 + margin:.3g} times as often as is enough"
    )


@functools.lru_cache
def _profile(name, preset, num_classes):
    """Of any noise the same, and the longest to compute."""
    return fitting_profile(
        losses.get(name, preset, from_logits=True), num_classes
    )


def _judged(name, loss, profile, matrix):
    """`(order, is_tolerated, margin, profile, why)` of one loss."""
    ratio = loss.asymmetry_ratio()
    lead, _ = lead_of(matrix)
    margin = float("nan") if ratio is None else ratio * lead - 1
    worst = None
    if not (lead > 1 and margin >= 0):
        worst = _first_not_tolerated(loss, matrix)
    tolerated = worst is None
    if tolerated:
        why = _of_margin(margin, ratio)
        starts = profile.starts_cold
        order = (0, 0, profile.far_off) if starts else (0, 1, -profile.at_start)
    else:
        does = "does not tolerate"
        if worst.verdict == OPEN:
            does = "is not shown to tolerate"
        why = f"{does} class {worst.label} ({worst.why})"
        order = (1, 0, -worst.best[worst.label])
    why += f". {profile.verdict}"
    if name == CROSS_ENTROPY:
        why += (
            " Stopped early by noisy validation labels (NoisyEarlyStopping) it"
            " is hard to beat all the same."
        )
    return order, tolerated, margin, profile, why


def _first_not_tolerated(loss, matrix):
    """The class of the least lead for which a loss fails; or `None`."""
    check_loss(loss, len(matrix))
    found = Judge(loss, matrix).worst_first()
    return next((one for one in found if one.verdict != TOLERATED), None)
