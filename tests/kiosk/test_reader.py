"""A scanner at the back of the kiosk: a pty, the office, and a hub that knows, does not know, or is gone."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.config import KioskConfig
from kiosk.known import Known
from kiosk.moves import BookingScan, CprScan, CutOff, Draft, Followed, Issued, LookedUp, NoScan, TicketScan
from kiosk.office import Office
from kiosk.settings import Settings
from queueing.centre import Centre
from queueing.following import follow_id
from sync.clock import SystemClock
from sync.codes import BookingCode, sign_booking
from sync.identity import DeviceKey
from tests.kiosk.callboard import Board
from tests.kiosk.cards import card
from tests.kiosk.conftest import NOW
from tests.kiosk.fake_hub import BOOKING_KEY, LOOKUP_KEY, FakeHub
from tests.kiosk.test_office import CPR
from tests.kiosk.test_scanner import Reader

pytestmark = pytest.mark.usefixtures("words")
CODE = BookingCode("muharraq-traffic", "a-7", "driving-test", NOW + timedelta(minutes=29), "c" * 32)
PHONE = "+97336001234"


@pytest.fixture
def settings(centre: Centre) -> Settings:
    return Settings(1, centre, LOOKUP_KEY, BOOKING_KEY.public_key().public_bytes_raw())


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(tmp_path / "ttyACM0")
    yield reader
    reader.pull()


class Kiosk:
    """An office with a scanner."""

    def __init__(self, data: Path, hub_url: str, settings: Settings | None, reader: Reader) -> None:
        data.mkdir()
        DeviceKey.make(data)
        self.board = Board()
        config = KioskConfig("kiosk-1", data, hub_url, scanner=f"serial://{reader.link}")
        self.office = Office(config, self.board, SystemClock(), settings)
        self.office.open()
        self.known = self.board.learn(Known(NOW), lambda known: known.scanner)


Opener = Callable[[str], Kiosk]


@pytest.fixture
def opened(tmp_path: Path, settings: Settings, reader: Reader) -> Iterator[Opener]:
    kiosks: list[Kiosk] = []

    def open_(hub_url: str) -> Kiosk:
        kiosks.append(Kiosk(tmp_path / "kiosk", hub_url, settings, reader))
        return kiosks[-1]

    yield open_
    for each in kiosks:
        each.office.close()


def test_each_kind_of_scan_is_told_by_its_meaning(hub: FakeHub, opened: Opener, reader: Reader) -> None:
    kiosk = opened(hub.url)
    text = sign_booking(CODE, BOOKING_KEY.sign)
    for sent, scan in {
        text: BookingScan(CODE),
        text.replace(".a-7.", ".a-8."): NoScan(),
        "HTTPS://DAWR.EXAMPLE.BH/T/ABCDEFGHIJ234567": TicketScan("ABCDEFGHIJ234567"),
        CPR: CprScan(CPR),
        "\r".join(card(first=CPR)): CprScan(CPR),
        "6281006412345": NoScan(),
    }.items():
        reader.sends(sent.encode() + b"\r")
        assert kiosk.board.next() == scan, sent


def test_a_scanner_that_is_pulled_out_is_not_spoken_of(hub: FakeHub, opened: Opener, reader: Reader) -> None:
    kiosk = opened(hub.url)
    reader.pull()
    known = kiosk.board.learn(kiosk.known, lambda known: not known.scanner)
    reader.plug()
    kiosk.board.learn(known, lambda known: known.scanner)


def test_a_booking_that_the_hub_knows_is_found_by_its_customer(hub: FakeHub, opened: Opener) -> None:
    slot = {"id": "a-7", "service": "driving-test", "slot_at": "2026-11-22T07:00:00.000000Z"}
    hub.answers["c" * 32] = {"result": "appointment", "appointments": [slot], "booking": "good"}
    kiosk = opened(hub.url)
    kiosk.office.check_in(3, CODE)
    news = kiosk.board.next()
    assert isinstance(news, LookedUp) and news.turn == 3
    assert (news.answer.booking, news.answer.appointments[0].id) == ("good", "a-7")
    assert any(b'"a-7"' in body for body in hub.bodies)


def test_with_the_hub_gone_nobody_is_asked_of_a_booking(opened: Opener) -> None:
    kiosk = opened("http://127.0.0.1:9")
    kiosk.office.check_in(3, CODE)
    assert kiosk.board.next() == CutOff(3, "c" * 32)


def test_a_ticket_is_asked_for_by_its_id(hub: FakeHub, opened: Opener) -> None:
    hub.followed["A" * 16] = {
        "id": "kiosk-2.1.9",
        "number": "A109",
        "service": "driving-test",
        "lang": "en",
        "ahead": 3,
        "low_s": 60,
        "high_s": 240,
        "counter": "",
    }
    kiosk = opened(hub.url)
    kiosk.office.find_ticket(4, "A" * 16)
    news = kiosk.board.next()
    assert isinstance(news, Followed) and news.ticket is not None
    assert (news.ticket.number, news.ticket.ahead, news.ticket.again, news.lang) == ("A109", 3, True, "en")
    kiosk.office.find_ticket(5, "B" * 16)
    assert kiosk.board.next() == Followed(5, None)


def test_with_the_hub_gone_a_ticket_of_this_kiosk_is_known_all_the_same(
    opened: Opener, settings: Settings, known: Known
) -> None:
    kiosk = opened("http://127.0.0.1:9")
    draft = Draft("driving-test", "ar", None, None, False, None, None, "screen")
    kiosk.office.take(1, draft, known, time.perf_counter())
    issued = kiosk.board.next()
    assert isinstance(issued, Issued)
    events = kiosk.office._desk.writer.submit(lambda tx: list(tx.log.events())).result()
    event = next(each for each in events if each.type == "TicketTaken")
    kiosk.office.find_ticket(2, follow_id(event))
    news = kiosk.board.next()
    assert isinstance(news, Followed) and news.ticket is not None and news.ticket.number == issued.ticket.number
    kiosk.office.find_ticket(3, "B" * 16)
    assert kiosk.board.next() == Followed(3, None, is_sure=False)


def test_a_phone_goes_to_the_hub_after_its_ticket_and_stays_nowhere(
    hub: FakeHub, opened: Opener, known: Known, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    kiosk = opened(hub.url)
    draft = Draft("driving-test", "en", None, None, False, None, None, "sms", PHONE)
    kiosk.office.take(1, draft, known, time.perf_counter())
    issued = kiosk.board.next()
    assert isinstance(issued, Issued) and issued.ticket.printing == "none"
    (contact,) = hub.wait_for_contacts()
    expected = {"ticket": issued.ticket.ticket, "phone": PHONE, "lang": "en", "has_event": True}
    assert contact == expected
    (fact,) = hub.facts("TicketTaken")
    assert fact["delivery"] == "sms" and "3600" not in str(fact)
    kiosk.office.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in files if b"36001234" in path.read_bytes()] == []
    assert "36001234" not in caplog.text


def test_a_phone_waits_for_the_line(
    centre_json: Mapping[str, Any], opened: Opener, known: Known, settings: Settings
) -> None:
    first = FakeHub(centre_json)
    port = int(first.url.rsplit(":", 1)[1])
    first.close()
    kiosk = opened(first.url)
    draft = Draft("driving-test", "en", None, None, False, None, None, "sms", PHONE)
    kiosk.office.take(1, draft, replace(known, now=SystemClock().now()), time.perf_counter())
    assert isinstance(kiosk.board.next(), Issued)
    hub = FakeHub(centre_json, port=port)
    try:
        assert hub.wait_for_contacts()[0]["phone"] == PHONE
    finally:
        hub.close()


def test_no_scan_is_in_the_data_folder_nor_the_logs(
    hub: FakeHub, opened: Opener, reader: Reader, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    kiosk = opened(hub.url)
    text = sign_booking(CODE, BOOKING_KEY.sign)
    for sent in (CPR, text, "\r".join(card(first=CPR))):
        reader.sends(sent.encode() + b"\r")
        kiosk.board.next()
    kiosk.office.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for personal in (CPR, text, "AL<TEST"):
        assert personal.encode() not in kept and personal not in caplog.text
