"""A real browser, for the tests of what the page does."""

import contextlib
import os
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def executable():
    """The Chromium that is there, `None` where there is none."""
    found = os.environ.get("CHROMIUM")
    return found or next(filter(None, map(shutil.which, NAMES)), None)


@contextlib.contextmanager
def started():
    """A Chromium driven by Playwright; the test is skipped without one."""
    playwright = pytest.importorskip("playwright.sync_api")
    path = executable()
    if path is None:
        pytest.skip("there is no Chromium; set CHROMIUM to the path of one")
    with playwright.sync_playwright() as driver:
        # It reads our own file only, also where it may have no sandbox.
        browser = driver.chromium.launch(
            executable_path=path, args=["--no-sandbox"]
        )
        yield browser
        browser.close()


class Review:
    """A review page in a browser.

    Args:
        browser: What `started` gives.
        path: The file of the page.
        **options: As Playwright's `new_context` takes them.
    """

    def __init__(self, browser, path, **options):
        options = {"viewport": {"width": 1280, "height": 800}, **options}
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.errors, self.dialogs = [], []
        self.asked, self.stopped = [], []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._said)
        self.page.on("dialog", self._dialog)
        self.context.on(
            "request", lambda request: self.asked.append(request.url)
        )
        self.context.on("requestfailed", self._failed)
        self.path = path
        self.open()

    def open(self):
        if self.page.url not in ("about:blank", f"file://{self.path}"):
            # What one page has stored reaches the process of another one a
            # moment later.
            self.page.goto("about:blank")
            self.page.wait_for_timeout(300)
        self.page.goto(f"file://{self.path}")

    def close(self):
        self.context.close()

    def press(self, keys):
        for key in keys if isinstance(keys, list) else list(keys):
            self.page.keyboard.press(key)
        self.settle()

    def settle(self):
        """Waits until what was done is drawn."""
        self.page.evaluate(
            "new Promise((done) => requestAnimationFrame("
            "() => requestAnimationFrame(done)))"
        )

    def text(self, selector):
        return self.page.locator(selector).inner_text()

    def decided(self):
        """dict of id to word and label."""
        return self.page.evaluate(
            "() => { const { page, decisions } = kerasRobustReview;"
            "const found = {}; decisions.forEach((d, i) => {"
            "if (d) found[page.ids[i]] = [d.word, d.label]; });"
            "return found; }"
        )

    def download(self, button, folder):
        """The file that a button gives."""
        with self.page.expect_download() as download:
            self.page.click(button)
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        return path

    def _said(self, message):
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def _failed(self, request):
        if request.failure == "csp":
            self.stopped.append(request.url)

    def _dialog(self, dialog):
        self.dialogs.append(dialog.message)
        dialog.dismiss()
