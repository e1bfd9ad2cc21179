"""Booking for a customer who stands at the desk or calls: who has no phone, or no use for the pages.

Who the customer is the CPR and the date of birth prove, asked for each time as at signing in. What is done is the
customer's own doing, by the verbs of `server.booking` with their rules, limits, misses, block and messages; a line in
the audit log is in the same commit. What the centre itself does to a booking is `server.administration.helping`'s.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from server.administration.answers import CustomerSeen, Proof, RefusedError, Why
from server.administration.audit import Act, note
from server.administration.helping import check_anywhere, count, seen
from server.administration.house import House, check
from server.administration.roles import Asker, Right
from server.api.once import Once, once
from server.booking.answers import Appointment, Channel, Customer
from server.booking.answers import RefusedError as BookingRefusedError
from server.booking.answers import Why as BookingWhy
from server.booking.desk import Around, Booking
from server.limits import Limit
from server.tables import CustomerRow

_log = logging.getLogger(__name__)


class OnBehalf:
    """The verbs. HELP is wanted at the centre of the booking.

    Each is refused with WRONG_BIRTH_DATE for whom the proof is none, with TOO_MANY, and for booking's own reasons; each
    raises RegistryUnavailable, too. Asked again each gives the same answer and does nothing.
    """

    def __init__(self, house: House, booking: Booking, looked_up: Limit) -> None:
        """`looked_up` counts the customers that an asker looks up, here and at the help desk."""
        self._house = house
        self._booking = booking
        self._looked_up = looked_up

    @property
    def has_rooms(self) -> bool:
        """Whether there are video rooms, so that an appointment can be held by video."""
        return self._booking.has_rooms

    async def admit(self, asker: Asker, proof: Proof) -> CustomerSeen:
        """Return whom a proof is of, registered now where it is the first time. HELP is wanted anywhere."""
        mine = check_anywhere(asker, self._house)
        customer = await self._proven(asker, proof)
        now = self._house.clock.now()

        def look(session: Session) -> CustomerSeen:
            return seen(session, self._house, asker, session.get_one(CustomerRow, customer.id), mine, now)

        return await self._house.look(look)

    async def book(
        self,
        asker: Asker,
        centre_id: str,
        proof: Proof,
        service_id: str,
        slot_at: datetime,
        channel: Channel = "counter",
        *,
        asked: Once | None = None,
    ) -> Appointment:
        """Book a slot that begins at an instant (aware)."""
        check(asker, Right.HELP, centre_id)
        customer = await self._proven(asker, proof)
        around = self._around(asker, asked, centre_id, Act.APPOINTMENT_BOOKED)
        return await self._booking.book(customer, centre_id, service_id, slot_at, channel, around=around)

    async def move(
        self,
        asker: Asker,
        centre_id: str,
        appointment_id: str,
        proof: Proof,
        slot_at: datetime,
        channel: Channel | None = None,
        *,
        asked: Once | None = None,
    ) -> Appointment:
        """Move the customer's booking; it is another appointment then, with the same link."""
        check(asker, Right.HELP, centre_id)
        customer = await self._proven(asker, proof)
        around = self._around(asker, asked, centre_id, Act.APPOINTMENT_MOVED, appointment_id)
        return await self._booking.move(customer, centre_id, appointment_id, slot_at, channel, around=around)

    async def cancel(
        self, asker: Asker, centre_id: str, appointment_id: str, proof: Proof, *, asked: Once | None = None
    ) -> Appointment:
        """Cancel the customer's booking. It counts as the customer's own cancelling, and late as late."""
        check(asker, Right.HELP, centre_id)
        customer = await self._proven(asker, proof)
        around = self._around(asker, asked, centre_id, Act.APPOINTMENT_CANCELLED, appointment_id)
        return await self._booking.cancel(customer, centre_id, appointment_id, around=around)

    async def _proven(self, asker: Asker, proof: Proof) -> Customer:
        await count(asker, self._looked_up)
        try:
            return await self._booking.register(proof.cpr, proof.lang, proof.born, is_proof=True)
        except BookingRefusedError as error:
            if error.why is not BookingWhy.BIRTH_DATE:
                raise
            _log.info("not_proven by=%s", asker.id)
            raise RefusedError(Why.WRONG_BIRTH_DATE) from error

    def _around(self, asker: Asker, asked: Once | None, centre_id: str, act: Act, about: str = "") -> Around:
        """Return what a change is done within: once, and noted as the asker's, unless it was done before."""
        began = self._house.clock.now()

        def around(session: Session, change: Callable[[], Appointment]) -> Appointment:
            def noted(session: Session) -> Appointment:
                made = change()
                done_at = made.ended_at or made.booked_at
                if done_at is not None and done_at >= began:
                    after = {"slot_at": made.slot_at.isoformat(), "appointment": made.id, "for": "customer"}
                    note(session, asker, centre_id, act, f"appointment:{about or made.id}", done_at, {}, after)
                return made

            return once(asked, Appointment, noted)(session)

        return around
