"""The review page in a real browser: for everyone, and attacked."""

import pathlib

import numpy as np
import pytest

from tests.report.review import browser
from tests.report.review import suspects

pytest.importorskip("jinja2")
EVIL = "<script>alert(1)</script>"
EVILS = [
    EVIL,
    "<img src=x onerror=alert(2)>",
    "</script><script>alert(3)</script>",
    "javascript:alert(4)",
    "\u2028'\"><svg onload=alert(5)>",
]


def test_all_can_be_reached_without_a_mouse(review):
    page = review.page
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "document.activeElement.id || document.activeElement.tagName"
            )
        )
        if seen[-1] == "BODY":
            break
    for name in ("theme", "help-button", "save-csv", "list", "accept", "keep"):
        assert name in seen
    assert seen.index("list") < seen.index("accept") < seen.index("after")
    review.press(["?"])
    assert page.locator("#help").is_visible()
    review.press(["a", "Escape"])
    assert not page.locator("#help").is_visible()
    assert review.decided() == {}
    page.focus("#list")
    review.press(["End"])
    assert review.text("#card-title") == "Card 20 of 20"
    review.press(["ArrowUp", "Home", "ArrowDown"])
    assert review.text("#card-title") == "Card 2 of 20"
    # Letters in a field are letters.
    review.press("f")
    page.fill("#by-text", "")
    page.type("#by-text", "agx")
    assert review.decided() == {}


def test_everything_has_a_name_for_a_screen_reader(review):
    nameless = review.page.evaluate(
        """() => [...document.querySelectorAll(
            'button, select, input, img, [role], progress, meter, svg')]
          .filter((e) => !e.closest('[hidden]'))
          .filter((e) => !(e.getAttribute('aria-label') || e.alt ||
            e.getAttribute('alt') === '' ||
            (e.labels && e.labels.length) || e.textContent.trim() ||
            ['presentation', 'status', 'alert'].includes(
              e.getAttribute('role'))))
          .map((e) => e.outerHTML)"""
    )
    assert nameless == []


CONTRAST = """() => {
  const number = (c) => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const f = (v) => (v /= 255) <= .03928 ? v / 12.92 :
      ((v + .055) / 1.055) ** 2.4;
    return .2126 * f(r) + .7152 * f(g) + .0722 * f(b);
  };
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = number(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  const bad = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(
      (n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.checkVisibility() || e.closest(':disabled')) continue;
    const a = light(number(getComputedStyle(e).color));
    const b = light(ground(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) bad.push([ratio, e.outerHTML.slice(0, 80)]);
  }
  return bad;
}"""


def test_contrast_is_enough_in_light_and_dark(review, issues):
    review.press(f"agx{suspects.other(issues, 3)}f")
    ground = "getComputedStyle(document.body).backgroundColor"
    grounds = set()
    # As the system has it (light here), light, dark.
    for _ in range(3):
        assert review.page.evaluate(CONTRAST) == []
        grounds.add(review.page.evaluate(ground))
        review.page.click("#theme")
    assert len(grounds) == 2
    review.page.emulate_media(color_scheme="dark")
    assert review.page.evaluate(CONTRAST) == []
    assert review.page.evaluate(ground) in grounds


@pytest.mark.parametrize(
    "width", [360, pytest.param(760, marks=pytest.mark.slow)]
)
def test_narrow_screens(chromium, path, width):
    size = {"width": width, "height": 740}
    review = browser.Review(chromium, path, viewport=size, has_touch=True)
    wide = review.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    review.page.tap("#accept")
    review.settle()
    assert len(review.decided()) == 1
    assert review.page.locator("#accept").is_visible()
    for button in ("#accept", "#keep", "#exclude", "#undo", "#after"):
        box = review.page.locator(button).bounding_box()
        assert box["height"] >= 40
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
    assert review.errors == []
    review.close()


def test_rows_of_neighbours_fit_on_a_narrow_screen(chromium, tmp_path, issues):
    rows = np.random.default_rng(0).normal(size=(40, 3)) * 1e3
    path = issues.to_html(
        tmp_path / "rows.html",
        rows,
        "tabular",
        embeddings=rows,
        feature_names=["alcalinity_of_ash", "nonflavanoid_phenols", "hue"],
    )
    review = browser.Review(
        chromium, path, viewport={"width": 390, "height": 740}
    )
    assert review.page.locator(".near .table").count() == 2
    wide = review.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    review.close()


@pytest.mark.parametrize(
    "kind",
    ["text", "tabular", pytest.param(None, marks=pytest.mark.slow)],
)
def test_what_the_data_says_is_shown_and_not_run(chromium, tmp_path, kind):
    issues = suspects.build(
        size=15,
        flagged=10,
        num_classes=5,
        ids=[f"{EVILS[i % 5]}{i}" for i in range(15)],
    )
    data = {
        "text": [EVILS[i % 5] for i in range(15)],
        "tabular": [{evil: evil for evil in EVILS}] * 15,
        None: None,
    }[kind]
    path = issues.to_html(
        tmp_path / "evil.html",
        data,
        kind,
        EVILS,
        title=EVIL,
        embeddings=suspects.embedded(issues),
    )
    review = browser.Review(chromium, path)
    for card in range(10):
        assert review.text("#given") == EVILS[issues.given_label[card]]
        review.press("j")
    review.press("aagx")
    file = review.download("#save-csv", tmp_path)
    assert issues.apply(file).decided.sum() == 4
    assert review.dialogs == [] and review.errors == []
    assert review.page.title() == EVIL
    scripts = review.page.locator("script").count()
    assert scripts == 1 and review.page.locator("img, svg").count() == 0
    review.close()


def test_no_request_leaves_the_file(chromium, path, tmp_path):
    review = browser.Review(chromium, path)
    review.press("ajgx?")
    review.press(["Escape"])
    review.download("#save-json", tmp_path)
    schemes = {url.partition(":")[0] for url in review.asked}
    assert schemes <= {"file", "data", "blob"}
    files = [url for url in review.asked if url.startswith("file")]
    assert files == [pathlib.Path(path).as_uri()]
    assert review.errors == []
    # What would ask for something, or run something, is stopped.
    stopped = review.page.evaluate(
        """async () => {
        const found = [];
        document.addEventListener('securitypolicyviolation',
          (e) => found.push(e.effectiveDirective));
        const image = new Image();
        image.src = 'https://example.org/x.png';
        await fetch('https://example.org/').catch(() => 0);
        const link = document.createElement('link');
        link.rel = 'stylesheet';
        link.href = 'https://example.org/x.css';
        document.head.append(link);
        try { document.body.innerHTML = '<b>'; }
        catch (e) { found.push('sink'); }
        await new Promise((done) => setTimeout(done, 100));
        return found; }"""
    )
    assert {"img-src", "connect-src", "style-src-elem", "sink"} <= set(stopped)
    left = [url for url in review.asked if url.startswith("http")]
    assert set(left) <= set(review.stopped)
    review.close()
