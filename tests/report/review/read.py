"""What a written page holds, read without a browser."""

import base64
import io
import json
import pathlib
import re


def text(path):
    """The page as it is written."""
    return pathlib.Path(path).read_text(encoding="utf-8")


def payload(path):
    """The data of the page."""
    (data,) = re.findall(
        r'<script type="application/json" id="data">(.*?)</script>',
        text(path),
        re.DOTALL,
    )
    return json.loads(data)


def picture(uri):
    """The image of a data URI."""
    from PIL import Image

    return Image.open(io.BytesIO(contents(uri)))


def contents(uri):
    return base64.b64decode(uri.partition(",")[2])
