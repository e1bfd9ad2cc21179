"""The words that came with ratings, as who answers for a centre reads them: jobs on a session.

They name no visit and no customer. What in them looks like a number or an address of somebody's is left out: customers
write it there all the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, and_, col, or_, select

from server.feedback.ratings import words_place
from server.feedback.tables import RatingRow
from server.vault import Vault, VaultError

AT_ONCE = 50
"""Remarks on a page."""
LEFT_OUT = "•••"

# A personal number has nine digits, a phone eight, written together or in groups.
_NUMBER = re.compile(r"[0-9٠-٩۰-۹](?:[ .\-–/()]{0,2}[0-9٠-٩۰-۹]){5,}")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody wrote about a visit for a service, with a score of 1 to 5; `given_at` is aware, in UTC."""

    service: str
    score: int
    words: str = field(repr=False)
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Remarks:
    """A page of them, the newest first. `next` is where the next page begins, "" at the end; it names no visit."""

    remarks: tuple[Remark, ...]
    next: str


def read(
    session: Session,
    vault: Vault,
    centre: str,
    since: datetime,
    until: datetime,
    *,
    service: str = "",
    scores: Collection[int] = (),
    after: str = "",
    limit: int = AT_ONCE,
) -> Remarks:
    """Return the newest words given from `since` until before `until`, for one service or all, with some scores or any.

    `after` is a page's `next`; one that nobody has begins at the newest. Raises VaultError.
    """
    wanted = (
        select(RatingRow)
        .where(
            RatingRow.centre == centre,
            col(RatingRow.words).is_not(None),
            col(RatingRow.given_at) >= since,
            col(RatingRow.given_at) < until,
        )
        .order_by(col(RatingRow.given_at).desc(), col(RatingRow.visit).desc())
        .limit(limit + 1)
    )
    if service:
        wanted = wanted.where(RatingRow.service == service)
    if scores:
        wanted = wanted.where(col(RatingRow.score).in_(tuple(scores)))
    visit = _opened(vault, centre, after)
    last = session.get(RatingRow, (centre, visit)) if visit else None
    if last is not None:
        is_older = col(RatingRow.given_at) < last.given_at
        wanted = wanted.where(
            or_(is_older, and_(col(RatingRow.given_at) == last.given_at, col(RatingRow.visit) < last.visit))
        )
    rows = session.exec(wanted).all()
    told = tuple(_told(row, vault) for row in rows[:limit])
    return Remarks(told, vault.seal(rows[limit - 1].visit, _next_place(centre)).hex() if len(rows) > limit else "")


def without_numbers(text: str) -> str:
    """Return a text without what looks like a number or an address of somebody's."""
    return _NUMBER.sub(LEFT_OUT, _ADDRESS.sub(LEFT_OUT, text))


def _next_place(centre: str) -> str:
    return f"remarks/{centre}/next"


def _opened(vault: Vault, centre: str, after: str) -> str:
    """Return the visit that a page ended with, "" for none: the address may hold whatever somebody has put there."""
    try:
        return vault.unseal(bytes.fromhex(after), _next_place(centre)) if after else ""
    except (ValueError, VaultError):
        return ""


def _told(row: RatingRow, vault: Vault) -> Remark:
    words = b"" if row.words is None else row.words
    text = vault.unseal(words, words_place(row.centre, row.visit))
    return Remark(row.service, row.score, without_numbers(text), row.given_at)
