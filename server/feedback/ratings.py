"""Ratings of kept visits: jobs on a session. The row's key decides who was first, not a look before it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Executable
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from server.booking.answers import Customer, RefusedError, Why
from server.feedback.answers import REMARK_MOST, SCORES, Place, Rating
from server.feedback.tables import RatingRow
from server.planting import KEPT
from server.tables import AppointmentRow
from server.vault import Vault

RATED_WITHIN = timedelta(days=14)
"""A visit may be rated for so long; later ones are remembered too badly."""


def words_place(centre: str, visit: str) -> str:
    """Return the place that a rating's words are sealed for."""
    return f"rating/{centre}/{visit}/words"


def kept_lately(session: Session, customer: str, now: datetime) -> list[AppointmentRow]:
    """Return a customer's kept visits that may be rated still, rated or not, newest first."""
    rows = session.exec(
        select(AppointmentRow)
        .where(
            AppointmentRow.customer == customer,
            AppointmentRow.status == KEPT,
            col(AppointmentRow.slot_at) > now - RATED_WITHIN,
        )
        .order_by(col(AppointmentRow.slot_at).desc())
    )
    return list(rows)


def of_visits(session: Session, visits: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Rating]:
    """Return the ratings of visits, by centre and visit."""
    wanted = set(visits)
    if not wanted:
        return {}
    rows = session.exec(select(RatingRow).where(col(RatingRow.visit).in_({visit for _, visit in wanted}))).all()
    return {(row.centre, row.visit): told(row) for row in rows if (row.centre, row.visit) in wanted}


def rate(
    session: Session, vault: Vault, customer: Customer, centre: str, visit: str, score: int, words: str, place: Place,
    now: datetime,
) -> Rating:  # fmt: skip
    """Rate an own kept visit. To give the same again is no fault; another one is refused. Raises RefusedError."""
    visited = session.get(AppointmentRow, (centre, visit))
    if visited is None or visited.customer != customer.id:
        raise RefusedError(Why.NO_SUCH_APPOINTMENT)
    if visited.status != KEPT or visited.slot_at <= now - RATED_WITHIN or score not in SCORES:
        raise RefusedError(Why.NOT_RATABLE)
    remark = words.strip()[:REMARK_MOST]
    row = {
        "centre": centre,
        "visit": visit,
        "service": visited.service,
        "score": score,
        "words": vault.seal(remark, words_place(centre, visit)) if remark else None,
        "given_at": now,
        "given_at_place": place,
    }
    connection = session.connection()
    connection.execute(_giving(connection.dialect.name), row)
    given = session.get_one(RatingRow, (centre, visit))
    if given.score != score:
        raise RefusedError(Why.RATED)
    return told(given)


def told(row: RatingRow) -> Rating:
    """Return a rating as it is told; its words are the centre's."""
    return Rating(row.centre, row.visit, row.service, row.score, row.given_at)


@cache
def _giving(dialect: str) -> Executable:
    insert = postgresql.insert(RatingRow) if dialect == "postgresql" else sqlite.insert(RatingRow)
    return insert.on_conflict_do_nothing()
