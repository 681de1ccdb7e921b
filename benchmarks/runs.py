"""Finished runs, a file each, so that a benchmark can be broken off."""

import json
import os
import pathlib


class Runs:
    """The runs of a folder; without a folder they are only remembered.

    Args:
        folder: Where they are kept, or `None`.
        made_with: What runs must have in common to be in one table, a dict.
            A run of other numbers is refused.
    """

    def __init__(self, folder, made_with):
        self.folder = None if folder is None else pathlib.Path(folder)
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
        # As it is after a file.
        self.made_with = json.loads(json.dumps(made_with))
        self._remembered = {}

    def get(self, name):
        """Returns what a run found, or `None` if there was none."""
        if self.folder is None:
            return self._remembered.get(name)
        path = self.folder / f"{name}.json"
        if not path.exists():
            return None
        kept = json.loads(path.read_text())
        if kept["made_with"] != self.made_with:
            raise ValueError(
                f"{path} was made in another way: give another folder, or "
                f"remove it. Received: {kept['made_with']}, and now "
                f"{self.made_with}"
            )
        return kept["found"]

    def keep(self, name, found):
        """Keeps what a run found, whole or not at all."""
        if self.folder is None:
            self._remembered[name] = found
            return
        beside = self.folder / f"{name}.json.part"
        content = {"made_with": self.made_with, "found": found}
        beside.write_text(json.dumps(content, indent=1))
        os.replace(beside, self.folder / f"{name}.json")
