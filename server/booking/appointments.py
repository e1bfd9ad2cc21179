"""Booking, moving, cancelling: jobs on a session, each a transaction of its own. Rules are `queueing`'s.

Each first counts up the customer's `changes`: on PostgreSQL that row is locked from then on, so one customer's changes
come one after another and what is read here of the customer's own holds. Between customers the slot's row decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import bindparam, exists, insert
from sqlmodel import Session, col, select, update

from queueing.centre import Centre, Service
from queueing.keeping import is_late
from queueing.slots import Slot, is_bookable
from queueing.slots import slot_at as find_slot
from server.booking import blocks, places
from server.booking.answers import Appointment, Channel, Customer, RefusedError, Status, Why
from server.booking.notices import decide
from server.bookings import AGE_TO_BOOK, age_on
from server.planting import BOOKED, CANCELLED, CARRIED, MOVED, new_link
from server.registers import raise_revision
from server.tables import AppointmentRow, CustomerRow
from sms.message import Kind

# Made once: SQLAlchemy takes as long to make a statement as SQLite to run it.
_COUNT_UP = update(CustomerRow).where(col(CustomerRow.id) == bindparam("who")).values(changes=CustomerRow.changes + 1)
_OPEN = (
    select(AppointmentRow)
    .where(
        col(AppointmentRow.customer) == bindparam("who"),
        col(AppointmentRow.service) == bindparam("service"),
        col(AppointmentRow.status) == bindparam("status"),
        col(AppointmentRow.slot_at) > bindparam("now"),
    )
    .order_by(col(AppointmentRow.slot_at))
)
# Who books mostly has neither a booking of the service nor a block: one look says so, and no row has to be made.
_HAS_ANY = select(
    exists(_OPEN.with_only_columns(col(AppointmentRow.id)).order_by(None)),
    exists(blocks.EVER),
)
_KEEP = insert(AppointmentRow)


@dataclass(slots=True)
class Change:
    """One customer's change under way: when, and the new revisions of the centres that have to be told of it."""

    now: datetime
    new_id: str
    revisions: dict[str, int] = field(default_factory=dict)


def book(
    session: Session,
    change: Change,
    centre: Centre,
    service_id: str,
    at: datetime,
    customer: Customer,
    channel: Channel,
) -> Appointment:
    """Book a place of a slot. Who has just that booking already gets it again. Raises RefusedError."""
    begin(session, customer.id)
    service, slot = _wanted(centre, service_id, at, channel, change.now)
    has_open, was_blocked = _has_any(session, customer.id, service_id, change.now)
    coming = _open_for(session, customer.id, service_id, change.now) if has_open else []
    for row in coming:
        if (row.centre, row.slot_at, row.channel) == (centre.id, slot.at, channel):
            return told(row, centre, change.now)
    block = blocks.current(session, customer.id, change.now) if was_blocked else None
    if block is not None:
        raise RefusedError(Why.BLOCKED, block=block)
    if age_on(customer.born, change.now.astimezone(centre.zone).date()) < AGE_TO_BOOK:
        raise RefusedError(Why.UNDER_AGE)
    if len(coming) >= centre.booking.open_per_service:
        raise RefusedError(Why.ONE_ALREADY, appointment=told(coming[0], centre, change.now))
    _take(session, centre, service, slot)
    row = _new_row(change, centre, service_id, slot.at, customer.id, channel, new_link())
    # Not by the session's unit of work, which takes as long as all the rest of a booking.
    session.connection().execute(_KEEP, row.model_dump())
    decide(session, Kind.BOOKING_CONFIRMED, centre.id, row.id, change.now)
    _tell_centre(session, change, centre, [slot.at])
    return told(row, centre, change.now)


def own_or_taken(
    session: Session,
    change: Change,
    centre: Centre,
    service_id: str,
    at: datetime,
    customer: Customer,
    channel: Channel,
) -> Appointment:
    """Answer who wants a slot that seems to be full, as `book` would, and write nothing. Raises RefusedError."""
    coming = []
    if _has_any(session, customer.id, service_id, change.now)[0]:
        coming = _open_for(session, customer.id, service_id, change.now)
    for row in coming:
        if (row.centre, row.slot_at, row.channel) == (centre.id, at, channel):
            return told(row, centre, change.now)
    if len(coming) >= centre.booking.open_per_service:
        raise RefusedError(Why.ONE_ALREADY, appointment=told(coming[0], centre, change.now))
    raise RefusedError(Why.TAKEN)


def move(
    session: Session, change: Change, centre: Centre, appointment_id: str, at: datetime, customer: Customer,
    channel: Channel | None = None,
) -> Appointment:  # fmt: skip
    """Move a booking to another slot of its service and centre: it becomes another one, under the same link.

    One that was moved there already gives that one. Raises RefusedError.
    """
    begin(session, customer.id)
    old = newest(session, _own(session, centre, appointment_id, customer))
    channel = channel or cast(Channel, old.channel)
    if old.status == BOOKED and (old.slot_at, old.channel) == (at, channel):
        return told(old, centre, change.now)
    _check_open(old, change.now)
    service, slot = _wanted(centre, old.service, at, channel, change.now)
    _swap(session, centre, service, slot, old.slot_at)
    return told(_replaced(session, change, centre, old, slot, channel, "customer"), centre, change.now)


def cancel(session: Session, change: Change, centre: Centre, appointment_id: str, customer: Customer) -> Appointment:
    """Cancel a booking before it begins; too many in a row block booking. Raises RefusedError."""
    begin(session, customer.id)
    row = newest(session, _own(session, centre, appointment_id, customer))
    if row.status == CANCELLED:
        return told(row, centre, change.now)
    _check_open(row, change.now)
    row.status, row.ended_at, row.ended_by = CANCELLED, change.now, "customer"
    row.late = row.booked_by != CARRIED and is_late(centre, row.slot_at, change.now)
    places.give_back(session, centre.id, row.service, row.slot_at)
    decide(session, Kind.BOOKING_CANCELLED, centre.id, row.id, change.now)
    session.flush()
    blocks.judge(session, centre, customer.id, change.now)
    _tell_centre(session, change, centre, [row.slot_at])
    return told(row, centre, change.now)


def call_off(
    session: Session,
    change: Change,
    centre: Centre,
    row: AppointmentRow,
    by: str,
    kind: Kind = Kind.BOOKING_CANCELLED,
) -> Appointment:
    """Cancel a booking for the customer, or over the customer's head; `by` says who. It counts for nothing.

    The caller holds the customer (`begin`).
    """
    row.status, row.ended_at, row.ended_by = CANCELLED, change.now, by
    places.give_back(session, centre.id, row.service, row.slot_at)
    decide(session, kind, centre.id, row.id, change.now)
    _tell_centre(session, change, centre, [row.slot_at])
    return told(row, centre, change.now)


def carry(session: Session, change: Change, centre: Centre, old: AppointmentRow, at: datetime, by: str) -> Appointment:
    """Move a booking that the centre, not the customer, moves; `by` says who. Raises RefusedError.

    What becomes of the new one counts for nothing, unless the customer moves it again. The caller holds the customer.
    """
    service, slot = _wanted(centre, old.service, at, "counter", change.now)
    _swap(session, centre, service, slot, old.slot_at)
    row = _replaced(session, change, centre, old, slot, cast(Channel, old.channel), by)
    row.booked_by = CARRIED
    return told(row, centre, change.now)


def begin(session: Session, customer_id: str) -> None:
    """Be the only one who changes a customer's appointments, until the transaction ends."""
    session.connection().execute(_COUNT_UP, {"who": customer_id})


def newest(session: Session, row: AppointmentRow) -> AppointmentRow:
    """Return what a booking was moved to in the end."""
    while row.status == MOVED:
        row = session.get_one(AppointmentRow, (row.centre, row.moved_to))
    return row


def told(row: AppointmentRow, centre: Centre | None, now: datetime) -> Appointment:
    """Return an appointment as its customer is told of it; `centre` is its own."""
    return Appointment(
        centre=row.centre,
        id=row.id,
        service=row.service,
        slot_at=row.slot_at,
        status=cast(Status, row.status),
        channel=cast(Channel, row.channel),
        link=row.link or "",
        booked_at=row.booked_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        late=row.late,
        moved_to=row.moved_to,
        may_change=row.status == BOOKED and row.slot_at > now,
        is_late=centre is not None
        and row.status == BOOKED
        and row.booked_by != CARRIED
        and is_late(centre, row.slot_at, now),
    )


def _wanted(centre: Centre, service_id: str, at: datetime, channel: Channel, now: datetime) -> tuple[Service, Slot]:
    service = centre.service(service_id)
    if service is None or not service.appointments:
        raise RefusedError(Why.NO_SUCH_SERVICE)
    if channel == "virtual" and not service.virtual:
        raise RefusedError(Why.NOT_VIRTUAL)
    slot = find_slot(centre, service, at)
    if slot is None or not is_bookable(centre, slot, now):
        raise RefusedError(Why.NO_SUCH_SLOT)
    return service, slot


def _swap(session: Session, centre: Centre, service: Service, slot: Slot, old_at: datetime) -> None:
    """Take a place for another; always in the order of time, or two customers who swap would wait for each other."""
    if slot.at < old_at:
        _take(session, centre, service, slot)
        places.give_back(session, centre.id, service.id, old_at)
    else:
        places.give_back(session, centre.id, service.id, old_at)
        _take(session, centre, service, slot)


def _replaced(
    session: Session, change: Change, centre: Centre, old: AppointmentRow, slot: Slot, channel: Channel, by: str
) -> AppointmentRow:
    """Put another booking in the place of one, under the same link, and have everybody told."""
    link, old.link = old.link, None
    old.status, old.ended_at, old.ended_by, old.moved_to = MOVED, change.now, by, change.new_id
    session.flush()
    row = _new_row(change, centre, old.service, slot.at, old.customer, channel, link or new_link())
    session.add(row)
    decide(session, Kind.CENTRE_MOVED if by == CARRIED else Kind.BOOKING_MOVED, centre.id, row.id, change.now)
    _tell_centre(session, change, centre, [old.slot_at, slot.at])
    return row


def _take(session: Session, centre: Centre, service: Service, slot: Slot) -> None:
    # What is known here of the centre may be older than what was closed since: its edition says so.
    if not places.take(session, centre.id, service.id, slot.at, slot.places, centre.version):
        raise RefusedError(Why.TAKEN)


def _open_for(session: Session, customer_id: str, service_id: str, now: datetime) -> list[AppointmentRow]:
    """Return a customer's bookings of a service that are to come, at any centre: one id is one service."""
    said = {"who": customer_id, "service": service_id, "status": BOOKED, "now": now}
    return list(session.execute(_OPEN, said).scalars())


def _has_any(session: Session, customer_id: str, service_id: str, now: datetime) -> tuple[bool, bool]:
    """Say whether a customer has a booking of a service to come, and whether there ever was a block."""
    said = {"who": customer_id, "service": service_id, "status": BOOKED, "now": now}
    has_open, was_blocked = session.connection().execute(_HAS_ANY, said).one()
    return has_open, was_blocked


def _own(session: Session, centre: Centre, appointment_id: str, customer: Customer) -> AppointmentRow:
    row = session.get(AppointmentRow, (centre.id, appointment_id))
    if row is None or row.customer != customer.id:
        raise RefusedError(Why.NO_SUCH_APPOINTMENT)
    return row


def _check_open(row: AppointmentRow, now: datetime) -> None:
    if row.status != BOOKED or row.slot_at <= now:
        raise RefusedError(Why.NOT_OPEN)


def _new_row(
    change: Change, centre: Centre, service: str, at: datetime, customer: str, channel: Channel, link: str
) -> AppointmentRow:
    return AppointmentRow(
        centre=centre.id,
        id=change.new_id,
        service=service,
        slot_at=at,
        customer=customer,
        status=BOOKED,
        channel=channel,
        link=link,
        booked_at=change.now,
        booked_by="customer",
    )


def _tell_centre(session: Session, change: Change, centre: Centre, slots: Iterable[datetime]) -> None:
    """Raise the centre's revision, so that its hub asks for its day again; later days it asks for when they begin.

    Last in the transaction: on PostgreSQL it is the row that all of a centre's customers wait for. Tomorrow counts as
    today: a hub whose clock is ahead may have begun it.
    """
    tomorrow = change.now.astimezone(centre.zone).date() + timedelta(days=1)
    if all(at.astimezone(centre.zone).date() > tomorrow for at in slots):
        return
    change.revisions[centre.id] = raise_revision(session, centre.id)
