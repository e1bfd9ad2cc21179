"""What tests in a real browser share: one Chromium a module, pages whose complaints fail the test, and axe-core.

A conftest takes the fixture in (`from tests.browsing import browser as browser`), a test makes its pages with `pages`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
AXE = Path(__file__).parent / "follow" / "node_modules" / "axe-core" / "axe.min.js"
REFUSED = "Failed to load resource"
"""What the browser notes of every refused or cut answer by itself."""

NewPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start a browser for a module, not for the session: Playwright keeps an asyncio loop running in this thread."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@contextmanager
def pages(browser: Browser, passes: str = REFUSED, **always: object) -> Iterator[NewPage]:
    """Give a way to pages with a profile of their own; whatever one throws or its policy forbids fails the test.

    `passes` is a form that complaints of no interest have; `always` are the profiles' options.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def noted(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not re.search(passes, message.text):
            faults.append(message.text)

    def make(**more: object) -> Page:
        context = browser.new_context(**always | more)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("console", noted)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert faults == []


def axe_faults(page: Page) -> list[str]:
    """Return what axe-core finds wrong with a page: each rule with the first element that breaks it."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(
        "axe.run().then((said) => said.violations.map((each) => each.id + ': ' + each.nodes[0].html))"
    )
    return found
