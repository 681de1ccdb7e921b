"""Labels and probabilities from a table, read a part at a time."""

import pathlib
import tempfile

import numpy as np

from keras_robust.commands import class_names
from keras_robust.commands import find_columns
from keras_robust.commands.needed import need
from keras_robust.detect.issues.table_reading import first_line
from keras_robust.detect.issues.table_reading import ids_of_text
from keras_robust.trajectories.checks import as_ids

# Values in a part of the table: it takes some tens of megabytes.
_PART = 2_000_000


def read(options, names):
    """Reads the table that the options name.

    The probabilities go to a temporary file that is read where it is used,
    so that a table may be larger than memory; labels and ids do not.

    Args:
        options: The options of the command.
        names: The class names given, `None` where there are none.

    Returns:
        `(labels, probs, ids, names)`: int64 `(N,)`, float64 `(N, K)`, the
        ids or `None`, the names of the classes or `None`.

    Raises:
        ImportError, OSError, ValueError: if the table will not do.
    """
    path = pathlib.Path(options.table)
    if not path.is_file():
        raise FileNotFoundError(f"There is no such file: --table {path}")
    open_table = _parquet if _is_parquet(path) else _text
    try:
        found, parts = open_table(path)
        columns = find_columns.choose(options, found)
        class_names.check(names, len(columns.probs))
        class_names.check_order(names, columns.names)
        names = names or columns.names
        return _collect(parts(columns), columns, names)
    except UnicodeDecodeError as error:
        raise class_names.not_utf8(f"--table {path}") from error
    except (ValueError, OSError) as error:
        # What a library says of a file that is no table.
        if type(error).__module__.partition(".")[0] in ("pandas", "pyarrow"):
            raise ValueError(
                f"Cannot read the table: {error}. Received: --table {path}"
            ) from error
        raise


def column(path, name):
    """The texts of one column of a table, a list; `None` where it is empty.

    Raises:
        ValueError: if there is no such column.
    """
    import pandas

    path = pathlib.Path(path)
    if _is_parquet(path):
        import pyarrow.parquet

        found = pyarrow.parquet.read_schema(path).names
    else:
        tabs = ".tsv" in [suffix.lower() for suffix in path.suffixes]
        how = {"sep": "\t" if tabs else ",", "encoding": "utf-8-sig"}
        found = first_line(pandas, path, **how)
    if name not in found:
        raise ValueError(
            f"The table has no column {name!r}. Received: --data-column "
            f"{name}, columns {', '.join(found)}"
        )
    if _is_parquet(path):
        table = pyarrow.parquet.read_table(path, columns=[name])
        values = table.column(name).to_pylist()
        return [value if value is None else str(value) for value in values]
    frame = pandas.read_csv(path, dtype=str, keep_default_na=False, **how)
    return [text or None for text in frame[name].tolist()]


def _collect(parts, columns, names):
    """The parts of the table, put together."""
    codes, ids, texts, first_rows = [], [], {}, []
    rows = 0
    with tempfile.TemporaryFile() as spilled:
        for part in parts:
            label = part[columns.label]
            codes.append(_codes(label, rows, texts, first_rows))
            spilled.write(_numbers(part[columns.probs], rows).tobytes())
            if columns.id is not None:
                ids.append(part[columns.id].to_numpy())
            rows += len(part)
        if not rows:
            raise ValueError("The table has no rows.")
        spilled.flush()
        # It stays readable when the file is closed, and is gone after that.
        shape = (rows, len(columns.probs))
        probs = np.memmap(spilled, np.float64, "r", shape=shape)
    labels = class_names.numbers_of(list(texts), first_rows, names)
    labels = labels[np.concatenate(codes)]
    if columns.id is None:
        return labels, probs, None, names
    ids = np.concatenate(ids)
    ids = as_ids(ids_of_text(ids) if ids.dtype == object else ids)
    return labels, probs, ids, names


def _codes(labels, rows, texts, first_rows):
    """Which of the `texts` each label is; those not yet seen are added."""
    import pandas

    codes, distinct = pandas.factorize(labels)
    missing = codes < 0
    if not missing.any() and len(distinct):
        empty = np.array([str(text).strip() == "" for text in distinct])
        missing = empty[codes]
    if missing.any():
        at = rows + int(np.argmax(missing))
        raise ValueError(f"The label of row {at} (the first is 0) is missing")
    known = np.empty(len(distinct), np.int64)
    first = np.full(len(distinct), -1)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    for code, text in enumerate(map(str, distinct)):
        if text not in texts:
            texts[text] = len(texts)
            first_rows.append(rows + int(first[code]))
        known[code] = texts[text]
    return known[codes]


def _numbers(probs, rows):
    """Columns of probabilities as float64; NaN is left to the detector."""
    import pandas

    array = np.empty(probs.shape)
    for place, name in enumerate(probs.columns):
        column = probs[name]
        values = pandas.to_numeric(column, errors="coerce")
        values = values.to_numpy(np.float64, na_value=np.nan)
        bad = np.isnan(values)
        if bad.any():
            at = int(np.argmax(bad))
            raise ValueError(
                "Probabilities must be numbers. Received: "
                f"{column.iloc[at]!r} in column {name!r}, row {rows + at} "
                "(the first is 0)"
            )
        array[:, place] = values
    return array


def _is_parquet(path):
    return path.suffix.lower() in (".parquet", ".pq")


def _text(path):
    """The columns of a CSV or TSV file, and a function for its parts."""
    need("pandas")
    import pandas

    tabs = ".tsv" in [suffix.lower() for suffix in path.suffixes]
    how = {"sep": "\t" if tabs else ",", "encoding": "utf-8-sig"}
    found = first_line(pandas, path, **how)

    def parts(columns):
        # All columns: where only some are asked for, pandas takes a row with
        # a comma too many without a word.
        reader = pandas.read_csv(
            path,
            # As written: no label or id is taken for a number, or for NaN.
            dtype=dict.fromkeys(columns.texts, str),
            keep_default_na=False,
            chunksize=max(1, _PART // len(found)),
            **how,
        )
        with reader:
            yield from reader

    return found, parts


def _parquet(path):
    """The columns of a Parquet file, and a function for its parts."""
    need("pandas", "pyarrow")
    import pyarrow.parquet

    def parts(columns):
        size = max(1, _PART // len(columns.all))
        with pyarrow.parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(size, columns=columns.all):
                yield batch.to_pandas(ignore_metadata=True)

    return pyarrow.parquet.read_schema(path).names, parts
