"""A `LabelIssues` as a table: in memory, as CSV, as Parquet."""

import csv
import os

import numpy as np

from keras_robust.detect.issues import table_reading
from keras_robust.detect.issues.issue_columns import known_columns
from keras_robust.trajectories.replacing import replacing

# Rows written at once: bounds the extra memory for large data.
_BLOCK = 65_536


class Tables:
    """What writes a `LabelIssues` as a table, and reads it back."""

    def to_frame(self):
        """The result as a table, one row for each sample.

        Returns:
            `pandas.DataFrame` with the columns `id`, `is_label_issue`,
            `label_quality`, `given_label`, `predicted_label`,
            `suggested_label`, then `wrong_probability`,
            `suggestion_confidence` and `max_probability` where they are
            known, and `evidence`.
            Its `attrs` hold the names of score and split and the number of
            classes.

        Raises:
            ImportError: if pandas is not installed.
        """
        pandas = table_reading.pandas_for("to_frame")
        frame = pandas.DataFrame({"id": self.ids, **known_columns(self)})
        frame.attrs.update({n: getattr(self, n) for n in table_reading.ATTRS})
        return frame

    def to_csv(self, path):
        """Writes the table of `to_frame` to a CSV file.

        For a spreadsheet, or a person. Numbers are written whole, so that
        `from_csv` gives them back as they are; NaN is an empty field. The
        file is written beside its target and then put in its place, so a
        crash never leaves half a file there. Needs no pandas.

        Args:
            path: the file to write. A file already there is replaced.

        Raises:
            OSError: if the file cannot be written.

        Example:

        >>> import os
        >>> import tempfile
        >>> from keras_robust.detect import LabelIssues
        >>> issues = LabelIssues(
        ...     [7, 8], [False, True], [0.9, 0.1], [0, 1], [0, 0], [0, 0],
        ...     [2.0, -2.0], score="mine", split="mine",
        ... )
        >>> path = os.path.join(tempfile.mkdtemp(), "issues.csv")
        >>> issues.to_csv(path)
        >>> with open(path) as file:
        ...     print(file.read().splitlines()[2])
        8,True,0.1,1,0,0,-2.0
        >>> LabelIssues.from_csv(path).num_issues
        1
        """
        columns = {"id": self.ids, **known_columns(self)}
        with replacing(os.fspath(path), "table") as beside:
            with open(beside, "x", newline="", encoding="utf-8") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(columns)
                for start in range(0, len(self), _BLOCK):
                    part = slice(start, start + _BLOCK)
                    cells = [_cells(c[part]) for c in columns.values()]
                    writer.writerows(zip(*cells, strict=True))

    def to_parquet(self, path):
        """Writes the table of `to_frame` to a Parquet file.

        Written beside its target and then put in its place, as by `to_csv`.
        `LabelIssues.from_frame(pandas.read_parquet(path))` reads it.

        Args:
            path: the file to write. A file already there is replaced.

        Raises:
            ImportError: if pandas or pyarrow is not installed.
            OSError: if the file cannot be written.
        """
        try:
            import pyarrow  # noqa: F401
        except ImportError as error:
            raise ImportError(
                "`to_parquet` needs pyarrow. Install it with: "
                "pip install 'keras-robust[store]'"
            ) from error
        frame = self.to_frame()
        with replacing(os.fspath(path), "table") as beside:
            # Python's own file, for the errors of the system.
            with open(beside, "xb") as file:
                frame.to_parquet(file, engine="pyarrow", index=False)

    @classmethod
    def from_frame(cls, frame, score=None, split=None, num_classes=None):
        """Reads what `to_frame` made, or a table of your own like it.

        Args:
            frame: `pandas.DataFrame` with the columns of `to_frame`. `id`
                may be missing: the positions are the ids then;
                `predicted_label` and `suggested_label` too: -1 then;
                `evidence` too: it is the quality then.
            score: the name of the score. None for that in `frame.attrs`,
                `"unknown"` where there is none.
            split: the same of the split.
            num_classes: the number of classes. None for that in
                `frame.attrs`, where there is one.

        Returns:
            `LabelIssues`.

        Raises:
            ValueError: if a column is missing, or holds what it must not.

        Example:

        >>> import pandas as pd
        >>> from keras_robust.detect import LabelIssues
        >>> frame = pd.DataFrame(
        ...     {"is_label_issue": [False, True], "label_quality": [0.9, 0.1],
        ...      "given_label": [0, 1]}
        ... )
        >>> LabelIssues.from_frame(frame, score="cleanlab")
        LabelIssues(1 of 2 labels flagged, score='cleanlab', split='unknown')
        """
        told = {"score": score, "split": split, "num_classes": num_classes}
        return cls(**table_reading.fields_of(frame, told))

    @classmethod
    def from_csv(cls, path, score=None, split=None, num_classes=None):
        """Reads a file of `to_csv`.

        A CSV file does not say what its text means: ids that all look like
        integers become integers.

        Args:
            path: the file to read.
            score: the name of the score; a CSV file does not keep it.
            split: the name of the split.
            num_classes: the number of classes.

        Returns:
            `LabelIssues`.

        Raises:
            FileNotFoundError: if there is no such file.
            ImportError: if pandas is not installed.
            ValueError: if it is no such table.
        """
        frame = table_reading.read_csv(os.fspath(path))
        return cls.from_frame(frame, score, split, num_classes)

    def to_cleanlab(self):
        """The table that cleanlab's `find_label_issues` returns.

        Returns:
            `pandas.DataFrame` with the columns `is_label_issue`,
            `label_quality`, `given_label` and `predicted_label`, in the
            order of `ids`.

        Raises:
            ImportError: if pandas is not installed.
        """
        from keras_robust.detect.issues import cleanlab_columns

        return cleanlab_columns.to_cleanlab(self)

    @classmethod
    def from_cleanlab(cls, table, ids=None):
        """Reads a table of cleanlab's.

        Args:
            table: what `CleanLearning.find_label_issues` or
                `Datalab.get_issues("label")` returns, or a dict of such
                columns.
            ids: ids of the samples, `(N,)`. Defaults to their positions.

        Returns:
            `LabelIssues` with the score and the split `"cleanlab"`.

        Raises:
            ValueError: if a column is missing, or holds what it must not.
        """
        from keras_robust.detect.issues import cleanlab_columns

        return cleanlab_columns.from_cleanlab(table, ids)


def _cells(values):
    cells = values.tolist()
    if values.dtype.kind == "f":
        for position in np.flatnonzero(np.isnan(values)):
            cells[position] = ""
    return cells
