"""A clerk at the counter page: Chromium, opened on the hub's own address, worked by keys as a person works it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect

_WITHIN_MS = 10_000
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def open_browser(playwright: Playwright) -> Browser:
    """Start the system's Chromium. Raises FileNotFoundError when there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise FileNotFoundError("chromium is not installed")
    return playwright.chromium.launch(executable_path=path, args=_FLAGS)


class Clerk:
    """One counter page. What is not seen within ten seconds raises AssertionError with what was expected."""

    def __init__(self, browser: Browser, hub_url: str, language: str) -> None:
        self._context: BrowserContext = browser.new_context(
            viewport={"width": 1366, "height": 768}, base_url=hub_url, locale=language
        )
        self._context.set_default_timeout(_WITHIN_MS)
        self._context.add_init_script(f"localStorage['dawr.counter.language'] ??= '{language}'")
        self.page: Page = self._context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    @property
    def current(self) -> Locator:
        """The panel of the customer at the counter."""
        return self.page.locator("#current")

    def sign_in(self, clerk: str, pin: str, seen: Callable[[], object]) -> None:
        """Choose the name, type the PIN; `seen` is called when the page is there and nothing is typed yet."""
        self.page.goto("/")
        self.page.locator(f"[data-clerk={clerk}]").click()
        seen()
        self.page.keyboard.type(pin)
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".places")).to_be_visible(timeout=_WITHIN_MS)

    def sit(self, counter: str) -> None:
        """Choose the counter."""
        self.page.locator(f"[data-counter='{counter}']").click()
        expect(self.page.locator(".work")).to_be_visible(timeout=_WITHIN_MS)

    def press(self, key: str) -> None:
        """Press one key."""
        self.page.keyboard.press(key)

    def sees(self, status: str) -> None:
        """Wait until the current customer's panel shows a status."""
        expect(self.current).to_have_attribute("data-status", status, timeout=_WITHIN_MS)

    def number(self) -> str:
        """Return the number on the current customer's plate."""
        text = self.current.locator(".plate").text_content() or ""
        return re.sub(r"\s", "", text)

    def picture(self, path: Path) -> None:
        """Take a picture of the page."""
        self.page.screenshot(path=path)

    def leave(self) -> None:
        """Close the page."""
        self._context.close()
