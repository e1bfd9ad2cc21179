"""Forgets persons by schedule: Law 30 of 2018 wants no more kept than is needed. What reports need stays, of nobody.

An old appointment stays with its centre, service, time and end, and belongs to `NOBODY` from then on: it has no link
and no person. Codes, sessions and notices are forgotten by their own modules, hours and days after their use.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial

from sqlalchemy import ColumnElement, tuple_
from sqlmodel import Session, col, delete, exists, or_, select, update

from server.administration import audit
from server.administration.tables import DisplacedRow
from server.booking.tables import BlockRow, SessionRow
from server.feedback.complaints import ANSWERED
from server.feedback.tables import ComplaintRow, RatingRow
from server.registers import Registers
from server.storage import Store
from server.tables import AppointmentRow, CustomerRow, ServerRow
from sync.clock import Clock

NOBODY = "nobody"
"""The customer to whom belongs what is nobody's any more."""
AT_ONCE = 500
"""Rows of one transaction: who books meanwhile waits for no more."""
EVERY_S = 86_400.0
LEAST_DAYS = 31
"""What may be rated, moved or judged is younger; a block's row of misses is that of days, by the centres' rules."""
LEAST_AUDIT_DAYS = 366
"""The database itself lets no line go that is younger than 365 days, see the migration 0010."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Keeping:
    """The table [keeping]: for how many days a person is kept with something, counted from its end.

    `appointments`: from the slot; blocks, ratings' words and bookings that a change displaced from their own end.
    `customers`: from the last appointment, or the registration. `complaints`: from the answer; one without an answer
    stays. `audit`: lines of the audit log, from what they tell of.
    """

    appointments: int = 396
    customers: int = 731
    complaints: int = 731
    audit: int = 3653

    def __post_init__(self) -> None:
        """Refuse what would take away what is still needed. Raises ValueError."""
        if min(self.appointments, self.customers, self.complaints) < LEAST_DAYS:
            raise ValueError(f"[keeping] counts days, and each is {LEAST_DAYS} at least")
        if self.audit < LEAST_AUDIT_DAYS:
            raise ValueError(f"[keeping] audit counts days, and is {LEAST_AUDIT_DAYS} at least")


class Retention:
    """Goes once a day over what is old, in short transactions; may be cut off and repeated at any point."""

    def __init__(self, store: Store, registers: Registers, clock: Clock, keeping: Keeping | None = None) -> None:
        self._store = store
        self._registers = registers
        self._clock = clock
        self._keeping = keeping or Keeping()
        self._went_at: float | None = None

    def go_when_due(self) -> None:
        """Go when a day has passed since the last time. Raises StorageUnavailable."""
        monotonic = self._clock.monotonic()
        if self._went_at is None or monotonic - self._went_at >= EVERY_S:
            self.go()
            self._went_at = monotonic

    def go(self) -> None:
        """Forget whatever is due now. Raises StorageUnavailable."""
        now, keeping, centres = self._clock.now(), self._keeping, list(self._registers.centres)
        old = now - timedelta(days=keeping.appointments)
        gone = {
            "visits": sum(self._visits(centre, old) for centre in centres),
            "words": sum(self._all(partial(forget_words, centre=centre, before=old)) for centre in centres),
            "blocks": self._all(partial(forget_blocks, before=old)),
            "displaced": self._all(partial(forget_displaced, before=old)),
            "complaints": self._all(
                partial(forget_complaints, before=now - timedelta(days=keeping.complaints)),
            ),
            "customers": self._all(partial(forget_customers, before=now - timedelta(days=keeping.customers))),
            "audit": self._all(
                partial(audit.forget_old, before=now - timedelta(days=keeping.audit), at_once=AT_ONCE),
            ),
        }
        if any(gone.values()):
            _log.info("forgotten %s", " ".join(f"{what}={count}" for what, count in gone.items()))

    def _all(self, forget: Callable[[Session], int]) -> int:
        """Repeat a step, which forgets so many at once, until nothing is left; return how much it was."""
        count, gone = 0, AT_ONCE
        while gone >= AT_ONCE:
            gone = self._store.call(forget)
            count += gone
        return count

    def _visits(self, centre: str, before: datetime) -> int:
        count, since = 0, None
        while True:
            gone = self._store.call(partial(forget_visits, centre=centre, before=before, since=since))
            count += len(gone)
            if len(gone) < AT_ONCE:
                return count
            since = gone[-1]


def forget_visits(session: Session, centre: str, before: datetime, since: datetime | None = None) -> Sequence[datetime]:
    """Take the person from a centre's oldest appointments of before an instant; return their slots, in order.

    `since` is where the last call ended: what lies before it is nobody's already.
    """
    wanted = [
        col(AppointmentRow.centre) == centre,
        col(AppointmentRow.slot_at) < before,
        col(AppointmentRow.customer) != NOBODY,
    ]
    if since is not None:
        wanted.append(col(AppointmentRow.slot_at) >= since)
    rows = session.exec(
        select(AppointmentRow).where(*wanted).order_by(col(AppointmentRow.slot_at)).limit(AT_ONCE)
    ).all()
    if not rows:
        return []
    _make_nobody(session)
    for row in rows:
        session.execute(
            update(CustomerRow)
            .where(
                col(CustomerRow.id) == row.customer,
                or_(col(CustomerRow.last_at).is_(None), col(CustomerRow.last_at) < row.slot_at),
            )
            .values(last_at=row.slot_at)
        )
        row.customer, row.link = NOBODY, None
    return [row.slot_at for row in rows]


def forget_words(session: Session, centre: str, before: datetime) -> int:
    """Take the words from some of a centre's ratings of before an instant; return from how many. The scores stay."""
    old = (
        select(RatingRow.visit)
        .where(RatingRow.centre == centre, col(RatingRow.words).is_not(None), col(RatingRow.given_at) < before)
        .limit(AT_ONCE)
    )
    visits = session.exec(old).all()
    if visits:
        these = (col(RatingRow.centre) == centre, col(RatingRow.visit).in_(visits))
        session.execute(update(RatingRow).where(*these).values(words=None))
    return len(visits)


def forget_blocks(session: Session, before: datetime) -> int:
    """Take the person, and what staff wrote, from some blocks that ended before an instant; return from how many."""
    old = select(BlockRow.id).where(col(BlockRow.until) < before, BlockRow.customer != NOBODY).limit(AT_ONCE)
    blocks = session.exec(old).all()
    if blocks:
        _make_nobody(session)
        these = update(BlockRow).where(col(BlockRow.id).in_(blocks))
        session.execute(these.values(customer=NOBODY, lifted_why=""))
    return len(blocks)


def forget_complaints(session: Session, before: datetime) -> int:
    """Take person and words from some complaints that were answered before an instant; return from how many.

    Number, kind and times stay.
    """
    old = (
        select(ComplaintRow.reference)
        .where(
            ComplaintRow.state == ANSWERED,
            col(ComplaintRow.answered_at) < before,
            ComplaintRow.customer != NOBODY,
        )
        .limit(AT_ONCE)
    )
    complaints = session.exec(old).all()
    if complaints:
        _make_nobody(session)
        these = update(ComplaintRow).where(col(ComplaintRow.reference).in_(complaints))
        session.execute(these.values(customer=NOBODY, once=ComplaintRow.id, words=None, answer=None))
    return len(complaints)


def forget_displaced(session: Session, before: datetime) -> int:
    """Delete some of what became of displaced bookings before an instant; return how many."""
    key = (col(DisplacedRow.centre), col(DisplacedRow.appointment))
    old = select(*key).where(col(DisplacedRow.done_at) < before).limit(AT_ONCE)
    gone = session.execute(delete(DisplacedRow).where(tuple_(*key).in_(old)).returning(key[1]))
    return len(gone.all())


def forget_customers(session: Session, before: datetime) -> int:
    """Delete customers with whom nothing has been since an instant and to whom nothing belongs; return how many.

    Whom a seed has brought and who never came is the seed's to name, and stays.
    """
    was = (CustomerRow.registered_at, CustomerRow.last_at)
    quiet = (
        col(CustomerRow.id) != NOBODY,
        or_(*(col(each).is_not(None) for each in was)),
        *(or_(col(each).is_(None), col(each) < before) for each in was),
    )
    held = select(CustomerRow.id).where(*quiet, *_unnamed()).limit(AT_ONCE).with_for_update(skip_locked=True)
    found = session.exec(held).all()
    if not found:
        return 0
    session.execute(delete(SessionRow).where(col(SessionRow.customer).in_(found)))
    # Looked at once more: who has booked before the rows were held has an appointment now.
    gone = session.execute(
        delete(CustomerRow).where(col(CustomerRow.id).in_(found), *_unnamed()).returning(col(CustomerRow.id))
    )
    return len(gone.all())


@cache
def _unnamed() -> tuple[ColumnElement[bool], ...]:
    """Return that no row of any table names a customer; a session that nobody ended does not count."""
    named = [
        key.parent
        for table in ServerRow.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == CustomerRow.__tablename__ and table.name != SessionRow.__tablename__
    ]
    return tuple(~exists().where(column == col(CustomerRow.id)) for column in named)


def _make_nobody(session: Session) -> None:
    if session.get(CustomerRow, NOBODY) is None:
        session.add(CustomerRow(id=NOBODY, lookup=NOBODY, cpr=b"", born=b"", name=b""))
        session.flush()
