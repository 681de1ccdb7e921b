import keras
import numpy as np

from keras_robust.training import ids
from tests import backend


def test_a_label_and_its_position_travel_together():
    position = keras.ops.array([1, 0], dtype="int32")
    label, index = ids.split(ids.join([5, 6], position))
    assert label == [5, 6]
    assert keras.backend.is_int_dtype(index.dtype)
    np.testing.assert_array_equal(backend.to_numpy(index), [1, 0])


def test_plain_labels_pass():
    for plain in (None, [1, 2], {"left": 1, "right": 2}):
        label, index = ids.split(plain)
        assert label is plain
        assert index is None
