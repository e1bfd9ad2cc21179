"""The desk that gives tickets: numbers from the kiosk's own series, committed before anything else happens with them.

It needs no network. It runs in the log writer's thread and knows no screen; whom it tells is handed in.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk import contacts
from kiosk.moves import Draft, Held, Ticket
from kiosk.staff.standing import Standing
from queueing.centre import Centre
from queueing.facts import Fact, PrinterChanged, PrintOutcome, PrintSettled, SeriesBegan, TicketTaken, fact_of
from queueing.following import follow_id
from queueing.numbers import Series
from queueing.wire import Event
from sync.log import DeviceLog, StorageUnavailable, Transaction
from sync.writer import LogWriter, WriterClosedError

log = logging.getLogger(__name__)

# A ticket that was taken this long ago and of which nobody can say whether it was served is not shown again.
_HELD_FOR = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Taken:
    """A ticket that is on the disk."""

    ticket: str
    fact: TicketTaken
    event: Event

    @property
    def follow_id(self) -> str:
        """The opaque id under which it is followed."""
        return follow_id(self.event)


@dataclass(frozen=True, slots=True)
class _Lately:
    """What is remembered of a ticket that was taken lately; whole events would be some megabytes on a busy day."""

    taken_at: datetime
    follow: str
    ticket: str
    number: str
    service: str


class Desk:
    """Takes tickets and settles their printing in the log. `open_log` is called in the writer's thread."""

    def __init__(self, open_log: Callable[[], DeviceLog], series: str) -> None:
        self._series_id = series
        self._series = Series(series)
        self._held: dict[str, Held] = {}
        self._lately: deque[_Lately] = deque()
        self._unsettled: dict[str, None] = {}
        self._outcomes: dict[str, str] = {}
        self._taken: Counter[str] = Counter()
        self.standing = Standing()
        self.day_told = ""
        """The latest day (YYYY-MM-DD) that the hub has told of, "" for none."""
        self.writer = LogWriter(open_log, on_rollback=self._fold)

    def start(self) -> None:
        """Open the log and fold it. Raises StorageUnavailable.

        A ticket of which an earlier run did not learn what became of its paper is settled as unknown.
        """
        self.writer.start()
        self.writer.submit(contacts.make).result()
        self.writer.submit(lambda tx: self._fold(tx.log)).result()
        self.writer.submit(self._settle_rest).result()

    def close(self) -> None:
        """Finish what is queued and close the log."""
        self.writer.close()

    def take(
        self, draft: Draft, centre: Centre, day: str, taken: Callable[[Taken], None], refused: Callable[[], None]
    ) -> None:
        """Take a ticket. Any thread; one of the two is called in the writer's thread, `taken` after the commit."""

        def job(tx: Transaction) -> Taken:
            service = centre.service(draft.service)
            assert service is not None
            fact = TicketTaken(
                number=self._series.next(service.letter),
                service=draft.service,
                day=day,
                lang=draft.lang,
                priority=draft.priority,
                customer=draft.customer,
                says_booked=draft.says_booked,
                appointment=draft.appointment,
                slot_at=draft.slot_at,
                delivery=draft.delivery,
            )
            (event,) = tx.append([fact])
            if draft.phone is not None:
                contacts.keep(tx, contacts.Contact(event.id, draft.phone, draft.lang, event.at))
            self._note(event, fact)
            return Taken(event.id, fact, event)

        def done(future: Future[Taken]) -> None:
            error = future.exception()
            if error is None:
                taken(future.result())
            elif isinstance(error, StorageUnavailable | WriterClosedError):
                log.error("ticket_refused error=%s", type(error).__name__)
                refused()
            else:
                log.error("ticket_failed", exc_info=error)
                refused()

        try:
            self.writer.submit(job).add_done_callback(done)
        except WriterClosedError:
            refused()

    def settle(self, ticket: str, outcome: PrintOutcome, why: str, *, copy: bool = False) -> None:
        """Write down what became of a ticket's paper, and wait until it is safe. The same again changes nothing.

        Raises StorageUnavailable or WriterClosedError.
        """

        def job(tx: Transaction) -> None:
            if copy or self._outcomes.get(ticket) != outcome:
                fact = PrintSettled(ticket, outcome, why, copy)
                (event,) = tx.append([fact])
                self._note(event, fact)

        self.writer.submit(job).result()

    def day_began(self, day: str) -> None:
        """Hear from the hub that a day (YYYY-MM-DD) runs; the numbers begin anew when it is a later one."""
        self.day_told = max(self.day_told, day)

        def job(tx: Transaction) -> None:
            if self._series.begins(day):
                fact = SeriesBegan(day)
                (event,) = tx.append([fact])
                self._note(event, fact)

        try:
            self.writer.submit(job)
        except WriterClosedError:
            log.info("day_not_noted day=%s why=closing", day)

    def write(self, fact: Fact) -> Future[None]:
        """Write a fact of the kiosk's own down. The future is done when it is safe. Raises WriterClosedError."""

        def job(tx: Transaction) -> None:
            (event,) = tx.append([fact])
            self._note(event, fact)

        return self.writer.submit(job)

    def printer_said(self, trouble: str, paper: str) -> None:
        """Write down what the printer says of itself, unless it said so before."""

        def job(tx: Transaction) -> None:
            if self.standing.printer != (trouble, paper):
                fact = PrinterChanged(trouble, paper)
                (event,) = tx.append([fact])
                self._note(event, fact)

        try:
            self.writer.submit(job)
        except WriterClosedError:
            log.info("printer_not_noted why=closing")

    def taken_on(self, day: str) -> int:
        """Return how many tickets were taken here on a business day. Any thread."""
        return self._taken[day]

    @property
    def unsettled(self) -> int:
        """How many tickets are on their way to paper. Any thread."""
        return len(self._unsettled)

    def held_by(self, customer: str) -> Held | None:
        """Return the ticket that a customer took here lately, if any. Any thread."""
        return self._held.get(customer)

    def taken_as(self, follow: str) -> Ticket | None:
        """Return the ticket that was taken here lately and is followed by an id, if any. Any thread."""
        for taken in list(self._lately):
            if taken.follow == follow:
                return Ticket(taken.ticket, taken.number, taken.service, again=True, printing="none")
        return None

    def _fold(self, log_: DeviceLog) -> None:
        self._series = Series(self._series_id)
        self._held, self._unsettled, self._outcomes = {}, {}, {}
        self._taken.clear()
        self.standing = Standing()
        self._lately.clear()
        after = 0
        while events := log_.read_stream(log_.stream, after):
            for event in events:
                fact = fact_of(event)
                if fact is not None:
                    self._note(event, fact)
            after = events[-1].seq

    def _note(self, event: Event, fact: Fact) -> None:
        self._series.evolve(fact)
        if isinstance(fact, SeriesBegan):
            self.day_told = max(self.day_told, fact.day)
        self.standing = self.standing.evolve(fact)
        if isinstance(fact, TicketTaken):
            self._taken[fact.day] += 1
            if fact.delivery == "paper":
                self._unsettled[event.id] = None
            self._lately.append(_Lately(event.at, follow_id(event), event.id, fact.number, fact.service))
            while abs(event.at - self._lately[0].taken_at) >= _HELD_FOR:
                self._lately.popleft()
            if fact.customer is not None:
                held = Held(event.id, fact.number, fact.service, event.at)
                self._held = {
                    customer: each for customer, each in self._held.items() if abs(event.at - each.taken_at) < _HELD_FOR
                } | {fact.customer: held}
        elif isinstance(fact, PrintSettled) and not fact.copy:
            self._unsettled.pop(fact.ticket, None)
            self._outcomes[fact.ticket] = fact.outcome
            while len(self._outcomes) > _OUTCOMES_KEPT:
                del self._outcomes[next(iter(self._outcomes))]

    def _settle_rest(self, tx: Transaction) -> None:
        for ticket in list(self._unsettled):
            fact = PrintSettled(ticket, "unknown", "interrupted")
            (event,) = tx.append([fact])
            self._note(event, fact)


_OUTCOMES_KEPT = 1000
"""The outcomes that are remembered to leave a repetition out; a spool repeats at most its newest."""
