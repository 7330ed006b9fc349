"""A real browser: Debian's Chromium without a window, driven by Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

#: It reaches nothing but what it is told to open.
_OPTIONS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
_NAMES = ("chromium", "chromium-browser", "google-chrome")
#: What counts as a violation: WCAG 2.2 A and AA, and what axe recommends besides.
_RUN_AXE = (
    "async () => (await axe.run()).violations.map(v => [v.id, v.nodes.map(n => n.html + ' ' + n.failureSummary)])"
)


@contextmanager
def browsing() -> Iterator[Browser]:
    """Run a browser while the block runs; a test without one fails and says how to get it."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.fail(f"none of {', '.join(_NAMES)} is installed; on Debian and Ubuntu: apt-get install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=_OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


class Witness:
    """Sees what a page does that it must not: run foreign code, ask a question, fail, break the policy, reach out."""

    def __init__(self, page: Page, url: str) -> None:
        self.seen: list[str] = []
        self._url = url
        page.on("dialog", self._dialog)
        page.on("pageerror", lambda error: self.seen.append(f"error: {error}"))
        page.on("console", lambda line: self.seen.append(f"console: {line.text}") if line.type == "error" else None)
        page.on("request", lambda request: self._request(request.url))
        page.on("popup", lambda _: self.seen.append("a window opened"))
        page.add_init_script(
            "window.ran = []; addEventListener('securitypolicyviolation', e => window.ran.push(`policy: ${e.violatedDirective}`))"
        )
        self._page = page

    def check(self) -> None:
        """Complain of what was seen so far."""
        ran: list[str] = self._page.evaluate("window.ran")
        assert self.seen + ran == []

    def _dialog(self, dialog: Any) -> None:
        self.seen.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, url: str) -> None:
        if not url.startswith((self._url, "data:")):
            self.seen.append(f"request: {url}")


def violations(page: Page) -> list[Any]:
    """Return what axe finds wrong with a page."""
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text())
    found: list[Any] = page.evaluate(_RUN_AXE)
    return found
