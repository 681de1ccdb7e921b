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

    def add(self, name, entry):
        if not isinstance(name, str) or not name:
            raise ValueError(
                f"The name of a {self.kind} must be a non-empty string. "
                f"Received: name={name!r}"
            )
        if name in self.entries:
            raise ValueError(
                f"There already is a {self.kind} of this name; choose "
                f"another. Received: name={name!r}"
            )
        self.entries[name] = entry

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
