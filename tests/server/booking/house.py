"""What the tests of booking share: a centre, people, an open store, a log, and an outlet that remembers."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from queueing.facts import DayOpened, Fact, TicketTaken
from queueing.wire import GENESIS, Event, Stream
from server.booking.answers import Appointment, Customer, RefusedError
from server.booking.desk import Booking
from server.booking.registry import PeopleFile
from server.booking.rounds import Rounds
from server.registers import Registers
from server.service import load_seeds
from server.signing import ServerKey
from server.storage import Store
from sms.message import Message
from sms.outbox import Told
from sync.log import DeviceLog
from sync.writer import LogWriter
from tests.queueing.hall import centre_json
from tests.sync.fakes import BOOT, FakeClock

T = TypeVar("T")

CENTRE, OTHER = "muharraq", "riffa"
SERVICE, SECOND = "renew", "test"
AMNA, BADER, CHILD, NO_BIRTH, NOBODY = "850000001", "920000002", "120000011", "700000030", "990000999"
PHONES = {AMNA: "+97336001234", BADER: "+97336001235", CHILD: "+97336001236", NO_BIRTH: "+97336001237"}
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # seven o'clock in Bahrain, a Sunday
HUB, KIOSK, KIOSK_2 = "hub-1", "kiosk-1", "kiosk-2"


def centre(name: str, **changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = centre_json() | {"id": name, "follow_url": "https://dawr.example.bh"}
    data["services"] = [
        {"id": SERVICE, "letter": "A", "name": {"ar": "تجديد الرخصة", "en": "Licence Renewal"}, "places": 2},
        {"id": SECOND, "letter": "B", "name": {"ar": "فحص", "en": "Test"}, "slot_s": 1800, "virtual": True},
        {"id": "fines", "letter": "F", "name": {"ar": "مخالفات", "en": "Fines"}, "appointments": False},
    ]
    return data | changes


class Outlet:
    """Takes messages as the outbox does: each id once."""

    countries: Sequence[str] = ("973",)

    def __init__(self) -> None:
        self.taken: dict[str, Message] = {}
        self.submitted = 0

    def submit(self, messages: Sequence[Message], valid_s: Mapping[str, float] | None = None) -> dict[str, Told]:
        self.submitted += len(messages)
        for message in messages:
            self.taken.setdefault(message.id, message)
        return {message.id: Told("accepted") for message in messages}

    def of(self, kind: str) -> list[Message]:
        return [message for message in self.taken.values() if message.kind == kind]

    def code(self) -> str:
        """Return the newest one-time code."""
        found = re.search(r"[0-9]{6}", self.of("one_time_code")[-1].text)
        assert found is not None
        return found[0]


class House:
    """A server's booking without its HTTP."""

    def __init__(self, folder: Path, clock: FakeClock | None = None, database: str = "", **changes: Any) -> None:
        self.folder = folder
        self.database = database
        self.clock = clock or FakeClock(NOW)
        self.outlet = Outlet()
        self.changes = changes
        folder.mkdir(exist_ok=True)
        self.people = folder / "people.json"
        people = [
            {"cpr": AMNA, "name": {"ar": "آمنة", "en": "Amna"}, "born": "1985-03-14"},
            {"cpr": BADER, "name": {"ar": "بدر", "en": "Bader"}, "born": "1992-07-02"},
            {"cpr": CHILD, "name": {"ar": "سلمان", "en": "Salman"}, "born": "2009-11-23"},
            {"cpr": NO_BIRTH, "name": {"ar": "جون", "en": "John"}},
        ]
        self.people.write_text(json.dumps({"customers": [p | {"phone": PHONES[str(p["cpr"])]} for p in people]}))
        self.seed = folder / "seed.json"
        devices = [(HUB, "hub", "", 1), (KIOSK, "kiosk", "0", 2), (KIOSK_2, "kiosk", "1", 3)]
        self.seed.write_text(
            json.dumps(
                {
                    "centres": [centre(CENTRE, **changes), centre(OTHER, **changes)],
                    "devices": [
                        {"centre": CENTRE, "id": name, "role": role, "series": series, "public_key": _key(n)}
                        for name, role, series, n in devices
                    ],
                }
            )
        )
        self.open()

    def open(self) -> None:
        self.store = Store(self.folder, self.database)
        load_seeds(self.store, [self.seed], self.clock)
        self.registers = self.store.call(Registers.read)
        self.writer = LogWriter(
            lambda: DeviceLog.open(self.folder / "log.sqlite", Stream("server", 1), self.clock, BOOT)
        )
        self.writer.start()
        self.rounds = Rounds(self.store, self.registers, self.writer, self.clock, self.outlet)
        self.booking = Booking(
            self.store,
            self.registers,
            PeopleFile([self.people]),
            ServerKey.open(self.folder),
            self.rounds,
            self.clock,
        )
        self.logs: dict[str, list[Event]] = getattr(self, "logs", {})

    def close(self) -> None:
        self.writer.close()
        self.store.close()

    def begin_again(self) -> None:
        """Stop and start, as a process does."""
        self.close()
        self.open()

    def do(self, verb: Coroutine[Any, Any, T]) -> T:
        return asyncio.run(verb)

    def refused(self, verb: Coroutine[Any, Any, Any]) -> RefusedError:
        with pytest.raises(RefusedError) as caught:
            asyncio.run(verb)
        return caught.value

    def sign_in(self, cpr: str = AMNA, lang: str = "en", born: date | None = None) -> Customer:
        self.do(self.booking.begin_sign_in(cpr, lang, "test"))
        self.rounds.hand_over()
        return self.do(self.booking.finish_sign_in(cpr, self.outlet.code(), "test", born)).customer

    def slots(self, service: str = SERVICE, centre_id: str = CENTRE) -> list[datetime]:
        days = self.do(self.booking.free(centre_id, service))
        return [slot.at for day in days for slot in day.slots if slot.left]

    def book(self, customer: Customer, at: datetime | None = None, service: str = SERVICE) -> Appointment:
        return self.do(self.booking.book(customer, CENTRE, service, at or self.slots(service)[0]))

    def write(self, device: str, fact: Fact, at: datetime | None = None) -> Event:
        """Let a device write, and its log come here."""
        log = self.logs.setdefault(device, [])
        event = Event(
            device, 1, len(log) + 1, type(fact).__name__, fact.VERSION, at or self.clock.now(), BOOT, 0.0,
            log[-1].hash if log else GENESIS, fact.to_body(),
        )  # fmt: skip
        log.append(event)
        self.writer.submit(lambda tx: tx.store([event])).result()
        return event

    def ticket(self, device: str = KIOSK, at: datetime | None = None, **what: Any) -> Event:
        said = {
            "number": "A001",
            "service": SERVICE,
            "day": f"{(at or self.clock.now()):%Y-%m-%d}",
            "lang": "ar",
        } | what
        return self.write(device, TicketTaken(**said), at)

    def opened(self, at: datetime | None = None) -> Event:
        return self.write(HUB, DayOpened(f"{(at or self.clock.now()):%Y-%m-%d}"), at)

    def to(self, at: datetime) -> None:
        """Let the time pass until an instant."""
        self.clock.pass_time((at - self.clock.now()).total_seconds())

    def missed(self, made: Appointment) -> None:
        """Let an appointment's time pass with the centre at work, and settle it."""
        after = made.slot_at + timedelta(minutes=20)
        self.to(after)
        for device in (KIOSK, KIOSK_2):
            self.ticket(device)
        self.opened()
        self.rounds.go()

    def status(self, made: Appointment, customer: Customer) -> str:
        mine = self.do(self.booking.mine(customer))
        return next(each.status for each in (*mine.coming, *mine.past) if each.id == made.id)


def _key(number: int) -> str:
    return base64.b64encode(bytes([number]) * 32).decode()


@contextmanager
def house(folder: Path, **changes: Any) -> Iterator[House]:
    made = House(folder, **changes)
    try:
        yield made
    finally:
        made.close()
