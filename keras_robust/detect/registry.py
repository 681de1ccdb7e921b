"""Things found by name: one table for the scores, one for the splits."""

import difflib


class Registry:
    """A table of names, with a helpful error for one it does not hold.

    Args:
        kind: what the table holds, as the error messages call it.
        register: the public decorator that adds to it, for the messages.
    """

    def __init__(self, kind, register):
        self.kind = kind
        self.register = register
        self.entries = {}
        self._functions = {}

    def add(self, name, entry, function):
        """Adds an entry, or renews the one of the same function.

        A module may be imported a second time, and a notebook's cell be run
        once more: a function of the same name in the same module is the same
        one, as it is now.

        Args:
            name: its name.
            entry: what `get` returns for it.
            function: what the entry is of.

        Raises:
            ValueError: if the name is no string or empty, or has an entry of
                another function.
        """
        if not isinstance(name, str) or not name:
            raise ValueError(
                f"The name of a {self.kind} must be a non-empty string. "
                f"Received: name={name!r}"
            )
        known = self._functions.get(name)
        if name in self.entries and not _are_same(known, function):
            raise ValueError(
                f"There already is a {self.kind} of this name; choose "
                f"another. Received: name={name!r}"
            )
        self.entries[name] = entry
        self._functions[name] = function

    def get(self, name):
        close = []
        if isinstance(name, str):
            if name in self.entries:
                return self.entries[name]
            close = difflib.get_close_matches(
                name.lower(), self.entries, n=1, cutoff=0.4
            )
        guess = f'did you mean "{close[0]}"? ' if close else ""
        raise ValueError(
            f"Unknown {self.kind}: {guess}There are: "
            f"{', '.join(self.entries)}; `{self.register}` adds one. "
            f"Received: {self.kind}={name!r}"
        )


def _are_same(known, function):
    """Whether both are one function, of one run of its module or of two."""
    if known is function:
        return True
    where = _where(known)
    # All lambdas of a module have one name.
    is_named = None not in where and "<lambda>" not in where[1]
    return is_named and where == _where(function)


def _where(function):
    return tuple(
        getattr(function, name, None) for name in ("__module__", "__qualname__")
    )
