"""What the data yields: plain batches, or batches that know their samples."""

import keras
import numpy as np
import pytest

from keras_robust.training import ids
from keras_robust.training import native
from keras_robust.training import sources
from keras_robust.training.sources.arrays import TrackedArrays
from keras_robust.training.sources.feeds import TrackedStream
from keras_robust.training.sources.gathered import gathered
from keras_robust.training.sources.order import Order
from tests.training import frozen


def arrays(shuffle=True, seed=0, weights=None):
    x, labels = frozen.samples()
    order = Order(frozen.N, shuffle, seed)
    return TrackedArrays(x, labels, weights, frozen.BATCH, order)


def epoch(source):
    sources.arm(source)
    source.on_epoch_begin()
    return [source[step] for step in range(source.num_batches)]


def positions(batches):
    return np.concatenate([batch[1][ids.INDEX] for batch in batches])


def test_an_epoch_has_every_sample_once():
    x, labels = frozen.samples()
    source = arrays()
    first, second = epoch(source), epoch(source)
    for batches in (first, second):
        order = positions(batches)
        assert order.dtype == "int32"
        assert sorted(order) == list(range(frozen.N))
        np.testing.assert_array_equal(
            np.concatenate([batch[0] for batch in batches]), x[order]
        )
        np.testing.assert_array_equal(
            np.concatenate([batch[1][ids.LABEL] for batch in batches]),
            labels[order],
        )
    assert positions(first).tolist() != positions(second).tolist()
    sizes = [len(batch[0]) for batch in first]
    assert sizes == [frozen.BATCH] * (frozen.N // frozen.BATCH) + [
        frozen.N % frozen.BATCH
    ]


def test_the_seed_is_the_order():
    orders = [
        positions(epoch(arrays(seed=seed))).tolist() for seed in (0, 0, 1)
    ]
    assert orders[0] == orders[1] != orders[2]


def test_the_epoch_is_the_order():
    order = Order(frozen.N, True, 0)
    unbroken = [order.draw().tolist() for _ in range(3)]
    assert len({tuple(drawn) for drawn in unbroken}) == 3
    order.begin_epoch(1)
    first = order.draw().tolist()
    assert first not in unbroken
    again = Order(frozen.N, True, 0)
    again.begin_epoch(1)
    assert again.draw().tolist() == first


def test_batches_come_in_their_order_whichever_is_asked_for():
    source, asked = arrays(), range(arrays().num_batches)
    sources.arm(source)
    source.on_epoch_begin()
    shuffled = [source[step] for step in reversed(asked)]
    expected = positions(epoch(arrays()))
    np.testing.assert_array_equal(positions(shuffled), expected)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("batch_size", [frozen.BATCH, frozen.N, frozen.N + 1])
def test_tf_data_gathers_the_same_batches(batch_size, weighted):
    pytest.importorskip("tensorflow")
    x, labels = frozen.samples()
    data = [{"a": x, "b": x[:, :1]}, labels, None]
    if weighted:
        data[2] = np.arange(frozen.N, dtype="float32")
    made = [
        make(*data, batch_size, Order(frozen.N, True, 3))
        for make in (TrackedArrays, gathered)
    ]
    assert int(made[1].cardinality()) == made[0].num_batches
    for _ in range(2):
        expected = epoch(made[0])
        for one, two in zip(made[1], expected, strict=True):
            assert len(one) == len(two) == 2 + weighted
            keras.tree.map_structure(np.testing.assert_array_equal, one, two)


def test_without_shuffling_the_order_stays():
    source = arrays(shuffle=False)
    for _ in range(2):
        order = positions(epoch(source))
        np.testing.assert_array_equal(order, np.arange(frozen.N))


def test_weights_travel_along():
    weights = np.arange(frozen.N, dtype="float32")
    for _, y, weight in epoch(arrays(weights=weights)):
        np.testing.assert_array_equal(weight, weights[y[ids.INDEX]])


def test_a_batch_given_out_does_not_change_with_the_next_shuffle():
    """On TensorFlow another thread may still be reading it."""
    source = arrays()
    batches = epoch(source)
    before = positions(batches)
    epoch(source)
    np.testing.assert_array_equal(positions(batches), before)


@pytest.fixture(params=["tensorflow", "other"])
def feeds_early(request, monkeypatch):
    early = request.param == "other"
    monkeypatch.setattr(native, "reads_before_callbacks", lambda: early)
    return early


def test_data_is_plain_but_in_an_armed_epoch(feeds_early):
    source = arrays()

    def is_plain():
        return not isinstance(source[0][1], dict)

    assert is_plain() == feeds_early
    source.on_epoch_begin()
    assert is_plain() == feeds_early
    sources.arm(source)
    assert is_plain() == feeds_early
    source.on_epoch_begin()
    assert not is_plain()
    # An interrupted `fit` would end here.
    source.on_epoch_begin()
    assert is_plain() == feeds_early


def stream(shuffle=False):
    tensorflow = pytest.importorskip("tensorflow")
    x, labels = frozen.samples()
    dataset = tensorflow.data.Dataset.from_tensor_slices(
        (x, ids.join(labels, np.arange(frozen.N, dtype="int32")))
    )
    if shuffle:
        dataset = dataset.shuffle(frozen.N)
    steps = -(-frozen.N // frozen.BATCH)
    return TrackedStream(dataset.batch(frozen.BATCH), steps)


def test_a_stream_gives_a_new_pass_every_epoch(monkeypatch):
    monkeypatch.setattr(native, "reads_before_callbacks", lambda: True)
    source = stream(shuffle=True)
    first, second = (positions(epoch(source)).tolist() for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(frozen.N))
    assert first != second


def test_a_stream_reads_on_until_it_is_rewound(monkeypatch):
    monkeypatch.setattr(native, "reads_before_callbacks", lambda: True)
    source = stream()
    sources.arm(source)
    source.on_epoch_begin()
    assert source[0][1][ids.INDEX][0] == 0
    # Keras may ask for another position: batches come in their order.
    assert source[4][1][ids.INDEX][0] == frozen.BATCH
    sources.arm(source)
    source.on_epoch_begin()
    assert source[0][1][ids.INDEX][0] == 2 * frozen.BATCH
    sources.rewind(source)
    assert source[0][1][ids.INDEX][0] == 0


def test_a_stream_read_plainly_begins_anew_every_time(monkeypatch):
    monkeypatch.setattr(native, "reads_before_callbacks", lambda: True)
    x, labels = frozen.samples()
    source = stream()
    for _ in range(2):
        source.on_epoch_begin()
        np.testing.assert_array_equal(source[0][1], labels[: frozen.BATCH])


def test_a_stream_that_ends_early_is_an_error():
    x, labels = frozen.samples()
    batches = [(x[:2], ids.join(labels[:2], np.arange(2)))]
    source = TrackedStream(batches, 1)
    assert len(epoch(source)) == 1
    batches.clear()
    with pytest.raises(ValueError) as error:
        epoch(source)
    assert str(error.value) == (
        "The data ended early: it must yield as many batches every time as "
        "when it was tracked, 1. Received: 0 batches"
    )


def test_plain_data_is_never_armed(feeds_early):
    source = arrays()
    assert sources.plain(source) is source
    sources.arm(source)
    source.on_epoch_begin()
    assert not isinstance(source[0][1], dict)


def test_a_pass_in_order_leaves_an_epoch_alone():
    x, labels = frozen.samples()
    source, other = arrays(), arrays()
    for found, y, index in sources.in_order(source):
        np.testing.assert_array_equal(found, x[index])
        np.testing.assert_array_equal(y, labels[index])
    assert sources.num_batches(source) == 4
    np.testing.assert_array_equal(
        positions(epoch(source)), positions(epoch(other))
    )


def test_other_data_is_left_alone():
    for function in (sources.arm, sources.disarm, sources.rewind):
        function("a tf.data.Dataset")
    assert not sources.is_waiting("a tf.data.Dataset")
