"""How many customers a centre has served on each day, by service and by how they were served, from the centres' logs.

Jobs on a session. Numbers are counted as the logs are read; a ticket is remembered for as long as a log may come
late, so what is read twice changes nothing, and what a clerk takes back is taken off. Nobody's name is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sql
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, delete, func, select

from queueing.facts import Channel, TicketFinished, TicketTaken, TurnRestored, fact_of
from queueing.shares import Share
from queueing.wire import Event
from server.booking.tables import CountedTicketRow, ServedRow
from server.registers import Registers
from sync.rights import Role

KEPT = timedelta(days=30)
"""A log that comes later than that is not counted any more."""
_AHEAD = timedelta(days=2)
"""A ticket of a later day is one of a kiosk whose clock is wrong."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What an event says of a ticket: it was `taken` for a service on a day, `served`, or that was taken back."""

    centre: str
    ticket: str
    what: Literal["taken", "served", "not_served"]
    day: date
    service: str = ""
    channel: Channel = "counter"


@dataclass(frozen=True, slots=True)
class Period:
    """How many some centres have served in a period, and how many of them by video: by day and service, by centre."""

    by_day: Mapping[tuple[date, str], Share]
    by_centre: Mapping[tuple[str, str], Share]


def read(events: Iterable[Event], registers: Registers, now: datetime) -> list[Sign]:
    """Return what events say; who was served is the hubs' word alone."""
    signs = []
    for event in events:
        device = registers.devices.get(event.device)
        if device is None:
            continue
        centre, is_hub = device.device.centre, device.device.role is Role.HUB
        match fact_of(event):
            case TicketTaken() as taken:
                day = _day(taken.day, now)
                if day is not None:
                    signs.append(Sign(centre, event.id, "taken", day, taken.service, taken.channel))
            case TicketFinished(ticket=ticket) if is_hub:
                signs.append(Sign(centre, ticket, "served", event.at.date()))
            case TurnRestored(ticket=ticket, undoes="TicketFinished") if is_hub:
                signs.append(Sign(centre, ticket, "not_served", event.at.date()))
            case _:
                pass
    return signs


def keep(session: Session, signs: Sequence[Sign]) -> None:
    """Count what was read, in its order."""
    known = _known(session, signs)
    changed: dict[tuple[str, date, str, str], int] = {}
    for sign in signs:
        row = known.get((sign.centre, sign.ticket))
        if row is None:
            # Its end may come before it: a kiosk's log and the hub's are two.
            row = CountedTicketRow(centre=sign.centre, ticket=sign.ticket, day=sign.day)
            known[sign.centre, sign.ticket] = row
            session.add(row)
        before = row.served and bool(row.service)
        if sign.what == "taken":
            row.day, row.service, row.channel = sign.day, sign.service, sign.channel
        else:
            row.served = sign.what == "served"
        key = (row.centre, row.day, row.service, row.channel)
        changed[key] = changed.get(key, 0) + (row.served and bool(row.service)) - before
    for (centre, day, service, channel), more in changed.items():
        if more:
            _add(session, centre, day, service, channel, more)
    session.flush()


def of_period(session: Session, centres: Iterable[str], first: date, last: date) -> Period:
    """Return what centres have served from a day to another, both counted; in order of days, centres and services."""
    wanted = (
        col(ServedRow.centre).in_(sorted(centres)),
        col(ServedRow.day) >= first,
        col(ServedRow.day) <= last,
    )
    return Period(
        _summed(session, (col(ServedRow.day), col(ServedRow.service)), wanted),
        _summed(session, (col(ServedRow.centre), col(ServedRow.service)), wanted),
    )


def forget_old(session: Session, now: datetime) -> None:
    """Delete the tickets of days that are counted for good; the numbers stay."""
    session.execute(delete(CountedTicketRow).where(col(CountedTicketRow.day) < (now - KEPT).date()))


def _day(text: str, now: datetime) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if (now - KEPT).date() <= day <= (now + _AHEAD).date() else None


def _known(session: Session, signs: Iterable[Sign]) -> dict[tuple[str, str], CountedTicketRow]:
    wanted: dict[str, set[str]] = {}
    for sign in signs:
        wanted.setdefault(sign.centre, set()).add(sign.ticket)
    return {
        (row.centre, row.ticket): row
        for centre, tickets in wanted.items()
        for row in session.exec(
            select(CountedTicketRow).where(
                CountedTicketRow.centre == centre, col(CountedTicketRow.ticket).in_(sorted(tickets))
            )
        )
    }


def _add(session: Session, centre: str, day: date, service: str, channel: str, more: int) -> None:
    row = session.get(ServedRow, (centre, day, service, channel))
    if row is None:
        row = ServedRow(centre=centre, day=day, service=service, channel=channel, served=0)
        session.add(row)
    row.served += more


def _summed(
    session: Session, key: tuple[Mapped[Any], Mapped[str]], wanted: Iterable[ColumnElement[bool]]
) -> dict[tuple[Any, str], Share]:
    rows = session.execute(
        sql.select(*key, col(ServedRow.channel), func.sum(ServedRow.served))
        .where(*wanted)
        .group_by(*key, col(ServedRow.channel))
        .order_by(*key)
    )
    found: dict[tuple[Any, str], Share] = {}
    for of, service, channel, count in rows:
        more = Share(count, count if channel == "virtual" else 0)
        found[of, service] = found.get((of, service), Share()).plus(more)
    return found
