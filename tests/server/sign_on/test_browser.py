"""The way to the provider and back in a real browser, the provider being another site: cookies, policies, axe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from assets.texts import Catalogue
from tests.browsing import NewPage, axe_faults, pages
from tests.browsing import browser as browser
from tests.server.sign_on.conftest import House

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}

expect.set_options(timeout=20_000)


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    with pages(browser) as make:
        yield make


def look(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= (page.viewport_size or PHONE)["width"], page.url
    assert axe_faults(page) == [], page.url


@pytest.mark.parametrize(
    ("language", "size"),
    [("ar", PHONE), pytest.param("en", DESK, marks=pytest.mark.long)],
    ids=["ar on a phone", "en at a desk"],
)
def test_there_and_back_and_out_again(house: House, new_page: NewPage, language: str, size: dict[str, int]) -> None:
    words, page = Catalogue.load(language), new_page(viewport=size, java_script_enabled=True)
    root = f"{house.url}/{language}"
    page.goto(f"{root}/mine")
    look(page)
    page.get_by_role("link", name=words.t("sign_on.button")).click()
    page.locator("#give-up").click()
    expect(page.locator("h1")).to_have_text(words.t("sign_on.cancelled"))
    look(page)
    page.locator("main .act").click()
    page.get_by_role("link", name=words.t("sign_on.button")).click()
    page.locator("#account").fill("newcomer")
    page.locator("#enter").click()
    # On by itself to where they were going, signed in: the page between is theirs no longer than a blink.
    page.wait_for_url(f"{root}/mine")
    expect(page.get_by_role("button", name=words.t("pages.sign_out"))).to_be_visible()
    page.get_by_role("button", name=words.t("pages.sign_out")).click()
    expect(page.locator("h1")).to_have_text(words.t("sign_on.left"))
    look(page)
    page.goto(f"{root}/mine")
    expect(page.get_by_role("link", name=words.t("sign_on.button"))).to_be_visible()


def test_what_is_asked_of_who_has_no_date_of_birth(house: House, new_page: NewPage) -> None:
    words, page = Catalogue.load("ar"), new_page(viewport=PHONE)
    page.goto(f"{house.url}/ar/sign-in")
    page.get_by_role("link", name=words.t("sign_on.button")).click()
    page.locator("#account").fill("no-birth")
    page.locator("#enter").click()
    expect(page.locator("h1")).to_have_text(words.t("pages.birth_title"))
    look(page)
    for part, typed in (("day", "1"), ("month", "2"), ("year", "1980")):
        page.locator(f"#{part}").fill(typed)
    page.get_by_role("button", name=words.t("pages.go_on")).click()
    page.wait_for_url(f"{house.url}/ar/mine")
    expect(page.get_by_role("button", name=words.t("pages.sign_out"))).to_be_visible()
