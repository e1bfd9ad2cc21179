"""Blocks: set when the rule of `queueing.keeping` says so, lifted by staff with a reason, or when a log sets us right.

A block holds at all centres of the server: it keeps slots for others, wherever they are. The row is counted over all
centres, too, by the numbers of the centre whose appointment was missed last. Jobs on a session.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import bindparam
from sqlmodel import Session, col, or_, select

from queueing.centre import Centre
from queueing.keeping import Ending, Settled, blocked_until, is_too_many, misses_in_row
from server.booking.answers import Block, RefusedError, Why
from server.booking.notices import decide
from server.booking.tables import BlockRow
from server.planting import CANCELLED, CARRIED, EXCUSED, KEPT, NO_SHOW, SEED
from server.tables import AppointmentRow
from sms.message import VALID_S, Kind

LOOKED_BACK = timedelta(days=366)
"""Older endings are in no row: a centre's rule reaches a year back at most."""

_OF = (
    select(BlockRow)
    .where(col(BlockRow.customer) == bindparam("who"))
    .order_by(col(BlockRow.set_at).desc(), col(BlockRow.id))
)

EVER = select(BlockRow.id).where(col(BlockRow.customer) == bindparam("who"))
"""Whether a customer `who` ever had a block; for a look at several things in one statement."""

_log = logging.getLogger(__name__)


def current(session: Session, customer: str, now: datetime) -> Block | None:
    """Return the block that holds for a customer now, the one that ends last."""
    rows = [row for row in _of(session, customer) if row.lifted_at is None and row.until > now]
    return told(max(rows, key=lambda row: row.until)) if rows else None


def all_of(session: Session, customer: str) -> tuple[Block, ...]:
    """Return all blocks that a customer ever had, newest first."""
    return tuple(told(row) for row in _of(session, customer))


def judge(session: Session, centre: Centre, customer: str, now: datetime) -> Block | None:
    """Block a customer whose misses have become too many by a centre's rule; what led to an earlier block is paid for.

    The caller holds the customer (`appointments.begin`).
    """
    blocks = _of(session, customer)
    if any(row.lifted_at is None and row.until > now for row in blocks):
        return None
    settled = _settled(session, customer, blocks[0].set_at if blocks else None, now)
    if not is_too_many(centre, settled):
        return None
    row = BlockRow(
        id=secrets.token_hex(8),
        customer=customer,
        centre=centre.id,
        misses=len(misses_in_row(centre, settled)),
        set_at=now,
        until=blocked_until(centre, now),
    )
    session.add(row)
    session.flush()
    decide(
        session, Kind.BLOCKED, centre.id, row.id, now, min(row.until, now + timedelta(seconds=VALID_S[Kind.BLOCKED]))
    )
    _log.info("blocked block=%s centre=%s misses=%d", row.id, centre.id, row.misses)
    return told(row)


def reconsider(session: Session, centres: Mapping[str, Centre], customer: str, now: datetime) -> None:
    """Lift the block that holds if it would not be set any more: a visit that was kept came to be known late.

    By the rule of the centre that set it, wherever the visit was.
    """
    blocks = _of(session, customer)
    if not blocks or blocks[0].lifted_at is not None or blocks[0].until <= now:
        return
    row = blocks[0]
    settled = _settled(session, customer, blocks[1].set_at if len(blocks) > 1 else None, now)
    if is_too_many(centres[row.centre], [each for each in settled if each.at <= row.set_at]):
        return
    row.lifted_at, row.lifted_by, row.lifted_why = now, "system", "kept"
    _log.info("block_lifted block=%s by=system", row.id)


def lift(session: Session, customer: str, by: str, why: str, now: datetime) -> Block:
    """Lift the block that holds, for a reason. Raises RefusedError."""
    if not why.strip():
        raise RefusedError(Why.NO_REASON)
    rows = [row for row in _of(session, customer) if row.lifted_at is None and row.until > now]
    if not rows:
        raise RefusedError(Why.NO_SUCH_BLOCK)
    for row in rows:
        row.lifted_at, row.lifted_by, row.lifted_why = now, by, why.strip()
        _log.info("block_lifted block=%s by=%s", row.id, by)
    return told(rows[0])


def told(row: BlockRow) -> Block:
    """Return a block as it is told."""
    return Block(
        id=row.id,
        centre=row.centre,
        misses=row.misses,
        set_at=row.set_at,
        until=row.until,
        lifted_at=row.lifted_at,
        lifted_by=row.lifted_by,
        lifted_why=row.lifted_why,
    )


def _of(session: Session, customer: str) -> list[BlockRow]:
    return list(session.execute(_OF, {"who": customer}).scalars())


def _settled(session: Session, customer: str, since: datetime | None, now: datetime) -> list[Settled]:
    """Return how a customer's appointments ended since the last block; a cancellation only if it was the customer's.

    What came with a seed, or what a centre moved one to, nobody has chosen, and nobody is to be blamed for it.
    """
    rows = session.exec(
        select(AppointmentRow).where(
            AppointmentRow.customer == customer,
            col(AppointmentRow.booked_by).not_in((SEED, CARRIED)),
            col(AppointmentRow.slot_at) > now - LOOKED_BACK,
            or_(
                col(AppointmentRow.status).in_((KEPT, NO_SHOW, EXCUSED)),
                (col(AppointmentRow.status) == CANCELLED) & (col(AppointmentRow.ended_by) == "customer"),
            ),
        )
    )
    settled = [
        Settled(
            cast(Ending, row.status),
            (row.ended_at or row.slot_at) if row.status == CANCELLED else row.slot_at,
            row.late,
        )
        for row in rows
    ]
    return [each for each in settled if since is None or each.at > since]
