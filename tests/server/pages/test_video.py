"""Booking by video and its page: the choice, offered only with rooms; what the page says at each stage."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from assets.paths import DEMO
from assets.texts import Catalogue
from queueing import facts
from queueing.facts import Fact
from queueing.wire import GENESIS, Event
from server.pages.frame import SAFE
from server.rooms.jitsi import RoomsConfig
from tests.server.pages.ministry import AHMED, CONFIRM, SERVICE, SLOT, Ministry, Visitor, ministry_of
from tests.server.site import CENTRE, Site
from tests.sync.fakes import BOOT
from tests.waiting import until

EN = Catalogue.load("en")


class Centre:
    """The hub of a centre, as far as the server hears of it."""

    def __init__(self, ministry: Ministry) -> None:
        self.ministry = ministry
        self.log: list[Event] = []

    def write(self, fact: Fact) -> Event:
        service = self.ministry.client.service
        event = Event(
            "hub-1", 1, len(self.log) + 1, type(fact).__name__, 1, self.ministry.clock.now(), BOOT, 0.0,
            self.log[-1].hash if self.log else GENESIS, fact.to_body(),
        )  # fmt: skip
        self.log.append(event)
        service.writer.submit(lambda tx: tx.store([event])).result()
        return event


def services(**changes: Any) -> list[dict[str, Any]]:
    centre = json.loads((DEMO / "centre.json").read_text(encoding="utf-8"))
    return [each | {"places": 1} | (changes if each["id"] == SERVICE else {}) for each in centre["services"]]


@pytest.fixture
def by_video(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ministry]:
    site.overlay["appointments"] = []
    rooms = RoomsConfig("https://meet.example.bh")
    monkeypatch.setattr(site, "served", partial(site.served, rooms=rooms))
    with ministry_of(site, monkeypatch, services=services(virtual=True)) as ministry:
        yield ministry


@pytest.fixture
def booked(by_video: Ministry) -> Visitor:
    """Somebody who has booked by video and looks at the appointment."""
    visitor = Visitor(by_video)
    visitor.sign_in(AHMED)
    visitor.get(f"{CONFIRM}?at={SLOT}")
    visitor.send(CONFIRM, channel="virtual")
    assert "/b/" in visitor.path
    return visitor


def test_the_choice_is_offered_and_explained(by_video: Ministry) -> None:
    visitor = Visitor(by_video)
    assert EN.t("pages.video.also") in visitor.get(f"/en/book/{CENTRE}").text
    assert EN.t("pages.video.choose_after") in visitor.get(f"{CONFIRM}?at={SLOT}").text
    visitor.sign_in(AHMED)
    html = visitor.get(f"{CONFIRM}?at={SLOT}").text
    assert EN.t("pages.video.by_note") in html and 'value="counter" checked' in html
    assert EN.t("pages.video.nowhere") not in visitor.send(CONFIRM).text, "who chooses nothing comes to the counter"
    # Who moves may choose again, and keeps what was chosen otherwise.
    link = visitor.path.partition("?")[0]
    assert 'value="counter" checked' in visitor.get(f"{link}/move?at=20261124T0615Z").text
    assert EN.t("pages.video.nowhere") in visitor.send(f"{link}/move", channel="virtual").text
    assert 'value="virtual" checked' in visitor.get(f"{link}/move?at=20261124T0630Z").text
    assert EN.t("pages.video.nowhere") in visitor.send(f"{link}/move").text


def test_without_rooms_there_is_no_choice(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.overlay["appointments"] = []
    with ministry_of(site, monkeypatch, services=services(virtual=True)) as ministry:
        visitor = Visitor(ministry)
        visitor.sign_in(AHMED)
        assert "channel" not in visitor.get(f"{CONFIRM}?at={SLOT}").text
        answer = visitor.send(CONFIRM, channel="virtual")
        assert (answer.status_code, EN.t("pages.video.not_virtual") in answer.text) == (409, True)


def test_its_page_says_what_is_needed_and_has_no_code_for_a_kiosk(booked: Visitor) -> None:
    for key in ("nowhere", "needs_device", "needs_place", "needs_papers"):
        assert EN.t(f"pages.video.{key}") in booked.html
    assert 'class="qr"' not in booked.html and EN.t("pages.come_early") not in booked.html
    assert 'data-stage="before"' in booked.html
    assert "script" not in booked.html, "a day before there is nothing to keep new"
    assert booked.get(booked.path).headers["Content-Security-Policy"] == SAFE["Content-Security-Policy"]
    link = booked.path.partition("?")[0]
    assert EN.t("pages.video.by") in booked.get("/en/mine").text
    # The calendar leads to the page and not to the centre.
    text = booked.get(f"{link}/calendar").text.replace("\r\n ", "")
    assert f"LOCATION:{booked.ministry.url}{link}" in text
    # Nobody else's link and no counter's has a turn.
    assert booked.get("/en/b/AAAAAAAAAAAA/turn").status_code == 404
    booked.book("20261124T0615Z", "licence-renewal")
    assert booked.get(f"{booked.path.partition('?')[0]}/turn").status_code == 404


def test_the_page_follows_the_turn(booked: Visitor, by_video: Ministry) -> None:
    link, clock, hub = booked.path.partition("?")[0], by_video.clock, Centre(by_video)
    ticket = booked.get(f"/v1/booking/tickets/{link.rpartition('/')[2]}").json()["appointment"]
    clock.pass_time(25 * 3600 + 3600 + 60)  # Monday, a minute past nine

    def shown(stage: str) -> str:
        html: list[str] = []

        def look() -> bool:
            html.append(booked.get(f"{link}/turn").text)
            return f'data-stage="{stage}"' in html[-1]

        until(look, f"the page says {stage}")
        return html[-1]

    shown("due")
    page = booked.get(link)
    assert "turn.js" in page.text and "script-src 'self'" in page.headers["Content-Security-Policy"]
    hub.write(facts.DayOpened("2026-11-23"))
    taken = hub.write(
        facts.TicketTaken(
            "VB001", SERVICE, "2026-11-23", "en", appointment=ticket["id"], slot_at=clock.now() - timedelta(minutes=1),
            delivery="screen", channel="virtual",
        )
    )  # fmt: skip
    clock.pass_time(6)  # the rounds read the log
    assert "meet.example.bh" not in shown("waiting"), "the way in is shown at the call"
    hub.write(facts.TicketCalled(taken.id, "1", "claim", 1, "appointment"))
    clock.pass_time(6)
    room = shown("called")
    assert 'href="https://meet.example.bh/' in room and 'rel="noopener noreferrer"' in room
    (message,) = until(lambda: by_video.messages(AHMED, "video_called"), "the word that it is the turn")
    assert message.text.endswith(f"/b/{link.rpartition('/')[2]}")
    hub.write(facts.ServingStarted(taken.id, "1", "claim"))
    assert EN.t("pages.video.join_again") in shown("serving")
    hub.write(facts.TicketFinished(taken.id, "1", "claim"))
    shown("finished")
    assert EN.t("pages.video.finished") in booked.get(link).text
