"""The places of slots: taken by one conditional statement each, so that the last one goes to one customer.

The database decides, not this process: on PostgreSQL a second customer's statement waits for the first one's row and
looks at the condition again (READ COMMITTED), on SQLite writers go one after another. A lock in memory would not do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Executable, and_, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select, update

from queueing.slots import Slot
from server.booking.tables import SlotRow


def take(
    session: Session, centre: str, service: str, slot_at: datetime, most: int | None, edition: int | None = None
) -> bool:
    """Take a place of a slot that has `most` of them (null: as many as one likes); False when none is left.

    `edition` is the version of the centre's settings that told of the slot: none is left in one that was closed since.
    """
    if most is not None and most < 1:
        return False
    key: dict[str, object] = {"centre": centre, "service": service, "slot_at": slot_at, "taken": 1, "new_edition": 0}
    key |= {} if most is None else {"most": most}
    key |= {} if edition is None else {"known": edition}
    statement = _taking(session.connection().dialect.name, has_most=most is not None, has_edition=edition is not None)
    return session.connection().execute(statement, key).first() is not None


def shut(session: Session, centre: str, slots: Iterable[tuple[datetime, str]], edition: int) -> None:
    """Let nobody take a place of some slots (when, of which service) who does not know the settings of an edition.

    Who is taking one at this moment is waited for: afterwards all who have one are seen. In the order of time.
    """
    keys = [
        {"centre": centre, "service": service, "slot_at": at, "taken": 0, "new_edition": edition}
        for at, service in sorted(slots)
    ]
    if keys:
        session.connection().execute(_shutting(session.connection().dialect.name), keys)


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


def taken_of(
    session: Session, slots: Mapping[str, Mapping[str, Sequence[Slot]]]
) -> dict[tuple[str, str, datetime], int]:
    """Return how many places are taken of slots of several centres, by centre, service and beginning, in one question.

    `slots` are by centre and service; one of which none is taken may be missing.
    """
    every = [slot.at for services in slots.values() for of_service in services.values() for slot in of_service]
    if not every:
        return {}
    rows = session.execute(
        select(SlotRow.centre, SlotRow.service, SlotRow.slot_at, SlotRow.taken).where(
            col(SlotRow.centre).in_(slots),
            col(SlotRow.service).in_({service for services in slots.values() for service in services}),
            col(SlotRow.slot_at) >= min(every),
            col(SlotRow.slot_at) <= max(every),
        )
    )
    return {(centre, service, at): count for centre, service, at, count in rows}


@cache
def _taking(dialect: str, *, has_most: bool, has_edition: bool) -> Executable:
    """Return the statement that begins a slot with one place taken, or takes one more where one is left."""
    insert, table = _inserting(dialect)
    conditions = [table.c.taken < bindparam("most")] if has_most else []
    conditions += [table.c.edition <= bindparam("known")] if has_edition else []
    statement: Executable = insert.on_conflict_do_update(
        index_elements=["centre", "service", "slot_at"],
        set_={"taken": table.c.taken + 1},
        where=and_(*conditions) if conditions else None,
    ).returning(table.c.taken)
    return statement


@cache
def _shutting(dialect: str) -> Executable:
    insert, _ = _inserting(dialect)
    statement: Executable = insert.on_conflict_do_update(
        index_elements=["centre", "service", "slot_at"], set_={"edition": bindparam("new_edition")}
    )
    return statement


def _inserting(dialect: str) -> tuple[Any, Any]:
    """Return the beginning of a slot's row, and the table."""
    table = SlotRow.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    columns: dict[str, Any] = {name: bindparam(name) for name in ("centre", "service", "slot_at", "taken")}
    return insert.values(**columns, edition=bindparam("new_edition")), table


def _key(centre: str, service: str, slot_at: datetime) -> tuple[Any, ...]:
    return col(SlotRow.centre) == centre, col(SlotRow.service) == service, col(SlotRow.slot_at) == slot_at
