"""One output of a model, and the loss that reads it."""

import keras
from keras import ops

from keras_robust.training import head


class Output:
    """One output of a compiled model.

    Args:
        model: A compiled `keras.Model`.
        output: Which of several outputs, by name or number; `None` for the
            only one.
        from_logits: Whether it gives logits; `None` to read it from the loss.
        owner: The callback whose arguments these are, for messages.

    Attributes:
        asked: `output` as given.
        from_logits: Whether it gives logits.
        axis: The class axis.
        ignore_class: The label the loss leaves out, or `None`.
        num_classes: The number of classes, `None` if not known yet.

    Raises:
        ValueError: If there are several outputs and none is named, there is
            no such output, it cannot be told whether it gives logits, or the
            last layer does not fit the loss.
    """

    def __init__(
        self, model, output=None, from_logits=None, owner="LossTrajectory"
    ):
        self._owner = owner
        names = list(getattr(model, "output_names", None) or ())
        several = len(getattr(model, "outputs", None) or ()) > 1
        if several and output is None:
            raise ValueError(
                "The model has several outputs: say which is meant with "
                f"{owner}(output=...). Received: outputs {names}"
            )
        self._name = self._number = None
        if output is not None:
            _check(output, names, len(getattr(model, "outputs", None) or ()))
            self._name, self._number = head.locate(model, output)
        self.asked = output
        self._loss = head.compiled_loss(model, output, owner)
        if from_logits is None:
            from_logits = head.reads_logits(model, output)
        if from_logits is None:
            raise ValueError(
                "It cannot be told from the compiled loss whether the model "
                "gives logits or probabilities: say so with "
                f"{owner}(from_logits=...). Received: loss={model.loss!r}"
            )
        head.check(model, output)
        self.from_logits = from_logits
        self.axis = head.class_axis(model, output)
        self.ignore_class = getattr(self._loss, "ignore_class", None)
        self.num_classes = head.num_classes(model, output)

    def is_same(self, other):
        """Whether both are of one output, whatever they call it.

        Where a model lists no outputs, a name and a number are not known to
        be of the same one.
        """
        if self.asked is None or other.asked is None:
            # That is the only one.
            return True
        by_name = self._name is not None and self._name == other._name
        by_number = self._number is not None and self._number == other._number
        return by_name or by_number

    def select(self, nested):
        """Returns the part of labels or outputs that is this output's."""
        if not isinstance(nested, (dict, list, tuple)):
            return nested
        if self.asked is None and len(nested) == 1:
            values = nested.values() if isinstance(nested, dict) else nested
            return next(iter(values))
        if self.asked is None:
            raise ValueError(
                "The model has several outputs: say which is meant with "
                f"{self._owner}(output=...). Received: "
                f"{type(nested).__name__} of {len(nested)} outputs"
            )
        key = self._name if isinstance(nested, dict) else self._number
        try:
            return nested[key]
        except (KeyError, IndexError, TypeError) as error:
            known = list(nested) if isinstance(nested, dict) else len(nested)
            raise ValueError(
                "There is no such output in what the model gives, or in the "
                f"labels. Received: output={self.asked!r}, outputs {known}"
            ) from error

    def replace(self, nested, part):
        """Returns labels with another part for this output."""
        if not isinstance(nested, (dict, list, tuple)):
            return part
        if isinstance(nested, dict):
            key = next(iter(nested)) if self.asked is None else self._name
            return {**nested, key: part}
        number = 0 if self.asked is None else self._number
        parts = [*nested[:number], part, *nested[number + 1 :]]
        return type(nested)(parts)

    def losses(self, y, y_pred):
        """The compiled loss of every label, unreduced and unweighted."""
        if len(y.shape) < len(y_pred.shape) and y_pred.shape[-1] == 1:
            # Keras does that for its losses, not for functions.
            y = ops.expand_dims(y, axis=-1)
        if isinstance(self._loss, keras.losses.Loss):
            # As `Loss.__call__` does.
            dtype = self._loss.dtype
            found = self._loss.call(ops.cast(y, dtype), ops.cast(y_pred, dtype))
        else:
            found = self._loss(y, y_pred)
        if len(found.shape) != len(y_pred.shape) - 1:
            raise ValueError(
                'The signal "loss" needs a compiled loss that gives a value '
                "for every label. Received: values of shape "
                f"{tuple(found.shape)} for y_pred.shape={tuple(y_pred.shape)}"
            )
        return found


def _check(output, names, count):
    number = isinstance(output, int) and not isinstance(output, bool)
    if not isinstance(output, str) and not (number and output >= 0):
        raise ValueError(
            "`output` must be the name of an output or its number, counted "
            f"from 0. Received: output={output!r}"
        )
    if count and (output >= count if number else not names):
        raise ValueError(
            "The model has no such output. Received: "
            f"output={output!r}, {count} outputs, counted from 0"
        )
    if names and output not in names and not (number and output < len(names)):
        raise ValueError(
            "The model has no such output. Received: "
            f"output={output!r}, outputs {names}"
        )


class FreeOutput(Output):
    """The output of a model that no `compile` describes.

    Args:
        output: As of `Output`.
        from_logits: Whether it gives logits; has to be said.
    """

    axis = -1
    ignore_class = None
    num_classes = None

    def __init__(self, output, from_logits):
        if from_logits is None:
            raise ValueError(
                "Outside of `fit` nothing says whether the model gives logits "
                "or probabilities: say so with "
                "LossTrajectory(from_logits=...). Received: from_logits=None"
            )
        self.from_logits = from_logits
        self.asked = self._name = self._number = output
        self._owner = "LossTrajectory"

    def losses(self, y, y_pred):
        raise ValueError(
            'The signal "loss" is the compiled loss, which a training loop of '
            "your own does not have. Received: signals with 'loss'"
        )
