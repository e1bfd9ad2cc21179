"""The whole life of a booking in a real browser, as two people would live it: on phones, in each language, no script.

At every page that is passed: nothing runs out of the screen, axe-core finds no fault, the browser has no complaint.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import Session, col, select, update

from assets.texts import Catalogue
from server.booking import blocks
from server.booking.tables import BlockRow
from server.planting import BOOKED, KEPT
from server.tables import AppointmentRow
from tests.browsing import NewPage, axe_faults, pages
from tests.server.pages.ministry import AHMED, NO_BIRTH, SECOND, SERVICE, Ministry
from tests.server.site import CENTRE, OTHER

SMALL, PHONE, DESK = {"width": 320, "height": 568}, {"width": 390, "height": 844}, {"width": 1280, "height": 800}

expect.set_options(timeout=20_000)


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Make pages on phones of their own; whatever the browser complains of fails the test."""
    with pages(browser) as make:
        yield make


class Customer:
    """Somebody with a phone; `look` is at every page that comes, once each."""

    def __init__(self, ministry: Ministry, page: Page, language: str, *, looks: bool) -> None:
        self.ministry = ministry
        self.page = page
        self.root = f"{ministry.url}/{language}"
        self.words = Catalogue.load(language)
        self._looks = looks
        self._seen: set[str] = set()

    def look(self) -> None:
        title = f"{self.page.title()} {self.page.locator('[role=alert], [role=status]').count()}"
        if not self._looks or title in self._seen:
            return
        self._seen.add(title)
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= (self.page.viewport_size or SMALL)["width"], self.page.url
        assert axe_faults(self.page) == [], self.page.url
        # What is pressed is large enough for a thumb. Source: WCAG 2.2, 2.5.5.
        pressed = ".act, button, nav a, .slots a, .days a, .picks a, .digits"
        small = self.page.evaluate(
            "(all) => [...document.querySelectorAll(all)].map((e) => [e.outerHTML, e.getBoundingClientRect().height])"
            ".filter(([, height]) => height && height < 44).map(([html]) => html)",
            pressed,
        )
        assert small == [], self.page.url

    def look_again(self) -> None:
        """Look at a page that has been opened further."""
        self._seen.clear()
        self.look()

    def go(self, path: str) -> None:
        self.page.goto(f"{self.root}{path}")
        self.look()

    def press(self, key: str) -> None:
        """Press the link or button with a text."""
        name = self.words.t(key)
        self.page.locator("main").locator("a, button").filter(has_text=name).first.click()
        self.page.wait_for_load_state()
        self.look()

    def pick(self, selector: str, at: int = 0) -> None:
        self.page.locator(selector).nth(at).click()
        self.page.wait_for_load_state()
        self.look()

    def sees(self, key: str) -> None:
        expect(self.page.locator("main")).to_contain_text(self.words.t(key))

    def sign_in(self, cpr: str) -> None:
        field = self.page.locator("#cpr")
        assert field.get_attribute("inputmode") == "numeric"
        before = len(self.ministry.messages(cpr, "one_time_code"))
        field.fill("123")
        self.press("pages.send_code")
        self.sees("pages.cpr_fault")
        self.page.locator("#cpr").fill(cpr)
        self.press("pages.send_code")
        field = self.page.locator("#code")
        assert (field.get_attribute("inputmode"), field.get_attribute("autocomplete")) == ("numeric", "one-time-code")
        field.fill(self.ministry.code(cpr, before + 1))
        self.press("pages.code_enter")

    def book(self, service: str, slot: int = 0) -> None:
        self.go(f"/book/{CENTRE}/{service}")
        self.pick(".slots a", slot)
        self.press("pages.confirm")
        self.sees("pages.ticket_title")


def lifted(ministry: Ministry) -> None:
    """Let staff lift the block that holds."""

    def lift(session: Session) -> None:
        (row,) = session.exec(select(BlockRow)).all()
        blocks.lift(session, row.customer, "staff-1", "was in hospital", ministry.clock.now())

    ministry.client.service.store.call(lift)


def came(ministry: Ministry) -> None:
    """Let everybody have come who has an appointment still."""

    def settle(session: Session) -> None:
        session.execute(update(AppointmentRow).where(col(AppointmentRow.status) == BOOKED).values(status=KEPT))

    ministry.client.service.store.call(settle)


@pytest.mark.parametrize(
    ("language", "scripts", "viewport", "wishes"),
    [
        ("ar", True, SMALL, {}),
        pytest.param("en", True, PHONE, {"color_scheme": "dark"}, marks=pytest.mark.long),
        # The pages have no script and their policy forbids any: a browser without scripts in the long run only.
        pytest.param("ar", False, DESK, {}, marks=pytest.mark.long),
    ],
    ids=["ar on a small phone", "en in the dark", "ar without scripts"],
)
def test_the_whole_life_of_a_booking(
    ministry: Ministry,
    new_page: NewPage,
    language: str,
    scripts: bool,
    viewport: dict[str, int],
    wishes: dict[str, str],
) -> None:
    page = new_page(viewport=viewport, java_script_enabled=scripts, bypass_csp=scripts, **wishes)
    me = Customer(ministry, page, language, looks=scripts)
    # From the home page to the confirmed booking, registering on the way.
    me.go("")
    me.press("pages.book")
    me.pick(f'.picks a[href$="/{CENTRE}"]')
    me.pick(f'.picks a[href$="/{SERVICE}"]')
    me.sees("pages.needs")
    me.pick(".days a", 2)
    me.pick(".slots a", 3)
    me.press("pages.sign_in_to_confirm")
    me.sign_in(AHMED)
    me.press("pages.confirm")
    me.sees("pages.booked")
    expect(page.locator(".qr svg")).to_be_visible()
    at = page.locator(".when .clock").inner_text()
    # Moved.
    me.press("pages.move")
    me.pick(".slots a", 5)
    me.press("pages.move_yes")
    me.sees("pages.moved")
    assert page.locator(".when .clock").inner_text() != at
    # A second one for the same is not had; it leads to the first.
    me.go(f"/book/{CENTRE}/{SERVICE}")
    me.pick(".slots a", 7)
    me.press("pages.confirm")
    me.sees("pages.one_already")
    me.press("pages.show_it")
    # Cancelled, once asked; and again, until booking is blocked.
    me.press("pages.cancel")
    me.press("pages.cancel_no")
    me.press("pages.cancel")
    me.press("pages.cancel_yes")
    me.sees("pages.cancelled")
    me.sees("pages.none_coming")
    for n in range(3):
        me.book(SECOND, n)
        me.press("pages.cancel")
        me.press("pages.cancel_yes")
    me.sees("pages.blocked_title")
    me.go(f"/book/{CENTRE}/{SECOND}")
    me.pick(".slots a")
    me.press("pages.confirm")
    me.sees("pages.blocked_title")
    me.sees("pages.blocked_walk_in")
    # Lifted by staff, and booked again.
    lifted(ministry)
    me.go("/mine")
    me.sees("pages.earlier_blocks")
    me.book(SECOND)
    me.sees("pages.booked")
    # Came, and says how it was: without a face it is asked again; a complaint has a number.
    came(ministry)
    me.go("/mine")
    me.pick('.picks a[href*="/rate/"]')
    me.press("pages.rate_send")
    me.sees("pages.score_fault")
    page.locator("label[for=score-4]").click()
    me.press("pages.rate_send")
    me.sees("pages.rated")
    me.press("pages.complain")
    me.press("pages.complain_send")
    me.sees("pages.kind_fault")
    page.locator("#about").select_option(index=1)
    page.locator("label[for=kind-waiting]").click()
    page.locator("#words").fill("انتظرت ساعة كاملة.")
    me.press("pages.complain_send")
    me.sees("pages.filed")
    page.locator("footer button").click()
    me.go("/mine")
    me.sees("pages.sign_in")
    assert page.evaluate("document.cookie + localStorage.length") in ("0", 0) if scripts else True


@pytest.mark.parametrize(
    ("language", "wishes"),
    [
        ("ar", {"color_scheme": "light"}),
        ("en", {"color_scheme": "dark"}),
        pytest.param("ar", {"contrast": "more"}, marks=pytest.mark.long),
        pytest.param("en", {"color_scheme": "light"}, marks=pytest.mark.long),
        pytest.param("ar", {"color_scheme": "dark"}, marks=pytest.mark.long),
        pytest.param("en", {"contrast": "more"}, marks=pytest.mark.long),
    ],
    ids=str,
)
def test_axe_finds_no_fault_on_the_public_pages(
    ministry: Ministry, new_page: NewPage, language: str, wishes: dict[str, str]
) -> None:
    page = new_page(viewport=SMALL, bypass_csp=True, **wishes)
    me = Customer(ministry, page, language, looks=True)
    for path in ("", "/centres", f"/centres/{OTHER}", "/questions", "/nowhere", "/book", f"/book/{CENTRE}/{SERVICE}"):
        me.go(path)
        for fold in page.locator("details").all()[:2]:
            fold.locator("summary").click()
        me.look_again()


def test_who_is_asked_for_the_date_of_birth_and_is_too_young_is_told(ministry: Ministry, new_page: NewPage) -> None:
    page = new_page(viewport=SMALL, bypass_csp=True)
    me = Customer(ministry, page, "ar", looks=True)
    me.go("/sign-in")
    me.sign_in(NO_BIRTH)
    me.sees("pages.birth_lead")
    for field, digits in (("day", "18"), ("month", "6"), ("year", "2012")):
        page.locator(f"#{field}").fill(digits)
    me.press("pages.go_on")
    me.sees("pages.under_age_note")


def tab_to(page: Page, text: str) -> None:
    """Go with the keyboard to what has a text; every stop on the way can be seen."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if not focused.count():
            continue  # The browser's own, between the end of the page and its beginning.
        # Source: WCAG 2.2, 2.4.7.
        assert focused.evaluate("(e) => getComputedStyle(e).outlineStyle") != "none", focused.evaluate(
            "(e) => e.outerHTML"
        )
        if text in focused.inner_text():
            return
    raise AssertionError(text)


def test_the_keyboard_reaches_everything_and_first_the_content(ministry: Ministry, new_page: NewPage) -> None:
    page = new_page(viewport=DESK)
    page.goto(f"{ministry.url}/en")
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    expect(skip).to_have_text("Skip to the content")
    assert skip.bounding_box()["y"] >= 0  # type: ignore[index]  # it is shown
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Book an appointment")
    # And from there to a booking, with no mouse at all.
    page.keyboard.press("Enter")
    for wanted in ("Muharraq Branch", "Vehicle Registration Renewal", "09:00", "Sign in to confirm"):
        page.wait_for_load_state()
        tab_to(page, wanted)
        page.keyboard.press("Enter")
    expect(page.locator("#cpr")).to_be_visible()
    while not page.locator("#cpr:focus").count():
        page.keyboard.press("Tab")
    page.keyboard.type(AHMED)
    page.keyboard.press("Enter")
    expect(page.locator("#code:focus")).to_be_visible()  # where one types next
    page.keyboard.type(ministry.code(AHMED))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Check and confirm")
    tab_to(page, "Confirm the booking")
    page.keyboard.press("Enter")
    expect(page.locator("[role=status]")).to_contain_text("Booked")


def test_on_paper_the_appointment_is_what_is_printed(ministry: Ministry, new_page: NewPage) -> None:
    page = new_page(viewport=DESK)
    me = Customer(ministry, page, "en", looks=False)
    me.go("/sign-in")
    me.sign_in(AHMED)
    me.book(SERVICE, 4)
    page.emulate_media(media="print")
    for hidden in ("nav", "footer", ".act"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator(".qr svg")).to_be_visible()
    expect(page.locator(".when")).to_be_visible()
