"""The one thread that decides for a centre: claims, the days, the matching of bookings; commit, then act.

A job looks at the hall, decides, appends, folds and keeps the answer in one commit. When a commit fails the hall is
made again from the log. It knows no HTTP.
"""

from __future__ import annotations

import gc
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hub import tables
from hub.claims import SUPERVISORS, Claim, command_of
from hub.devices import Health, Pulse
from hub.hall import Hall
from hub.publisher import Publisher
from hub.settings import DaysAppointments, Settings, StaffMember
from hub.views import Sight, card, counter_row, dumps
from queueing.commands import Command, MatchAppointment, OpenDay, OpenService
from queueing.dating import Arrival, happened_at
from queueing.decide import Reason, Refused, decide
from queueing.facts import Fact, TicketDated
from queueing.ticket import Ticket
from queueing.virtual import Expected, due
from queueing.wire import Event, Stream
from sync.care import open_log
from sync.clock import Clock
from sync.log import DeviceLog, Transaction, UnknownCursorError
from sync.transaction import Table
from sync.writer import Committed, Job, LogWriter

LOG_FILE = "hub.db"
_CLAIM = Table("claim", ("claim_id", "asked", "status", "body"))
_NEW_DAY = "day"
"""Who reopens the services in the morning."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a claim comes to: an HTTP status and its body (JSON, empty for 204). The same for the same claim, always."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class _Press:
    """The job of one claim."""

    answer: Callable[[Transaction, Claim, StaffMember], Answer]
    claim: Claim
    clerk: StaffMember

    def __call__(self, tx: Transaction) -> Answer:
        return self.answer(tx, self.claim, self.clerk)


class Arbiter:
    """A centre's arbiter. All state is the writer thread's; other threads and tasks come in by `writer` or the verbs.

    `publish` is told of each commit, in the writer's thread.
    """

    def __init__(
        self,
        data: Path,
        stream: Stream,
        clock: Clock,
        boot: str,
        settings: Settings,
        appointments: DaysAppointments,
        publisher: Publisher,
    ) -> None:
        self._path = data / LOG_FILE
        self._stream = stream
        self._clock = clock
        self._boot = boot
        self._settings = settings
        self._publisher = publisher
        self._know(appointments)
        self._pulse = Pulse(clock.now())
        self._hall = Hall(stream.device, self._pulse)
        self._days: dict[str, str] = {}
        self._answers: dict[str, tuple[str, Answer] | None] = {}
        self.writer = LogWriter(
            self._open, on_batch=self._look_up, on_commit=self._committed, on_rollback=self._rebuild
        )

    @property
    def settings(self) -> Settings:
        """The settings now in force. Any thread."""
        return self._settings

    @property
    def day(self) -> str:
        """The running day (YYYY-MM-DD), "" before the first. Any thread."""
        return self._hall.state.day

    @property
    def appointments_day(self) -> str:
        """The day whose bookings are known. Any thread."""
        return self._appointments.day

    def start(self) -> None:
        """Open the log, make the hall from it, begin the day, publish. Raises StorageUnavailable."""
        self.writer.start()
        self.writer.submit(self._begin_day).result()
        self.refresh().result()

    def close(self) -> None:
        """Finish what is queued and close the log."""
        self.writer.close()

    async def claim(self, claim: Claim, clerk: StaffMember) -> Answer:
        """Decide a claim once; give a repeated one its first answer. Raises Problem 422, StorageUnavailable."""
        return await self.writer.run(_Press(self._answered, claim, clerk))

    async def held_ticket(self, customer: str) -> tuple[Ticket | None, frozenset[str]]:
        """Return the ticket that a customer (keyed hash) holds, and the bookings that tickets stand for already."""

        def look(tx: Transaction) -> tuple[Ticket | None, frozenset[str]]:
            hall = self._hall
            return hall.held_by(customer), hall.used_appointments(hall.of_customer(customer))

        return await self.writer.run(look)

    def appointments_of(self, customer: str) -> tuple[str, DaysAppointments]:
        """Return the running day and the bookings kept for it. Any thread."""
        kept = self._appointments
        return kept.day, DaysAppointments(kept.day, tuple(kept.of(customer)))

    def store(self, tx: Transaction, events: list[Event], arrival: Arrival | None = None) -> None:
        """Keep a device's events, fold the new ones, find the bookings that their customers spoke of.

        With an arrival, tickets of a kiosk whose clock is wrong are dated by the hub's. In the writer's thread;
        GapError and ForkError pass through.
        """
        for event in tx.store(events):
            self._hall.fold(event)
            if event.type != "TicketTaken":
                continue
            taken_at = happened_at(event, arrival) if arrival is not None else None
            if taken_at is not None:
                self._keep(tx, [TicketDated(event.id, taken_at)])
            self._match(tx, self._hall.state.tickets.get(event.id))

    def hear_health(self, device: str, health: Health) -> Future[None]:
        """Keep what a device says of its health, until it says something else. Any thread."""

        def keep(tx: Transaction) -> None:
            self._pulse.hear(device, health)

        return self.writer.submit(keep)

    async def healths(self) -> dict[str, Health]:
        """Return what each device said of its health last, since this hub's start."""
        return await self.writer.run(lambda tx: dict(self._pulse.latest))

    @property
    def hall(self) -> Hall:
        """The hall as it is now. In the writer's thread."""
        return self._hall

    def note(self, tx: Transaction, facts: Iterable[Fact]) -> None:
        """Keep facts that no rule has to allow: what became of something. In the writer's thread."""
        self._keep(tx, facts)

    def take_settings(self, settings: Settings) -> Future[None]:
        """Put new settings in force and publish. Any thread."""

        def take(tx: Transaction) -> None:
            self._settings = settings
            self._publisher.later(tx, self._hall, settings, all_views=True)

        return self.writer.submit(take)

    def take_appointments(self, appointments: DaysAppointments) -> Future[None]:
        """Take a day's bookings, and look again at the tickets whose customers spoke of one. Any thread."""

        def take(tx: Transaction) -> None:
            self._know(appointments)
            self._take_virtual(tx)
            for ticket in [t for t in self._hall.state.tickets.values() if t.says_booked]:
                self._match(tx, ticket)

        return self.writer.submit(take)

    def begin_day(self) -> Future[str]:
        """Open the centre's day when its clock says that a later one began; give the running day. Any thread."""
        return self.writer.submit(self._begin_day)

    def take_virtual(self) -> Future[None]:
        """Take the tickets by video whose time has come, and give up those whose booking is gone. Any thread."""
        return self.writer.submit(self._take_virtual)

    def refresh(self) -> Future[None]:
        """Publish whatever has changed, by time alone too. Any thread."""
        return self.writer.submit(lambda tx: self._publisher.later(tx, self._hall, self._settings, all_views=True))

    def catch_up(self) -> Future[None]:
        """Publish what was put off. Any thread."""
        return self.writer.submit(lambda tx: self._publisher.later(tx, self._hall, self._settings))

    # What follows runs in the writer's thread.

    def _know(self, appointments: DaysAppointments) -> None:
        self._appointments = appointments
        self._by_video = [
            Expected(each.id, each.service, each.slot_at, each.lang or self._settings.centre.languages[0], each.is_over)
            for each in appointments.by_video()
        ]
        self._rooms = {each.id: each.room for each in appointments.by_video() if each.room}
        self._publisher.tell_rooms(self._rooms)

    def _take_virtual(self, tx: Transaction) -> None:
        hall = self._hall
        if self._appointments.day != hall.state.day or not (self._by_video or hall.virtual):
            return
        centre, now = self._settings.centre, self._clock.now()
        made = due(hall.state, centre, self._by_video, hall.virtual, self._stream.incarnation, now)
        for event in self._keep(tx, made):
            _log.info("by_video event=%s what=%s", event.id, event.type)

    def _open(self) -> DeviceLog:
        log = open_log(self._path, self._stream, self._clock, self._boot)
        try:
            with log.transaction() as tx:
                tables.create(tx.connection)
                self._days = dict(tx.connection.execute("SELECT day, cursor FROM day"))
            self._rebuild(log)
        except BaseException:
            log.close()
            raise
        return log

    def _committed(self, committed: Committed) -> None:
        self._publisher.committed(self._hall, self._settings, self._log, committed.events)

    def _rebuild(self, log: DeviceLog) -> None:
        """Make the hall from the log: from the day before the running one, which is all that can still matter."""
        self._log = log
        began = self._clock.monotonic()
        hall, count = Hall(self._stream.device, self._pulse), 0
        since = sorted(self._days)[-2:]
        with _no_collecting():
            for event in _events(log, self._days[since[0]] if len(since) == 2 else ""):
                hall.fold(event)
                count += 1
        if since:
            hall.forget(since[0])
        self._hall = hall
        took_ms = 1000 * (self._clock.monotonic() - began)
        _log.info("hall_made events=%d tickets=%d ms=%.0f", count, len(hall.state.tickets), took_ms)

    def _keep(self, tx: Transaction, facts: Iterable[Fact]) -> list[Event]:
        events = tx.append(facts)
        for event in events:
            self._hall.fold(event)
        return events

    def _decide(self, tx: Transaction, command: Command) -> list[Event]:
        return self._keep(tx, decide(self._hall.state, command, self._settings.centre, self._clock.now()))

    def _answered(self, tx: Transaction, claim: Claim, clerk: StaffMember) -> Answer:
        known = self._answers[claim.id]
        if known is not None:
            asked, answer = known
            return answer if asked == claim.asked else _problem("CLAIM_REUSED", {})
        try:
            events = self._decide(tx, command_of(claim, clerk, self._hall.state))
        except Refused as refused:
            nobody = refused.reason is Reason.NOBODY_WAITS
            answer = Answer(204, "") if nobody else _problem(refused.reason, refused.context)
        else:
            answer = Answer(200, self._granted(claim, events))
        tx.add(_CLAIM, (claim.id, claim.asked, answer.status, answer.body))
        self._answers[claim.id] = claim.asked, answer
        return answer

    def _look_up(self, tx: Transaction, jobs: Sequence[Job[object]]) -> None:
        """Find what a batch's claims were answered before, in one look; a look for each would wait for it as often."""
        asked = {job.claim.id for job in jobs if isinstance(job, _Press)}
        self._answers = dict.fromkeys(asked)
        if asked:
            these = ", ".join("?" * len(asked))  # place holders, nothing of what was asked
            rows = tx.look(
                f"SELECT claim_id, asked, status, body FROM claim WHERE claim_id IN ({these})",  # noqa: S608
                tuple(asked),
            )
            self._answers |= {claim_id: (what, Answer(status, body)) for claim_id, what, status, body in rows}

    def _granted(self, claim: Claim, events: list[Event]) -> str:
        sight = Sight(self._hall, self._settings, self._clock.now(), rooms=self._rooms)
        place = sight.centre.counter(claim.counter) if claim.verb not in SUPERVISORS else None
        counter = None if place is None else counter_row(place, sight)
        ticket = self._hall.state.tickets.get(str(events[-1].body.get("ticket"))) if claim.verb != "close" else None
        if ticket is None:
            return dumps({"ticket": None, "turn": None, "counter": counter})
        current = None if counter is None else counter["current"]
        # Mostly the ticket that the counter now has: its card is made once.
        is_current = isinstance(current, dict) and current["ticket"] == ticket.id
        told = current if is_current else card(ticket, sight)
        return dumps({"ticket": told, "turn": ticket.turn, "counter": counter})

    def _match(self, tx: Transaction, ticket: Ticket | None) -> None:
        """Give a ticket the booking that its customer spoke of: of that customer, service and day, and not yet used."""
        if ticket is None or not ticket.says_booked or ticket.customer is None or ticket.slot_at is not None:
            return
        kept = self._appointments
        if ticket.day != kept.day or ticket.status in ("cancelled", "no_show"):
            return
        used = {t.appointment for t in self._hall.state.tickets.values() if t.appointment}
        free = [a for a in kept.of(ticket.customer) if a.service == ticket.taken_service and a.id not in used]
        if not free:
            return
        nearest = min(free, key=lambda each: (abs(each.slot_at - ticket.taken_at), each.id))
        try:
            self._decide(tx, MatchAppointment(ticket.id, nearest.id, nearest.slot_at))
        except Refused as refused:
            _log.warning("booking_not_matched ticket=%s reason=%s", ticket.id, refused.reason)

    def _begin_day(self, tx: Transaction) -> str:
        day = self._settings.centre.local_day(self._clock.now())
        before = self._hall.state.day
        if day <= before:
            if day < before:
                _log.warning("clock_behind day=%s clock_day=%s", before, day)
            return before
        self._days[day] = tx.log.cursor()
        tx.connection.execute("INSERT OR REPLACE INTO day (day, cursor) VALUES (?, ?)", (day, self._days[day]))
        self._decide(tx, OpenDay(day))
        for service in sorted(self._hall.state.closed_services):
            # A service is closed for its day; one that the centre no longer has is let be.
            if self._settings.centre.service(service) is not None:
                self._decide(tx, OpenService(service, _NEW_DAY))
        _log.info("day_opened day=%s", day)
        # As a restart would: whatever is remembered beyond the day before is dropped, in both alike.
        self._rebuild(tx.log)
        return day


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Keep the garbage collector out: a fold leaves no cycles, and looking for them takes a third of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _events(log: DeviceLog, after: str) -> Iterator[Event]:
    """Give the log's events after a cursor; all of them when the cursor is not this file's (a copy was put back)."""
    while True:
        try:
            page = log.read(after)
        except UnknownCursorError:
            _log.warning("day_cursor_unknown")
            after = ""
            continue
        yield from page.events
        if not page.more:
            return
        after = page.cursor


def _problem(reason: Reason | str, context: Mapping[str, str]) -> Answer:
    """Return a refusal as problem+json; what the sentence needs stands in it, and once more as `context`."""
    code = reason.name if isinstance(reason, Reason) else reason
    title = code.replace("_", " ").capitalize()
    told = dict(context) | {"type": "about:blank", "title": title, "status": 409, "code": code, "context": context}
    return Answer(409, json.dumps(told, separators=(",", ":"), ensure_ascii=False))
