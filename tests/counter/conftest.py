"""A browser and a small hub for the tests of the page; each test gets a new day there and an empty browser profile."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from assets.paths import LOCALE
from assets.texts import compile_all
from tests.counter.clerk import Clerk
from tests.counter.fake_hub import FakeHub

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
EXPECTED = ("401", "409", "503", "ERR_")  # the browser notes every refused or cut answer by itself


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start a browser for a module, not for the session: Playwright keeps an asyncio loop running in this thread."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def _hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeHub]:
    locale = tmp_path_factory.mktemp("locale")
    for language in ("ar", "en"):
        (locale / language).mkdir()
        shutil.copy(LOCALE / language / "counter.po", locale / language)
    compile_all(locale)
    fake = FakeHub(locale)
    yield fake
    fake.reset()
    fake.close()


@pytest.fixture
def hub(_hub: FakeHub) -> FakeHub:
    _hub.reset()
    return _hub


@pytest.fixture
def new_page(browser: Browser, hub: FakeHub) -> Iterator[Callable[..., Page]]:
    """Make pages, each its own profile; whatever the page throws or its policy forbids fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def noted(message: ConsoleMessage) -> None:
        # A bare picture's page has no icon of its own: the browser asks for one.
        if message.type not in ("error", "warning") or message.location["url"].endswith("/favicon.ico"):
            return
        if not any(word in message.text for word in EXPECTED):
            faults.append(message.text)

    def make(width: int = 1366, height: int = 650, language: str = "en", theme: str = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, base_url=hub.url)
        context.set_default_timeout(5000)
        contexts.append(context)
        context.add_init_script(
            f"localStorage['dawr.counter.language'] ??= '{language}'; localStorage['dawr.counter.theme'] ??= '{theme}'"
        )
        page = context.new_page()
        page.on("console", noted)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def clerk(new_page: Callable[..., Page]) -> Clerk:
    """Return a clerk at counter 3, signed in; the counter is still closed."""
    return Clerk(new_page()).comes_to("3")


@pytest.fixture
def modules(new_page: Callable[..., Page]) -> Callable[[str, str], object]:
    """Run a line of JavaScript on one of the page's modules, `m`, in the real browser."""
    page = new_page()
    page.goto("/counter/icon.svg")

    def run(module: str, code: str) -> object:
        return page.evaluate(f"import('/counter/js/{module}').then(async (m) => {{ {code} }})")

    return run
