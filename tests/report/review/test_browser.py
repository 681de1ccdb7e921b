"""The review page in a real browser: by keyboard, by hand, and attacked."""

import pathlib

import numpy as np
import pytest

from tests.report.review import browser
from tests.report.review import suspects

pytest.importorskip("jinja2")
NAMES = ["cat", "dog", "owl"]
EVIL = "<script>alert(1)</script>"
EVILS = [
    EVIL,
    "<img src=x onerror=alert(2)>",
    "</script><script>alert(3)</script>",
    "javascript:alert(4)",
    "\u2028'\"><svg onload=alert(5)>",
]


@pytest.fixture(scope="module")
def chromium():
    with browser.started() as started:
        yield started


@pytest.fixture(scope="module")
def issues():
    return suspects.build()


@pytest.fixture(scope="module")
def path(issues, tmp_path_factory):
    """A page of images with lines and neighbours."""
    path = tmp_path_factory.mktemp("page") / "review.html"
    images = np.random.default_rng(0).random((40, 16, 16, 3))
    return issues.to_html(
        path,
        images,
        "image",
        NAMES,
        trajectories=suspects.recorded(issues),
        embeddings=suspects.embedded(issues),
    )


@pytest.fixture
def review(chromium, path):
    opened = browser.Review(chromium, path)
    yield opened
    opened.close()
    assert opened.errors == []


def other(issues, card):
    """The class that is neither given nor suggested."""
    taken = {issues.given_label[card], issues.suggested_label[card]}
    (left,) = {0, 1, 2} - taken
    return left


def test_it_shows_the_worst_card_first(review, issues):
    assert review.text("#card-title") == "Card 1 of 20"
    assert review.text("#given") == NAMES[issues.given_label[0]]
    assert review.text("#suggested") == NAMES[issues.suggested_label[0]]
    assert "95 %" in review.text("#scores") and "100" in review.text("#scores")
    assert review.page.locator("#line svg path.own").count() == 1
    sizes = review.page.locator(".near img, #sample img").evaluate_all(
        "images => images.map(i => i.naturalWidth)"
    )
    assert sizes == [16] * 9
    assert review.text("#counted") == "0 of 20 decided"


def test_keys_decide_and_a_reload_keeps_all(review, issues):
    third = other(issues, 3)
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
    review.page.click(f"#classes button >> nth={other(issues, 3)}")
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
    review.press(f"agx{other(issues, 3)}f")
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


def test_kept_decisions_of_other_detections(chromium, tmp_path, issues):
    first = issues.to_html(tmp_path / "a.html", class_names=NAMES)
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
    review.path = again.to_html(tmp_path / "b.html", class_names=NAMES)
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
