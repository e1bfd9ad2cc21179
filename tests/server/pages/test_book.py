"""Booking over real sockets: from the free times to the appointment's page, its QR and its calendar file."""

from __future__ import annotations

import html
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from icalendar import Calendar
from playwright.sync_api import sync_playwright
from sqlmodel import Session, update

from follow.router import MISSES
from server.tables import AppointmentRow
from tests.server.pages.ministry import (
    AHMED,
    CONFIRM,
    LATER,
    SARA,
    SERVICE,
    SLOT,
    Ministry,
    Visitor,
    forms,
    ministry_of,
)
from tests.server.site import CENTRE, Site


def main_of(answer: requests.Response) -> str:
    return answer.text.partition("<main")[2]


class TestBooking:
    def test_times_can_be_seen_by_everybody_and_no_cache_keeps_them(self, ministry: Ministry) -> None:
        answer = Visitor(ministry).get(f"/en/book/{CENTRE}/{SERVICE}?day=2026-11-23")
        assert answer.headers["Cache-Control"] == "no-store"
        assert f"{CONFIRM}?at={SLOT}" in answer.text and "Insurance for 13 months" in answer.text
        assert "20261123T0600Z" in answer.text and "20261124" not in answer.text.partition('id="times"')[2]

    def test_who_is_not_signed_in_comes_back_to_where_it_was(self, ministry: Ministry) -> None:
        visitor = Visitor(ministry)
        visitor.get(f"{CONFIRM}?at={SLOT}")
        found = re.search(r'class="act main" href="([^"]+)"', visitor.html)
        assert found is not None
        visitor.get(html.unescape(found[1]))
        visitor.send("/en/sign-in", cpr=AHMED)
        visitor.send("/en/sign-in/code", code=ministry.code(AHMED))
        assert visitor.path == f"{CONFIRM}?at={SLOT}"
        answer = visitor.send(CONFIRM)
        assert "Booked." in answer.text and "Monday 23 November" in answer.text and "09:00" in answer.text

    def test_the_message_has_the_link_of_the_page(self, ahmed: Visitor) -> None:
        ahmed.book(SLOT)
        link = ahmed.path.split("/")[3].partition("?")[0]
        (message,) = ahmed.ministry.gateway.wait_for(2)[1:]
        assert f"https://booking.example.bh/b/{link}" in message.message.text
        answer = Visitor(ahmed.ministry).get(f"/b/{link}")
        assert f"/b/{link}" in answer.url and "09:00" in answer.text
        for secret in ("Ahmed", "الحداد", AHMED):
            assert secret not in answer.text
        assert "Change the time" not in answer.text

    def test_the_picture_is_the_signed_text(self, ahmed: Visitor, tmp_path: Path) -> None:
        ahmed.book(SLOT)
        picture = re.search(r"<svg viewBox.*?</svg>", ahmed.html)
        assert picture is not None
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            page = chromium.new_page(viewport={"width": 320, "height": 320})
            page.set_content(f"<body style='margin:0;width:300px'>{picture[0]}")
            page.screenshot(path=tmp_path / "qr.png")
            chromium.close()
        read = subprocess.run(
            ["zbarimg", "--raw", "-q", str(tmp_path / "qr.png")],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        ).stdout.strip()
        assert read.startswith(f"B1.{CENTRE}.") and SERVICE in read and AHMED not in read

    def test_the_calendar_file_says_when_where_and_what_to_bring(self, ahmed: Visitor) -> None:
        ahmed.book(SLOT)
        answer = ahmed.get(f"{ahmed.path.partition('?')[0]}/calendar")
        assert answer.headers["Content-Type"].startswith("text/calendar")
        (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
        assert event.decoded("DTSTART") == datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
        assert event.decoded("DTEND") == datetime(2026, 11, 23, 6, 15, tzinfo=UTC)
        assert "Insurance for 13 months" in str(event["DESCRIPTION"])
        assert str(event["SUMMARY"]).startswith("Vehicle Registration Renewal")
        assert "Ahmed" not in answer.text
        assert len(list(event.walk("VALARM"))) == 1

    def test_a_time_that_is_gone_is_told_with_others(self, ahmed: Visitor) -> None:
        sara = Visitor(ahmed.ministry)
        sara.sign_in(SARA)
        sara.get(f"{CONFIRM}?at={SLOT}")
        ahmed.book(SLOT)
        answer = sara.send(CONFIRM)
        assert answer.status_code == 409 and "no longer free" in answer.text
        assert SLOT not in answer.text and "Free times: Monday 23 November" in answer.text
        sara.book(LATER)
        page = sara.path.partition("?")[0]
        sara.get(f"{page}/move?at={SLOT}")
        answer = sara.send(f"{page}/move")
        assert answer.status_code == 409 and "no longer free" in answer.text and "Tuesday 24" in answer.text
        assert SLOT not in answer.text and "Free times: Monday 23 November" in answer.text

    @pytest.mark.parametrize("slot", ["20261123T0601Z", "20261122T0300Z", "20271123T0600Z", "soon", ""])
    def test_so_is_one_that_is_none(self, ahmed: Visitor, slot: str) -> None:
        ahmed.get(f"{CONFIRM}?at={SLOT}")
        answer = ahmed.send(CONFIRM, at=slot)
        assert "Free times" in answer.text and "Booked" not in answer.text

    def test_one_for_a_service_and_it_leads_there(self, ahmed: Visitor) -> None:
        ahmed.book(SLOT)
        link = ahmed.path.partition("?")[0]
        answer = ahmed.book(LATER)
        assert answer.status_code == 409 and "already have an appointment" in answer.text
        assert f'href="{link}"' in answer.text

    def test_one_from_before_there_were_links_is_shown_without_one(self, ahmed: Visitor) -> None:
        ahmed.book(SLOT)

        def unlink(session: Session) -> None:
            session.execute(update(AppointmentRow).values(link=None))

        ahmed.ministry.client.service.store.call(unlink)
        answer = ahmed.get("/en/mine")
        assert "Monday 23 November · 09:00" in answer.text and "/en/b/" not in answer.text
        answer = ahmed.book(LATER)
        assert answer.status_code == 409 and 'href="/en/mine"' in answer.text and "/en/b/" not in answer.text

    def test_pressed_twice_it_is_booked_once(self, ahmed: Visitor) -> None:
        ahmed.get(f"{CONFIRM}?at={SLOT}")
        fields = next(each for each in forms(ahmed.html) if each["action"] == CONFIRM)["fields"]
        paths = []
        for _ in range(2):
            ahmed.post(CONFIRM, fields)
            paths.append(ahmed.path)
        assert paths[0] == paths[1] and "/b/" in paths[0]
        assert ahmed.get("/en/mine").text.count("/en/b/") == 1

    def test_what_is_not_booked_or_not_there_has_no_page(self, ministry: Ministry) -> None:
        visitor = Visitor(ministry)
        for path in (
            f"/book/{CENTRE}/traffic-fines",
            f"/book/{CENTRE}/none",
            "/book/none",
            "/b/none",
            "/b/none/cancel",
        ):
            answer = visitor.get(f"/en{path}")
            assert answer.status_code == 404 or "/sign-in" in answer.url, path

    def test_where_only_one_centre_is_booked_no_other_is_offered(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        site.overlay["appointments"], walk_in = [], site.overlay["centres"][0]
        with ministry_of(site, monkeypatch) as ministry:
            assert 'href="/en/book"' in main_of(Visitor(ministry).get(f"/en/book/{CENTRE}"))
        for service in walk_in["services"]:
            service["appointments"] = False
        with ministry_of(site, monkeypatch) as ministry:
            answer = Visitor(ministry).get("/en/book")
            assert answer.url.endswith(f"/en/book/{CENTRE}") and 'href="/en/book"' not in main_of(answer)
            # Nor does a centre where nothing is booked lead anywhere to book.
            assert "/en/book" not in main_of(Visitor(ministry).get(f"/en/centres/{walk_in['id']}"))

    def test_who_guesses_links_is_slowed_down_and_who_has_one_is_not(self, ahmed: Visitor) -> None:
        ahmed.book(SLOT)
        page = ahmed.path.partition("?")[0]
        guesser = Visitor(ahmed.ministry)
        seen = [guesser.get(f"/en/b/guess{n}").status_code for n in range(MISSES + 2)]
        assert seen == [404] * MISSES + [429] * 2
        assert guesser.get(page).status_code == 200
