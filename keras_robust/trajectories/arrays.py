"""Single arrays in the folder of a zarr store."""

import contextlib
import zlib

import numpy as np

# Samples in one chunk: 1 MiB of a signal.
BLOCK = 2**18


def import_zarr():
    """Returns the module.

    Raises:
        ImportError: If zarr is missing; says what to install.
    """
    try:
        import zarr
    except ImportError as error:
        raise ImportError(
            "Trajectories on disk (`.zarr`) need zarr 3. Install it with: "
            "pip install 'keras-robust[store]'"
        ) from error
    return zarr


def write(group, name, values):
    """Writes `values` as the array `name`; returns their checksum."""
    zarr = import_zarr()
    values = little_endian(values)
    array = group.create_array(
        name,
        shape=values.shape,
        dtype=values.dtype,
        chunks=(min(len(values), BLOCK), *values.shape[1:]),
        compressors=zarr.codecs.BloscCodec(cname="zstd", shuffle="shuffle"),
        fill_value=np.nan if values.dtype.kind == "f" else 0,
        # A chunk left out because it is all fill value could not be told
        # from a lost one, and NaNs of other bits would come back changed.
        config={"write_empty_chunks": True},
    )
    array[...] = values
    return zlib.crc32(values)


def read(folder, name, shape, dtype):
    """Returns the array `name` and its checksum.

    Raises:
        ValueError: If it is damaged or not as described; says why.
    """
    array = open_rows(folder, name, shape, dtype)
    return read_rows(array, 0, shape[0])


def open_rows(folder, name, shape, dtype):
    """Opens the array `name`, for `read_rows`.

    Raises:
        ValueError: If it is damaged or not as described; says why.
    """
    zarr = import_zarr()
    with _damages_told(name):
        array = zarr.open_array(f"{folder}/{name}", mode="r", zarr_format=3)
        if (array.shape, array.dtype) != (shape, dtype):
            raise ValueError(
                f"{array.dtype} {array.shape} instead of {dtype} {shape}"
            )
    return name, array


def read_rows(opened, start, stop, checksum=0):
    """Returns some rows, and the checksum of all rows up to them.

    Args:
        opened: What `open_rows` returned.
        start, stop: Which rows.
        checksum: That of the rows up to `start`.

    Raises:
        ValueError: If they are damaged; says why.
    """
    name, array = opened
    with _damages_told(name):
        values = np.asarray(array[start:stop])
    return values, zlib.crc32(np.ascontiguousarray(values), checksum)


@contextlib.contextmanager
def _damages_told(name):
    try:
        yield
    except PermissionError:
        raise
    # Whatever the reader and its decoders say of damaged bytes.
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise ValueError(f"{name} is damaged ({reason})") from error


def little_endian(values):
    """`values`, in the byte order in which they are stored."""
    values = np.ascontiguousarray(values)
    return values.astype(values.dtype.newbyteorder("<"), copy=False)


def pack_ids(ids):
    """Ids as numbers: int64 `(N,)`, or the UTF-8 of strings `(N, width)`.

    Zarr's own strings are of a type without a specification.
    """
    if ids.dtype.kind != "U":
        return ids
    # Any string that Python takes is an id, halves of surrogates too.
    encoded = np.char.encode(ids, "utf-8", "surrogatepass")
    width = encoded.dtype.itemsize
    return encoded.view(np.uint8).reshape(len(ids), width)


def unpack_ids(packed):
    """The ids that `pack_ids` packed."""
    if packed.ndim == 1:
        return packed
    packed = np.ascontiguousarray(packed)
    encoded = packed.view(f"S{packed.shape[1]}")[:, 0]
    return np.char.decode(encoded, "utf-8", "surrogatepass")
