"""A browser and a small hub for the tests of the page; each test gets a new day there and an empty browser profile."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from assets.paths import LOCALE
from assets.texts import compile_all
from tests.browsing import browser as browser
from tests.counter.clerk import Clerk
from tests.counter.fake_hub import FakeHub

EXPECTED = ("401", "409", "503", "ERR_")  # the browser notes every refused or cut answer by itself


@pytest.fixture(scope="session")
def _hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeHub]:
    locale = tmp_path_factory.mktemp("locale")
    for language in ("ar", "en"):
        (locale / language).mkdir()
        for part in ("counter.po", "paper.po"):
            shutil.copy(LOCALE / language / part, locale / language)
    compile_all(locale)
    fake = FakeHub(locale)
    yield fake
    fake.reset()
    fake.close()


@pytest.fixture
def hub(_hub: FakeHub) -> FakeHub:
    _hub.reset()
    return _hub


@pytest.fixture(scope="module")
def _profile(browser: Browser) -> Iterator[BrowserContext]:
    """Give the profile of the tests' first page: what it has cached of the page's files saves seconds."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def new_page(browser: Browser, _profile: BrowserContext, hub: FakeHub) -> Iterator[Callable[..., Page]]:
    """Make pages, each as in an empty profile; whatever one throws or its policy forbids fails the test.

    The first page is in the module's profile unless the test wants `its_own`, for example to change its clock. A test
    that will stand between a page and its hub has it `tapped` from the start: the browser lets a request pass by now
    and then that is made right after the first route was asked for.
    """
    made: list[Page] = []
    faults: list[str] = []
    _profile.clear_cookies()

    def noted(message: ConsoleMessage) -> None:
        # A bare picture's page has no icon of its own: the browser asks for one.
        if message.type not in ("error", "warning") or message.location["url"].endswith("/favicon.ico"):
            return
        if not any(word in message.text for word in EXPECTED):
            faults.append(message.text)

    def make(
        width: int = 1366,
        height: int = 650,
        *,
        language: str = "en",
        theme: str = "light",
        its_own: bool = False,
        tapped: bool = False,
    ) -> Page:
        page = (_profile if not made and not its_own else browser.new_context()).new_page()
        made.append(page)
        page.set_viewport_size({"width": width, "height": height})
        page.set_default_timeout(5000)
        page.add_init_script(
            f"""if (!sessionStorage['tests.begun']) {{
              localStorage.clear();
              sessionStorage['tests.begun'] = 'yes';
              localStorage['dawr.counter.language'] = '{language}';
              localStorage['dawr.counter.theme'] = '{theme}';
            }}"""
        )
        page.on("console", noted)
        page.on("pageerror", lambda error: faults.append(str(error)))
        if tapped:
            page.route("**/nothing-asks-for-this", lambda route: route.abort())
        page.goto(f"{hub.url}/counter/icon.svg")
        return page

    yield make
    for page in made:
        if page.context is _profile:
            page.close()
        else:
            page.context.close()
    assert faults == []


@pytest.fixture
def clerk(new_page: Callable[..., Page]) -> Clerk:
    """Return a clerk at counter 3, signed in; the counter is still closed."""
    return Clerk(new_page()).comes_to("3")


@pytest.fixture
def tapped_clerk(new_page: Callable[..., Page]) -> Clerk:
    """Return a clerk like `clerk`, whose requests the test may take at any moment."""
    return Clerk(new_page(tapped=True)).comes_to("3")


@pytest.fixture
def timed_clerk(new_page: Callable[..., Page]) -> Clerk:
    """Return a clerk whose computer's clock stands still until the test moves it."""
    clerk = Clerk(new_page(its_own=True)).comes_to("3")
    clerk.page.clock.install()
    clerk.page.reload()
    return clerk.sees("closed")


@pytest.fixture
def modules(new_page: Callable[..., Page]) -> Callable[[str, str], object]:
    """Run a line of JavaScript on one of the page's modules, `m`, in the real browser."""
    page = new_page()

    def run(module: str, code: str) -> object:
        return page.evaluate(f"import('/counter/js/{module}').then(async (m) => {{ {code} }})")

    return run
