"""The review page in a real browser: by keyboard and by hand."""

import numpy as np
import pytest

from tests.report.review import browser
from tests.report.review import suspects

pytest.importorskip("jinja2")


def test_it_shows_the_worst_card_first(review, issues):
    assert review.text("#card-title") == "Card 1 of 20"
    assert review.text("#given") == suspects.NAMES[issues.given_label[0]]
    assert (
        review.text("#suggested") == suspects.NAMES[issues.suggested_label[0]]
    )
    assert "95 %" in review.text("#scores") and "100" in review.text("#scores")
    assert review.page.locator("#line svg path.own").count() == 1
    sizes = review.page.locator(".near img, #sample img").evaluate_all(
        "images => images.map(i => i.naturalWidth)"
    )
    assert sizes == [16] * 9
    assert review.text("#counted") == "0 of 20 decided"


def test_keys_decide_and_a_reload_keeps_all(review, issues):
    third = suspects.other(issues, 3)
    review.press(f"agx{third}")
    expected = {
        "100": ["accept", issues.suggested_label[0]],
        "101": ["keep", issues.given_label[1]],
        "102": ["exclude", None],
        "103": ["relabel", third],
    }
    assert review.decided() == expected
    assert review.text("#card-title") == "Card 5 of 20"
    review.open()
    assert review.decided() == expected
    assert review.text("#counted") == "4 of 20 decided"
    # It goes on where somebody stopped.
    assert review.text("#card-title") == "Card 5 of 20"
    review.press("u")
    del expected["103"]
    assert review.decided() == expected
    assert review.text("#card-title") == "Card 4 of 20"
    review.open()
    assert review.decided() == expected
    review.press("uuuu")
    assert review.decided() == {}
    assert "nothing to undo" in review.text("#said")


def test_only_what_is_certain_is_100_percent(chromium, tmp_path):
    issues = suspects.build(
        size=3,
        flagged=3,
        label_quality=np.array([0, 0.9e-6, 0.004]),
        wrong_probability=np.array([1, 0.999999, 0.996]),
    )
    review = browser.Review(chromium, issues.to_html(tmp_path / "page.html"))
    said = []
    for _ in range(3):
        values = review.page.locator("#scores dd").all_inner_texts()
        said.append((values[0].strip(), values[2].strip()))
        review.press("j")
    review.close()
    assert said == [
        ("100 %", "0.0000"),
        ("> 99.9 %", "< 0.0001"),
        ("99.6 %", "0.0040"),
    ]


def test_a_hundred_cards_from_the_home_row(chromium, tmp_path):
    issues = suspects.build(size=120, flagged=100)
    review = browser.Review(chromium, issues.to_html(tmp_path / "page.html"))
    review.press("agaa" * 25)
    assert len(review.decided()) == 100
    assert "All cards are decided" in review.text("#said")
    assert review.text("#estimate").endswith("of these labels were wrong.")
    review.close()


def test_undo_brings_the_decision_before_back(review):
    review.press("gkauj")
    assert [word for word, _ in review.decided().values()] == ["keep"]


def test_buttons_do_what_keys_do(review, issues):
    for button in ("#accept", "#keep", "#exclude"):
        review.page.click(button)
    review.page.click(f"#classes button >> nth={suspects.other(issues, 3)}")
    review.settle()
    words = [word for word, _ in review.decided().values()]
    assert words == ["accept", "keep", "exclude", "relabel"]
    review.page.click("#undo")
    review.page.click("#before")
    review.settle()
    assert review.text("#card-title") == "Card 3 of 20"
    assert review.page.get_attribute("#exclude", "aria-pressed") == "true"
    review.page.click(".row >> nth=4")
    review.settle()
    assert review.page.get_attribute("#row-4", "aria-selected") == "true"


def test_downloads_are_what_apply_takes(review, issues, tmp_path):
    review.press("agxaa")
    expected = issues.given_label.copy()
    expected[[0, 3, 4]] = issues.suggested_label[[0, 3, 4]]
    for button in ("#save-csv", "#save-json"):
        file = review.download(button, tmp_path)
        assert file.name == f"decisions.{button[-4:].strip('-')}"
        reviewed = issues.apply(file, issues.given_label)
        np.testing.assert_array_equal(reviewed.labels, expected)
        assert np.flatnonzero(~reviewed.keep).tolist() == [2]
        assert reviewed.decided.sum() == 5


def test_the_page_knows_the_precision(review, issues, tmp_path):
    rng = np.random.default_rng(1)
    for keys in (0, 1, 4, 7, 8):
        review.press("".join(rng.choice(list("agxjjn"), keys)))
        file = review.download("#save-csv", tmp_path)
        expected = issues.precision(file)
        found = review.page.evaluate("kerasRobustReview.precision()")
        assert found["worthReading"] == expected.worth_reading
        np.testing.assert_allclose(
            [found["precision"] or np.nan, found["low"], found["high"]],
            [expected.precision or np.nan, expected.low, expected.high],
            atol=1e-12,
        )
    assert "worth reading" in review.text("#estimate")


def test_filters_and_orders(review, issues):
    page = review.page
    review.press("aaf")
    given, suggested = issues.given_label[:20], issues.suggested_label[:20]
    page.select_option("#by-given", "1")
    page.select_option("#by-suggested", "2")
    pair = int(((given == 1) & (suggested == 2)).sum())
    assert review.text("#filtered") == f"{pair} of 20 cards"
    page.click("#filters button")
    page.wait_for_function(
        "document.getElementById('filtered').textContent==''"
    )
    page.fill("#by-score", "90")
    likely = int((issues.wrong_probability[:20] >= 0.9).sum())
    assert review.text("#filtered") == f"{likely} of 20 cards"
    page.fill("#by-score", "0")
    page.select_option("#by-state", "open")
    assert review.text("#filtered") == "18 of 20 cards"
    page.fill("#by-text", "119")
    assert review.text("#card-title") == "Card 1 of 1"
    page.fill("#by-text", "nobody")
    assert "No card fits" in review.text("#empty")
    page.click("#filters button")
    page.select_option("#sort", "fair")
    first = issues.precision({}).next[0]
    review.settle()
    shown = review.text(".row >> nth=0")
    assert str(issues.ids[first]) in shown


def test_caps_lock_changes_no_key(review):
    review.press("AGXU")
    words = [word for word, _ in review.decided().values()]
    assert words == ["accept", "keep"]


def test_a_held_key_decides_once_and_moves_on(review):
    for key, decided in (("a", 1), ("1", 2), ("j", 2)):
        for _ in range(4):
            review.page.keyboard.down(key)
        review.page.keyboard.up(key)
        review.settle()
        assert len(review.decided()) == decided
    assert review.text("#card-title") == "Card 7 of 20"


def test_many_classes_are_typed_digit_by_digit(chromium, tmp_path):
    issues = suspects.build(num_classes=120)
    path = issues.to_html(tmp_path / "many.html")
    review = browser.Review(chromium, path)
    review.press("57")
    assert review.decided() == {"100": ["relabel", 57]}
    review.press(["1", "1"])
    assert "Class 11" in review.text("#said")
    review.press(["Enter", "1", "Escape", "0", "9", "9", "1"])
    labels = [label for _, label in review.decided().values()]
    assert labels == [57, 11, 0, 99]
    review.page.select_option("#other", "119")
    review.settle()
    assert len(review.decided()) == 5
    # The digit before does not linger.
    review.press(["9", "9"])
    assert list(review.decided().values())[-1] == ["relabel", 99]
    review.close()


def test_sounds_and_cards_without_suggestion(chromium, tmp_path):
    issues = suspects.build(size=6, flagged=2, suggested_label=np.full(6, -1))
    path = issues.to_html(
        tmp_path / "sound.html",
        np.sin(np.arange(6 * 900).reshape(6, 900)),
        "audio",
        sampling_rate=8000,
    )
    review = browser.Review(chromium, path)
    assert review.text("#suggested").startswith("none")
    assert review.page.is_disabled("#accept")
    review.press("a")
    assert "no suggestion" in review.text("#said")
    assert review.decided() == {}
    length = review.page.evaluate(
        """() => new Promise((done) => {
        const audio = document.querySelector('#sample audio');
        audio.onloadedmetadata = () => done(audio.duration);
        audio.onerror = () => done(-1);
        audio.load(); audio.preload = 'auto'; })"""
    )
    assert length == pytest.approx(900 / 8000)
    assert review.errors == []
    review.close()
