"""The audit log: who did what to which body, when and from where, what was before and after. Only added to.

A line is in the commit of the act that it tells of, and stays for years: the database itself refuses to change one, or
to delete a young one. A customer is the internal id; no name, no number, no CPR, no PIN
and no password ever comes in.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, delete, select

from server.administration.answers import Entries, Entry
from server.administration.roles import Asker
from server.administration.tables import AuditRow


class Act(StrEnum):
    """What was done; pages have words for each."""

    SIGNED_IN = "signed_in"
    PASSWORD_CHANGED = "password_changed"
    ACCOUNT_ADDED = "account_added"
    ACCOUNT_RENAMED = "account_renamed"
    ACCOUNT_LINKED = "account_linked"
    PASSWORD_RESET = "password_reset"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    ROLE_GRANTED = "role_granted"
    ROLE_TAKEN_BACK = "role_taken_back"
    BODY_ADDED = "body_added"
    BODY_RENAMED = "body_renamed"
    BODY_REMOVED = "body_removed"
    CENTRE_ADDED = "centre_added"
    CENTRE_PLACED = "centre_placed"
    CENTRE_CHANGED = "centre_changed"
    CLOSED = "closed"
    OPENED = "opened"
    HOLIDAYS_IMPORTED = "holidays_imported"
    STAFF_ADDED = "staff_added"
    STAFF_CHANGED = "staff_changed"
    STAFF_DISABLED = "staff_disabled"
    DEVICE_CODE_MADE = "device_code_made"
    DEVICE_REVOKED = "device_revoked"
    CUSTOMER_LOOKED_UP = "customer_looked_up"
    APPOINTMENT_BOOKED = "appointment_booked"
    APPOINTMENT_CANCELLED = "appointment_cancelled"
    APPOINTMENT_MOVED = "appointment_moved"
    BLOCK_LIFTED = "block_lifted"
    COMPLAINT_TAKEN = "complaint_taken"
    COMPLAINT_ANSWERED = "complaint_answered"


def note(
    session: Session,
    asker: Asker,
    body: str,
    act: Act,
    about: str,
    now: datetime,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> str:
    """Add a line and return its id, which rises with the time."""
    identity = f"{_instant(now)}{secrets.token_hex(5)}"
    session.add(
        AuditRow(
            body=body,
            id=identity,
            at=now,
            by=asker.id,
            by_name=asker.name,
            address=asker.address,
            act=act.value,
            about=about,
            before=dict(before or {}),
            after=dict(after or {}),
        )
    )
    return identity


def read(session: Session, bodies: Collection[str] | None, *, by: str, act: str, after: str, limit: int) -> Entries:
    """Return the newest lines of bodies (None: of all) that are older than the line `after`."""
    wanted = select(AuditRow).order_by(col(AuditRow.id).desc()).limit(limit + 1)
    if bodies is not None:
        wanted = wanted.where(col(AuditRow.body).in_(tuple(bodies)))
    if by:
        wanted = wanted.where(AuditRow.by == by)
    if act:
        wanted = wanted.where(AuditRow.act == act)
    if after:
        wanted = wanted.where(col(AuditRow.id) < after)
    rows = session.exec(wanted).all()
    told = tuple(
        Entry(
            id=row.id,
            at=row.at,
            by=row.by,
            by_name=row.by_name,
            address=row.address,
            body=row.body,
            act=row.act,
            about=row.about,
            before=row.before,
            after=row.after,
        )
        for row in rows[:limit]
    )
    return Entries(told, told[-1].id if len(rows) > limit else "")


def forget_old(session: Session, before: datetime, at_once: int) -> int:
    """Delete the oldest lines of before an instant, so many at most; return how many.

    The database refuses those that are younger than a year by its own clock: that is a bug.
    """
    oldest = select(AuditRow.id).where(AuditRow.id < _instant(before)).order_by(col(AuditRow.id)).limit(at_once)
    gone = session.execute(delete(AuditRow).where(col(AuditRow.id).in_(oldest)).returning(col(AuditRow.id)))
    return len(gone.all())


def _instant(at: datetime) -> str:
    """Return what the ids of an instant begin with, in milliseconds; it rises with the time."""
    return f"{int(at.timestamp() * 1000):012x}"


def differences(
    before: Mapping[str, object], after: Mapping[str, object]
) -> tuple[dict[str, object], dict[str, object]]:
    """Return what two documents have that the other has not so, field by field of their first level."""
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return (
        {name: before[name] for name in names if name in before},
        {name: after[name] for name in names if name in after},
    )
