import gc

import pytest

from keras_robust.tuning import RobustHyperModel
from keras_robust.tuning import garbage
from tests.tuning.searches import X
from tests.tuning.searches import Y
from tests.tuning.searches import build
from tests.tuning.searches import tuner_of


class Collector:
    """Python's own, without looking at all objects there are."""

    frozen = 0

    def collect(self):
        pass

    def freeze(self):
        self.frozen += 1

    def unfreeze(self):
        self.frozen = 0

    def get_freeze_count(self):
        return self.frozen


@pytest.fixture
def collector(monkeypatch):
    made = Collector()
    monkeypatch.setattr(garbage, "gc", made)
    return made


def test_what_is_frozen_for_a_search_is_let_go_at_its_end(collector, tmp_path):
    tuner = tuner_of(tmp_path)
    hypermodel = tuner.hypermodel
    assert collector.frozen == 1
    own = tuner.on_search_end
    hypermodel._check_search(tuner, (X, Y), {}, [])
    hooked = tuner.on_search_end
    assert hooked != own
    # The second trial.
    hypermodel._check_search(tuner, (X, Y), {}, [])
    assert tuner.on_search_end is hooked
    assert collector.frozen == 1
    tuner.on_search_end()
    assert collector.frozen == 0
    # What others freeze since is left alone by a second search.
    collector.freeze()
    tuner.on_search_end()
    assert collector.frozen == 1


def test_the_tuners_own_end_of_a_search_is_kept(collector):
    class Tuner:
        ended = 0

        def on_search_end(self):
            self.ended += 1

    tuner = Tuner()
    _, ends = garbage.leave_out_loaded(Tuner)
    garbage.end_with_search(tuner, ends)
    tuner.on_search_end()
    assert (tuner.ended, collector.frozen) == (1, 0)


def test_nothing_is_frozen_longer_than_the_hypermodel_lives(collector):
    hypermodel = RobustHyperModel(build, losses="mae")
    assert collector.frozen == 1
    del hypermodel
    # It refers to itself.
    gc.collect()
    assert collector.frozen == 0


def test_the_hypermodel_is_not_frozen_itself(collector):
    def make():
        assert collector.frozen == 1
        return collector

    assert garbage.leave_out_loaded(make)[0] is collector


def test_what_others_have_frozen_stays_so(collector):
    collector.freeze()
    _, ends = garbage.leave_out_loaded(Collector)
    ends()
    assert collector.frozen == 1
