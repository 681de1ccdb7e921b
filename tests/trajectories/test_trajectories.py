import warnings

import numpy as np
import pytest

from keras_robust.trajectories import Trajectories

NAN = np.nan


def build(**changes):
    fields = {
        "ids": [5, 3, 9, 1],
        "epochs": [0, 1, 4],
        "signals": {
            "margin": [
                [1.0, -2.0, NAN, NAN],
                [3.0, NAN, NAN, 4.0],
                [5.0, -4.0, NAN, NAN],
            ],
            "predicted": np.zeros((3, 4)),
        },
        "given_label": [0, 1, 2, 0],
        "num_classes": 3,
        "counts": [[1, 1, 0, 0], [2, 0, 0, 1], [1, 1, 0, 0]],
    }
    return Trajectories(**{**fields, **changes})


def test_fields_have_one_form():
    t = build()
    assert len(t) == 4
    assert t.num_epochs == 3
    assert t.ids.dtype == np.int64
    assert t.epochs.dtype == np.int64
    assert t.given_label.dtype == np.int64
    assert t.signals["margin"].dtype == np.float32
    assert t.signals["margin"].shape == (3, 4)
    assert t.counts.dtype == np.uint16
    assert type(build(num_classes=np.int32(3)).num_classes) is int


def test_string_ids():
    t = build(ids=["a", "b", "c", "d"])
    assert t.ids.dtype.kind == "U"
    assert t.ids.tolist() == ["a", "b", "c", "d"]


def test_fields_are_not_reassigned():
    with pytest.raises(AttributeError):
        build().num_classes = 4


def test_coverage_by_counts():
    assert build().coverage.tolist() == [0.5, 0.5, 0.5]


def test_coverage_without_counts_takes_any_signal():
    t = build(counts=None)
    assert t.coverage.tolist() == [1.0, 1.0, 1.0]
    only_margin = {"margin": t.signals["margin"]}
    t = build(counts=None, signals=only_margin)
    assert t.coverage.tolist() == [0.5, 0.5, 0.5]


def test_mean_and_last_seen_leave_gaps_out_without_a_warning():
    t = build()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mean = t.mean("margin")
        last = t.last_seen("margin")
    np.testing.assert_array_equal(mean, [3, -3, NAN, 4])
    np.testing.assert_array_equal(last, [5, -4, NAN, 4])
    assert mean.dtype == np.float64
    assert last.dtype == np.float32


def test_mean_is_summed_in_double_precision():
    values = np.full((10_000, 1), 0.1, np.float32)
    t = Trajectories([0], np.arange(10_000), {"margin": values}, [0], 2)
    assert t.mean("margin")[0] == pytest.approx(
        float(np.float32(0.1)), rel=1e-12
    )


def test_signal_is_the_array_itself():
    t = build()
    assert t.signal("margin") is t.signals["margin"]


@pytest.mark.parametrize("method", ["signal", "mean", "last_seen"])
def test_a_missing_signal_says_how_to_record_it(method):
    with pytest.raises(ValueError) as error:
        getattr(build(), method)("cross_entropy")
    message = str(error.value)
    assert "there are: margin, predicted." in message
    assert (
        'LossTrajectory(signals=("margin", "predicted", "cross_entropy"))'
        in message
    )
    assert message.endswith("Received: name='cross_entropy'")


def test_repr_says_what_is_inside():
    assert repr(build()) == (
        "Trajectories(4 samples, 3 epochs, 3 classes, signals: margin, "
        "predicted; coverage 50.0 %)"
    )
    counts = [[1, 1, 1, 1], [1, 0, 0, 0], [1, 1, 0, 0]]
    assert repr(build(counts=counts)).endswith("coverage 25.0 % to 100.0 %)")
