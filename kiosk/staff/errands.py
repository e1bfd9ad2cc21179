"""What staff ask for that takes time: a PIN, the printer, the log. One thread of its own; the answers go to the menu.

Made with the first opening of the menu. It decides nothing; what may be asked for is `menu`'s.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from assets.texts import Catalogue
from kiosk.chime import Chime
from kiosk.hubtime import HubTime
from kiosk.known import Known
from kiosk.settings import Member
from kiosk.staff.lock import Lock, LockFile
from kiosk.staff.moves import TEST, Came, Found, Heard, LetIn, Seen, Sight, TurnedAway
from kiosk.staff.pins import is_pin
from kiosk.staff.tickets import copy_of, recent
from printer import Outcome, Spool, TicketPaper
from queueing.facts import Fact, KioskClosed, KioskOpened, StaffActed
from sync.clock import Clock
from sync.storage import StorageUnavailable, known_failures
from sync.writer import LogWriter, WriterClosedError

log = logging.getLogger(__name__)

LOOK_WITHIN_S = 20.0
"""A printer that says nothing has been given up by then."""


class Clerk(Protocol):
    """The kiosk's desk, as far as staff need it."""

    @property
    def writer(self) -> LogWriter:
        """The log's one writer."""
        ...

    def write(self, fact: Fact) -> Future[None]:
        """Write a fact of the kiosk's own down."""
        ...


@dataclass(frozen=True, slots=True)
class House:
    """What the errands are done with. All but `desk` and `spool` are asked anew each time.

    `day` is the business day; `closed` is told when the kiosk was closed or opened, once that is on the disk.
    """

    desk: Clerk
    spool: Spool
    chime: Chime
    clock: Clock
    hub_time: HubTime
    data: Path
    sight: Callable[[], Sight]
    members: Callable[[], Sequence[Member]]
    known: Callable[[], Known]
    day: Callable[[], str]
    closed: Callable[[], None]


class Errands:
    """The errands of one kiosk's staff. `tell` is called in its thread, or in the spool's."""

    def __init__(self, house: House, tell: Callable[[Heard], None]) -> None:
        self._house = house
        self._tell = tell
        self._lock = LockFile(house.data, house.clock.now())
        self._printing = ""
        self._doing = ThreadPoolExecutor(1, thread_name_prefix="staff")

    def end(self) -> None:
        """End the thread."""
        self._doing.shutdown(wait=False, cancel_futures=True)

    def check(self, staff: str, pin: str) -> None:
        """Try a PIN; answers LetIn or TurnedAway."""
        self._doing.submit(self._guarded, lambda: self._check(staff, pin))

    def look(self, *, printer: bool) -> None:
        """Look at the machine; answers Seen."""
        self._doing.submit(self._guarded, lambda: self._look(printer))

    def list(self) -> None:
        """Look for the last tickets; answers Found."""
        self._doing.submit(self._guarded, self._list)

    def print(self, ticket: str) -> None:
        """Print a copy of a ticket, or a test for ""; answers Came."""
        self._doing.submit(self._guarded, lambda: self._print(ticket))

    def loud(self, volume: int) -> None:
        """Be as loud as this, and let it be heard."""
        self._house.chime.set(volume)
        self._house.chime.ring()

    def close_kiosk(self, by: str, *, closed: bool, day: bool) -> None:
        """Close the kiosk or open it."""
        fact = KioskClosed(by, self._house.day() if day else "") if closed else KioskOpened(by)
        self._doing.submit(self._guarded, lambda: self._close(fact))

    def note(self, by: str, act: str, detail: str) -> None:
        """Write down what staff did."""
        self._doing.submit(self._guarded, lambda: self._write(StaffActed(by, act, detail)))

    def settled(self, job: str, outcome: Outcome) -> None:
        """Hear from the spool what became of a job; those of customers are let be."""
        if job == self._printing and (outcome.copy or job.startswith(TEST)):
            self._printing = ""
            self._tell(Came(str(outcome.state), str(outcome.why)))

    # What follows runs in the errands' thread.

    def _guarded(self, errand: Callable[[], None]) -> None:
        try:
            errand()
        except (StorageUnavailable, WriterClosedError) as error:
            log.error("staff_errand_failed error=%s", error)
        except Exception:
            # An executor would keep a bug to itself.
            log.exception("staff_errand_bug")
            raise

    def _check(self, staff: str, pin: str) -> None:
        now = self._house.clock.now()
        lock = self._lock.lock
        if lock.last_at is not None and now < lock.last_at:
            # The clock was set back: the time counts from here, or it would stand still until the clock is there again.
            lock = replace(lock, last_at=now)
            self._lock.keep(lock)
        if wait_s := lock.wait_s(now):
            self._tell(TurnedAway(wait_s))
            return
        # Counted before it is looked at: pulling the plug gives no try back.
        lock = lock.tried(now)
        self._lock.keep(lock)
        member = self._member(staff, pin)
        if member is not None:
            self._lock.keep(Lock())
            self._tell(LetIn(member.id, member.name))
            return
        log.warning("staff_refused failures=%d", lock.failures)
        self._tell(TurnedAway(lock.wait_s(now)))
        self._write(StaffActed("", "refused", str(lock.failures)))

    def _member(self, staff: str, pin: str) -> Member | None:
        """Return whose id and PIN these are. It takes as long for an id that does not exist."""
        members = self._house.members()
        found = next((each for each in members if each.id.lower() == staff), None)
        measure = found or next(iter(members), None)
        if measure is None:
            return None
        return found if is_pin(measure.pin_hash, pin) else None

    def _look(self, printer: bool) -> None:
        if printer:
            self._house.spool.look().wait(LOOK_WITHIN_S)
        self._tell(Seen(self._house.sight(), looked=printer))

    def _list(self) -> None:
        day, clock_off = self._house.day(), self._house.hub_time.offset
        self._tell(Found(self._house.desk.writer.submit(lambda tx: recent(tx.log, day, clock_off)).result()))

    def _print(self, ticket: str) -> None:
        job = ticket or f"{TEST}{uuid.uuid4()}"
        self._printing = job
        try:
            paper = self._paper(ticket)
            if paper is not None:
                with known_failures():
                    self._house.spool.submit(job, paper, copy=bool(ticket))
                return
            self._tell(Came("not printed", "cannot draw"))
        except (StorageUnavailable, WriterClosedError) as error:
            log.error("staff_print_failed error=%s", error)
            self._tell(Came("not printed", "interrupted"))
        self._printing = ""

    def _paper(self, ticket: str) -> TicketPaper | None:
        known, clock_off = self._house.known(), self._house.hub_time.offset
        if not ticket:
            return _test_paper(known, self._house.hub_time.now())
        return self._house.desk.writer.submit(lambda tx: copy_of(tx.log, ticket, known, clock_off)).result()

    def _close(self, fact: Fact) -> None:
        self._write(fact)
        self._house.closed()

    def _write(self, fact: Fact) -> None:
        self._house.desk.write(fact).result()


def _test_paper(known: Known, now: datetime) -> TicketPaper | None:
    """Return a ticket that is no turn, in the centre's languages."""
    if known.centre is None:
        return None
    texts = {language: Catalogue.load(language) for language in known.languages}
    return TicketPaper(
        number="T001",
        centre={language: words.t("paper.test_centre") for language, words in texts.items()},
        service={language: words.t("paper.test_service") for language, words in texts.items()},
        taken_at=now.astimezone(known.centre.zone),
        languages=known.languages,
        digits=known.centre.digits,
    )
