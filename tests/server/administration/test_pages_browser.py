"""A manager's day in a real browser, and every page of the staff's looked at by axe-core, on a phone and on a desk."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from assets.texts import Catalogue
from server.administration.pages.room import SESSION
from tests.browsing import NewPage, axe_faults, pages
from tests.browsing import browser as browser
from tests.server.administration.office import PASSWORD
from tests.server.administration.test_pages import PAGES
from tests.server.administration.workplace import Worker, Workplace, workplace_of
from tests.server.pages.ministry import AHMED, SARA, SECOND, SLOT
from tests.server.site import CENTRE, Site
from tests.waiting import until

MONDAY = {"ar": "23 نوفمبر", "en": "23 November"}
HERE = f"/centres/{CENTRE}"
KINDS = (
    "", "/help", "/bodies/traffic", "/accounts", "/audit", "/figures", HERE,
    *(f"{HERE}{path}" for path in (
        "/slots", "/days/close", "/hours", f"/services/{SECOND}", "/notices", "/crew/new", "/devices", "/turns",
        "/ratings",
    )),
)  # fmt: skip
"""A page of each kind: the short run looks at these, the long one at all."""
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}

expect.set_options(timeout=20_000)


@pytest.fixture
def own_workplace(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    """Serve a ministry to one test: a day that was closed in one language is closed in the other."""
    with workplace_of(site, monkeypatch) as workplace:
        yield workplace


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    with pages(browser) as make:
        yield make


class Manager:
    """Somebody at a desk who finds the way by what stands on the page."""

    def __init__(self, workplace: Workplace, page: Page, language: str) -> None:
        self.page = page
        self.root = f"{workplace.url}/{language}"
        self.words = Catalogue.load(language)

    def press(self, key: str) -> None:
        """Press the link or button with a text."""
        name = self.words.t(key)
        found = self.page.locator("header, main").locator("a, button").filter(has_text=name)
        found.locator("visible=true").first.click()
        self.page.wait_for_load_state()

    def sees(self, key: str) -> None:
        expect(self.page.locator("main")).to_contain_text(self.words.t(key))

    def enter(self, name: str) -> None:
        self.page.goto(f"{self.root}/staff")
        self.page.locator("#name").fill(name)
        self.page.locator("#password").fill(PASSWORD)
        self.press("administration.sign_in.enter")


def plain(text: str) -> str:
    """Return a text without the marks that keep its numbers in order."""
    return re.sub("[\u200f\u2066-\u2069]", "", text)


@pytest.mark.parametrize("language", ["ar", pytest.param("en", marks=pytest.mark.long)])
def test_a_managers_day(own_workplace: Workplace, new_page: NewPage, language: str) -> None:
    ministry = own_workplace.ministry
    ahmed, sara = Worker(own_workplace, "", language), Worker(own_workplace, "", language)
    ahmed.sign_in(AHMED)
    sara.sign_in(SARA)
    ahmed.book(SLOT)
    assert MONDAY[language] in plain(ahmed.get(f"{ahmed.root}/mine").text)
    page = new_page(viewport=DESK)
    huda = Manager(own_workplace, page, language)
    huda.enter("huda")
    # Her one centre, and its hours: Thursday ends earlier from now on, which everybody sees at once.
    page.locator(f'main a[href$="/centres/{CENTRE}"]').click()
    huda.press("administration.section.hours")
    page.locator('[name="thu.0.ends"]').fill("13")
    huda.press("administration.save")
    huda.sees("administration.told.saved")
    assert "13:00" in ahmed.get(f"{ahmed.root}/centres/{CENTRE}").text
    # Monday is closed: first she sees whom it touches, then what became of them.
    huda.press("administration.section.days")
    huda.press("administration.close.title")
    page.locator("#day").fill("2026-11-23")
    huda.press("administration.close.continue")
    expect(page.locator(".warn h2")).to_have_text(huda.words.n("administration.displaced.title", 1))
    page.locator("#how-move").check()
    huda.press("administration.close.act")
    huda.sees("administration.progress.title")
    expect(page.locator("main")).to_contain_text(huda.words.n("administration.progress.moved", 1))
    assert MONDAY[language] not in plain(ahmed.get(f"{ahmed.root}/mine").text)
    huda.press("administration.section.slots")
    expect(page.locator(".grid")).to_be_visible()
    # Sara's four cancellations have blocked her; she comes with a reason, and books again.
    for _ in range(4):
        sara.book("20261124T0600Z", SECOND)
        page_of_it = sara.path.partition("?")[0]
        sara.get(f"{page_of_it}/cancel")
        sara.send(f"{page_of_it}/cancel")
    assert huda.words.t("pages.blocked_title") in sara.get(f"{sara.root}/mine").text
    huda.press("administration.nav.help")
    page.locator("#cpr").fill(SARA)
    huda.press("administration.help.find")
    huda.sees("administration.help.blocked")
    huda.press("administration.help.lift")
    huda.sees("administration.help.no_reason")
    page.locator("#why").fill("hospital")
    huda.press("administration.help.lift")
    huda.sees("administration.help.lifted")
    assert sara.book("20261124T0600Z", SECOND).url.split("?")[0].count("/b/") == 1
    # Ahmed was told once.
    assert until(lambda: ministry.messages(AHMED, "centre_moved"), "the message of the move")
    assert len(ministry.messages(AHMED, "centre_moved")) == 1
    # All of it stands in the log.
    huda.press("administration.nav.audit")
    for act in ("closed", "centre_changed", "block_lifted", "customer_looked_up"):
        huda.sees(f"administration.act.{act}")
    assert SARA not in page.content() and "Sara" not in page.content()


@pytest.mark.parametrize(
    ("language", "viewport", "wishes"),
    [
        ("ar", PHONE, {}),
        pytest.param("en", DESK, {"color_scheme": "dark"}, marks=pytest.mark.long),
        pytest.param("en", PHONE, {"contrast": "more"}, marks=pytest.mark.long),
        pytest.param("ar", DESK, {}, marks=pytest.mark.long),
    ],
    ids=str,
)
def test_axe_finds_no_fault_and_nothing_runs_out_of_the_screen(
    workplace: Workplace, new_page: NewPage, language: str, viewport: dict[str, int], wishes: dict[str, str]
) -> None:
    page = new_page(viewport=viewport, bypass_csp=True, **wishes)
    page.goto(f"{workplace.url}/{language}/staff/sign-in")
    assert axe_faults(page) == []
    amal = Worker(workplace, "amal", language)
    page.context.add_cookies([{"name": SESSION, "value": amal.session.cookies[SESSION], "url": workplace.url}])
    every = language == "en" or viewport == DESK
    for path in (*(PAGES if every else KINDS), f"/accounts/{workplace.account('huda')}"):
        page.goto(f"{workplace.url}/{language}/staff{path}")
        assert page.url.endswith(path), path
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], path
        assert axe_faults(page) == [], path


@pytest.mark.long  # its short form, without a browser, is in test_pages_helping
@pytest.mark.parametrize(("language", "viewport"), [("ar", PHONE), ("en", DESK)], ids=str)
def test_a_desk_books_for_a_customer(
    own_workplace: Workplace, new_page: NewPage, language: str, viewport: dict[str, int]
) -> None:
    page = new_page(viewport=viewport, bypass_csp=True)
    omar = Manager(own_workplace, page, language)
    omar.enter("omar")

    def looks_right() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], page.url
        assert axe_faults(page) == [], page.url

    omar.press("administration.nav.help")
    page.locator("#cpr").fill(SARA)
    omar.press("administration.help.find")
    omar.sees("settings.book_for.first_time")
    looks_right()
    omar.press("settings.book_for.title")
    page.locator("#born").fill("1 1 1990")
    omar.press("pages.go_on")
    omar.sees("refusals.administration.wrong_birth_date")
    expect(page.locator("#born")).to_be_focused()
    looks_right()
    page.locator("#born").fill("2 7 1992")
    omar.press("pages.go_on")
    omar.sees("settings.book_for.what")
    looks_right()
    page.locator(f'button[value="counter:{SECOND}"]').click()
    looks_right()
    page.locator('button[name="at"]').first.click()
    omar.sees("settings.book_for.done")
    looks_right()
    assert SARA not in page.url
