"""One HTML file out of a template, style sheets, scripts and data."""

import base64
import hashlib
import importlib.resources
import json
import re

# In this order; what a script names must stand before it is called, not here.
STYLES = ("colours", "layout", "filters", "list", "card", "narrow")
SCRIPTS = (
    "elements",
    "store",
    "precision",
    "filters",
    "samples",
    "line",
    "list",
    "card",
    "decide",
    "download",
    "keys",
    "start",
)
# What ends a script, or begins something else in it.
_ESCAPED = {c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029\x7f"}
_ESCAPE = re.compile("[<>&\u2028\u2029\x7f\ud800-\udfff]")
GENERATOR = "keras_robust review"


def render(payload, **told):
    """The page as bytes.

    Nothing of the data becomes markup or script: the template escapes it, or
    it stands in JSON and is put in place as text. The policy of the page
    lets only these scripts and styles run, known by their hashes, and no
    address be asked for.

    Args:
        payload: dict of what the scripts read.
        **told: What the template shows.
    """
    jinja2 = need_jinja2()
    style = _joined(STYLES, "css")
    script = '"use strict";\n(() => {\n' + _joined(SCRIPTS, "js") + "})();\n"
    policy = {
        "default-src": "'none'",
        "script-src": _hash(script),
        "style-src": _hash(style),
        "img-src": "data:",
        "media-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
    }
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.from_string(_read("page.html.jinja")).render(
        style=style,
        script=script,
        policy="; ".join(f"{k} {v}" for k, v in policy.items()),
        data=as_json(payload),
        generator=GENERATOR,
        **told,
    )
    # Half of a pair of code units is no character: it becomes "?".
    return text.encode("utf-8", "replace")


def need_jinja2():
    """Returns jinja2, or raises an ImportError that says how to get it."""
    try:
        import jinja2
    except ImportError as error:
        raise ImportError(
            "The review page needs jinja2. Install it with: "
            "pip install 'keras-robust[report]'"
        ) from error
    return jinja2


def as_json(payload):
    """JSON that may stand inside of a script element."""
    text = json.dumps(
        payload, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )
    return _ESCAPE.sub(_escaped, text)


def _escaped(found):
    character = found.group()
    return _ESCAPED.get(character) or f"\\u{ord(character):04x}"


def _joined(names, suffix):
    return "".join(_read(f"{name}.{suffix}") for name in names)


def _read(name):
    folder = importlib.resources.files("keras_robust.report.review")
    return (folder / "page" / name).read_text(encoding="utf-8")


def _hash(text):
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
