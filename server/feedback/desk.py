"""Feedback's verbs, as `server.feedback` tells them: each finds what it needs and runs one job."""

from __future__ import annotations

import logging
import secrets

from sqlmodel import Session

from server.booking.answers import Customer, Mine, RefusedError, Why
from server.booking.appointments import told
from server.feedback import complaints, ratings
from server.feedback.answers import Complaint, Kind, Place, Rating, Said
from server.registers import Registers
from server.storage import Store
from sync.clock import Clock

_log = logging.getLogger(__name__)


class Feedback:
    """The verbs, for an event loop. Each raises RefusedError when a rule says no, and StorageUnavailable."""

    def __init__(self, store: Store, registers: Registers, clock: Clock) -> None:
        self._store = store
        self._registers = registers
        self._clock = clock

    async def mine(self, customer: Customer, shown: Mine | None = None) -> Said:
        """Return what a customer may say and has said; the ratings of the visits that are `shown`, too."""
        now, centres, vault = self._clock.now(), self._registers.centres, self._store.vault
        past = shown.past if shown is not None else ()

        def look(session: Session) -> Said:
            kept = ratings.kept_lately(session, customer.id, now)
            visits = {(row.centre, row.id) for row in kept} | {(each.centre, each.id) for each in past}
            given = ratings.of_visits(session, visits)
            to_rate = [row for row in kept if (row.centre, row.id) not in given and row.centre in centres]
            return Said(
                tuple(told(row, centres[row.centre], now) for row in to_rate),
                given,
                complaints.of_customer(session, vault, customer.id),
            )

        return await self._store.run(look)

    async def complaint(self, customer: Customer, reference: str) -> Complaint:
        """Return an own complaint by its number. Raises NoSuchComplaintError."""
        vault = self._store.vault
        return await self._store.run(lambda session: complaints.own(session, vault, customer.id, reference))

    async def rate(
        self, customer: Customer, centre: str, visit: str, score: int, words: str = "", place: Place = "page"
    ) -> Rating:
        """Rate an own kept visit of the last days, 1 to 5 with some words or none; once, and the first one stands."""
        now, vault = self._clock.now(), self._store.vault
        given = await self._store.run(
            lambda session: ratings.rate(session, vault, customer, centre, visit, score, words, place, now)
        )
        _log.info("rated centre=%s visit=%s score=%d place=%s", centre, visit, score, place)
        return given

    async def complain(
        self, customer: Customer, centre: str, kind: Kind, words: str, visit: str = "", once: str = ""
    ) -> Complaint:
        """File a complaint about a centre, or about an own visit; `once` sent again gives the same one."""
        if centre not in self._registers.centres:
            raise RefusedError(Why.NO_SUCH_CENTRE)
        now, vault, name = self._clock.now(), self._store.vault, once or secrets.token_hex(8)
        filed = await self._store.run(
            lambda session: complaints.file(session, vault, customer, centre, kind, words, visit, name, now)
        )
        _log.info("complaint_filed centre=%s reference=%s kind=%s", centre, filed.reference, kind)
        return filed
