"""The files that the benchmarks train on."""

import numpy as np
import pytest

from benchmarks import data


def _arrays(count, shape, **more):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (count, *shape), dtype=np.uint8)
    labels = np.arange(count, dtype=np.uint8) % 10
    return {
        "x_train": images,
        "y_train": labels,
        "x_test": images[:20],
        "y_test": labels[:20],
        **more,
    }


def test_fashion_mnist_draws_by_seed(tmp_path):
    arrays = _arrays(200, (4, 4))
    # So that an image says which it is.
    arrays["x_train"][:, 0, 0] = np.arange(200)
    np.savez(tmp_path / data.FASHION_MNIST, **arrays)
    first, again = (
        data.fashion_mnist(tmp_path, seed=3, rate=0.4, count=100)
        for _ in range(2)
    )
    np.testing.assert_array_equal(first.x_train, again.x_train)
    np.testing.assert_array_equal(first.y_train, again.y_train)
    which = first.x_train[:, 0, 0, 0] * 0.3081 + 0.1307
    which = np.rint(which * 255).astype(int)
    assert len(set(which)) == 100
    np.testing.assert_array_equal(which % 10, first.true_train)
    assert first.noise_rate == pytest.approx(0.4, abs=0.01)
    assert first.x_test.shape == (20, 4, 4, 1)
    other = data.fashion_mnist(tmp_path, seed=4, rate=0.4, count=100)
    assert (other.true_train != first.true_train).any()


def test_cifar10n_keeps_images_and_labels_together(tmp_path):
    noisy = (np.arange(60, dtype=np.uint8) + 1) % 10
    arrays = _arrays(60, (2, 2, 3), noisy_worst=noisy)
    arrays["x_train"][:, 1, 1, 2] = np.arange(60)
    np.savez(tmp_path / data.CIFAR10N, **arrays)
    found = data.cifar10n(tmp_path, seed=0)
    which = np.rint((found.x_train[:, 1, 1, 2] * 0.25 + 0.5) * 255)
    which = which.astype(int)
    assert sorted(which) == list(range(60)) and which[0] != 0
    np.testing.assert_array_equal(found.true_train, which % 10)
    np.testing.assert_array_equal(found.y_train, (which + 1) % 10)
    assert found.noise_rate == 1.0


def test_images_stored_as_differences_are_the_images(tmp_path):
    arrays = _arrays(20, (5, 6, 3), noisy_worst=np.zeros(20, np.uint8))
    plain = dict(arrays)
    for key in ("x_train", "x_test"):
        planes = arrays.pop(key).transpose(0, 3, 1, 2).copy()
        planes[:, 0] -= planes[:, 1]
        planes[:, 2] -= planes[:, 1]
        rows = np.diff(planes, axis=2, prepend=np.uint8(0))
        arrays[f"{key}_enc"] = np.diff(rows, axis=3, prepend=np.uint8(0))
    (tmp_path / "plain").mkdir()
    np.savez(tmp_path / "plain" / data.CIFAR10N, **plain)
    np.savez(tmp_path / data.CIFAR10N, **arrays)
    ours = data.cifar10n(tmp_path, seed=0)
    theirs = data.cifar10n(tmp_path / "plain", seed=0)
    np.testing.assert_array_equal(ours.x_train, theirs.x_train)
    np.testing.assert_array_equal(ours.x_test, theirs.x_test)


def test_missing_files_and_arrays_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no fashion_mnist.npz.*Rec"):
        data.fashion_mnist(tmp_path, seed=0, rate=0.4)
    np.savez(tmp_path / data.CIFAR10N, **_arrays(10, (2, 2, 3)))
    with pytest.raises(ValueError, match=r"lacks the arrays \['noisy_worst'\]"):
        data.cifar10n(tmp_path, seed=0)
