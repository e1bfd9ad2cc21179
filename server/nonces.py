"""A device's signed request counts once, also where several processes serve one address.

Each process remembers what it let through itself (`sync.identity`); what another let through is in the database.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, delete

from server.shared_tables import NonceRow
from server.storage import Store
from sync.clock import Clock

KEPT = timedelta(minutes=5)
"""More than the time for which a signature is believed, both ways, and clocks that differ."""


def once_of_all(store: Store, clock: Clock, door: str) -> Callable[[str, str], Awaitable[bool]] | None:
    """Return what tells whether no process has let a device's nonce through at a door; None for a lone process."""
    if not store.is_shared:
        return None

    async def is_first(device: str, nonce: str) -> bool:
        fresh = insert(NonceRow).values(device=device, nonce=f"{door}/{nonce}", at=clock.now())

        def job(session: Session) -> bool:
            new = fresh.on_conflict_do_nothing().returning(col(NonceRow.nonce))
            return session.connection().execute(new).first() is not None

        return await store.run(job)

    return is_first


def forget_old(session: Session, now: datetime) -> None:
    """Delete those that are so old that their signatures are believed no more."""
    session.execute(delete(NonceRow).where(col(NonceRow.at) < now - KEPT))
