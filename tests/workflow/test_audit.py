"""audit: the whole loop in a line."""

import sys

import keras
import numpy as np
import pytest

import keras_robust as kr
from tests.workflow.problem import FEW
from tests.workflow.problem import WRONG
from tests.workflow.problem import classifier
from tests.workflow.problem import noisy


@pytest.fixture
def problem():
    return noisy()


def test_it_finds_the_wrong_labels(problem, tmp_path):
    x, given, true = problem
    model = classifier()
    page = tmp_path / "review.html"
    found = kr.workflow.audit(
        model,
        x,
        given,
        epochs=30,
        verbose=0,
        report=page,
        kind="tabular",
        class_names=["cat", "dog", "owl"],
        **FEW,
    )
    assert '"owl"' in page.read_text()
    with pytest.raises(FileExistsError, match="overwrite=True"):
        kr.workflow.audit(model, x, given, report=page)
    assert set(found.issues.top(len(WRONG))) == set(WRONG)
    assert found.issues.evaluate(true)["f1"] == 1.0
    assert found.trajectories.num_epochs == 30
    assert len(found.history.history["loss"]) == 30
    np.testing.assert_array_equal(found.issues.given_label, given)
    # The model is trained, and clean.
    predicted = model.predict(x, verbose=0).argmax(axis=1)
    assert (predicted == true).mean() > 0.9
    assert "_keras_robust_attachment" not in vars(model)


def test_it_takes_what_fit_and_detection_take(problem):
    x, given, _ = problem
    model = classifier(kr.losses.AsymmetricGCE(q=3))
    epochs = []
    watch = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: epochs.append(logs)
    )
    found = kr.workflow.audit(
        model,
        x,
        given,
        epochs=6,
        batch_size=60,
        warm_up=2,
        score="mean_cross_entropy",
        split="gmm",
        seed=3,
        verbose=0,
        callbacks=[watch],
        validation_data=(x, given),
    )
    assert len(epochs) == 6
    assert "val_loss" in found.history.history
    # Cross-entropy for two epochs, then AGCE, which is larger here.
    loss = found.history.history["loss"]
    recorded = found.trajectories.signals["cross_entropy"].mean(axis=1)
    np.testing.assert_allclose(loss[:2], recorded[:2], rtol=1e-4)
    assert (np.abs(loss[2:] - recorded[2:]) > 0.01).all()
    assert found.issues.score == "mean_cross_entropy"
    assert found.issues.split == "gmm"


@pytest.mark.parametrize(
    ("loss", "epochs"),
    [
        (kr.losses.AsymmetricGCE(q=3), 5),
        ("sparse_categorical_crossentropy", 4),
    ],
)
def test_a_robust_loss_is_warmed_up(problem, loss, epochs):
    x, given, _ = problem
    found = kr.workflow.audit(
        classifier(loss), x, given, epochs=4, batch_size=60, verbose=0, **FEW
    )
    loss = found.history.history["loss"]
    recorded = found.trajectories.signals["cross_entropy"].mean(axis=1)
    is_cross_entropy = np.abs(loss - recorded) < 1e-3
    np.testing.assert_array_equal(is_cross_entropy, np.arange(4) < epochs)


def test_its_errors_come_before_training(problem):
    x, given, _ = problem
    for wrong in (given[:-1], given - 1, given.astype(str)):
        with pytest.raises(ValueError, match="Received: "):
            kr.workflow.audit(classifier(), x, wrong, epochs=1, verbose=0)
    with pytest.raises(ValueError, match="CrossEntropyWarmUp switches"):
        kr.workflow.audit(classifier(), x, given, warm_up=1, verbose=0)


@pytest.mark.parametrize(
    "page, message",
    [
        ({"kind": "audio"}, "sampling_rate=None"),
        ({"kind": "imgae"}, "must be one of .*Received: kind='imgae'"),
        ({"class_names": "abc"}, "must be a list.*'abc'"),
        ({"report": "page.txt"}, "must end in .html"),
        ({"report": None, "kind": "image"}, "`kind` belongs to `report`"),
    ],
)
def test_a_page_is_checked_before_training(
    problem, tmp_path, monkeypatch, page, message
):
    monkeypatch.setattr(keras.Model, "fit", None)
    x, given, _ = problem
    page = {"report": tmp_path / "page.html", **page}
    with pytest.raises(ValueError, match=message):
        kr.workflow.audit(classifier(), x, given, **page)
    page = {"report": tmp_path / "page.html", "kind": "image"}
    with pytest.raises(ValueError, match="Received: dict of 1 samples, 60"):
        kr.workflow.audit(classifier(), {"a": x}, given, **page)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ImportError, match="page needs jinja2"):
        kr.workflow.audit(classifier(), x, given, report=tmp_path / "page.html")


def test_sounds_are_shown_on_the_page(problem, tmp_path):
    x, given, _ = problem
    page = tmp_path / "page.html"
    kr.workflow.audit(
        classifier(),
        x,
        given,
        epochs=2,
        verbose=0,
        report=page,
        kind="audio",
        sampling_rate=8000,
        **FEW,
    )
    assert '"kind":"audio"' in page.read_text()


def test_a_page_that_fails_does_not_cost_the_training(problem, tmp_path):
    pytest.importorskip("jinja2")
    x, given, _ = problem
    page = tmp_path / "review.html"
    with pytest.warns(UserWarning, match="not written.*2 names, 3 classes"):
        found = kr.workflow.audit(
            classifier(),
            x,
            given,
            epochs=1,
            verbose=0,
            report=page,
            class_names=["cat", "dog"],
            **FEW,
        )
    assert len(found.issues) == len(x) and not page.exists()


def test_a_function_that_makes_no_model_is_refused(problem):
    x, given, _ = problem
    for wrong, received in (
        (lambda: None, "NoneType, which is none"),
        (lambda: keras.Sequential(), "Sequential, which is not compiled"),
    ):
        with pytest.raises(TypeError, match=f"`model_fn` must.*{received}"):
            kr.workflow.audit(wrong, x, given)


@pytest.mark.parametrize(
    "test, message",
    [
        (np.zeros((5, 3)), "must be a pair .*Received: ndarray"),
        ((1, 2, 3), "must be a pair .*Received: tuple of 3"),
        ((np.zeros((5, 3)), np.zeros(4, int)), "each of the 5 samples"),
        ((np.zeros((5, 3)), np.full(5, -1)), "a class number from 0"),
        ((np.zeros((5, 3)), np.full(5, 0.5)), "a class number from 0"),
        ((np.zeros((5, 3)), np.array(list("abcde"))), "dtype=<U1"),
    ],
)
def test_test_data_is_checked_before_training(problem, test, message):
    x, given, _ = problem
    with pytest.raises(ValueError, match=message):
        kr.workflow.audit(classifier, x, given, test=test)
