"""The review page in a real browser: what is kept there, and what is not."""

import numpy as np
import pytest

from tests.report.review import browser
from tests.report.review import suspects

pytest.importorskip("jinja2")


def test_a_browser_that_keeps_nothing_says_so(chromium, path):
    review = browser.Review(chromium, path)
    review.context.add_init_script(
        "Object.defineProperty(window, 'localStorage',"
        "{ get() { throw new Error('denied'); } });"
    )
    review.open()
    assert "keeps nothing" in review.text("#warning")
    review.press("aau")
    assert len(review.decided()) == 1
    assert review.errors == []
    review.close()


def test_a_full_browser_says_so_where_it_is_seen(chromium, path):
    review = browser.Review(chromium, path)
    review.press("a")
    review.page.evaluate(
        "() => { Storage.prototype.setItem = "
        "() => { throw new Error('full'); }; }"
    )
    review.page.click("#theme")
    assert not review.page.is_visible("#warning")
    review.press("aa")
    assert "no room left" in review.text("#warning")
    assert review.page.evaluate("window.scrollY") > 0
    box = review.page.locator("#warning").bounding_box()
    assert 0 <= box["y"] and box["y"] + box["height"] <= 800
    assert len(review.decided()) == 3
    assert review.errors == []
    review.close()


def test_decisions_stay_where_the_steps_are_broken(review):
    review.press("aa")
    review.page.evaluate(
        "localStorage.setItem(`keras-robust/${kerasRobustReview.page.run}/"
        "steps`, '{broken')"
    )
    review.open()
    assert len(review.decided()) == 2
    review.press("a")
    review.open()
    assert len(review.decided()) == 3
    assert not review.page.is_visible("#warning")


def test_what_another_tab_decides_is_seen(review):
    other = review.context.new_page()
    other.goto(f"file://{review.path}")
    review.press("ag")
    other.wait_for_function(
        "document.getElementById('counted').textContent.startsWith('2 of')"
    )
    review.press("u")
    other.wait_for_function(
        "document.getElementById('counted').textContent.startsWith('1 of')"
    )


def test_undo_leaves_the_steps_of_other_pages(chromium, tmp_path, issues):
    long = issues.to_html(tmp_path / "long.html")
    short = issues.to_html(tmp_path / "short.html", top=2)
    review = browser.Review(chromium, long)
    review.press("aaa")
    review.path = short
    review.open()
    review.press("u")
    assert list(review.decided()) == ["100"]
    review.path = long
    review.open()
    review.press("u")
    assert list(review.decided()) == ["100"]
    review.close()


def test_kept_decisions_of_other_detections(chromium, tmp_path, issues):
    first = issues.to_html(tmp_path / "a.html", class_names=suspects.NAMES)
    review = browser.Review(chromium, first)
    review.press("aag")
    # The same labels, other suggestions: what was chosen stays chosen.
    again = suspects.build(
        suggested_label=np.where(
            issues.is_label_issue,
            3 - issues.given_label - issues.suggested_label,
            issues.given_label,
        )
    )
    review.path = again.to_html(tmp_path / "b.html", class_names=suspects.NAMES)
    review.open()
    assert [word for word, _ in review.decided().values()] == [
        "relabel",
        "relabel",
        "keep",
    ]
    # Other labels are another run.
    review.path = suspects.build(seed=1).to_html(tmp_path / "c.html")
    review.open()
    assert review.decided() == {}
    # What somebody else has written there is not believed.
    review.page.evaluate(
        "localStorage.setItem(`keras-robust/${kerasRobustReview.page.run}/"
        "card/100`, '99'); localStorage.setItem(`keras-robust/"
        "${kerasRobustReview.page.run}/steps`, '{\"a\": 1}')"
    )
    review.open()
    assert review.decided() == {}
    assert review.errors == []
    review.close()
