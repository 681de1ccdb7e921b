"""From what a model gives to probabilities of classes, on the host."""

import numpy as np

from keras_robust.losses import arguments
from keras_robust.training import head

# With several outputs they take a yes or no for each.
_BINARY = (
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "binary_crossentropy",
    "binary_focal_crossentropy",
)
# Numbers at a time, in float64.
_BLOCK = 2**20


class Outputs:
    """How to read the outputs of a model.

    Args:
        model: A `keras.Model` of one output.
        from_logits: Whether it gives logits; `None` to read it from the
            compiled loss, or else from the activation of the last layer.
        owner: Whose argument `from_logits` is, for messages.

    Attributes:
        num_classes: The number of classes, `None` if not known yet.

    Raises:
        ValueError: If there are several outputs, or a yes or no for every
            class; if the last layer does not fit the loss; if it cannot be
            told whether they are logits.
    """

    def __init__(self, model, from_logits, owner):
        if len(getattr(model, "outputs", None) or ()) > 1:
            raise ValueError(
                f"{owner} takes models of one output: make a keras.Model of "
                "the inputs and the output that is meant. Received: outputs "
                f"{list(model.output_names)}"
            )
        if from_logits is not None:
            arguments.flag("from_logits", from_logits)
        loss = getattr(model, "loss", None)
        told = None
        if loss is not None:
            _check_single_label(model, owner)
            head.check(model)
            told = head.reads_logits(model)
        activation = head.activation(model)
        if told is None and activation in ("softmax", "sigmoid"):
            told = False
        if told is None and loss is None and activation == "linear":
            told = True
        self._from_logits = told if from_logits is None else from_logits
        if self._from_logits is None:
            raise ValueError(
                "Neither the compiled loss nor the last layer tells whether "
                f"the model gives logits or probabilities: say so with {owner}"
                f"(from_logits=...). Received: loss={loss!r}, "
                f"activation={activation!r}"
            )
        self.num_classes = None
        for tensor in getattr(model, "outputs", None) or ():
            if len(tensor.shape) != 2:
                raise _not_one_a_sample(owner, tensor.shape)
            self.num_classes = max(tensor.shape[1], 2)
        self._owner = owner

    def fill(self, into, positions, outputs):
        """Writes the probabilities of samples into rows of an array.

        Args:
            into: float `(N, K)`, or `None` to make a new array of the
                samples at hand.
            positions: The rows, which are also the numbers of the samples.
            outputs: What the model gives of these samples.

        Returns:
            `into`, or the new array, float32.

        Raises:
            ValueError: For outputs that are no probabilities, or no numbers.
        """
        shape = getattr(outputs, "shape", None)
        if shape is None or len(shape) != 2:
            raise _not_one_a_sample(self._owner, shape)
        classes = max(shape[1], 2)
        rows = positions
        if into is None:
            into = np.empty((len(positions), classes), np.float32)
            rows = np.arange(len(positions))
        size = max(_BLOCK // classes, 1)
        for start in range(0, len(positions), size):
            part = slice(start, start + size)
            block = np.asarray(outputs[part]).astype(np.float64)
            self._check_numbers(block, positions[part])
            into[rows[part]] = self._probabilities(block, positions[part])
        return into

    def _probabilities(self, block, positions):
        if self._from_logits:
            if block.shape[1] == 1:
                block = np.concatenate([np.zeros_like(block), block], axis=1)
            block -= block.max(axis=1, keepdims=True)
            np.exp(block, out=block)
            return block / block.sum(axis=1, keepdims=True)
        if block.shape[1] == 1:
            block = np.concatenate([1.0 - block, block], axis=1)
        total = block.sum(axis=1)
        off = (np.abs(total - 1.0) > 0.02) | (block.min(axis=1) < -0.01)
        if off.any():
            first = int(np.argmax(off))
            raise ValueError(
                "The model's outputs are no probabilities: they must be at "
                "least 0, and sum to 1 over the classes. If they are logits, "
                f"say {self._owner}(from_logits=True). Received, of sample "
                f"{int(positions[first])}: smallest "
                f"{block[first].min():.4g}, sum {total[first]:.4g}"
            )
        block = np.maximum(block, 0.0)
        # Half precision is off by some thousandths.
        return block / block.sum(axis=1, keepdims=True)

    def _check_numbers(self, block, positions):
        bad = ~np.isfinite(block).all(axis=1)
        if bad.any():
            first = int(np.argmax(bad))
            raise ValueError(
                f"The model gives NaN or infinity for {int(bad.sum())} of "
                f"{len(bad)} samples: it has diverged (try a lower learning "
                "rate), or there is NaN in the data. Received: outputs of "
                f"sample {int(positions[first])}: {block[first][:4].tolist()}"
            )


def _check_single_label(model, owner):
    compiled = head.compiled_loss(model)
    outputs = head.num_outputs(model)
    several = outputs is not None and outputs > 1
    name = head.loss_name(model)
    if getattr(compiled, "multi_label", False) or (several and name in _BINARY):
        raise ValueError(
            f"{owner} is for one label a sample, whose probabilities sum to 1 "
            "over the classes, and the compiled loss takes a yes or no for "
            f"every class. Received: loss {name}, {outputs} outputs"
        )


def _not_one_a_sample(owner, shape):
    return ValueError(
        f"{owner} takes models that make one prediction a sample, of shape "
        "(B, classes). Received: an output of "
        + ("another kind" if shape is None else f"shape {tuple(shape)}")
    )
