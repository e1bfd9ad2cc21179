"""The whole life of a booking with real processes, in each language: from the page, through a block, to the ticket."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, sync_playwright

from assets.texts import Catalogue
from scripts.dawr_dev.demo import phone_of, where_it_is_noon
from scripts.dawr_dev.paper import read_qr
from scripts.dawr_dev.phone import word_in_messages
from server.administration.operating import asked_of
from tests.browsing import CHROMIUM, FLAGS
from tests.e2e.centre import Centre, centre
from tests.kiosk.test_scanner import Reader

_SCANNER_FOUND = re.compile(r"scanner_found")
SERVICE = "licence-replacement"
PHONE = {"width": 390, "height": 844}


class Customer:
    """Somebody at home with a phone; `root` is the pages in a language."""

    def __init__(self, running: Centre, page: Page, language: str, cpr: str) -> None:
        self.running = running
        self.page = page
        self.cpr = cpr
        self.words = Catalogue.load(language)
        self.root = f"{running.demo.server_url}/{language}"

    def message(self, form: str) -> str:
        """Wait for a message to the own phone; return what it says in a form."""
        return word_in_messages(self.running.messages_url, phone_of(self.cpr), form)

    def press(self, key: str) -> None:
        self.page.locator("main").locator("a, button").filter(has_text=self.words.t(key)).first.click()

    def sees(self, key: str) -> None:
        self.page.get_by_text(self.words.t(key)).first.wait_for()

    def choose(self, at: int = 0) -> None:
        """Choose a time: the first that is free, or a later one."""
        self.page.goto(f"{self.root}/book/{self.running.demo.people.centre}/{SERVICE}")
        self.page.locator(".slots a").nth(at).click()

    def sign_in(self) -> None:
        self.press("pages.sign_in_to_confirm")
        self.page.locator("#cpr").fill(self.cpr)
        self.press("pages.send_code")
        self.page.locator("#code").fill(self.message(r"\b[0-9]{6}\b"))
        self.press("pages.code_enter")

    def confirm(self) -> str:
        """Confirm; return the link of the appointment."""
        self.press("pages.confirm")
        self.sees("pages.booked")
        return self.page.url.partition("?")[0].rpartition("/")[2]

    def cancel(self) -> None:
        self.press("pages.cancel")
        self.press("pages.cancel_yes")
        self.sees("pages.cancelled")


def lift(running: Centre, cpr: str) -> None:
    """Do what the help desk of the centre does for somebody who had a good reason."""
    place, url = running.demo.people.centre, f"{running.demo.server_url}/v1/administration"
    made = asked_of(
        running.demo.data / "server", {"verb": "accounts-add", "name": "desk-1", "role": "desk", "body": place}, ""
    )
    password = "a garden of pomegranates"
    desk = requests.Session()
    for word in (str(made["password"]), password):
        answer = desk.post(f"{url}/sessions", json={"name": "desk-1", "password": word}, timeout=10)
        answer.raise_for_status()
        desk.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        if word != password:
            desk.post(f"{url}/password", json={"old": word, "new": password}, timeout=10).raise_for_status()
    seen = desk.post(f"{url}/customers", json={"cpr": cpr}, timeout=10)
    seen.raise_for_status()
    assert seen.json()["block"]["misses"] == 4
    lifted = desk.post(f"{url}/customers/{seen.json()['id']}/lift-block", json={"why": "in hospital"}, timeout=10)
    lifted.raise_for_status()
    desk.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", ["ar", pytest.param("en", marks=pytest.mark.long)])
def test_from_the_booking_page_through_a_block_to_the_ticket(tmp_path: Path, language: str) -> None:
    reader = Reader(tmp_path / "ttyACM0")
    with (
        centre(tmp_path / "centre", f"serial://{reader.link}", sms=True, timezone=where_it_is_noon()) as running,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        me = Customer(running, chromium.new_page(viewport=PHONE), language, running.demo.people.walk_ins[0])
        # Booked on the way through the sign-in; the message's link opens in the customer's language on any phone.
        me.choose(3)
        me.sign_in()
        link = me.confirm()
        address = me.message(rf"{running.demo.server_url}/b/[A-Za-z0-9_-]+")
        assert address.endswith(link)
        other = chromium.new_page(viewport=PHONE, locale="en-GB" if language == "ar" else "ar-BH")
        other.goto(address)
        assert other.url == f"{me.root}/b/{link}"
        # Moved, and cancelled four times in a row: booking is blocked, for a reason and until a day.
        me.press("pages.move")
        me.page.locator(".slots a").nth(5).click()
        me.press("pages.move_yes")
        me.sees("pages.moved")
        me.cancel()
        for at in (3, 4, 5):
            me.choose(at)
            me.confirm()
            me.cancel()
        me.sees("pages.blocked_title")
        me.choose()
        me.press("pages.confirm")
        me.sees("pages.blocked_walk_in")
        # Lifted by staff, and booked again, for the next time.
        lift(running, me.cpr)
        me.choose()
        link = me.confirm()
        # From the link alone: nobody is signed in on this phone.
        fresh = chromium.new_page(viewport=PHONE, device_scale_factor=2)
        fresh.goto(f"{running.demo.server_url}/b/{link}")
        fresh.locator(".qr").screenshot(path=tmp_path / "qr.png")
        code = read_qr(tmp_path / "qr.png")
        assert code is not None and code.startswith("B1.")
        chromium.close()

        running.demo.house["kiosk"].wait_for(_SCANNER_FOUND)
        reader.sends(code.encode() + b"\r")
        running.visitor.page("found")
        running.visitor.tap_first("confirm-")
        running.visitor.page("delivery", 20)
        running.visitor.tap("by-paper")
        running.visitor.page("ticket")
        running.visitor.leave()
        (taken,) = running.taken_at_hub(1)
        assert taken.body["appointment"] == code.split(".")[2]
        assert taken.body["service"] == SERVICE
    reader.pull()
