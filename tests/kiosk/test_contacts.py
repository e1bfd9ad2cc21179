"""Phones: kept with the ticket in one commit, handed over once its event is there, and then nowhere on the disk."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kiosk import contacts
from kiosk.contacts import Contact, Courier
from kiosk.desk import Desk
from kiosk.moves import Draft
from queueing.centre import Centre
from sync.line import PeerUnavailable
from sync.log import DeviceLog
from tests.kiosk.conftest import NOW
from tests.kiosk.test_desk import DAY, STREAM, Clock, log_of, opened, take

PHONE = "+97336001234"


def draft(phone: str | None = PHONE) -> Draft:
    return Draft("licence-renewal", "ar", None, None, False, None, None, "sms" if phone else "paper", phone)


def kept(desk: Desk) -> list[Contact]:
    return desk.writer.submit(contacts.kept).result()


def ack(desk: Desk, seq: int) -> None:
    desk.writer.submit(lambda tx: tx.set_acked("hub", STREAM, seq)).result()


def bytes_of(data: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file())


class Hub:
    """Who takes the phones; refuses as it is told."""

    def __init__(self) -> None:
        self.came: queue.SimpleQueue[Contact] = queue.SimpleQueue()
        self.failures: list[PeerUnavailable] = []
        self.refused: list[str] = []

    def take(self, contact: Contact) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.came.put(contact)

    def next(self) -> Contact:
        return self.came.get(timeout=10)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    with opened(tmp_path, clock=clock) as desk:
        yield desk


Employer = Callable[..., Courier]


@pytest.fixture
def employed(desk: Desk, clock: Clock) -> Iterator[Callable[[Hub], Courier]]:
    couriers: list[Courier] = []

    def employ(hub: Hub) -> Courier:
        # Its own tries come fast here, so that a test waits for none of them.
        courier = Courier(desk.writer, hub.take, hub.refused.append, clock, midnight, jitter=lambda: 0.01)
        couriers.append(courier)
        courier.start()
        return courier

    yield employ
    for courier in couriers:
        courier.close()


def midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def gone(desk: Desk) -> bool:
    """Wait until no phone is kept; polled, since erasing tells nobody."""
    ended = threading.Event()
    return any(not kept(desk) or ended.wait(0.02) for _ in range(500))


def test_a_phone_is_kept_with_its_ticket_and_in_no_event(tmp_path: Path, desk: Desk, centre: Centre) -> None:
    ticket = take(desk, centre, draft())
    assert kept(desk) == [Contact(ticket.ticket, PHONE, "ar", ticket.event.at)]
    assert ticket.fact.delivery == "sms" and "36001234" not in ticket.event.text
    take(desk, centre, draft(None))
    assert len(kept(desk)) == 1


def test_a_phone_that_cannot_be_kept_takes_no_ticket(tmp_path: Path, desk: Desk, centre: Centre) -> None:
    desk.writer.submit(lambda tx: tx.connection.execute("DROP TABLE contact")).result()
    done = threading.Event()
    outcome: list[str] = []

    def say(word: str) -> None:
        outcome.append(word)
        done.set()

    desk.take(draft(), centre, DAY, lambda _: say("taken"), lambda: say("refused"))
    assert done.wait(10) and outcome == ["refused"]
    assert take(desk, centre, draft(None)).fact.number == "A001"


def test_a_phone_outlives_a_restart(tmp_path: Path, centre: Centre) -> None:
    with opened(tmp_path) as desk:
        take(desk, centre, draft())
    with opened(tmp_path) as desk:
        assert [each.phone for each in kept(desk)] == [PHONE]


def test_it_goes_when_its_event_is_there_and_leaves_no_byte(
    tmp_path: Path, desk: Desk, centre: Centre, employed: Callable[[Hub], Courier]
) -> None:
    hub = Hub()
    ticket = take(desk, centre, draft())
    assert PHONE.encode() in bytes_of(tmp_path)
    courier = employed(hub)
    with pytest.raises(queue.Empty):
        hub.came.get(timeout=0.3)
    ack(desk, ticket.event.seq)
    courier.wake()
    assert hub.next().to_json() == {"ticket": ticket.ticket, "phone": PHONE, "lang": "ar"}
    assert gone(desk)
    # Also while the file is open, with its write-ahead log beside it.
    assert b"36001234" not in bytes_of(tmp_path)


def test_of_several_each_goes_once_in_order(desk: Desk, centre: Centre, employed: Callable[[Hub], Courier]) -> None:
    hub = Hub()
    tickets = [take(desk, centre, draft(f"+9733600000{n}")) for n in range(5)]
    ack(desk, tickets[2].event.seq)
    courier = employed(hub)
    assert [hub.next().ticket for _ in range(3)] == [each.ticket for each in tickets[:3]]
    ack(desk, tickets[4].event.seq)
    courier.wake()
    assert [hub.next().ticket for _ in range(2)] == [each.ticket for each in tickets[3:]]
    assert gone(desk) and hub.came.empty()


def test_a_silent_hub_is_asked_again_and_the_phone_waits(
    desk: Desk, centre: Centre, employed: Callable[[Hub], Courier]
) -> None:
    hub = Hub()
    hub.failures = [PeerUnavailable("no answer"), PeerUnavailable("answered 503", status=503)] * 3
    ack(desk, take(desk, centre, draft()).event.seq)
    employed(hub)
    assert hub.next().phone == PHONE
    assert gone(desk)


def test_a_number_that_can_get_no_message_is_erased(
    tmp_path: Path, desk: Desk, centre: Centre, employed: Callable[[Hub], Courier], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hub = Hub()
    hub.failures = [PeerUnavailable("answered 422", status=422)]
    ack(desk, take(desk, centre, draft()).event.seq)
    employed(hub)
    assert gone(desk) and hub.came.empty()
    assert hub.refused == ["kiosk-1.1.1"]
    assert "contact_refused" in caplog.text and "36001234" not in caplog.text


def test_when_its_day_is_over_it_is_erased_unsent(
    tmp_path: Path, desk: Desk, clock: Clock, centre: Centre, employed: Callable[[Hub], Courier]
) -> None:
    hub = Hub()
    hub.failures = [PeerUnavailable("no answer")] * 1000
    yesterday = take(desk, centre, draft())
    ack(desk, yesterday.event.seq)
    clock.at += timedelta(days=1)
    today = take(desk, centre, draft("+97336005678"))
    employed(hub).wake()
    ended = threading.Event()
    assert any([each.ticket for each in kept(desk)] == [today.ticket] or ended.wait(0.02) for _ in range(500))
    assert b"36001234" not in bytes_of(tmp_path)


def test_a_power_cut_keeps_ticket_and_phone_or_neither(tmp_path: Path, centre: Centre) -> None:
    with opened(tmp_path) as desk:
        take(desk, centre, draft())
        # What a cut at this moment would leave: the files as they are.
        copy = tmp_path / "after"
        copy.mkdir()
        for name in ("log.db", "log.db-wal"):
            (copy / name).write_bytes((tmp_path / name).read_bytes())
    assert len(log_of(copy)) == 1
    log = DeviceLog.open(copy / "log.db", STREAM, Clock(NOW), "boot")
    try:
        with log.transaction() as tx:
            assert [each.phone for each in contacts.kept(tx)] == [PHONE]
    finally:
        log.close()


def test_a_phone_is_in_no_repr() -> None:
    assert "3600" not in repr(Contact("k", PHONE, "ar", NOW))
