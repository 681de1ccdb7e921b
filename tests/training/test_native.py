import keras
import numpy as np
import pytest

from keras_robust.training import native
from keras_robust.training.carrier import Carrier
from tests import backend


@pytest.fixture
def carrier():
    return Carrier()


def test_rows_are_set_where_the_index_says(carrier):
    rows = carrier.add("rows", (5, 2), "float32")
    index = native.positions(keras.ops.array([3, 0, 4], dtype="int32"))
    values = np.arange(6, dtype="float32").reshape(3, 2)
    native.set_rows(rows, index, keras.ops.array(values))
    np.testing.assert_array_equal(
        backend.to_numpy(rows.value), [[2, 3], [0, 0], [0, 0], [0, 1], [4, 5]]
    )


def test_repeated_indices_add_up(carrier):
    counts = carrier.add("counts", (4,), "int32")
    for _ in range(2):
        index = keras.ops.array([1, 3, 1], dtype="int32")
        native.count(counts, native.positions(index))
    np.testing.assert_array_equal(backend.to_numpy(counts.value), [0, 4, 0, 2])


def test_rows_take_no_gradient(carrier):
    rows = carrier.add("rows", (2, 1), "float32")
    index = native.positions(keras.ops.array([0], dtype="int32"))

    def recorded(z):
        native.set_rows(rows, index, keras.ops.stop_gradient(z)[None, :1])
        return keras.ops.sum(z * z)

    value, slope = backend.gradient(recorded, np.ones(3, dtype="float32"))
    assert value == 3
    np.testing.assert_allclose(slope, 2.0)


def test_what_backends_do_differently():
    is_jax = keras.backend.backend() == "jax"
    assert native.threads_listed_metrics() == is_jax
    is_tensorflow = keras.backend.backend() == "tensorflow"
    assert native.reads_before_callbacks() != is_tensorflow


def test_columns_of_any_dtype_stand_side_by_side():
    values = keras.ops.array([[0.5, 1.5], [2.5, 3.5]], dtype="float32")
    column = keras.ops.array([1, 0], dtype="int32")
    picked = native.pick(values, column)
    joined = native.join_columns([column[:, None], picked, values])
    np.testing.assert_array_equal(
        backend.to_numpy(joined), [[1, 1.5, 0.5, 1.5], [0, 2.5, 2.5, 3.5]]
    )
    assert "float32" in str(joined.dtype)
