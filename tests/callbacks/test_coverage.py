"""Samples never seen, or seen twice."""

import warnings

import numpy as np
import pytest

from keras_robust.callbacks.coverage import Coverage
from tests.training import frozen


def warned(*epochs):
    coverage = Coverage()
    for counts in epochs:
        coverage.see(np.array(counts))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        coverage.warn()
    return [str(warning.message) for warning in caught]


def test_every_sample_once_is_no_news():
    assert warned() == []
    assert warned([1, 1], [1, 1]) == []
    # Seen in some epoch.
    assert warned([1, 0], [0, 1]) == []


def test_never_seen_and_seen_twice():
    unseen, twice = warned([2, 1, 0], [1, 2, 0])
    assert unseen.startswith("1 of 3 samples were never seen, and are NaN")
    assert twice.startswith("1 of 3 samples were seen more than once in an")


def test_a_sampler_with_replacement():
    torch = pytest.importorskip("torch")
    x, labels = frozen.samples()
    source = torch.utils.data.TensorDataset(
        torch.tensor(x), torch.tensor(labels)
    )
    sampler = torch.utils.data.WeightedRandomSampler(
        torch.ones(frozen.N), frozen.N, generator=torch.Generator()
    )
    loader = torch.utils.data.DataLoader(source, 8, sampler=sampler)
    tracker = frozen.tracker()
    with pytest.warns(UserWarning, match="seen more than once"):
        frozen.classifier().fit(
            tracker.track(loader), verbose=0, callbacks=[tracker]
        )
    assert tracker.trajectories.counts.sum() == frozen.N
