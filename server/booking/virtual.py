"""Appointments by video as their centres' logs tell of them: which ticket stands for one, how it stands, how it ended.

Jobs on a session; the verdicts are `queueing.keeping`'s. What is read twice changes nothing: a ticket's row says which
of the hub's events it knows. The hub alone decides the ticket; here it is only followed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from sqlmodel import Session, col, delete, select

from queueing import facts
from queueing.centre import Centre
from queueing.decide import BY_DAY
from queueing.facts import Fact, fact_of
from queueing.following import follow_id
from queueing.keeping import THERE, Phase, Stood, verdict_by_video
from queueing.wire import Event
from server.booking import blocks
from server.booking.appointments import begin
from server.booking.attendance import due, settled
from server.booking.notices import decide
from server.booking.tables import HeardRow, VirtualTicketRow
from server.planting import BOOKED, EXCUSED, KEPT, NO_SHOW
from server.registers import Registers
from server.tables import AppointmentRow
from sms.message import VALID_S, Kind
from sync.rights import Role

_KEPT_FOR = timedelta(days=30)
_CALLS = (facts.TicketCalled, facts.TicketResumed, facts.TicketRecalled)
_PHASES: Mapping[type[Fact], Phase] = {
    facts.TicketCalled: "called",
    facts.TicketResumed: "called",
    facts.TicketRecalled: "called",
    facts.ServingStarted: "serving",
    facts.TicketFinished: "finished",
    facts.NoShowMarked: "no_show",
    facts.TicketParked: "parked",
    facts.TicketTransferred: "waiting",
    facts.TicketRejoined: "waiting",
}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """What a hub's event says of a ticket by video. Of a new one also its appointment and its follow id."""

    centre: str
    ticket: str
    incarnation: int
    seq: int
    at: datetime
    phase: Phase
    is_call: bool = False
    by_day: bool = False
    appointment: str = ""
    identity: str = ""


@dataclass(frozen=True, slots=True)
class VideoTurn:
    """The turn of an appointment by video as its page shows it: `identity` is its follow id, `calls` rises with each.

    `phase` is as the log was last read here; whoever follows the log may know a newer one.
    """

    identity: str
    phase: Phase
    calls: int


def read(events: Iterable[Event], registers: Registers) -> list[Step]:
    """Return what events say of tickets by video. Those are the hub's own, so their ids begin with its name."""
    steps = []
    for event in events:
        device = registers.devices.get(event.device)
        if device is None or device.device.role is not Role.HUB:
            continue
        fact, step = fact_of(event), Step(device.device.centre, "", event.incarnation, event.seq, event.at, "waiting")
        if isinstance(fact, facts.TicketTaken):
            if fact.channel == "virtual" and fact.appointment is not None:
                found = replace(step, ticket=event.id, appointment=fact.appointment, identity=follow_id(event))
                steps.append(found)
            continue
        ticket = event.body.get("ticket")
        phase = _phase(fact)
        if (
            phase is not None
            and isinstance(ticket, str)
            and ticket.rpartition(".")[0].rpartition(".")[0] == event.device
        ):
            by_day = isinstance(fact, facts.OfTurn) and fact.claim.startswith(BY_DAY)
            steps.append(replace(step, ticket=ticket, phase=phase, is_call=isinstance(fact, _CALLS), by_day=by_day))
    return steps


def keep(session: Session, steps: Iterable[Step], centres: Mapping[str, Centre], now: datetime) -> None:
    """Take in what was read, and what follows from it for the appointments and for who has to be told."""
    for step in steps:
        if step.appointment:
            _taken(session, step)
        else:
            _stepped(session, step, centres, now)


def turn_of(session: Session, centre: str, appointment: str) -> VideoTurn | None:
    """Return the turn of an appointment by video, None before it has a ticket."""
    row = session.get(VirtualTicketRow, (centre, appointment))
    return None if row is None else VideoTurn(row.identity, cast(Phase, row.phase), row.calls)


def settle_due(session: Session, centre: Centre, registers: Registers, now: datetime) -> int:
    """Settle a centre's appointments by video whose end is certain; return how many."""
    rows = due(session, centre, "virtual", now)
    if not rows:
        return 0
    hub_at, ended = _hub_heard(session, centre, registers), 0
    for row in rows:
        ticket = session.get(VirtualTicketRow, (centre.id, row.id))
        said = verdict_by_video(
            centre, row.service, row.slot_at, None if ticket is None else _stood(ticket), hub_at, now
        )
        ended += settled(session, centre, row, said, now)
    return ended


def forget_old(session: Session, now: datetime) -> None:
    """Delete the tickets that no page shows any more."""
    session.execute(delete(VirtualTicketRow).where(col(VirtualTicketRow.phase_at) < now - _KEPT_FOR))


def _phase(fact: Fact | None) -> Phase | None:
    match fact:
        case facts.TicketCancelled(by=by):
            return "left" if by == "customer" else "cancelled"
        case facts.TurnRestored(undoes=undoes):
            return "serving" if undoes == "TicketFinished" else "called"
        case None:
            return None
        case _:
            return _PHASES.get(type(fact))


def _taken(session: Session, step: Step) -> None:
    if session.get(AppointmentRow, (step.centre, step.appointment)) is None:
        _log.warning("ticket_by_video_of_nothing centre=%s appointment=%s", step.centre, step.appointment)
        return
    row = session.get(VirtualTicketRow, (step.centre, step.appointment))
    if row is not None and (row.incarnation, row.seq) >= (step.incarnation, step.seq):
        return
    if row is None:
        row = VirtualTicketRow(
            centre=step.centre, appointment=step.appointment, ticket="", identity="", phase="", phase_at=step.at,
            calls=0, came=False, by_day=False, incarnation=0, seq=0,
        )  # fmt: skip
        session.add(row)
    # A hub that lost its log takes another one for it: that is the one that is called.
    row.ticket, row.identity = step.ticket, step.identity
    _note(row, step)
    session.flush()


def _stepped(session: Session, step: Step, centres: Mapping[str, Centre], now: datetime) -> None:
    row = session.exec(
        select(VirtualTicketRow).where(VirtualTicketRow.centre == step.centre, VirtualTicketRow.ticket == step.ticket)
    ).one_or_none()
    centre = centres.get(step.centre)
    if row is None or centre is None or (row.incarnation, row.seq) >= (step.incarnation, step.seq):
        return
    _note(row, step)
    appointment = session.get_one(AppointmentRow, (row.centre, row.appointment))
    begin(session, appointment.customer)
    session.refresh(appointment)
    if row.came and appointment.status in (BOOKED, NO_SHOW, EXCUSED):
        _end(session, appointment, KEPT, step.at, centres, now)
    elif step.phase == "called" and appointment.status == NO_SHOW:
        # Taken back, or called once more: it is open again until a clerk says how it ended.
        _end(session, appointment, BOOKED, None, centres, now)
    if step.phase == "called" and appointment.status == BOOKED:
        until = step.at + timedelta(seconds=VALID_S[Kind.VIDEO_CALLED])
        if now < until:  # Else nothing is decided: a later call may still be told.
            decide(session, Kind.VIDEO_CALLED, centre.id, appointment.id, now, until)
    session.flush()


def _end(
    session: Session,
    appointment: AppointmentRow,
    status: str,
    at: datetime | None,
    centres: Mapping[str, Centre],
    now: datetime,
) -> None:
    was = appointment.status
    appointment.status, appointment.ended_at, appointment.ended_by = status, at, "system" if at is not None else ""
    session.flush()
    _log.info(
        "appointment_settled centre=%s appointment=%s as=%s was=%s", appointment.centre, appointment.id, status, was
    )
    if was == NO_SHOW:
        blocks.reconsider(session, centres, appointment.customer, now)


def _note(row: VirtualTicketRow, step: Step) -> None:
    row.phase, row.phase_at, row.by_day = step.phase, step.at, step.by_day
    row.calls += step.is_call
    row.came = row.came or step.phase in THERE
    row.incarnation, row.seq = step.incarnation, step.seq


def _stood(row: VirtualTicketRow) -> Stood:
    return Stood(cast(Phase, row.phase), row.phase_at, by_day=row.by_day, came=row.came)


def _hub_heard(session: Session, centre: Centre, registers: Registers) -> datetime | None:
    hubs = [each.device.id for each in registers.devices_of(centre.id) if each.device.role is Role.HUB]
    heard = session.exec(select(HeardRow.at).where(HeardRow.centre == centre.id, col(HeardRow.device).in_(hubs))).all()
    return max(heard, default=None)
