"""Which columns of a table are the label, the id and the probabilities."""

import typing


class Columns(typing.NamedTuple):
    """The columns to read.

    Attributes:
        label: The name of the label's.
        id: The name of the id's, or `None`.
        probs: The names of the probabilities', in the order of the classes.
        names: The names of the classes as the columns have them.
    """

    label: str
    id: str | None
    probs: list
    names: list

    @property
    def texts(self):
        """Those that are read as they are written."""
        return [self.label] if self.id is None else [self.label, self.id]

    @property
    def all(self):
        return list(dict.fromkeys([*self.texts, *self.probs]))


def choose(options, found):
    """Finds the columns that the options name among those there are.

    Args:
        options: The options of the command.
        found: The names of the columns there are.

    Returns:
        `Columns`.

    Raises:
        ValueError: if one is not there, or the options do not say which.
    """
    label = options.label_column or "label"
    if (options.prob_columns is None) == (options.prob_prefix is None):
        raise ValueError(
            "A table needs one of --prob-columns and --prob-prefix. "
            f"Received: columns {_listed(found)}"
        )
    if options.prob_columns is not None:
        probs = [name.strip() for name in options.prob_columns.split(",")]
        names = probs
    else:
        probs, names = _with_prefix(options.prob_prefix, found)
    wanted = [label, options.id_column, *probs]
    missing = [n for n in wanted if n is not None and n not in found]
    if missing:
        raise ValueError(
            f"The table has no column {missing[0]!r}. Received: columns "
            f"{_listed(found)}"
        )
    repeated = len(set(probs)) < len(probs) or label in probs
    if repeated or options.id_column in probs or len(probs) < 2:
        raise ValueError(
            "The probabilities must be two columns at least, that differ and "
            f"are neither label nor id. Received: {_listed(probs)}"
        )
    return Columns(label, options.id_column, probs, names)


def _with_prefix(prefix, found):
    probs = [name for name in found if name.startswith(prefix)]
    names = [name.removeprefix(prefix) for name in probs]
    if names and all(name.isdecimal() for name in names):
        # Numbers: those of the classes, whatever the order of the columns.
        ordered = sorted(zip(names, probs, strict=True), key=_number)
        if [int(name) for name, _ in ordered] != list(range(len(names))):
            raise ValueError(
                "The numbers after --prob-prefix must be those of the "
                f"classes, 0 to {len(names) - 1}. Received: {_listed(probs)}"
            )
        return [column for _, column in ordered], None
    if len(probs) < 2:
        raise ValueError(
            f"Fewer than two columns begin with {prefix!r}. Received: columns "
            f"{_listed(found)}"
        )
    return probs, names


def _number(pair):
    return int(pair[0])


def _listed(names):
    shown = ", ".join(map(str, names[:12]))
    return f"{shown} and {len(names) - 12} more" if len(names) > 12 else shown
