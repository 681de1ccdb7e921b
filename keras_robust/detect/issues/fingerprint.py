"""Which labels a file of decisions belongs to."""

import hashlib

_DIGITS = 16


class Fingerprint:
    """What tells the labels of one data set from those of another."""

    @property
    def fingerprint(self):
        """Some letters and digits that stand for the ids and given labels.

        Neither the order of the samples nor the detector counts, and an id
        is its text: a table of the same labels that was written and read
        again has the same.
        """
        pairs = zip(self.ids.tolist(), self.given_label.tolist(), strict=True)
        # The length in front, so that no id looks like another and a label.
        texts = (f"{len(str(name))}:{name}={label}" for name, label in pairs)
        digest = hashlib.sha256()
        for text in sorted(texts):
            digest.update(text.encode("utf-8", "surrogatepass"))
        return digest.hexdigest()[:_DIGITS]


def run_name(issues, num_classes):
    """What every row of a file of decisions says of its run."""
    return f"{issues.fingerprint}/{num_classes}"


def check_run(issues, name, where):
    """Returns the number of classes a file tells, if it is of these issues.

    Args:
        issues: `LabelIssues`.
        name: What the file says.
        where: Where it says so, for the message.

    Raises:
        ValueError: if it is of others.
    """
    digest, _, size = str(name).strip().partition("/")
    if not (size.isascii() and size.isdecimal() and len(size) < 9):
        raise ValueError(
            f"{where} does not say which run it is of: `run` must be as the "
            f"review page wrote it. Received: run={name!r}"
        )
    if digest != issues.fingerprint:
        raise ValueError(
            f"{where} is of another run: other ids or other given labels. "
            "Use the `LabelIssues` that wrote the page, all of its samples. "
            f"Received: run={digest!r}, not {issues.fingerprint!r}"
        )
    size, known = int(size), issues.num_classes
    if known is not None and known != size:
        raise ValueError(
            f"{where} is of {size} classes, these issues are of {known}. "
            f"Received: run={name!r}"
        )
    return size
