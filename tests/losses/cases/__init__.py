"""The table of all losses: one more case gets every contract test for free.

Every module of this folder with a tuple `CASES` is a family of losses and is
found by itself; a new loss is a new `Case` in one of them.
"""

import importlib
import pkgutil

import numpy as np
import pytest

from keras_robust import losses
from tests.losses.cases.case import softmax

__all__ = [
    "BATCH",
    "BY_CLASS",
    "CASES",
    "CLASSES",
    "EVERY",
    "FORMULAS",
    "LABELS",
    "LOGITS",
    "LOSSES",
    "ONE_HOT",
    "PUBLIC",
    "SIGNATURES",
    "SLOPES",
    "UNCLIPPED",
    "every_class",
    "every_input",
    "every_input_by_turns",
    "every_loss",
    "expected",
    "function_of",
    "inputs",
    "names",
    "predictions",
    "snake_name",
    "softmax",
    "some_losses",
]

FAMILIES = [
    importlib.import_module(f"tests.losses.cases.{module.name}")
    for module in pkgutil.iter_modules(__path__)
]
EVERY = [c for family in FAMILIES for c in getattr(family, "CASES", ())]
CASES = {case.name: case for case in EVERY}
LOSSES = {name: case.make for name, case in CASES.items()}
FORMULAS = {name: case.formula for name, case in CASES.items()}
# Derivatives of the losses that are a function of the given class's p alone.
SLOPES = {name: case.slope for name, case in CASES.items() if case.slope}
# Finite at p = 0 and therefore not clipped from probabilities.
UNCLIPPED = {name for name, case in CASES.items() if not case.clipped}

# The loss classes that users see.
PUBLIC = {getattr(losses, name) for name in losses.__all__}
PUBLIC = {
    cls
    for cls in PUBLIC
    if isinstance(cls, type) and issubclass(cls, losses.RobustLoss)
} - {losses.RobustLoss}
# class -> the case that says what its own arguments are
BY_CLASS = {case.cls: case for case in EVERY if case.other is not None}

# Positional arguments are part of the public interface: append, never insert.
_SHARED = [
    "from_logits",
    "axis",
    "ignore_class",
    "reduction",
    "name",
    "dtype",
    "multi_label",
]
SIGNATURES = {cls: [*case.other, *_SHARED] for cls, case in BY_CLASS.items()}

# The inputs of most tests: one shape, because JAX compiles for each.
BATCH, CLASSES = 6, 4
LOGITS = np.random.default_rng(3).normal(0, 1.5, (BATCH, CLASSES))
LOGITS = LOGITS.astype("float32")
LABELS = np.array([0, 3, 1, 1, 2, 0])
ONE_HOT = np.eye(CLASSES, dtype="float32")[LABELS]


def predictions(from_logits, logits=LOGITS):
    """What a model gives for these logits: them or their softmax."""
    return logits if from_logits else softmax(logits).astype("float32")


def expected(name, labels, logits=LOGITS):
    """The formula's value in float64; labels integer or a distribution."""
    return CASES[name].values(labels, logits)


def function_of(cls):
    """The function beside a loss class."""
    return getattr(losses, snake_name(cls))


def snake_name(cls):
    """`AsymmetricGCE` -> `asymmetric_gce`."""
    name = cls.__name__
    starts = [
        i
        for i in range(1, len(name))
        if name[i].isupper()
        and (name[i - 1].islower() or name[i + 1 : i + 2].islower())
    ]
    for i in reversed(starts):
        name = f"{name[:i]}_{name[i:]}"
    return name.lower()


def names(**flags):
    """Names of the cases with these flags, e.g. `batch_term=False`."""
    return [
        name
        for name, case in CASES.items()
        if all(getattr(case, flag) == value for flag, value in flags.items())
    ]


def some_losses(**flags):
    """Parametrizes `name` by the cases with these flags."""
    return pytest.mark.parametrize("name", names(**flags))


def inputs(by_turns=False, **flags):
    """Parametrizes `name` and `from_logits` by what these cases take.

    With `by_turns` a case has both on one backend and one of them on others.
    """
    pairs = []
    for i, name in enumerate(names(**flags)):
        forms = [(True, "logits"), (False, "probabilities")]
        forms = forms[: 1 if CASES[name].logits else 2]
        for from_logits, kind in forms:
            left_out = by_turns and len(forms) == 2 and from_logits == i % 2
            marks = pytest.mark.once if left_out else ()
            label = f"{name}-{kind}"
            pairs.append(pytest.param(name, from_logits, id=label, marks=marks))
    return pytest.mark.parametrize("name, from_logits", pairs)


every_loss = some_losses()
every_input = inputs()
every_input_by_turns = inputs(by_turns=True)
every_class = pytest.mark.parametrize(
    "cls", BY_CLASS, ids=lambda cls: cls.__name__
)
