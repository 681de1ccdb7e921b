"""The page as markup: nothing of the data in it, no script of others."""

import base64
import hashlib
import pathlib
import re

import pytest

from keras_robust.report import write_review
from keras_robust.report.review import rendering
from keras_robust.report.review.rendering import as_json
from tests.report.review import read
from tests.report.review import suspects

pytest.importorskip("jinja2")
EVIL = '<script>alert(1)</script><!-- & "quoted" \u2028'
FOLDER = pathlib.Path(rendering.__file__).parent / "page"


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "review.html")


def test_nothing_of_the_data_ends_the_script():
    told = as_json({"a": EVIL, "b": "\ud800 ü 🙂 </SCRIPT>"})
    assert not re.search(r"[<>&\u2028]", told)
    assert "\\ud800 ü 🙂" in told
    with pytest.raises(ValueError):
        as_json({"a": float("nan")})


def test_markup_of_the_data_is_text(path):
    issues = suspects.build(ids=[f"{EVIL}{i}" for i in range(40)])
    names = [EVIL, "\ud800", "b"]
    write_review(issues, path, [EVIL] * 40, "text", names, title=EVIL, top=40)
    text = read.text(path)
    assert "<script>alert" not in text
    assert len(re.findall("<script", text)) == 2
    told = read.payload(path)
    assert told["classes"] == names and told["samples"][0] == [EVIL, 0]
    assert told["ids"][3] == f"{EVIL}3"


def test_policy_knows_the_scripts_and_nothing_else(issues, path):
    write_review(issues, path)
    text = read.text(path)
    (policy,) = re.findall('Content-Security-Policy" content="(.*?)">', text)
    policy = policy.replace("&#39;", "'")
    script = re.findall("<script>(.*?)</script>", text, re.DOTALL)
    style = re.findall("<style>(.*?)</style>", text, re.DOTALL)
    for (content,), rule in ((script, "script-src"), (style, "style-src")):
        digest = hashlib.sha256(content.encode()).digest()
        known = base64.b64encode(digest).decode()
        assert f"{rule} 'sha256-{known}'" in policy
    assert policy.startswith("default-src 'none'")
    assert not re.search(
        r"(https?:)?//[a-z]+\.", text.replace("www.w3.org", "")
    )
    assert "innerHTML" not in text and "eval(" not in text


def test_no_style_and_no_script_is_forgotten():
    named = {
        *(f"{name}.css" for name in rendering.STYLES),
        *(f"{name}.js" for name in rendering.SCRIPTS),
        "page.html.jinja",
    }
    assert {path.name for path in FOLDER.iterdir()} == named


def test_all_of_the_scripts_and_styles_is_of_use():
    def all_of(suffix):
        files = sorted(FOLDER.glob(f"*.{suffix}"))
        return "".join(file.read_text(encoding="utf-8") for file in files)

    script, markup = all_of("js"), all_of("jinja")
    names = re.findall(r"^(?:const|let|function) (\w+)", script, re.MULTILINE)
    assert len(names) > 50
    once = [n for n in names if len(re.findall(rf"\b{n}\b", script)) < 2]
    assert once == []
    selectors = re.sub(r"{[^{}]*}", "{}", all_of("css"))
    classes = set(re.findall(r"\.([a-z][\w-]*)", selectors))
    assert len(classes) > 30
    used = set(re.findall(r"[\w-]+", script + markup))
    assert classes - used == set()
    ids = set(re.findall(r"#([a-z][\w-]*)", selectors))
    assert ids <= set(re.findall(r'id="([\w-]+)"', markup))
