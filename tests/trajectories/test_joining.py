import numpy as np
import pytest

from keras_robust.trajectories import Trajectories

NAN = np.nan


def build(ids=(5, 3, 9), epochs=(2, 5, 6), **changes):
    shape = (len(epochs), len(ids))
    fields = {
        "signals": {"margin": np.arange(np.prod(shape)).reshape(shape)},
        "given_label": np.arange(len(ids)) % 3,
        "num_classes": 3,
        "counts": np.arange(np.prod(shape)).reshape(shape),
    }
    return Trajectories(ids=ids, epochs=epochs, **{**fields, **changes})


def test_select_ids_in_the_given_order():
    part = build().select(ids=[9, 5])
    assert part.ids.tolist() == [9, 5]
    assert part.given_label.tolist() == [2, 0]
    assert part.signal("margin").tolist() == [[2, 0], [5, 3], [8, 6]]
    assert part.counts.tolist() == [[2, 0], [5, 3], [8, 6]]
    assert part.epochs.tolist() == [2, 5, 6]
    assert part.num_classes == 3


def test_select_of_strings_and_without_counts():
    t = build(ids=["b", "a", "abc"], counts=None)
    part = t.select(ids=np.array(["abc", "b"], dtype="U9"))
    assert part.ids.tolist() == ["abc", "b"]
    assert part.counts is None


@pytest.mark.parametrize(
    ("epochs", "expected"),
    [
        ([5], [5]),
        ([2, 6], [2, 6]),
        (np.array([2, 5], "uint8"), [2, 5]),
        (slice(None), [2, 5, 6]),
        (slice(5, None), [5, 6]),
        (slice(3, 6), [5]),
        (slice(None, 6), [2, 5]),
        (slice(0, 100, 2), [2, 6]),
        (slice(None, None, 3), [2, 5]),
        (slice(1, None, 4), [5]),
    ],
)
def test_select_epochs_by_number(epochs, expected):
    part = build().select(epochs=epochs)
    assert part.epochs.tolist() == expected
    rows = [[2, 5, 6].index(number) for number in expected]
    assert part.signal("margin")[:, 0].tolist() == [3 * row for row in rows]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ids": [5, 4, 1]}, r"2 of 3 ids were not recorded. .*ids\[1\]=4$"),
        ({"ids": [10]}, r"1 of 1 ids were not recorded.*ids\[0\]=10$"),
        ({"ids": ["5"]}, r"ids are integers. Received: ids of str.* is '5'$"),
        ({"ids": [5, 5]}, "`ids` must be unique"),
        ({"ids": []}, "`ids` must have shape"),
        ({"ids": [True, False, True]}, "`ids` must be integers or strings"),
        ({"epochs": [2, 4]}, r"Epoch 4 was not .* 2, 5, 6. .*epochs=\[2, 4\]"),
        ({"epochs": [5, 2]}, "strictly increasing"),
        ({"epochs": 2}, r"of shape \(E,\)"),
        ({"epochs": slice(3, 5)}, r"No epoch of the slice.*slice\(3, 5, None"),
        ({"epochs": slice(-2, None)}, r"does not count from the end; .*-3:\]"),
        ({"epochs": slice(None, -1)}, "does not count from the end"),
        ({"epochs": slice(None, None, -1)}, "does not count from the end"),
        ({"epochs": slice("a", None)}, "does not count from the end"),
    ],
)
def test_select_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        build().select(**arguments)


def test_many_epochs_are_not_listed():
    t = build(epochs=tuple(range(11)))
    with pytest.raises(ValueError, match="11 of them, from 0 to 10"):
        t.select(epochs=[12])


def test_npz_loads_a_part(tmp_path):
    build().save(tmp_path / "run.npz")
    part = Trajectories.load(tmp_path / "run.npz", epochs=[5], ids=[9])
    assert part.signal("margin").tolist() == [[5]]
    with pytest.raises(ValueError, match="Epoch 3 was not recorded"):
        Trajectories.load(tmp_path / "run.npz", epochs=[3])


def test_concat():
    parts = [build(), build(ids=(1,)), build(ids=(2, 0))]
    t = Trajectories.concat(parts)
    assert t.ids.tolist() == [5, 3, 9, 1, 2, 0]
    assert t.given_label.tolist() == [0, 1, 2, 0, 0, 1]
    assert t.signal("margin")[1].tolist() == [3, 4, 5, 1, 2, 3]
    assert t.counts[2].tolist() == [6, 7, 8, 2, 4, 5]
    assert t.epochs.tolist() == [2, 5, 6]
    for part in parts:
        again = t.select(ids=part.ids)
        np.testing.assert_array_equal(again.counts, part.counts)


def test_concat_of_one_and_without_counts():
    parts = [build(counts=None), build(ids=(1,), counts=None)]
    assert Trajectories.concat(parts[:1]).ids.tolist() == [5, 3, 9]
    assert Trajectories.concat(parts).counts is None


MISFITS = [
    ({"epochs": (2, 5, 7)}, r"same epochs.*\[2, 5, 6\] in parts\[0\], .*7\] i"),
    ({"num_classes": 4}, r"same number of classes.* 4 in parts\[1\]"),
    ({"counts": None}, r"same kind of counts. Received: some in .*none in"),
    ({"signals": {"loss": np.ones((3, 3))}}, r"same signals.*\['loss'\]"),
    ({"ids": ("5", "3", "9")}, "same kind of ids.* integers in .* strings in"),
]


@pytest.mark.parametrize("method", ["concat", "merge"])
@pytest.mark.parametrize(("change", "message"), MISFITS)
def test_parts_that_do_not_fit(method, change, message):
    with pytest.raises(ValueError, match=message):
        getattr(Trajectories, method)([build(), build(**change)])


@pytest.mark.parametrize("method", ["concat", "merge"])
@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([], "a list of at least one `Trajectories`. Received: list"),
        (build(), "at least one `Trajectories`. Received: Trajectories"),
        ([build(), 3], r"Received: parts\[1\] is of type int"),
    ],
)
def test_what_is_no_list_of_parts(method, parts, message):
    with pytest.raises(ValueError, match=f"`{method}` takes .*{message}"):
        getattr(Trajectories, method)(parts)


def test_concat_names_a_repeated_id():
    with pytest.raises(ValueError, match="`merge`.* 2 repeated, the first is"):
        Trajectories.concat([build(), build(ids=(5, 1, 9))])


def shards():
    """Three samples, of which sample 9 is seen by both in epoch 1."""
    one = Trajectories(
        ids=[5, 3, 9],
        epochs=[0, 1],
        signals={"margin": [[1, NAN, 3], [NAN, NAN, 6]]},
        given_label=[0, 1, 2],
        num_classes=3,
        counts=[[1, 0, 2], [0, 0, 1]],
    )
    other = Trajectories(
        ids=[9, 5, 3],
        epochs=[0, 1],
        signals={"margin": [[NAN, NAN, 20], [60, 40, NAN]]},
        given_label=[2, 0, 1],
        num_classes=3,
        counts=[[0, 0, 1], [3, 1, 0]],
    )
    return one, other


def test_merge_takes_what_was_seen():
    one, other = shards()
    t = Trajectories.merge([one, other])
    assert t.ids.tolist() == [5, 3, 9]
    expected = [[1, 20, 3], [40, NAN, 60]]
    np.testing.assert_array_equal(t.signal("margin"), expected)
    assert t.counts.tolist() == [[1, 1, 2], [1, 0, 4]]
    # Seen by both: the later one in the list.
    t = Trajectories.merge([other, one])
    assert t.ids.tolist() == [9, 5, 3]
    expected = [[3, 1, 20], [6, 40, NAN]]
    np.testing.assert_array_equal(t.signal("margin"), expected)
    assert np.isnan(one.signal("margin")[0, 1])
    assert one.counts.tolist() == [[1, 0, 2], [0, 0, 1]]


def test_merge_without_counts_goes_by_the_values():
    one, other = (
        Trajectories(t.ids, t.epochs, t.signals, t.given_label, 3)
        for t in shards()
    )
    t = Trajectories.merge([one, other])
    assert t.counts is None
    expected = [[1, 20, 3], [40, NAN, 60]]
    np.testing.assert_array_equal(t.signal("margin"), expected)


def test_merge_keeps_what_a_diverged_model_gave():
    one, other = build(), build(signals={"margin": np.full((3, 3), NAN)})
    t = Trajectories.merge([one, other])
    # The very first sample has the count 0 in both.
    assert np.isnan(t.signal("margin")).sum() == 8
    assert t.signal("margin")[0, 0] == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ids": (5, 3, 1)}, r"`concat`. In parts\[1\]: 1 of 3 .*ids\[2\]=9"),
        (
            {"given_label": [0, 1, 1]},
            r"label of id 9 is 2 in parts\[0\], 1 in parts\[1\]",
        ),
        ({"counts": np.full((3, 3), 65535)}, "65535.* to 65543"),
    ],
)
def test_merge_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        Trajectories.merge([build(), build(**change)])


def test_merge_refuses_another_number_of_samples():
    message = r"by `concat`. Received: 3 ids in parts\[0\], 4 in parts\[1\]"
    with pytest.raises(ValueError, match=message):
        Trajectories.merge([build(), build(ids=(5, 3, 9, 1))])
