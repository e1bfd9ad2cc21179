"""The places of slots: taken by one conditional statement each, so that the last one goes to one customer.

The database decides, not this process: on PostgreSQL a second customer's statement waits for the first one's row and
looks at the condition again (READ COMMITTED), on SQLite writers go one after another. A lock in memory would not do.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Executable, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select, update

from server.booking.tables import SlotRow


def take(session: Session, centre: str, service: str, slot_at: datetime, most: int | None) -> bool:
    """Take a place of a slot that has `most` of them (null: as many as one likes); False when none is left."""
    if most is not None and most < 1:
        return False
    statement = _taking(session.connection().dialect.name, has_most=most is not None)
    key = {"centre": centre, "service": service, "slot_at": slot_at, "taken": 1}
    return session.connection().execute(statement, key if most is None else key | {"most": most}).first() is not None


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


@cache
def _taking(dialect: str, *, has_most: bool) -> Executable:
    """Return the statement that begins a slot with one place taken, or takes one more where one is left."""
    table = SlotRow.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return insert.on_conflict_do_update(
        index_elements=["centre", "service", "slot_at"],
        set_={"taken": table.c.taken + 1},
        where=table.c.taken < bindparam("most") if has_most else None,
    ).returning(table.c.taken)


def _key(centre: str, service: str, slot_at: datetime) -> tuple[Any, ...]:
    return col(SlotRow.centre) == centre, col(SlotRow.service) == service, col(SlotRow.slot_at) == slot_at
