"""Booking by video and its page: the choice, offered only with rooms; what the page says at each stage."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import requests

from assets.paths import DEMO
from assets.texts import Catalogue
from queueing import facts
from queueing.facts import Fact
from queueing.wire import GENESIS, Event
from server.pages.frame import SAFE
from server.pages.line import PAGES_AT_ONCE
from server.rooms.jitsi import RoomsConfig
from tests.server.pages.ministry import AHMED, CONFIRM, SERVICE, SLOT, Ministry, Visitor, forms, ministry_of
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


class Turn:
    """Somebody's turn on its day: the page of the appointment, and the hub that has taken the ticket."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.ministry = visitor.ministry
        self.link = visitor.path.partition("?")[0]
        self.live = f"{self.link.removeprefix(visitor.root)}/live"
        self.hub = Centre(self.ministry)
        self.booked = visitor.get(f"/v1/booking/tickets/{self.link.rpartition('/')[2]}").json()["appointment"]
        self.ministry.clock.pass_time(25 * 3600 + 3600 + 60)  # Monday, a minute past nine

    def take(self) -> Event:
        self.hub.write(facts.DayOpened("2026-11-23"))
        slot_at = self.ministry.clock.now() - timedelta(minutes=1)
        self.taken = self.hub.write(
            facts.TicketTaken(
                "VB001", SERVICE, "2026-11-23", "en", appointment=self.booked["id"], slot_at=slot_at,
                delivery="screen", channel="virtual",
            )
        )  # fmt: skip
        self.ministry.clock.pass_time(6)  # the rounds read the log
        return self.taken

    def shown(self, stage: str) -> str:
        html: list[str] = []

        def look() -> bool:
            html.append(self.visitor.get(f"{self.link}/turn").text)
            return f'data-stage="{stage}"' in html[-1]

        until(look, f"the page says {stage}")
        return html[-1]

    def wish(self, what: str) -> str:
        """Press a button of the page; return where that leads."""
        self.visitor.get(self.link)
        self.visitor.send(f"{self.link}/wish", what=what)
        return self.visitor.path.removeprefix(self.link)

    def asked(self) -> list[tuple[str, str]]:
        """Return what the hub would be asked to decide: tickets and wishes, oldest first."""
        said = self.ministry.client.send("hub-1", "GET", "/v1/wishes?after=0").json()
        return [(each["ticket"], each["what"]) for each in said["wishes"]]


def test_who_waits_may_step_away_and_leave_and_the_hub_decides(booked: Visitor) -> None:
    turn = Turn(booked)
    assert "/wish" in booked.get(turn.link).text and 'name="what"' not in booked.html, "there is no turn yet"
    assert booked.get(f"{turn.live}").status_code == 204
    ticket = turn.take().id
    waiting = turn.shown("waiting")
    assert all(f'value="{what}"' in waiting for what in ("out", "leave"))
    assert "VB001" not in waiting, "a number that nobody calls out"
    assert turn.wish("out") == ""
    assert turn.asked() == [(ticket, "out")]
    assert EN.t("follow.wish_sent") in booked.html and 'name="what"' not in booked.html, "one at a time"

    until_at = turn.ministry.clock.now() + timedelta(minutes=30)
    turn.hub.write(facts.TicketSteppedOut(ticket, until_at))
    away = turn.shown("away")
    assert EN.t("pages.video.away") in away and 'value="back"' in away and 'value="out"' not in away
    assert turn.wish("out") == "?said=no" and EN.t("follow.refused") in booked.html
    assert turn.wish("no such wish") == "?said=no"
    turn.hub.write(facts.TicketSteppedBack(ticket))
    turn.shown("waiting")

    turn.hub.write(facts.TicketCancelled(ticket, "customer"))
    left = turn.shown("left")
    assert 'value="rejoin"' in left and 'value="leave"' not in left and "data-quiet" in left
    assert turn.wish("rejoin") == ""
    turn.hub.write(facts.TicketRejoined(ticket))
    turn.shown("waiting")
    turn.hub.write(facts.TicketCalled(ticket, "1", "claim", 1, "appointment"))
    assert 'name="what"' not in turn.shown("called"), "who is called goes in"


def test_who_left_is_told_to_book_anew_once_it_cannot_be_taken_back(booked: Visitor) -> None:
    turn = Turn(booked)
    turn.hub.write(facts.TicketCancelled(turn.take().id, "customer"))
    turn.shown("left")
    turn.ministry.clock.pass_time(115)
    left = turn.shown("left")
    assert EN.t("pages.video.left_note") in left and "rejoin" not in left
    turn.ministry.clock.pass_time(30)
    until(lambda: booked.get(f"{turn.link}/turn").status_code == 404, "the appointment has ended")
    html = booked.get(turn.link).text
    assert EN.t("pages.status.excused") in html and EN.t("pages.book_again") in html


def test_a_wish_is_a_form_of_ours_for_a_turn_by_video(booked: Visitor) -> None:
    by_video = booked.path
    booked.book("20261124T0615Z", "licence-renewal")
    at_counter = booked.path.partition("?")[0]
    booked.get(by_video)
    turn = Turn(booked)
    turn.take()
    turn.shown("waiting")
    assert booked.post(f"{turn.link}/wish", {"what": "leave"}).status_code == 403, "no page of ours"
    booked.get(turn.link)
    (form,) = [each for each in forms(booked.html) if each["action"].endswith("/wish")]
    said = {**form["fields"], "what": "leave"}
    assert booked.post(f"{turn.link}/wish", said, Origin="https://elsewhere.example").status_code == 403
    assert booked.post("/en/b/AAAAAAAAAAAA/wish", said).status_code == 404
    assert turn.asked() == []
    stranger = Visitor(turn.ministry)
    stranger.get(turn.link)
    stranger.send(f"{turn.link}/wish", what="out")
    assert [what for _, what in turn.asked()] == ["out"], "who has the link may, as with a paper ticket"
    turn.hub.write(facts.TicketSteppedOut(turn.taken.id, turn.ministry.clock.now() + timedelta(minutes=30)))
    turn.shown("away")
    again = {"form": stranger.session.cookies["dawr_form"], "what": "out"}
    statuses = [stranger.post(f"{turn.link}/wish", again).status_code for _ in range(7)]
    assert (statuses[0], statuses[-1]) == (200, 429), "who presses without end is slowed down"
    assert booked.post(f"{at_counter}/wish", said).status_code == 404, "not by video"


def test_the_stream_wakes_at_each_step(booked: Visitor) -> None:
    turn = Turn(booked)
    ticket = turn.take().id
    turn.shown("waiting")
    with booked.session.get(f"{booked.ministry.url}{turn.live}", stream=True, timeout=20) as live:
        assert live.headers["Content-Type"].startswith("text/event-stream")
        said = (json.loads(line[6:]) for line in live.iter_lines(chunk_size=1) if line.startswith(b"data: "))
        assert next(said)["phase"] == "waiting"
        turn.hub.write(facts.TicketCalled(ticket, "1", "claim", 1, "appointment"))
        called = next(each for each in said if each["phase"] == "called")
    assert called["rings"] == 1


def test_open_streams_are_in_no_pages_way(booked: Visitor) -> None:
    turn = Turn(booked)
    turn.take()
    turn.shown("waiting")
    with ExitStack() as held:
        for _ in range(8):
            held.enter_context(requests.get(f"{booked.ministry.url}{turn.live}", stream=True, timeout=20))
        assert requests.get(f"{booked.ministry.url}{turn.live}", timeout=20).status_code == 503, "so many for one turn"
        assert PAGES_AT_ONCE <= 8 and booked.get(turn.link).status_code == 200


def test_the_page_follows_the_turn(booked: Visitor, by_video: Ministry) -> None:
    turn = Turn(booked)
    turn.shown("due")
    page = booked.get(turn.link)
    assert "turn.js" in page.text and "script-src 'self'" in page.headers["Content-Security-Policy"]
    ticket = turn.take().id
    assert "meet.example.bh" not in turn.shown("waiting"), "the way in is shown at the call"
    turn.hub.write(facts.TicketCalled(ticket, "1", "claim", 1, "appointment"))
    by_video.clock.pass_time(6)
    room = turn.shown("called")
    assert 'href="https://meet.example.bh/' in room and 'rel="noopener noreferrer"' in room
    assert f"<title>{EN.t('pages.video.called')} · " in booked.get(turn.link).text
    (message,) = until(lambda: by_video.messages(AHMED, "video_called"), "the word that it is the turn")
    assert message.text.endswith(f"/b/{turn.link.rpartition('/')[2]}")
    turn.hub.write(facts.ServingStarted(ticket, "1", "claim"))
    assert EN.t("pages.video.join_again") in turn.shown("serving")
    turn.hub.write(facts.TicketFinished(ticket, "1", "claim"))
    turn.shown("finished")
    assert EN.t("pages.video.finished") in booked.get(turn.link).text
