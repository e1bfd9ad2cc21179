"""A small centre, a clock and writers of logs for the tests of the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from queueing.centre import Centre
from queueing.commands import Command, OpenCounter, OpenDay
from queueing.decide import decide
from queueing.facts import Fact, TicketTaken
from queueing.state import State, evolve
from queueing.ticket import Ticket
from queueing.wire import GENESIS, Event

NINE = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)  # nine o'clock in Bahrain, a Sunday
DAY = "2026-11-22"


def centre_json() -> dict[str, object]:
    return {
        "id": "test",
        "name": {"ar": "مركز", "en": "Centre"},
        "services": [
            {"id": "renew", "letter": "A", "name": {"ar": "تجديد", "en": "Renew"}, "daily_limit": 3},
            {"id": "test", "letter": "B", "name": {"ar": "فحص", "en": "Test"}, "typical_serving_s": 600},
        ],
        "counters": [
            {"id": "1", "label": "1", "services": ["renew", "test"]},
            {"id": "2", "label": "2", "services": ["renew"]},
            {"id": "3", "label": "3", "services": ["test"]},
        ],
        "hours": {day: [["07:00", "14:15"]] for day in ("sun", "mon", "tue", "wed")} | {"thu": [["07:00", "14:00"]]},
        "holidays": [{"date": "2026-12-16", "name": {"ar": "العيد الوطني", "en": "National Day"}}],
        "extra_days": [{"date": "2026-11-28", "hours": [["08:00", "24:00"]]}],
        "pause_reasons": [{"id": "prayer", "name": {"ar": "صلاة", "en": "Prayer"}}],
    }


@dataclass
class Writer:
    """A device that writes its log."""

    device: str
    incarnation: int = 1
    log: list[Event] = field(default_factory=list)

    def write(self, fact: Fact, at: datetime) -> Event:
        event = Event(
            device=self.device,
            incarnation=self.incarnation,
            seq=len(self.log) + 1,
            type=type(fact).__name__,
            version=fact.VERSION,
            at=at,
            boot="boot",
            mono=0.0,
            prev=self.log[-1].hash if self.log else GENESIS,
            body=fact.to_body(),
        )
        self.log.append(event)
        return event


@dataclass
class Hall:
    """A centre at work: kiosks write tickets, the hub decides, the clock goes on when told."""

    centre: Centre
    now: datetime = NINE
    state: State = field(default_factory=State)
    hub: Writer = field(default_factory=lambda: Writer("hub"))
    kiosk: Writer = field(default_factory=lambda: Writer("kiosk-1"))
    presses: int = 0

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    def take(self, number: str, service: str = "renew", day: str = DAY, **more: object) -> Ticket:
        event = self.kiosk.write(TicketTaken(number, service, day, "ar", **more), self.now)  # type: ignore[arg-type]
        evolve(self.state, event)
        return self.state.tickets[event.id]

    def do(self, command: Command) -> list[Fact]:
        made = decide(self.state, command, self.centre, self.now)
        for fact in made:
            evolve(self.state, self.hub.write(fact, self.now))
        return made

    def press(self, command: type[Command], counter: str = "1", **more: object) -> Ticket | None:
        self.presses += 1
        self.do(command(counter=counter, claim=f"claim-{self.presses}", **more))  # type: ignore[call-arg]
        return self.state.current(counter)

    def fresh(self, ticket: Ticket) -> Ticket:
        return self.state.tickets[ticket.id]

    def open(self) -> None:
        self.do(OpenDay(DAY))
        self.press(OpenCounter, "1", clerk="amal")
        self.press(OpenCounter, "2", clerk="yusuf")
