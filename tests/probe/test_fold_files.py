"""cross_val_predict_probs(resume=...): done folds are kept, others refused."""

import os

import keras
import numpy as np
import pytest

from tests.probe.test_cross_validation import blobs
from tests.probe.test_cross_validation import predict
from tests.probe.test_cross_validation import small


class Stop(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        raise KeyboardInterrupt


def stop_at(number):
    return lambda fold: [Stop()] if fold == number else []


def test_an_interrupted_run_goes_on(tmp_path):
    x, y = blobs(24)
    made = []

    def counted():
        made.append(small()())
        return made[-1]

    whole = predict(small(), x, y, 2, epochs=2)
    folder = tmp_path / "folds"
    with pytest.raises(KeyboardInterrupt):
        predict(small(), x, y, 2, epochs=2, resume=folder, callbacks=stop_at(1))
    assert sorted(os.listdir(folder)) == ["fold-0.npz"]
    gone_on = predict(counted, x, y, 2, epochs=2, resume=folder)
    assert len(made) == 1
    np.testing.assert_allclose(gone_on, whole, atol=1e-6)
    done = predict(counted, x, y, 2, epochs=2, resume=folder)
    assert len(made) == 1
    np.testing.assert_array_equal(done, gone_on)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "folds"
    x, y = blobs(24)
    with pytest.raises(KeyboardInterrupt):
        predict(small(), x, y, epochs=1, resume=path, callbacks=stop_at(1))
    return path


def test_another_run_is_refused(folder):
    x, y = blobs(24)
    moved, other = x.copy(), y.copy()
    moved[3, 1] += 1
    other[:2] = other[1::-1]

    def refused(what, x=x, y=y, model_fn=None, **options):
        options = {"epochs": 1, **options}
        with pytest.raises(ValueError, match=what) as error:
            predict(model_fn or small(), x, y, resume=folder, **options)
        assert "choose another folder" in str(error.value)

    refused("differs in x;", x=moved)
    refused("differs in folds, y;", y=other)
    refused("differs in epochs;", epochs=2)
    refused("differs in batch_size;", batch_size=5)
    refused("differs in class_weight;", class_weight={0: 2.0})
    refused("differs in sample_weight;", sample_weight=np.ones(24))
    refused("differs in folds, seed;", seed=3)
    refused("differs in folds;", groups=np.arange(24) // 2)
    refused("makes another network", model_fn=small(4))


def test_a_damaged_file(tmp_path):
    (tmp_path / "fold-0.npz").write_bytes(b"PK no zip")
    x, y = blobs(24)
    with pytest.raises(ValueError, match="damaged, or none of ours"):
        predict(small(), x, y, resume=tmp_path)
