"""What of a store counts: one small file, replaced in a single step."""

import contextlib
import dataclasses
import hashlib
import json
import os

NAME = "committed.json"


@dataclasses.dataclass(frozen=True)
class Commit:
    """What a store holds.

    Attributes:
        fingerprint: The `layout.fingerprint` of its ids and labels.
        num_samples: The number of samples.
        id_width: The bytes of an id that is a string, 0 for integers.
        signals: The names of its signals.
        num_classes: The number of classes, `None` before the first epoch.
        epochs: The checksums of every finished epoch, by its number: a dict
            of array name to CRC-32 each.
    """

    fingerprint: str
    num_samples: int
    id_width: int
    signals: tuple
    num_classes: int | None = None
    epochs: dict = dataclasses.field(default_factory=dict)


def write(folder, commit):
    """Makes `commit` what the store holds, or leaves all as it was."""
    content = dataclasses.asdict(commit)
    text = json.dumps({"content": content, "sha256": _digest(content)})
    path = os.path.join(folder, NAME)
    beside = f"{path}.part"
    with open(beside, "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
    sync_folder(folder)


def read(folder):
    """Returns the `Commit` of a store.

    Raises:
        ValueError: If the file is missing or damaged; says which.
    """
    try:
        with open(os.path.join(folder, NAME), encoding="utf-8") as file:
            document = json.load(file)
        content = document["content"]
        intact = document["sha256"] == _digest(content)
        content["signals"] = tuple(content["signals"])
        # JSON has no integer keys.
        content["epochs"] = {int(k): v for k, v in content["epochs"].items()}
        commit = Commit(**content)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ValueError(f"{NAME} is missing") from error
    except (
        AttributeError,
        KeyError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise ValueError(f"{NAME} is damaged") from error
    if not intact:
        raise ValueError(f"{NAME} is damaged")
    return commit


def sync_files(folder):
    """Waits until the disk has all that lies under `folder`."""
    for parent, _, names in os.walk(folder):
        for name in names:
            # Open for writing, which Windows asks for.
            with open(os.path.join(parent, name), "rb+") as file:
                os.fsync(file.fileno())
        sync_folder(parent)


def sync_folder(folder):
    """Waits until the disk has the names in `folder`, where it can be asked."""
    # Windows cannot open a folder, nor all network drives sync one. The
    # names are in place by now, so that is no failure.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _digest(content):
    # Integer keys and tuples become what JSON gives back.
    text = json.dumps(json.loads(json.dumps(content)), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
