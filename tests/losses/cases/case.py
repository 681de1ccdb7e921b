"""One loss as the contract tests need it described."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


def softmax(logits):
    logits = np.asarray(logits, "float64")
    p = np.exp(logits - logits.max(-1, keepdims=True))
    return p / p.sum(-1, keepdims=True)


@dataclass(frozen=True, eq=False)
class Case:
    """A loss, its formula, and what of the contract does not apply to it.

    Args:
        name: Name of the case in the tests.
        make: Builds the loss from the shared options (`from_logits`, `axis`,
            `ignore_class`, `reduction`, `name`, `dtype`, `multi_label`).
        formula: The paper's formula in float64 NumPy: probabilities `(..., K)`
            to the loss of every class as label `(..., K)`. Logits in place of
            probabilities where `logits`; where `batch_term` it takes the label
            distribution `(B, K)` too and gives the values `(B,)`.
        slope: The derivative with respect to `p` where the loss is a function
            of the given class's `p` alone.
        held: For a loss that stops a gradient: the formula with a second
            argument, the predictions from which the held part is computed.
        other: For exactly one case of every class: all of the class's own
            arguments, in the order of its signature, none at its default. A
            class or function stands for a loss it makes of the shared options.
        bad: For numbers among them: name -> (the range in the words of its
            error message, values outside it).
        alias: The class's short name for `losses.get`, beside `other`.
        clipped: Whether probabilities are clipped, i.e. it is infinite (or has
            an infinite slope) at `p = 0`.
        logits: Whether it takes nothing but logits.
        soft: Whether soft labels give the expectation of the loss.
        batch_term: Whether a sample's value depends on the rest of the batch.
        signed: Whether values below 0 are possible.
        gives_up: Whether a sample with `p = 0` has no gradient by design and
            a model may therefore stand still.
    """

    name: str
    make: Callable
    formula: Callable
    slope: Callable | None = None
    held: Callable | None = None
    other: dict | None = None
    bad: dict | None = None
    alias: str | None = None
    clipped: bool = True
    logits: bool = False
    soft: bool = True
    batch_term: bool = False
    signed: bool = False
    gives_up: bool = False

    @property
    def cls(self):
        return type(self.make(from_logits=self.logits))

    @property
    def wraps(self):
        """Whether the class is made of other losses."""
        return any(
            callable(value) or isinstance(value, list)
            for value in self.other.values()
        )

    @property
    def needed(self):
        """Names of the class's arguments without a default."""
        taken = inspect.signature(self.cls).parameters.values()
        return [p.name for p in taken if p.default is p.empty]

    def arguments(self, **options):
        """`other`, its losses made of these options."""
        return {k: _made(v, options) for k, v in self.other.items()}

    def build(self, **options):
        """The loss with `other` and these options."""
        return self.cls(**self.arguments(**inner(options)), **options)

    def values(self, labels, logits, held=None):
        """The formula's values in float64; labels integer or soft.

        With `held`, other logits, what the loss stops the gradient of is
        computed from those.
        """
        formula, inputs = self.formula, [self._input(logits)]
        if held is not None and self.held is not None:
            formula, inputs = self.held, [*inputs, self._input(held)]
        hard = np.ndim(labels) < np.ndim(logits)
        if self.batch_term:
            classes = np.shape(logits)[-1]
            weights = np.eye(classes)[labels] if hard else labels
            return formula(*inputs, weights)
        values = formula(*inputs)
        if hard:
            index = np.asarray(labels)[..., None]
            return np.take_along_axis(values, index, -1)[..., 0]
        return (labels * values).sum(-1)

    def _input(self, logits):
        logits = np.asarray(logits, "float64")
        return logits if self.logits else softmax(logits)


def inner(options):
    """Of the shared options those that the losses of a sum must share."""
    outer = ("reduction", "name")
    return {k: v for k, v in options.items() if k not in outer}


def outer(options):
    """The others, which only the sum or wrapper itself has."""
    return {k: v for k, v in options.items() if k not in inner(options)}


def _made(value, options):
    if isinstance(value, list):
        return [_made(part, options) for part in value]
    return value(**options) if callable(value) else value
