"""repair: another training, compared on data that nobody touched."""

import warnings

import keras
import numpy as np
import pytest

import keras_robust as kr
from keras_robust.workflow import recorded_training
from tests.workflow.problem import CLASSES
from tests.workflow.problem import FEW
from tests.workflow.problem import WRONG
from tests.workflow.problem import classifier
from tests.workflow.problem import noisy
from tests.workflow.problem import samples

X, GIVEN, TRUE = noisy()
TEST = samples(seed=1, size=30)
EPOCHS = 30


def audited(**options):
    options = {"epochs": EPOCHS, "seed": 3, "test": TEST, **FEW, **options}
    return kr.workflow.audit(classifier, X, GIVEN, verbose=0, **options)


@pytest.fixture(scope="module")
def found():
    return audited()


@pytest.fixture(scope="module")
def repaired(found):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        return kr.workflow.repair(found, X, GIVEN)


@pytest.fixture
def not_trained(monkeypatch):
    """What is refused is refused before training."""

    def fit(*args, **options):
        raise AssertionError("trained")

    monkeypatch.setattr(keras.Model, "fit", fit)


def test_flagged_labels_are_left_out(found, repaired):
    flagged = found.issues.is_label_issue
    assert flagged[WRONG].sum() >= 4
    np.testing.assert_array_equal(repaired.sample_weight == 0, flagged)
    assert repaired.sample_weight.mean() == pytest.approx(1.0)
    assert repaired.num_left_out == flagged.sum()
    assert repaired.num_changed == 0
    np.testing.assert_array_equal(repaired.labels, GIVEN)


def test_a_new_model_is_trained_as_the_first_was(found, repaired):
    assert repaired.model is not found.model
    assert len(repaired.history.history["loss"]) == EPOCHS
    assert repaired.trajectories.num_epochs == EPOCHS
    assert "_keras_robust_attachment" not in vars(repaired.model)
    # The same first weights and order: until the first weight of 0 counts,
    # which is in the first epoch, only the scale of the steps differs.
    first = [
        t.signals["cross_entropy"][0]
        for t in (found.trajectories, repaired.trajectories)
    ]
    assert np.abs(first[0] - first[1]).max() < 0.3


def test_both_models_are_compared_on_the_test_data(found, repaired):
    compared = repaired.comparison
    for model, measured in (
        (found.model, compared.before),
        (repaired.model, compared.after),
    ):
        p = model.predict(TEST[0], verbose=0).astype("float64")
        assert measured["accuracy"] == (p.argmax(axis=1) == TEST[1]).mean()
        loss = -np.log(p[np.arange(30), TEST[1]]).mean()
        assert measured["cross_entropy"] == pytest.approx(loss, abs=1e-5)
    # Wrong labels kept the first one from being sure.
    assert compared.after["cross_entropy"] < compared.before["cross_entropy"]
    assert compared.size == 30
    assert [row["count"] for row in compared.by_class] == [10, 10, 10]
    assert compared.difference == pytest.approx(
        (compared.fixed - compared.broken) / 30
    )
    assert compared.low < compared.difference < compared.high
    assert repaired.notes == []
    assert str(repaired).startswith("Trained again: 0 of 60 labels changed")
    assert "On 30 test samples" in str(repaired)


def test_given_labels_and_weights_are_trained_on(found, monkeypatch):
    monkeypatch.setattr(recorded_training, "train", no_training)
    weight = np.ones(60)
    weight[WRONG[0]] = 0.0
    touched = TEST[0].copy(), TEST[1].copy()
    touched[0][:4] = X[:4]
    touched[1][[9, 29]] = [1, 0]
    with pytest.warns(UserWarning) as caught:
        repaired = kr.workflow.repair(
            found, X, GIVEN, labels=TRUE, sample_weight=weight, test=touched
        )
    np.testing.assert_array_equal(no_training.labels, TRUE)
    np.testing.assert_array_equal(no_training.settings.sample_weight, weight)
    assert repaired.num_changed == len(WRONG)
    assert repaired.num_left_out == 1
    said = [str(warning.message) for warning in caught]
    assert said[0].startswith("4 of 30 test samples were found among")
    assert said[1].startswith("2 test labels are other ones than at the audit")
    assert said[2].startswith("4 test samples of the audit are missing")
    # Of samples that the audit was not told of it says less loudly.
    assert repaired.notes[:3] == said[:3]
    assert repaired.notes[3].startswith("4 test samples were not in")
    assert repaired.comparison.size == 26
    assert "Note: 2 test labels" in str(repaired)
    assert caught[0].filename == __file__


def test_a_persons_decisions_are_trained_on(found, monkeypatch, tmp_path):
    monkeypatch.setattr(recorded_training, "train", no_training)
    path = tmp_path / "decisions.csv"
    run = f"{found.issues.fingerprint}/{CLASSES}"
    path.write_text(
        f"id,decision,label,run\n7,relabel,{TRUE[7]},{run}\n25,exclude,,{run}\n"
    )
    decided = GIVEN.copy()
    decided[7] = TRUE[7]
    reviewed = found.issues.apply(path, GIVEN)
    for decisions in (path, reviewed):
        repaired = kr.workflow.repair(found, X, GIVEN, decisions)
        np.testing.assert_array_equal(no_training.labels, decided)
        weights = no_training.settings.sample_weight
        np.testing.assert_array_equal(weights == 0, np.arange(60) == 25)
        assert weights.mean() == pytest.approx(1)
        assert (repaired.num_changed, repaired.num_left_out) == (1, 1)
    with pytest.raises(ValueError, match="Received: both"):
        kr.workflow.repair(found, X, GIVEN, path, labels=TRUE)


def test_nothing_is_compared_without_test_data(found, monkeypatch):
    monkeypatch.setattr(recorded_training, "train", no_training)
    bare = kr.workflow.Audit(**{**vars(found), "test": None})
    repaired = kr.workflow.repair(bare, X, GIVEN)
    assert repaired.comparison is None
    assert "nothing was compared" in str(repaired)
    repaired = kr.workflow.repair(bare, X, GIVEN, test=TEST)
    assert repaired.comparison.size == 30
    assert "would go unnoticed" in repaired.notes[0]


def no_training(model, x, y, settings, callbacks):
    trained = type("Tracker", (), {"trajectories": None})
    no_training.labels, no_training.settings = y, settings
    no_training.callbacks = callbacks
    return trained, None


def test_weights_of_the_audit_are_kept(found, monkeypatch):
    monkeypatch.setattr(recorded_training, "train", no_training)
    before = np.linspace(0, 2, 60)
    weighted = kr.workflow.Audit(
        **{
            **vars(found),
            "settings": found.settings._replace(sample_weight=before),
            "with_callbacks": True,
        }
    )
    repaired = kr.workflow.repair(weighted, X, GIVEN, callbacks=[])
    expected = before * found.issues.weights(normalize=True)
    np.testing.assert_allclose(repaired.sample_weight, expected, rtol=1e-6)
    # The first had no weight before either, and is flagged.
    assert repaired.num_left_out == found.issues.num_issues - 1
    repaired = kr.workflow.repair(
        weighted, X, GIVEN, labels=TRUE, callbacks=["a"]
    )
    np.testing.assert_allclose(repaired.sample_weight, before, rtol=1e-6)
    assert no_training.callbacks == ["a"]


def test_validation_on_test_samples_is_said(found, monkeypatch):
    monkeypatch.setattr(recorded_training, "train", no_training)
    chosen = kr.workflow.Audit(
        **{
            **vars(found),
            "settings": found.settings._replace(
                fit={"validation_data": (TEST[0][:7].astype("float64"), None)}
            ),
        }
    )
    with pytest.warns(UserWarning, match="^7 test samples are validation"):
        kr.workflow.repair(chosen, X, GIVEN)


def test_validation_data_that_cannot_be_compared_are_said(found, monkeypatch):
    monkeypatch.setattr(recorded_training, "train", no_training)
    fit = {"validation_data": iter([TEST])}
    settings = found.settings._replace(fit=fit)
    streamed = kr.workflow.Audit(**{**vars(found), "settings": settings})
    (note,) = kr.workflow.repair(streamed, X, GIVEN).notes
    assert note.startswith("the validation data are no arrays")


def test_equal_samples_of_another_type_are_the_same(found, monkeypatch):
    monkeypatch.setattr(recorded_training, "train", no_training)
    assert kr.workflow.repair(found, X.astype("float64"), GIVEN).notes == []


def test_missing_test_samples_are_said(found, monkeypatch):
    monkeypatch.setattr(recorded_training, "train", no_training)
    fewer = TEST[0][:12], TEST[1][:12]
    with pytest.warns(UserWarning, match="^18 test samples of the audit are"):
        kr.workflow.repair(found, X, GIVEN, test=fewer)
    # Other test data are no worse ones.
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        other = kr.workflow.repair(found, X, GIVEN, test=samples(2, 30))
    (note,) = other.notes
    assert note.startswith("30 test samples were not in the test data")


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"found": "audit"}, "`found` must be what `audit` returned"),
        ({"x": X[:-1]}, "each of the 59 samples"),
        ({"x": X[:-1], "y": GIVEN[:-1]}, "59 labels, 60 in the audit"),
        ({"x": X[::-1]}, "in the same order.*of 60 looked at 60 are others"),
        ({"x": X * 2}, "as they were then"),
        ({"y": TRUE}, "labels of the audit.*Received: 5 others"),
        ({"labels": TRUE[:-1]}, "labels of `labels`.*each of the 60"),
        ({"labels": np.eye(3)[TRUE]}, "must have the form of `y`"),
        ({"labels": TRUE + 1}, "of the 3 classes. Received: a label 3"),
        ({"sample_weight": np.ones(9)}, r"`sample_weight`.*\(60,\)"),
        ({"sample_weight": -np.ones(60)}, "at least 0"),
        ({"sample_weight": np.zeros(60)}, "All weights are 0"),
        ({"model_fn": classifier()}, "a function that builds"),
        ({"test": (X, TRUE)}, "60 test samples, all among the training"),
        ({"test": TEST[0]}, "must be a pair"),
    ],
)
def test_what_does_not_fit_is_refused(found, not_trained, arguments, message):
    arguments = {"found": found, "x": X, "y": GIVEN, **arguments}
    with (
        pytest.raises(ValueError, match=message),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        kr.workflow.repair(**arguments)


def test_an_old_model_is_refused(found, not_trained):
    with pytest.raises(ValueError, match="a new model at every call"):
        kr.workflow.repair(found, X, GIVEN, model_fn=lambda: found.model)
    old = kr.workflow.Audit(**{**vars(found), "model_fn": None})
    with pytest.raises(ValueError, match="give it to `audit`"):
        kr.workflow.repair(old, X, GIVEN)
    watched = kr.workflow.Audit(**{**vars(found), "with_callbacks": True})
    with pytest.raises(ValueError, match="give new ones here"):
        kr.workflow.repair(watched, X, GIVEN)
