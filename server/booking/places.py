"""The places of slots: taken by one conditional statement each, so that the last one goes to one customer.

The database decides, not this process: on PostgreSQL a second UPDATE waits for the first one's row and looks at the
condition again (READ COMMITTED), on SQLite writers go one after another. A lock in memory would do for neither.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select, update

from server.booking.tables import SlotRow


def take(session: Session, centre: str, service: str, slot_at: datetime, most: int | None) -> bool:
    """Take a place of a slot that has `most` of them (null: as many as one likes); False when none is left."""
    if _add(session, centre, service, slot_at, most):
        return True
    insert = postgresql.insert if session.connection().dialect.name == "postgresql" else sqlite.insert
    fresh = insert(SlotRow).values(centre=centre, service=service, slot_at=slot_at, taken=0)
    session.execute(fresh.on_conflict_do_nothing())
    return _add(session, centre, service, slot_at, most)


def give_back(session: Session, centre: str, service: str, slot_at: datetime) -> None:
    """Give a place back that was taken."""
    session.execute(
        update(SlotRow)
        .where(*_key(centre, service, slot_at), col(SlotRow.taken) > 0)
        .values(taken=col(SlotRow.taken) - 1)
        .execution_options(synchronize_session=False)
    )


def taken(session: Session, centre: str, service: str, since: datetime, until: datetime) -> dict[datetime, int]:
    """Return how many places are taken of each slot from `since` to before `until`; none of those left out."""
    rows = session.execute(
        select(SlotRow.slot_at, SlotRow.taken).where(
            col(SlotRow.centre) == centre,
            col(SlotRow.service) == service,
            col(SlotRow.slot_at) >= since,
            col(SlotRow.slot_at) < until,
        )
    )
    return {slot_at: count for slot_at, count in rows}


def _add(session: Session, centre: str, service: str, slot_at: datetime, most: int | None) -> bool:
    conditions = [*_key(centre, service, slot_at), *([col(SlotRow.taken) < most] if most is not None else [])]
    done = session.execute(
        update(SlotRow)
        .where(*conditions)
        .values(taken=col(SlotRow.taken) + 1)
        .execution_options(synchronize_session=False)
    )
    return cast(CursorResult[Any], done).rowcount == 1


def _key(centre: str, service: str, slot_at: datetime) -> tuple[Any, ...]:
    return col(SlotRow.centre) == centre, col(SlotRow.service) == service, col(SlotRow.slot_at) == slot_at
