import keras
import numpy as np
import pytest

from keras_robust.tuning import trimmed_validation

X = np.repeat(np.eye(3, dtype="float32"), 12, axis=0)
TRUE = np.repeat([0, 1, 2], 12)


def model_fn():
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(3, activation="softmax")]
    )
    adam = keras.optimizers.Adam(0.3)
    model.compile(adam, loss="sparse_categorical_crossentropy")
    return model


def trimmed(validation_data, x=X, y=TRUE, **options):
    options = {"folds": 2, "epochs": 8, "verbose": 0, **options}
    return trimmed_validation(model_fn, x, y, validation_data, **options)


def test_wrong_labels_are_left_out_the_same_ones_every_time():
    x_val, y_val = X[::3], TRUE[::3].copy()
    y_val[[1, 9]] = [2, 0]
    found = trimmed((x_val, y_val))
    assert np.flatnonzero(~found.keep).tolist() == [1, 9]
    np.testing.assert_array_equal(found.data[0], x_val[found.keep])
    np.testing.assert_array_equal(found.data[1], y_val[found.keep])
    np.testing.assert_array_equal(found.issues.is_label_issue, ~found.keep)
    np.testing.assert_array_equal(found.issues.given_label, y_val)
    np.testing.assert_array_equal(found.issues.ids, np.arange(12))
    again = trimmed((x_val, y_val))
    quality = found.issues.label_quality
    np.testing.assert_array_equal(again.issues.label_quality, quality)


def test_by_the_validation_samples_alone():
    y_val = TRUE.copy()
    y_val[5] = 2
    found = trimmed((X, y_val), x=None, y=None)
    assert np.flatnonzero(~found.keep).tolist() == [5]


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"validation_data": X}, r"the pair \(x, y\). Received: ndarray"),
        ({"validation_data": (X, TRUE), "y": None}, "both `x` and `y`"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        trimmed(**arguments)
