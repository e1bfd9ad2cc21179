"""Bookings at times that are no more: found in the commit of the change, then moved or cancelled, each once.

A change shuts the slots that go (`places.shut`), so that nobody books one any more by what was known before, and waits
for who is just booking one: after it all who stand there are seen. What is to become of each is a row in the same
commit; working them off may die anywhere and goes on at the next round. Jobs on a session.
"""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from queueing.centre import Centre
from queueing.hours import spans
from queueing.slots import bookable_days, is_bookable, is_served, slots_of
from server.administration.answers import Displaced, How, Progress
from server.administration.tables import DisplacedRow
from server.booking import appointments, places
from server.booking.answers import RefusedError
from server.booking.appointments import Change
from server.planting import BOOKED
from server.registers import Registers
from server.storage import Store
from server.tables import AppointmentRow, CentreRow
from sms.message import Kind
from sync.clock import Clock

TOLD_BEFORE = timedelta(hours=3)
"""Nobody is moved to a slot that begins sooner than this: the message has to be read first."""
BY = "centre"
"""Who ended the booking, as the customer is told."""
_TRIES = 20

_log = logging.getLogger(__name__)


def shut(session: Session, old: Centre, new: Centre, now: datetime) -> None:
    """Let nobody book the slots that are in `old` and served no more in `new`, whose version is the next one."""
    gone = []
    for day in bookable_days(old, now):
        if _is_alike(old, new, day):
            continue
        for service in old.services:
            gone += [
                (slot.at, service.id)
                for slot in slots_of(old, service, day)
                if slot.at > now and not is_served(new, service.id, slot.at)
            ]
    places.shut(session, old.id, gone, new.version)


def find(session: Session, old: Centre, new: Centre, now: datetime) -> list[AppointmentRow]:
    """Return the bookings to come that would be served by `old` and are not by `new`, by slot."""
    rows = session.exec(
        select(AppointmentRow)
        .where(AppointmentRow.centre == old.id, AppointmentRow.status == BOOKED, col(AppointmentRow.slot_at) > now)
        .order_by(col(AppointmentRow.slot_at), col(AppointmentRow.id))
    )
    return [
        row for row in rows if is_served(old, row.service, row.slot_at) and not is_served(new, row.service, row.slot_at)
    ]


def count(rows: list[AppointmentRow], centre: Centre) -> Displaced:
    """Count bookings by service and day."""
    return Displaced(
        len(rows),
        dict(Counter(row.service for row in rows)),
        dict(Counter(row.slot_at.astimezone(centre.zone).date() for row in rows)),
    )


def together(counts: list[Displaced]) -> Displaced:
    """Return several counts as one."""
    by_service: Counter[str] = Counter()
    by_day: Counter[date] = Counter()
    for each in counts:
        by_service.update(each.by_service)
        by_day.update(each.by_day)
    return Displaced(sum(each.count for each in counts), dict(by_service), dict(by_day))


def remember(session: Session, rows: list[AppointmentRow], change: str, how: How, now: datetime) -> None:
    """Keep what is to become of bookings."""
    for row in rows:
        known = session.get(DisplacedRow, (row.centre, row.id))
        if known is None:
            known = DisplacedRow(centre=row.centre, appointment=row.id, change=change, how=how, made_at=now)
            session.add(known)
        known.change, known.how, known.done_at, known.outcome = change, how, None, ""


def progress(session: Session, centre: str, change: str) -> Progress:
    """Say what became of a change's bookings."""
    rows = session.exec(
        select(DisplacedRow.outcome).where(DisplacedRow.centre == centre, DisplacedRow.change == change)
    )
    found = Counter(rows)
    return Progress(found[""], found["moved"], found["cancelled"], found["gone"])


class Displacements:
    """Works off what waits; for any thread but an event loop's. Several processes may: each booking is done once."""

    def __init__(self, store: Store, registers: Registers, clock: Clock) -> None:
        self._store = store
        self._registers = registers
        self._clock = clock

    def go(self, within_s: float = 60.0) -> None:
        """Work off all that waits, or as much as there is time for. Raises StorageUnavailable."""
        until = self._clock.monotonic() + within_s
        waiting = self._store.call(
            lambda session: session.exec(
                select(DisplacedRow.centre, DisplacedRow.appointment)
                .where(col(DisplacedRow.done_at).is_(None))
                .order_by(col(DisplacedRow.made_at), col(DisplacedRow.appointment))
            ).all()
        )
        for centre_id, appointment in waiting:
            if self._clock.monotonic() >= until:
                return
            self._settle(centre_id, appointment)

    def _settle(self, centre_id: str, appointment: str) -> None:
        centre = self._registers.centres.get(centre_id)
        if centre is None:
            return
        for tries in range(_TRIES):
            change = Change(self._clock.now(), secrets.token_hex(8))
            may_move = tries < _TRIES - 1

            def job(session: Session, change: Change = change, may_move: bool = may_move) -> str:
                return settle(session, change, centre, appointment, may_move=may_move)

            def tell(_: str, change: Change = change) -> None:
                if change.revisions:
                    self._registers.told(change.revisions)

            try:
                outcome = self._store.call(job, tell)
            except RefusedError:
                continue  # Somebody else has just taken that place, or its time came: there may be another one.
            _log.info("displaced centre=%s appointment=%s outcome=%s", centre_id, appointment, outcome)
            return


def settle(session: Session, change: Change, centre: Centre, appointment: str, *, may_move: bool = True) -> str:
    """Do what is to become of one booking, once; return what did. Raises booking's RefusedError (TAKEN): try again."""
    booking = session.get_one(AppointmentRow, (centre.id, appointment))
    appointments.begin(session, booking.customer)
    # Only now nobody else changes it: what was read before may be old.
    session.refresh(booking)
    row = session.get_one(DisplacedRow, (centre.id, appointment), populate_existing=True)
    edition = session.exec(select(CentreRow.edition).where(CentreRow.id == centre.id)).one()
    if row.done_at is not None or edition != centre.version:
        return row.outcome  # Or what is known here is older than the change: whoever knows it does it.
    if booking.status != BOOKED or booking.slot_at <= change.now or is_served(centre, booking.service, booking.slot_at):
        row.outcome = "gone"
    else:
        at = _nearest(session, centre, booking, change.now) if row.how == "move" and may_move else None
        if at is None:
            appointments.call_off(session, change, centre, booking, BY, Kind.CENTRE_CANCELLED)
            row.outcome = "cancelled"
        else:
            appointments.carry(session, change, centre, booking, at, BY)
            row.outcome = "moved"
    row.done_at = change.now
    return row.outcome


def _nearest(session: Session, centre: Centre, booking: AppointmentRow, now: datetime) -> datetime | None:
    """Return when the free slot begins that is nearest to a booking's; of two the later one."""
    service = centre.service(booking.service)
    if service is None or not service.appointments:
        return None
    slots = [
        slot
        for day in bookable_days(centre, now)
        for slot in slots_of(centre, service, day)
        if slot.at >= now + TOLD_BEFORE and is_bookable(centre, slot, now)
    ]
    if not slots:
        return None
    taken = places.taken(session, centre.id, service.id, slots[0].at, slots[-1].until)
    free = [slot.at for slot in slots if taken.get(slot.at, 0) < slot.places]
    return min(free, key=lambda at: (abs(at - booking.slot_at), -at.timestamp()), default=None)


def _is_alike(old: Centre, new: Centre, day: date) -> bool:
    """Say whether nothing differs on a day by which a slot could be served no more."""
    return (
        spans(old, day) == spans(new, day)
        and old.services == new.services
        and [each for each in old.day_slots if each.date == day] == [each for each in new.day_slots if each.date == day]
    )
