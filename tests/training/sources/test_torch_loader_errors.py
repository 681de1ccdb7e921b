"""PyTorch `DataLoader`s that cannot be tracked, or change afterwards."""

import numpy as np
import pytest

from keras_robust.training import ids
from keras_robust.training import sources
from tests.training.sources import helpers
from tests.training.sources.helpers import track

torch = pytest.importorskip("torch")
# It needs PyTorch as well.
from tests.training.sources.test_torch_loader import Samples  # noqa: E402
from tests.training.sources.test_torch_loader import Stream  # noqa: E402
from tests.training.sources.test_torch_loader import loader  # noqa: E402
from tests.training.sources.test_torch_loader import stacked  # noqa: E402
from tests.training.sources.test_torch_loader import tensors  # noqa: E402

data = torch.utils.data


class Lengthless(Samples):
    __len__ = None


def halved(samples):
    return stacked(samples[:4])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: loader(batch_size=None),
            "The loader makes no batches: give it a `batch_size`, or a "
            "`sampler` that yields lists of positions. Received: "
            "batch_size=None, sampler of type SequentialSampler",
        ),
        (
            lambda: loader(Stream(), batch_size=None),
            "The data must yield batches, whose inputs and labels hold as "
            "many samples. Received: x.shape=(4,), y.shape=()",
        ),
        (
            lambda: loader(collate_fn=halved),
            "The loader's `collate_fn` must keep every sample. Received: 4 "
            "labels of 8 samples",
        ),
        (
            lambda: loader(Lengthless(), sampler=range(9)),
            "The loader's dataset and sampler must have a length: define "
            "`__len__`. Received: ",
        ),
        (
            lambda: loader(Stream(np.arange(0))),
            "The dataset is empty. Received: <torch",
        ),
    ],
)
def test_loaders_that_cannot_be_tracked(make, message):
    with pytest.raises(ValueError) as error:
        track(make())
    assert str(error.value).startswith(message)


def test_positions_outside_the_dataset():
    source = data.DataLoader(tensors(), batch_sampler=[[0, -1]])
    tracked = track(source)
    with pytest.raises(ValueError) as error:
        helpers.epoch(tracked.feed)
    assert str(error.value) == (
        "The loader's sampler must yield lists of positions in its dataset, "
        "0 to 29. Received: array([ 0, -1])"
    )


def test_a_stream_that_changes():
    stream = Stream()
    tracked = track(loader(stream))
    stream.order = np.arange(20)
    with pytest.raises(
        ValueError, match="batch 2 of 4 samples, tracked with 8"
    ):
        helpers.epoch(tracked.feed)
    stream.order = np.arange(16)
    sources.rewind(tracked.feed)
    with pytest.raises(ValueError, match="ended early: .* Received: 2 batches"):
        helpers.epoch(tracked.feed)


def test_positions_travel_as_int32():
    found = helpers.epoch(track(loader()).feed)
    assert all(y[ids.INDEX].dtype == "int32" for _, y in found)
