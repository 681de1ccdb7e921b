"""Ten thousand suspects stay smooth; more of them come page by page."""

import pathlib
import time

import numpy as np
import pytest

from tests.report.review import browser
from tests.report.review import suspects

pytest.importorskip("jinja2")

# Keys come sixty times a second; returns when the last one is drawn.
TYPE = """async ([keys, count]) => {
  const list = document.getElementById('list');
  const start = performance.now();
  let done = 0;
  await new Promise((finished) => {
    const timer = setInterval(() => {
      const due = Math.min((performance.now() - start) * 60 / 1000, count);
      while (done + 1 <= due) {
        const key = keys[done % keys.length];
        list.dispatchEvent(
          new KeyboardEvent('keydown', { key, bubbles: true }));
        done += 1;
      }
      if (done < count) return;
      clearInterval(timer);
      requestAnimationFrame(() => setTimeout(finished));
    }, 5);
  });
  return (performance.now() - start) / 1000;
}"""


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Small images of noise, which no format makes smaller, with lines."""
    issues = suspects.build(size=12_000, flagged=10_000, num_classes=10)
    data = np.random.default_rng(0).integers(
        0, 256, (12_000, 32, 32, 3), dtype=np.uint8
    )
    return issues.to_html(
        tmp_path_factory.mktemp("large") / "review.html",
        data,
        "image",
        trajectories=suspects.recorded(issues, 40),
    )


@pytest.mark.slow
def test_ten_thousand_cards_are_smooth(path, capsys):
    with browser.started() as chromium:
        review = browser.Review(chromium, path)
        painted = review.page.evaluate(
            "performance.getEntriesByName('first-contentful-paint')"
            "[0].startTime / 1000"
        )
        ready = review.page.evaluate("performance.now() / 1000")
        assert review.text("#card-title") == "Card 1 of 10,000"
        seconds = review.page.evaluate(TYPE, ["jjagjkxuj3", 600])
        for key in ("End", "Home"):
            review.press([key])
        rows = review.page.locator(".row").count()
        memory = _resident(review)
        review.close()
    with capsys.disabled():
        print(
            f"\n10,000 cards: first paint {painted:.2f} s, ready "
            f"{ready:.2f} s, 600 keys in {seconds:.2f} s, {rows} rows, "
            f"{memory:.0f} MB"
        )
    assert painted <= 1.5
    # Ten seconds of keys; a busy machine may fall a little behind.
    assert seconds <= 11
    assert rows < 60
    assert memory <= 300


def _resident(review):
    """Megabytes of the page's process, shared ones in their part."""
    session = review.context.new_cdp_session(review.page)
    session.send("HeapProfiler.collectGarbage")
    largest = 0
    for status in pathlib.Path("/proc").glob("[0-9]*/smaps_rollup"):
        try:
            command = (status.parent / "cmdline").read_bytes()
            if b"--type=renderer" in command:
                text = status.read_text().partition("Pss:")[2]
                largest = max(largest, int(text.split()[0]) / 1000)
        except OSError:
            continue
    if not largest:
        pytest.skip("this system does not tell how much memory is taken")
    return largest


@pytest.mark.slow
def test_more_cards_come_page_by_page(tmp_path):
    issues = suspects.build(size=25_000, flagged=21_000)
    start = time.perf_counter()
    path = issues.to_html(tmp_path / "review.html")
    assert time.perf_counter() - start < 30
    with browser.started() as chromium:
        review = browser.Review(chromium, path)
        assert review.text("#page-shown") == "Page 1 of 3"
        review.page.focus("#list")
        review.press(["End", "j"])
        assert review.text("#page-shown") == "Page 2 of 3"
        assert review.text("#card-title") == "Card 10,001 of 21,000"
        review.press(["a", "k", "k"])
        assert review.text("#card-title") == "Card 10,000 of 21,000"
        review.page.click("#page-after")
        review.page.click("#page-after")
        assert review.page.is_disabled("#page-after")
        review.press("n")
        assert review.text("#card-title") == "Card 20,002 of 21,000"
        assert len(review.decided()) == 1
        assert review.errors == []
        review.close()
