"""Trajectories as a table: in memory or as a Parquet file."""

import os

import numpy as np

from keras_robust.trajectories.replacing import replacing

_COLUMNS = ("epoch", "id", "given_label", "count")


class Frames:
    """What makes tables of `Trajectories`."""

    def to_frame(self):
        """The recorded values as a tidy table, one row an epoch and sample.

        For a closer look in pandas. The table is several times as large as
        the trajectories; `select` first, or use `to_parquet`, where that is
        too much.

        Returns:
            `pandas.DataFrame` of E * N rows, epoch after epoch, with the
            columns `epoch`, `id`, `given_label`, `count` (where counted),
            and one for each signal, NaN where not seen.

        Raises:
            ImportError: if pandas is not installed.
            ValueError: if a signal is called as one of the other columns.

        Example:

        >>> from keras_robust.trajectories import Trajectories
        >>> t = Trajectories([7, 8], [0], {"margin": [[1, 2]]}, [0, 1], 2)
        >>> t.to_frame()
           epoch  id  given_label  margin
        0      0   7            0     1.0
        1      0   8            1     2.0
        """
        try:
            import pandas
        except ImportError as error:
            raise ImportError(
                "`to_frame` needs pandas. Install it with: "
                "pip install 'keras-robust[store]'"
            ) from error
        _check_names(self.signals)
        columns = {
            "epoch": np.repeat(self.epochs, len(self)),
            "id": np.tile(self.ids, self.num_epochs),
            "given_label": np.tile(self.given_label, self.num_epochs),
        }
        if self.counts is not None:
            columns["count"] = self.counts.reshape(-1)
        for name, values in self.signals.items():
            columns[name] = values.reshape(-1)
        return pandas.DataFrame(columns)

    def to_parquet(self, path):
        """Writes the table of `to_frame` to a Parquet file, epoch by epoch.

        For DuckDB, Spark, Polars and others, and for large runs: only one
        epoch of the table is in memory at a time, and is a row group of the
        file, so that readers can skip the others. The file is written beside
        its target and then put in its place.

        Args:
            path: the file to write. A file already there is replaced.

        Raises:
            ImportError: if pyarrow is not installed.
            OSError: if the file cannot be written.
            ValueError: if a signal is called as one of the other columns.

        Example:

        >>> import os
        >>> import tempfile
        >>> import pandas as pd
        >>> from keras_robust.trajectories import Trajectories
        >>> t = Trajectories([7, 8], [0], {"margin": [[1, 2]]}, [0, 1], 2)
        >>> path = os.path.join(tempfile.mkdtemp(), "run.parquet")
        >>> t.to_parquet(path)
        >>> pd.read_parquet(path)["id"].tolist()
        [7, 8]
        """
        try:
            import pyarrow
            import pyarrow.parquet as parquet
        except ImportError as error:
            raise ImportError(
                "`to_parquet` needs pyarrow. Install it with: "
                "pip install 'keras-robust[store]'"
            ) from error
        _check_names(self.signals)
        ids = pyarrow.array(self.ids)
        schema = pyarrow.schema(
            [
                ("epoch", pyarrow.int64()),
                ("id", ids.type),
                ("given_label", pyarrow.int64()),
                *([] if self.counts is None else [("count", pyarrow.uint16())]),
                *((name, pyarrow.float32()) for name in self.signals),
            ]
        )
        with replacing(os.fspath(path), "table") as beside:
            # Python's own file, for the errors of the system.
            with (
                open(beside, "xb") as file,
                parquet.ParquetWriter(file, schema) as writer,
            ):
                for row, epoch in enumerate(self.epochs):
                    columns = [
                        np.full(len(self), epoch),
                        ids,
                        self.given_label,
                        *([] if self.counts is None else [self.counts[row]]),
                        *(values[row] for values in self.signals.values()),
                    ]
                    writer.write_table(
                        pyarrow.table(columns, schema=schema),
                        row_group_size=len(self),
                    )


def _check_names(signals):
    taken = [name for name in _COLUMNS if name in signals]
    if taken:
        raise ValueError(
            f"A table has the column {taken[0]!r} already, so no signal can "
            f"be called that. Received: signals={list(signals)}"
        )
