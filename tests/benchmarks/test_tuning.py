import pytest

from benchmarks import tuning
from benchmarks.loss_searches import LOSSES
from benchmarks.loss_searches import grid
from keras_robust import losses


def trial(loss, **curves):
    return {"values": {"loss": loss}, "curves": curves}


TRIALS = [
    trial("ce", noisy=[0.5, 0.4], clean=[0.7, 0.6], test=[0.72, 0.6]),
    trial("gce", noisy=[0.3, 0.6], clean=[0.5, 0.8], test=[0.5, 0.81]),
    trial("aul", noisy=[0.2, 0.1], clean=[0.9, 0.2], test=[0.88, 0.2]),
]


def test_a_trial_and_its_epoch_are_chosen_by_one_curve_and_judged_by_another():
    assert tuning.chosen(TRIALS, "noisy") == (0.81, "gce")
    assert tuning.chosen(TRIALS, "clean") == (0.88, "aul")


def test_rank_correlation_of_the_scores_with_the_test_accuracy():
    # Noisy scores .5 .6 .2 of the accuracies .72 .81 .88; clean ones agree.
    assert tuning.rank_correlation(TRIALS, "noisy") == pytest.approx(-0.5)
    assert tuning.rank_correlation(TRIALS, "clean") == pytest.approx(1.0)


def test_every_point_of_the_grid_is_a_loss():
    points = grid()
    assert {point["loss"] for point in points} == set(LOSSES)
    for point in points:
        start = f"loss_{point['loss']}_"
        values = {
            key.removeprefix(start): value
            for key, value in point.items()
            if key.startswith(start)
        }
        assert losses.search_space(point["loss"]).loss(values) is not None
    assert len({str(point) for point in points}) == len(points) == 42
