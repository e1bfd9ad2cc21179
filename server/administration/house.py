"""What all verbs of the administration stand on: the store, the registers in memory, and who may do what where.

It decides nothing but whether a right is held.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from sqlmodel import Session, select

from queueing.centre import Centre
from server.administration.answers import RefusedError, Why
from server.administration.roles import EVERYWHERE, Asker, Right, Tree
from server.administration.tables import BodyRow
from server.registers import Registers
from server.storage import Store
from server.tables import CentreRow
from sync.clock import Clock

T = TypeVar("T")

_log = logging.getLogger(__name__)


class House:
    """The store with the registers that follow it. `wake` has the rounds look for what is to be done."""

    def __init__(
        self,
        store: Store,
        registers: Registers,
        clock: Clock,
        wake: Callable[[], object] = lambda: None,
    ) -> None:
        self.store = store
        self.registers = registers
        self.clock = clock
        self.wake = wake

    async def look(self, job: Callable[[Session], T]) -> T:
        """Run a job that changes nothing that others have in memory."""
        return await self.store.run(job)

    async def change(self, centres: Collection[str], job: Callable[[Session], T]) -> T:
        """Run a job that changes what is known of some centres, and have everybody see it."""
        which = tuple(centres)

        def both(session: Session) -> tuple[T, Registers]:
            result = job(session)
            session.flush()
            return result, Registers.read(session, which)

        result, _ = await self.store.run(both, lambda done: self.registers.renew(done[1]))
        self.wake()
        return result

    def revised(self, revisions: Mapping[str, int]) -> None:
        """Have the hubs hear of centres whose bookings have changed. In the store's thread."""
        if revisions:
            self.registers.told(revisions)

    def centre(self, asker: Asker, right: Right, centre_id: str) -> Centre:
        """Return a centre at which a right is held. Refused: MAY_NOT, NO_SUCH_BODY."""
        check(asker, right, centre_id)
        found = self.registers.centres.get(centre_id)
        if found is None:
            raise RefusedError(Why.NO_SUCH_BODY)
        return found


def check(asker: Asker, right: Right, body: str) -> None:
    """Refuse what somebody may not do at a body. Who may nothing there learns not even whether it exists."""
    if asker.must_change:
        raise RefusedError(Why.MUST_CHANGE)
    if not asker.may(right, body):
        _log.info("refused by=%s right=%s body=%s", asker.id, right.value, body)
        raise RefusedError(Why.MAY_NOT)


def tree_of(session: Session) -> Tree:
    """Return what stands below what."""
    above = {row.id: row.above for row in session.exec(select(BodyRow))}
    above |= dict(session.exec(select(CentreRow.id, CentreRow.body)).all())
    return Tree(above)


def kind_of(session: Session, body: str) -> str:
    """Return what a body is, "" for one that is not there and for the whole server."""
    if body == EVERYWHERE:
        return ""
    found = session.get(BodyRow, body)
    if found is not None:
        return found.kind
    return "centre" if session.get(CentreRow, body) is not None else ""
