"""Reminders: the day before and two hours before, each decided on once. A job on a session.

Who booked, or moved, so lately that the confirmation is as new as the reminder would be gets none.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from server.booking.notices import decide, notice_id
from server.booking.tables import NoticeRow
from server.planting import BOOKED
from server.tables import AppointmentRow
from sms.message import VALID_S, Kind

BEFORE = {Kind.REMINDER_DAY: timedelta(days=1), Kind.REMINDER_HOURS: timedelta(hours=2)}
CONFIRMED_LATELY = timedelta(hours=1)
AT_ONCE = 500
"""Looked at in one transaction."""


def remind(session: Session, now: datetime) -> bool:
    """Decide on the reminders that are due and were not decided on before; return whether there may be more."""
    most = 0
    for kind, before in BEFORE.items():
        worth = timedelta(seconds=VALID_S[kind])
        # By its id, which is the key: there are a month's notices.
        centre, about = (cast(ColumnElement[str], each) for each in (AppointmentRow.centre, AppointmentRow.id))
        identity = notice_id(centre, about, kind)
        noted = select(NoticeRow.id).where(col(NoticeRow.id) == identity)
        rows = session.exec(
            select(AppointmentRow)
            .where(
                AppointmentRow.status == BOOKED,
                col(AppointmentRow.slot_at) <= now + before,
                col(AppointmentRow.slot_at) > now + before - worth,
                ~noted.exists(),
            )
            .order_by(col(AppointmentRow.slot_at))
            .limit(AT_ONCE)
        ).all()
        for row in rows:
            due_at = row.slot_at - before
            is_confirmed = row.booked_at is not None and row.booked_at > due_at - CONFIRMED_LATELY
            # Noted as well: those who are not reminded must not stand before those who are, round after round.
            unless = "confirmed_lately" if is_confirmed else ""
            decide(session, kind, row.centre, row.id, now, due_at + worth, unless=unless)
        most = max(most, len(rows))
    return most == AT_ONCE
