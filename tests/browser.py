"""Headless Chromium for the tests of pages; skipped where it is absent, unless it must run."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

MUST_RUN = "SCREENING_MUST_RUN"
"""Words in this variable name what may not be skipped; ``.ci/run`` sets it."""


def executable() -> str:
    """Where Chromium is; a test that cannot have it is skipped or, if it must run, fails.

    Debian has it without its window, too: the same engine, and half the time.
    """
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if found is None:
        reason = "Chromium is not installed (Debian: apt-get install chromium-headless-shell)"
        if "browser" in os.environ.get(MUST_RUN, "").split():
            pytest.fail(reason)
        pytest.skip(reason)
    return found


_running: list[Browser] = []
_windows: dict[Browser, BrowserContext] = {}


@contextmanager
def launched() -> Iterator[Browser]:
    """Run the browser of this machine; whoever asks while it runs gets the same."""
    if _running:
        yield _running[0]
        return
    path = executable()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # One process draws all pages: to start another takes as long as most pages.
        options = ["--no-sandbox", "--renderer-process-limit=1"]
        browser = playwright.chromium.launch(executable_path=path, args=options)
        _running.append(browser)
        try:
            yield browser
        finally:
            _running.clear()
            _windows.clear()
            browser.close()


def fresh_page(browser: Browser, width: int = 1280) -> Page:
    """Give a fresh page in a window that stays open: to open one takes longer than most pages."""
    if browser not in _windows:
        _windows[browser] = browser.new_context()
        _windows[browser].new_page()
    page = _windows[browser].new_page()
    page.set_viewport_size({"width": width, "height": 900})
    return page


class Opened:
    """One page that was opened, with everything it said or asked for meanwhile."""

    def __init__(self, page) -> None:
        self.page = page
        self.trouble: list[str] = []
        page.on("console", lambda message: self.trouble.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.trouble.append("dialog"), dialog.dismiss()))

    def run(self, script: str, *arguments):
        """Work something out in the page."""
        return self.page.evaluate(script, *arguments)

    def unfold(self) -> None:
        """Open everything that is folded away."""
        self.run("document.querySelectorAll('details').forEach(d => { d.open = true })")

    @property
    def printed_pages(self) -> int:
        """How many sheets of A4 it takes."""
        return len(re.findall(rb"/Type\s*/Page\b", self.page.pdf(prefer_css_page_size=True)))


@contextmanager
def opened(browser, file: Path, width: int = 1280) -> Iterator[Opened]:
    """Open a file as a reader would; whatever it asks the world for is refused and kept."""
    page = fresh_page(browser, width)
    result = Opened(page)

    def answer(route) -> None:
        if route.request.url == file.as_uri():
            route.continue_()
        else:
            result.trouble.append(f"request: {route.request.url}")
            route.abort()

    page.route("**/*", answer)
    try:
        page.goto(file.as_uri())
        yield result
    finally:
        page.close()
