"""The back of the kiosk on real files and sockets: a hub that answers, is slow, is gone; a printer that is not."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.config import KioskConfig
from kiosk.hubtime import HubTime
from kiosk.known import Known
from kiosk.moves import CutOff, Draft, Issued, LookedUp, NotIssued, PrintEnded, Reason
from kiosk.office import LOOK_UP_WITHIN_S, Office
from kiosk.settings import FILE, Settings, kept
from printer import TicketPaper
from queueing.centre import Centre
from scripts.dawr_dev.logs import events
from sync.clock import SystemClock
from sync.identity import DeviceKey
from tests.kiosk.callboard import Board
from tests.kiosk.conftest import NOW
from tests.kiosk.fake_hub import BOOKING_KEY, LOOKUP_KEY, FakeHub
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("words")
CPR = "850112345"


@pytest.fixture
def settings(centre: Centre) -> Settings:
    return Settings(1, centre, LOOKUP_KEY)


class Back:
    """An office with its callboard, opened in a folder of its own."""

    def __init__(self, data: Path, hub_url: str, settings: Settings | None, printer: str = "") -> None:
        if not (data / "device.key").exists():
            DeviceKey.make(data)
        self.board = Board()
        config = KioskConfig("kiosk-1", data, hub_url, printer)
        self.office = Office(config, self.board, SystemClock(), settings)
        self.office.open()


@pytest.fixture
def back(tmp_path: Path) -> Iterator[Callable[..., Back]]:
    opened: list[Back] = []

    def open_(hub_url: str, settings: Settings | None, printer: str = "") -> Back:
        opened.append(Back(tmp_path, hub_url, settings, printer))
        return opened[-1]

    yield open_
    for each in opened:
        each.office.close()


def draft(settings: Settings) -> Draft:
    return Draft("licence-renewal", "ar", None, settings.customer(CPR), False, None, None, "paper")


def test_a_look_up_goes_out_as_a_keyed_hash_and_comes_back(
    hub: FakeHub, back: Callable[..., Back], settings: Settings
) -> None:
    customer = settings.customer(CPR)
    hub.answers[customer] = {
        "result": "appointment",
        "appointments": [{"id": "a-1", "service": "driving-test", "slot_at": "2026-11-22T07:00:00.000000Z"}],
        "ticket": None,
        "priority": "older",
    }
    kiosk = back(hub.url, settings)
    kiosk.office.look_up(5, CPR)
    news = kiosk.board.next()
    assert isinstance(news, LookedUp) and news.turn == 5
    assert news.answer.appointments[0].id == "a-1" and news.answer.older
    assert hub.asked == [customer] and len(customer) == 32
    assert not any(CPR.encode() in body for body in hub.bodies)


def test_a_slow_hub_is_not_waited_for(hub: FakeHub, back: Callable[..., Back], settings: Settings) -> None:
    hub.answer_look_up = lambda customer: {"late": hub.ending.wait(30)}
    kiosk = back(hub.url, settings)
    began = time.monotonic()
    kiosk.office.look_up(5, CPR)
    kiosk.office.look_up(6, CPR)
    # The second one waits behind the first, and is not kept waiting longer for it.
    answers = [kiosk.board.next(), kiosk.board.next()]
    assert sorted(news.turn for news in answers if isinstance(news, CutOff)) == [5, 6]
    assert time.monotonic() - began < LOOK_UP_WITHIN_S + 1.5


@pytest.mark.parametrize("answer", [{}, {"result": "perhaps"}, {"result": "appointment", "appointments": [{}]}])
def test_an_answer_of_another_form_is_none(
    hub: FakeHub, back: Callable[..., Back], settings: Settings, answer: Mapping[str, Any]
) -> None:
    hub.answer_look_up = lambda customer: answer
    kiosk = back(hub.url, settings)
    kiosk.office.look_up(1, CPR)
    assert isinstance(kiosk.board.next(), CutOff)


def test_without_a_hub_tickets_are_given_and_sent_when_it_is_back(
    centre_json: Mapping[str, Any], back: Callable[..., Back], settings: Settings, known: Known
) -> None:
    first = FakeHub(centre_json)
    port = int(first.url.rsplit(":", 1)[1])
    first.close()
    kiosk = back(first.url, settings)
    kiosk.office.look_up(1, CPR)
    assert isinstance(kiosk.board.next(), CutOff)
    kiosk.office.take(1, draft(settings), known, time.perf_counter())
    issued = kiosk.board.next()
    assert isinstance(issued, Issued) and issued.ticket.number == "A001"
    hub = FakeHub(centre_json, port=port)
    try:
        (fact,) = hub.wait_for("TicketTaken")
        assert fact["number"] == "A001" and fact["customer"] == settings.customer(CPR)
    finally:
        hub.close()


class DayBehind(SystemClock):
    def now(self) -> datetime:
        return super().now() - timedelta(days=1)


def test_a_kiosk_whose_clock_is_a_day_behind_tells_the_hub_s_time(
    hub: FakeHub, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers: list[TicketPaper] = []
    monkeypatch.setattr("printer.Spool.submit", lambda spool, job, paper: papers.append(paper))
    hub.is_strict = True
    DeviceKey.make(tmp_path)
    board, clock = Board(), DayBehind()
    hub_time = HubTime(clock)
    office = Office(KioskConfig("kiosk-1", tmp_path, hub.url), board, clock, settings, hub_time)
    office.open()
    try:
        known = board.learn(
            Known(hub_time.now(), settings.centre), lambda known: known.line_up and known.board is not None
        )
        real = datetime.now(UTC)
        assert abs(hub_time.now() - real) < timedelta(minutes=1)
        office.take(1, draft(settings), replace(known, now=hub_time.now()), time.perf_counter())
        assert isinstance(board.next(), Issued)
        until(lambda: papers, "the paper, which comes after the number")
        assert abs(papers[0].taken_at - real) < timedelta(minutes=1)
        (sent,) = [event for event in events(tmp_path / "log.db") if event.type == "TicketTaken"]
        assert real - sent.at > timedelta(hours=23), "what is written down is what the machine's clock said"
    finally:
        office.close()


def test_a_hub_that_was_a_day_ahead_and_is_replaced_has_no_number_given_twice(
    centre_json: Mapping[str, Any], back: Callable[..., Back], settings: Settings, known: Known
) -> None:
    numbers: list[str] = []
    port, kiosk = 0, None
    for day in ("2026-11-22", "2026-11-23", "2026-11-22"):
        hub = FakeHub(centre_json, {"day": day, "open": True, "services": []}, port)
        port = int(hub.url.rsplit(":", 1)[1])
        kiosk = kiosk or back(hub.url, settings)
        known = kiosk.board.learn(known, lambda known, day=day: known.fresh is not None and known.fresh.day == day)  # type: ignore[misc]
        kiosk.office.take(1, replace(draft(settings), delivery="screen"), known, time.perf_counter())
        issued = kiosk.board.next()
        assert isinstance(issued, Issued)
        numbers.append(issued.ticket.number)
        hub.close()
    assert kiosk is not None and kiosk.office._desk.taken_on("2026-11-23") == 2
    assert numbers == ["A001", "A001", "A002"], "the second and the third are of one day"


def test_a_ticket_is_shown_before_its_paper_and_without_a_printer_it_says_so(
    hub: FakeHub, back: Callable[..., Back], settings: Settings, known: Known
) -> None:
    kiosk = back(hub.url, settings, "tcp://127.0.0.1:9")
    kiosk.office.take(3, draft(settings), known, time.perf_counter())
    issued, ended = kiosk.board.next(), kiosk.board.next()
    assert isinstance(issued, Issued) and issued.turn == 3 and issued.ticket.printing == "working"
    assert ended == PrintEnded(issued.ticket.ticket, "not printed")
    (fact,) = hub.wait_for("PrintSettled")
    assert (fact["ticket"], fact["outcome"], fact["why"]) == (issued.ticket.ticket, "not printed", "cannot connect")


def test_the_first_settings_come_from_the_hub_and_are_kept_for_its_owner_only(
    hub: FakeHub, back: Callable[..., Back], tmp_path: Path, centre: Centre
) -> None:
    kiosk = back(hub.url, None)
    known = kiosk.board.learn(Known(NOW), lambda known: known.centre is not None and known.board is not None)
    assert known.centre == centre and known.board is not None and known.board.day == "2026-11-22"
    kiosk.office.close()
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert kept(tmp_path) == Settings(1, centre, LOOKUP_KEY, BOOKING_KEY.public_key().public_bytes_raw())


def test_new_settings_are_got_when_the_board_names_them(
    hub: FakeHub, back: Callable[..., Back], settings: Settings, centre_json: Mapping[str, Any]
) -> None:
    hub.settings = {**hub.settings, "version": 2, "centre": {**centre_json, "digits": "arab"}}
    hub.board = {**hub.board, "settings_version": 2}
    kiosk = back(hub.url, settings)
    known = Known(NOW, settings.centre)
    known = kiosk.board.learn(known, lambda known: known.centre is not None and known.centre.digits == "arab")
    assert known.centre is not None


def test_without_settings_nobody_can_be_asked_for(hub: FakeHub, tmp_path: Path) -> None:
    DeviceKey.make(tmp_path)
    board = Board()
    office = Office(KioskConfig("kiosk-1", tmp_path), board, SystemClock(), None)
    office.open()
    try:
        office.look_up(2, CPR)
        assert board.next() == NotIssued(2, Reason.NOT_READY)
    finally:
        office.close()


def test_without_its_key_it_gives_no_tickets(hub: FakeHub, tmp_path: Path, settings: Settings) -> None:
    board = Board()
    office = Office(KioskConfig("kiosk-1", tmp_path, hub.url), board, SystemClock(), settings)
    office.open()
    try:
        assert board.learn(Known(NOW, settings.centre), lambda known: known.barred != "").barred == "new"
    finally:
        office.close()


def test_a_customer_s_own_ticket_is_shown_again_when_cut_off(
    back: Callable[..., Back], settings: Settings, known: Known
) -> None:
    kiosk = back("http://127.0.0.1:9", settings)
    kiosk.office.take(1, draft(settings), known, time.perf_counter())
    issued = kiosk.board.next()
    assert isinstance(issued, Issued)
    ended = kiosk.board.next()
    assert isinstance(ended, PrintEnded)
    kiosk.office.look_up(2, CPR)
    news = kiosk.board.next()
    assert isinstance(news, CutOff) and news.held is not None and news.held.number == issued.ticket.number


def test_no_cpr_in_the_data_folder_nor_the_logs(
    hub: FakeHub,
    back: Callable[..., Back],
    settings: Settings,
    known: Known,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(0)
    kiosk = back(hub.url, settings, "tcp://127.0.0.1:9")
    kiosk.office.look_up(1, CPR)
    kiosk.board.next()
    kiosk.office.take(1, draft(settings), known, time.perf_counter())
    kiosk.board.next()
    kiosk.board.next()
    hub.wait_for("PrintSettled")
    kiosk.office.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"log.db", "spool.db"} <= {path.name for path in files}
    assert [path for path in files if CPR.encode() in path.read_bytes()] == []
    assert CPR not in caplog.text
    assert not any(CPR.encode() in body for body in hub.bodies)
