"""Who came and who did not, read from the centres' logs: jobs on a session; the verdicts are `queueing.keeping`'s.

What was read and what follows from it are one commit with the cursor, so a start goes on where the last one ended. To
read something twice changes nothing. A check-in sets right what was settled before it came to be known.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlmodel import Session, col, delete, select

from queueing.centre import Centre
from queueing.facts import AppointmentMatched, TicketTaken, fact_of
from queueing.keeping import GIVEN_UP, WITNESS, Heard, Verdict, verdict
from queueing.wire import Event
from server.booking import blocks
from server.booking.answers import Channel
from server.booking.appointments import begin, newest
from server.booking.tables import HeardRow, QuarterRow, ReadingRow
from server.planting import BOOKED, EXCUSED, KEPT, NO_SHOW
from server.registers import Registers
from server.tables import AppointmentRow, CustomerRow
from sync.rights import Role

QUARTER = timedelta(minutes=15)
QUARTERS_KEPT = GIVEN_UP + timedelta(days=2)
AT_ONCE = 200
"""Appointments of a centre that are settled in one transaction."""
_CLOCK_AHEAD = timedelta(minutes=5)
_NOT_KEPT = (BOOKED, NO_SHOW, EXCUSED)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Somebody came: for an appointment that is named, or as a customer for a service on a day."""

    centre: str
    at: datetime
    appointment: str = ""
    customer: str = ""
    service: str = ""
    day: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """What a page of the logs says about coming: check-ins, each device's newest event, quarters with a ticket."""

    check_ins: tuple[CheckIn, ...]
    heard: Mapping[tuple[str, str], datetime]
    quarters: frozenset[tuple[str, datetime]]


def read(events: Iterable[Event], registers: Registers, now: datetime) -> Read:
    """Return what events say; a device's clock that is ahead counts as ours."""
    check_ins: list[CheckIn] = []
    heard: dict[tuple[str, str], datetime] = {}
    quarters: set[tuple[str, datetime]] = set()
    for event in events:
        device = registers.devices.get(event.device)
        if device is None:
            continue
        centre = device.device.centre
        at = min(event.at, now + _CLOCK_AHEAD)
        key = (centre, event.device)
        heard[key] = max(at, heard.get(key, at))
        match fact_of(event):
            case TicketTaken(channel="virtual"):
                pass  # The hub took it: nobody came, see `virtual`.
            case TicketTaken() as taken:
                quarters.add((centre, _quarter(at)))
                if taken.appointment is not None:
                    check_ins.append(CheckIn(centre, at, appointment=taken.appointment))
                elif taken.customer is not None:
                    # Came without saying so, or to a kiosk that could not know: came all the same.
                    check_ins.append(CheckIn(centre, at, "", taken.customer, taken.service, taken.day))
            case AppointmentMatched() as matched:
                check_ins.append(CheckIn(centre, at, appointment=matched.appointment))
            case _:
                pass
    return Read(tuple(check_ins), heard, frozenset(quarters))


def cursor(session: Session) -> str:
    """Return how far the logs were read, "" at the first time."""
    row = session.get(ReadingRow, 1)
    return row.cursor if row is not None else ""


def keep(session: Session, said: Read, after: str, centres: Mapping[str, Centre], now: datetime) -> None:
    """Take in what a page said, and that the logs are read up to its cursor."""
    for (centre, device), at in said.heard.items():
        known = session.get(HeardRow, (centre, device))
        if known is None:
            session.add(HeardRow(centre=centre, device=device, at=at))
        else:
            known.at = max(known.at, at)
    for centre, at in said.quarters:
        if session.get(QuarterRow, (centre, at)) is None:
            session.add(QuarterRow(centre=centre, at=at))
    row = session.get(ReadingRow, 1)
    if row is None:
        session.add(ReadingRow(cursor=after))
    else:
        row.cursor = after
    for check_in in said.check_ins:
        if check_in.centre in centres:
            _came(session, check_in, centres, now)


def settle_due(session: Session, centre: Centre, registers: Registers, now: datetime) -> int:
    """Settle a centre's appointments that nobody came to, as far as it is certain; return how many.

    Those by video have no check-in in the hall: they are `virtual`'s.
    """
    rows = due(session, centre, "counter", now - timedelta(seconds=centre.appointments.grace_s))
    if not rows:
        return 0
    heard = _heard(session, centre, registers, rows[0].slot_at)
    said = ((row, verdict(centre, row.service, row.slot_at, heard, now)) for row in rows)
    return sum(settled(session, centre, row, each, now) for row, each in said)


def due(session: Session, centre: Centre, channel: Channel, until: datetime) -> Sequence[AppointmentRow]:
    """Return a centre's appointments that stand and began by then, the oldest ones."""
    return session.exec(
        select(AppointmentRow)
        .where(
            AppointmentRow.centre == centre.id,
            AppointmentRow.status == BOOKED,
            AppointmentRow.channel == channel,
            col(AppointmentRow.slot_at) <= until,
        )
        .order_by(col(AppointmentRow.slot_at))
        .limit(AT_ONCE)
    ).all()


def settled(
    session: Session, centre: Centre, row: AppointmentRow, said: Verdict | Literal["kept"], now: datetime
) -> bool:
    """End an appointment as a verdict says and judge its customer by it; tell whether it was ended here."""
    if said == "wait":
        return False
    begin(session, row.customer)
    session.refresh(row)
    if row.status != BOOKED:
        return False  # Another process, or the customer, was quicker.
    row.status = {"kept": KEPT, "no_show": NO_SHOW, "excused": EXCUSED}[said]
    row.ended_at, row.ended_by = now, "system"
    session.flush()
    _log.info(
        "appointment_settled centre=%s appointment=%s as=%s channel=%s", centre.id, row.id, row.status, row.channel
    )
    if said == "no_show":
        blocks.judge(session, centre, row.customer, now)
    return True


def forget_old(session: Session, now: datetime) -> None:
    """Delete the signs of work that no appointment waits for any more."""
    session.execute(delete(QuarterRow).where(col(QuarterRow.at) < now - QUARTERS_KEPT))


def _came(session: Session, check_in: CheckIn, centres: Mapping[str, Centre], now: datetime) -> None:
    centre = centres[check_in.centre]
    for row in _meant(session, check_in, centre):
        begin(session, row.customer)
        session.refresh(row)
        was = row.status
        if was not in _NOT_KEPT:
            continue  # Another process, or the customer, was quicker.
        row.status, row.ended_at, row.ended_by = KEPT, check_in.at, "system"
        session.flush()
        _log.info("appointment_settled centre=%s appointment=%s as=%s was=%s", centre.id, row.id, KEPT, was)
        if was == NO_SHOW:
            blocks.reconsider(session, centres, row.customer, now)


def _meant(session: Session, check_in: CheckIn, centre: Centre) -> Sequence[AppointmentRow]:
    """Return the appointments that somebody came for and that are not known to be kept."""
    if check_in.appointment:
        named = session.get(AppointmentRow, (check_in.centre, check_in.appointment))
        if named is None:
            return []
        # A kiosk that was cut off takes the code of before a move: who shows it on the new day has come, too.
        row = newest(session, named)
        is_meant = row is named or centre.local_day(row.slot_at) == centre.local_day(check_in.at)
        return [row] if is_meant and row.status in _NOT_KEPT else []
    rows = session.exec(
        select(AppointmentRow).where(
            AppointmentRow.centre == check_in.centre,
            col(AppointmentRow.status).in_(_NOT_KEPT),
            AppointmentRow.customer == CustomerRow.id,
            CustomerRow.lookup == check_in.customer,
            AppointmentRow.service == check_in.service,
        )
    ).all()
    return [row for row in rows if centre.local_day(row.slot_at) == check_in.day]


def _heard(session: Session, centre: Centre, registers: Registers, since: datetime) -> Heard:
    at = {row.device: row.at for row in session.exec(select(HeardRow).where(HeardRow.centre == centre.id))}
    roles = {each.device.id: each.device.role for each in registers.devices_of(centre.id)}
    hubs = [seen for device, seen in at.items() if roles.get(device) is Role.HUB]
    kiosks = {device: seen for device, seen in at.items() if roles.get(device) is Role.KIOSK}
    witnesses = since - timedelta(seconds=centre.appointments.early_lead_s) - WITNESS - QUARTER
    quarters = session.exec(
        select(QuarterRow.at).where(QuarterRow.centre == centre.id, col(QuarterRow.at) > witnesses)
    ).all()
    return Heard(max(hubs, default=None), kiosks, tuple(quarters))


def _quarter(at: datetime) -> datetime:
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
