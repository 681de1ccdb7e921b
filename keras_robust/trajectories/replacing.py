"""A file is written beside its target and then put in its place."""

import contextlib
import os
import uuid


@contextlib.contextmanager
def replacing(path, what):
    """Gives a name beside `path`; what is written there ends at `path`.

    Args:
        path: The file to write, a string.
        what: What it holds, for the error: `"trajectories"`.

    Raises:
        OSError: If the file cannot be written; what was at `path` is kept.
    """
    beside = f"{path}.{uuid.uuid4().hex[:8]}.part"
    try:
        try:
            yield beside
            os.replace(beside, path)
        finally:
            if os.path.exists(beside):
                os.remove(beside)
    except OSError as error:
        if error.errno is None:
            # Raised by who writes, with words of its own.
            raise
        raise OSError(
            error.errno,
            f"Cannot write the {what}; choose a path in an existing, "
            f"writable folder ({error.strerror or error})",
            path,
        ) from error
