"""What both kinds of noise promise: exact rates, clear errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_robust.noise import pair_flip
from keras_robust.noise import symmetric

KINDS = [symmetric, pair_flip]
both = pytest.mark.parametrize("noise", KINDS)

some_labels = st.lists(st.integers(0, 6), min_size=1, max_size=80)
some_rate = st.floats(0, 1)


@both
@given(labels=some_labels, rate=some_rate, seed=st.integers(0, 2**32))
def test_exact_rates_and_never_the_label_itself(noise, labels, rate, seed):
    labels = np.array(labels)
    noisy = noise(labels, rate, num_classes=7, seed=seed).labels
    flipped = noisy != labels
    total = round(rate * labels.size)
    assert flipped.sum() == total
    assert noisy.min() >= 0
    assert noisy.max() < 7
    sizes = np.bincount(labels, minlength=7)
    per_class = np.bincount(labels[flipped], minlength=7)
    assert (np.abs(per_class - total * sizes / labels.size) < 1).all()
    again = noise(labels, rate, num_classes=7, seed=seed).labels
    np.testing.assert_array_equal(noisy, again)


@both
@pytest.mark.parametrize("dtype", ["uint8", "int16", "int64", "uint64"])
@pytest.mark.parametrize("shape", [(30,), (30, 1)])
def test_keeps_shape_dtype_and_the_input(noise, dtype, shape):
    labels = (np.arange(30) % 3).astype(dtype).reshape(shape)
    before = labels.copy()
    noisy = noise(labels, 0.5, seed=1).labels
    assert noisy.shape == shape
    assert noisy.dtype == dtype
    assert (noisy != labels).sum() == 15
    np.testing.assert_array_equal(labels, before)


@both
def test_takes_lists_and_strided_arrays(noise):
    assert noise([0, 1, 0, 1], 1.0, seed=0).labels.tolist() == [1, 0, 1, 0]
    strided = np.asfortranarray(np.zeros((8, 4), np.int64))[::2, :1]
    noisy = noise(strided, 1.0, num_classes=2, seed=0)
    assert (noisy.labels == 1).all()


@both
def test_which_samples_depends_on_the_seed(noise):
    labels = np.arange(400) % 4
    masks = [noise(labels, 0.3, seed=s).is_wrong for s in (0, 0, 1)]
    np.testing.assert_array_equal(masks[0], masks[1])
    assert (masks[0] != masks[2]).any()
    assert (noise(labels, 0.3).labels != noise(labels, 0.3).labels).any()
    generator = np.random.default_rng(0)
    first = noise(labels, 0.3, seed=generator).is_wrong
    np.testing.assert_array_equal(first, masks[0])


@both
def test_every_sample_is_as_likely(noise):
    labels = np.arange(40) % 2
    times = sum(noise(labels, 0.5, seed=s).is_wrong for s in range(400))
    # Binomial(400, .5): six standard deviations are 60.
    assert np.abs(times - 200).max() < 60


@both
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rate": -0.1}, r"`rate` must be .* \[0, 1\].*rate=-0.1"),
        ({"rate": 1.01}, r"Received: rate=1.01"),
        ({"rate": float("nan")}, r"Received: rate=nan"),
        ({"rate": float("inf")}, r"Received: rate=inf"),
        ({"rate": "0.4"}, r"Received: rate='0.4'"),
        ({"rate": True}, r"Received: rate=True"),
        ({"exact": 1}, r"`exact` must be True or False.*exact=1$"),
        ({"num_classes": 1}, r"at least 2. Received: num_classes=1$"),
        ({"num_classes": 3.0}, r"Received: num_classes=3.0"),
        ({"num_classes": 2}, r"2 of 6 are not. Received: labels\[2\]=2"),
        ({"labels": [0, 1, -1]}, r"labels\[2\]=-1"),
        ({"labels": [0, 0]}, r"num_classes=1 \(the largest label plus"),
        ({"labels": np.eye(3, dtype=int)}, r"np.argmax\(labels, axis=1\)"),
        ({"labels": [0.0, 1.0]}, r'`labels.astype\("int64"\)`.*float64'),
        ({"labels": [True, False]}, r"dtype=bool"),
        ({"labels": [0.0, np.nan]}, r"dtype=float64, labels\[1\]=.*nan"),
        ({"labels": [0.0, 1.5, np.inf]}, r"labels\[1\]=.*1.5"),
        ({"labels": ["a", "b"]}, r"return_inverse=True\)\[1\]`.*dtype=<U1"),
        ({"labels": [0, None]}, r"dtype=object, labels\[1\]=None"),
        ({"labels": [[0], [1, 2]]}, r"rows may differ .* type list"),
        ({"labels": [0, 10**12]}, r"not ids.*labels\[1\]=10{12}$"),
        ({"labels": np.array([1, 2**64 - 1], np.uint64)}, r"not ids"),
        ({"num_classes": 2**40}, r"num_classes=10995"),
        ({"labels": []}, r"at least one .*shape=\(0,\)"),
        ({"labels": 3}, r"shape=\(\)"),
        ({"labels": np.zeros((2, 2, 2), int)}, r"shape=\(2, 2, 2\)"),
        (
            {"labels": np.array([0, 1], np.int8), "num_classes": 200},
            r"cannot hold class 199.*dtype=int8",
        ),
        ({"seed": -1}, r"`seed` must be .*Received: seed=-1"),
        ({"seed": "x"}, r"Received: seed='x'"),
    ],
)
def test_errors(noise, change, message):
    arguments = {"labels": [0, 1, 2, 0, 1, 2], "rate": 0.5, "seed": 0}
    with pytest.raises(ValueError, match=message):
        noise(**{**arguments, **change})


@both
def test_bernoulli_within_five_sigma(noise):
    labels = np.arange(50_000) % 5
    noisy = noise(labels, 0.3, seed=0, exact=False)
    sigma = np.sqrt(0.3 * 0.7 / 10_000)
    stayed = np.diag(noisy.transition_matrix)
    assert (np.abs(stayed - 0.7) < 5 * sigma).all()
    # Not the exact number, which would be one sample of surprise.
    assert len(set(stayed)) > 1
    assert not noise(labels, 0, seed=0, exact=False).is_wrong.any()
    assert noise(labels, 1, seed=0, exact=False).is_wrong.all()
