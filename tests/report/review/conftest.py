"""A page in a real browser, for the tests of this folder."""

import numpy as np
import pytest

from tests.report.review import browser
from tests.report.review import suspects


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
        suspects.NAMES,
        trajectories=suspects.recorded(issues),
        embeddings=suspects.embedded(issues),
    )


@pytest.fixture
def review(chromium, path):
    opened = browser.Review(chromium, path)
    yield opened
    opened.close()
    assert opened.errors == []
