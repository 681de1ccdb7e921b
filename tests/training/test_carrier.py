import numpy as np

from keras_robust.training.carrier import Carrier
from tests import backend


def test_a_variable_keeps_its_value_whatever_keras_does_with_metrics():
    carrier = Carrier()
    rows = carrier.add("rows", (3, 2), "float32")
    scalar = carrier.add("stage", (), "float32")
    scalar.assign(2.0)
    carrier.update_state(1, 2, sample_weight=3)
    carrier.reset_state()
    assert carrier.result() == {}
    assert carrier.variables == [rows, scalar]
    np.testing.assert_array_equal(
        backend.to_numpy(rows.value), np.zeros((3, 2))
    )
    assert float(backend.to_numpy(scalar.value)) == 2.0


def test_nothing_is_saved_or_loaded():
    carrier = Carrier()
    carrier.add("rows", (3, 2), "float32")
    store = {}
    carrier.save_own_variables(store)
    assert store == {}
    carrier.load_own_variables({"0": "not ours"})
