import numpy as np

from keras_robust.trajectories.layout import fingerprint


def test_fingerprint_tells_samples_apart():
    prints = [
        fingerprint([1, 2], [0, 1]),
        fingerprint([2, 1], [0, 1]),
        fingerprint([1, 2], [1, 0]),
        fingerprint(["1", "2"], [0, 1]),
        fingerprint(["12", ""], [0, 1]),
        fingerprint(["1", "2", "3"], [0, 1, 1]),
    ]
    assert len(set(prints)) == len(prints)
    # Neither the width of a string nor the integer type belongs to it.
    wide = np.array(["1", "2"], "U9")
    assert fingerprint(wide, np.array([0, 1], "int8")) == prints[3]
    # A store of today must be resumed tomorrow.
    assert prints[0].startswith("08b96e960f13aef0")
