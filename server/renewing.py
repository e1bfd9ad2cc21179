"""What this process has in memory of the registers, kept up with what other processes change.

Each change of a centre's revision here is told to the others; what they tell is read, the centres concerned and no
more. It depends on no news: each look compares all revisions.
"""

from __future__ import annotations

import threading

from sqlmodel import Session, col, select

from server.registers import Registers
from server.storage import Store
from server.tables import CentreRow

CENTRE = "centre"
"""The topic; a centre's id is the key."""


class Renewing:
    """Keeps registers up with a database that others change, too. Make it before the news begin."""

    def __init__(self, store: Store, registers: Registers) -> None:
        self._store = store
        self._registers = registers
        self._hearing: int | None = None
        store.news.listen(CENTRE, self.heard)
        registers.read_anew = self._read_anew
        registers.listen(self._risen)

    def _risen(self, centres: frozenset[str]) -> None:
        if threading.get_ident() == self._hearing:
            return  # What was read because others had told it needs no telling.
        for name in centres:
            self._store.news.tell(CENTRE, name)

    def _read_anew(self, centres: frozenset[str]) -> None:
        for name in centres:
            self._store.news.hear(CENTRE, name)

    def heard(self, keys: frozenset[str]) -> None:
        """Read those of these centres, or of all, that are not known as they are now. In the thread of the news."""
        self._hearing = threading.get_ident()

        def look(session: Session) -> Registers | None:
            wanted = select(CentreRow.id, CentreRow.revision)
            rows = session.exec(wanted.where(col(CentreRow.id).in_(keys)) if keys else wanted).all()
            old = self._registers.older_than(dict(rows))
            return Registers.read(session, old) if old else None

        reading = self._store.call(look)
        if reading is not None:
            self._registers.renew(reading)
