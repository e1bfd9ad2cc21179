"""A customer books on the phone and checks in with the code on its screen: real processes, from page to ticket."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, sync_playwright

from assets.paths import DEMO
from scripts.dawr_dev.paper import read_qr
from scripts.dawr_dev.processes import wait_until
from tests.e2e.centre import Centre, centre
from tests.kiosk.test_scanner import Reader

_SCANNER_FOUND = re.compile(r"scanner_found")
SERVICE = "licence-replacement"


def where_it_is_noon() -> str:
    """Return a time zone far from midnight: shortly before it the next time, and so its code, is tomorrow's."""
    # Of these names POSIX has turned the sign round: Etc/GMT-3 is ahead of London.
    return f"Etc/GMT{datetime.now(UTC).hour - 12:+}"


def phone_of(cpr: str) -> str:
    people = json.loads((DEMO / "seed.json").read_text(encoding="utf-8"))["customers"]
    number: str = next(each["phone"] for each in people if each["cpr"] == cpr)
    return number.removeprefix("+973")


def message(running: Centre, phone: str, form: str) -> str:
    """Wait for a message to a phone; return what it says in a form."""

    def look() -> str | None:
        page = requests.get(running.messages_url, timeout=10).text
        articles = [part for part in page.split("<article>") if phone in part]
        return next((found[0] for part in articles if (found := re.search(form, part))), None)

    return wait_until(look, 40, f"a message with {form}")


def booked(page: Page, running: Centre, cpr: str) -> str:
    """Book the next time of a service by hand; return where the message leads."""
    url, phone = running.demo.server_url, phone_of(cpr)
    page.goto(f"{url}/en/book/{running.demo.people.centre}/{SERVICE}")
    page.locator(".slots a").first.click()
    page.get_by_role("link", name="Sign in to confirm").click()
    page.locator("#cpr").fill(cpr)
    page.get_by_role("button", name="Send the code").click()
    page.locator("#code").fill(message(running, phone, r"\b[0-9]{6}\b"))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Confirm the booking").click()
    page.get_by_text("Booked.").wait_for()
    return message(running, phone, rf"{url}/b/[A-Za-z0-9_-]+")


@pytest.mark.timeout(240)
def test_from_the_booking_page_to_the_ticket(tmp_path: Path) -> None:
    reader = Reader(tmp_path / "ttyACM0")
    with (
        centre(tmp_path / "centre", f"serial://{reader.link}", sms=True, timezone=where_it_is_noon()) as running,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        phone = chromium.new_page(viewport={"width": 390, "height": 844}, locale="en-GB", device_scale_factor=2)
        link = booked(phone, running, running.demo.people.walk_ins[0])
        # On another day, from the message alone: nobody is signed in.
        fresh = chromium.new_page(viewport={"width": 390, "height": 844}, locale="en-GB", device_scale_factor=2)
        fresh.goto(link)
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
