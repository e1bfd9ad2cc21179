"""The help desk: a customer's bookings by the CPR, cancelled or moved by the centre, a block lifted.

What a customer at the desk does by its hands, and what counts as such, is `server.administration.on_behalf`'s.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from datetime import datetime

from sqlmodel import Session, col, select

from queueing.cpr import parse
from server.administration.answers import CustomerSeen, RefusedError, Why
from server.administration.audit import Act, note
from server.administration.house import House
from server.administration.roles import EVERYWHERE, Asker, Right
from server.api.once import Once, once
from server.booking import appointments, blocks
from server.booking.answers import Appointment, Block, FreeDay
from server.booking.answers import RefusedError as BookingRefusedError
from server.booking.answers import Why as BookingWhy
from server.booking.appointments import Change
from server.booking.desk import HISTORY, Booking
from server.booking.seals import opened_customer
from server.limits import Limit
from server.planting import BOOKED, CANCELLED, MOVED
from server.tables import AppointmentRow, CustomerRow


class HelpDesk:
    """The verbs. HELP is wanted at the centre of the booking, or of the block. Nothing here counts against anybody."""

    def __init__(self, house: House, booking: Booking, looked_up: Limit) -> None:
        """`looked_up` counts the customers that an asker looks up."""
        self._house = house
        self._booking = booking
        self._looked_up = looked_up

    async def find(self, asker: Asker, cpr: str) -> CustomerSeen:
        """Find a customer by the CPR. Refused: NO_SUCH_CUSTOMER, TOO_MANY, MAY_NOT; booking's CPR."""
        mine = check_anywhere(asker, self._house)
        digits = parse(cpr)
        if digits is None:
            raise BookingRefusedError(BookingWhy.CPR)
        await count(asker, self._looked_up)
        lookup, now = self._house.store.vault.customer_hash(digits), self._house.clock.now()

        def look(session: Session) -> CustomerSeen | None:
            row = session.exec(select(CustomerRow).where(CustomerRow.lookup == lookup)).one_or_none()
            return None if row is None else seen(session, self._house, asker, row, mine, now)

        found = await self._house.look(look)
        if found is None:
            raise RefusedError(Why.NO_SUCH_CUSTOMER)
        return found

    async def free(self, asker: Asker, centre_id: str, service_id: str) -> tuple[FreeDay, ...]:
        """Return the free slots of a service, to book or to move to."""
        self._house.centre(asker, Right.HELP, centre_id)
        return await self._booking.free(centre_id, service_id)

    async def cancel(
        self, asker: Asker, centre_id: str, appointment_id: str, *, asked: Once | None = None
    ) -> Appointment:
        """Cancel a booking in the centre's name; the customer is told. NO_SUCH_APPOINTMENT; booking's NOT_OPEN.

        Asked again it gives the same and does nothing.
        """

        def job(session: Session, row: AppointmentRow, change: Change) -> Appointment:
            centre = self._house.registers.centres[centre_id]
            if row.status == CANCELLED:
                return appointments.told(row, centre, change.now)
            _check_open(row, change.now)
            note(session, asker, centre_id, Act.APPOINTMENT_CANCELLED, f"appointment:{row.id}", change.now)
            return appointments.call_off(session, change, centre, row, asker.id)

        return await self._changed(asker, centre_id, appointment_id, job, asked)

    async def move(
        self, asker: Asker, centre_id: str, appointment_id: str, slot_at: datetime, *, asked: Once | None = None
    ) -> Appointment:
        """Move a booking to another slot in the centre's name; the customer is told. Refused by booking's reasons."""

        def job(session: Session, row: AppointmentRow, change: Change) -> Appointment:
            centre = self._house.registers.centres[centre_id]
            if row.status == BOOKED and row.slot_at == slot_at:
                return appointments.told(row, centre, change.now)
            _check_open(row, change.now)
            before = {"slot_at": row.slot_at.isoformat()}
            after = {"slot_at": slot_at.isoformat(), "appointment": change.new_id}
            note(session, asker, centre_id, Act.APPOINTMENT_MOVED, f"appointment:{row.id}", change.now, before, after)
            return appointments.carry(session, change, centre, row, slot_at, asker.id)

        return await self._changed(asker, centre_id, appointment_id, job, asked)

    async def lift_block(self, asker: Asker, customer_id: str, why: str, *, asked: Once | None = None) -> Block:
        """Lift the block that holds, for a reason. Refused: NO_REASON; booking's NO_SUCH_BLOCK."""
        if asker.must_change:
            raise RefusedError(Why.MUST_CHANGE)
        if not asker.may_anywhere(Right.HELP):
            raise RefusedError(Why.MAY_NOT)
        now = self._house.clock.now()

        def job(session: Session) -> Block:
            return _lifted(session, asker, customer_id, why, now)

        return await self._house.look(once(asked, Block, job))

    async def lift_block_of(
        self, asker: Asker, centre_id: str, appointment_id: str, why: str, *, asked: Once | None = None
    ) -> Block:
        """Lift the block of whose appointment it is. Refused: NO_SUCH_APPOINTMENT and as `lift_block`."""
        self._house.centre(asker, Right.HELP, centre_id)
        now = self._house.clock.now()

        def job(session: Session) -> Block:
            row = session.get(AppointmentRow, (centre_id, appointment_id))
            if row is None:
                raise RefusedError(Why.NO_SUCH_APPOINTMENT)
            return _lifted(session, asker, row.customer, why, now)

        return await self._house.look(once(asked, Block, job))

    async def _changed(
        self,
        asker: Asker,
        centre_id: str,
        appointment_id: str,
        job: Callable[[Session, AppointmentRow, Change], Appointment],
        asked: Once | None,
    ) -> Appointment:
        self._house.centre(asker, Right.HELP, centre_id)
        change = Change(self._house.clock.now(), secrets.token_hex(8))

        def both(session: Session) -> Appointment:
            named = session.get(AppointmentRow, (centre_id, appointment_id))
            if named is None:
                raise RefusedError(Why.NO_SUCH_APPOINTMENT)
            appointments.begin(session, named.customer)
            session.refresh(named)
            return job(session, appointments.newest(session, named), change)

        made = await self._house.store.run(
            once(asked, Appointment, both), lambda _: self._house.revised(change.revisions)
        )
        self._house.wake()
        return made


def check_anywhere(asker: Asker, house: House) -> tuple[str, ...]:
    """Return the centres at which somebody may help. Refused: MUST_CHANGE, MAY_NOT where there is none."""
    if asker.must_change:
        raise RefusedError(Why.MUST_CHANGE)
    mine = asker.realm(Right.HELP, house.registers.centres)
    if not mine:
        raise RefusedError(Why.MAY_NOT)
    return mine


async def count(asker: Asker, looked_up: Limit) -> None:
    """Count a customer whom somebody looks up. Refused: TOO_MANY."""
    wait_s = await looked_up.take(asker.id)
    if wait_s:
        raise RefusedError(Why.TOO_MANY, retry_after_s=wait_s)


def seen(
    session: Session, house: House, asker: Asker, row: CustomerRow, mine: Collection[str], now: datetime
) -> CustomerSeen:
    """Return a customer with the bookings at some centres, and note in the audit log who has looked."""
    centres = house.registers.centres
    of = select(AppointmentRow).where(
        AppointmentRow.customer == row.id,
        col(AppointmentRow.centre).in_(mine),
        AppointmentRow.status != MOVED,
    )
    is_coming = (col(AppointmentRow.status) == BOOKED) & (col(AppointmentRow.slot_at) > now)
    coming = session.exec(of.where(is_coming).order_by(col(AppointmentRow.slot_at))).all()
    past = session.exec(of.where(~is_coming).order_by(col(AppointmentRow.slot_at).desc()).limit(HISTORY)).all()
    # Who was looked at, by whom; where the asker's right to help comes from.
    body = next((each.body for each in asker.held if Right.HELP in each.rights), EVERYWHERE)
    note(session, asker, body, Act.CUSTOMER_LOOKED_UP, f"customer:{row.id}", now)
    return CustomerSeen(
        id=row.id,
        name=opened_customer(row, house.store.vault).name,
        coming=tuple(appointments.told(each, centres.get(each.centre), now) for each in coming),
        past=tuple(appointments.told(each, centres.get(each.centre), now) for each in past),
        block=blocks.current(session, row.id, now),
        blocks=blocks.all_of(session, row.id),
    )


def _check_open(row: AppointmentRow, now: datetime) -> None:
    if row.status != BOOKED or row.slot_at <= now:
        raise BookingRefusedError(BookingWhy.NOT_OPEN)


def _lifted(session: Session, asker: Asker, customer_id: str, why: str, now: datetime) -> Block:
    appointments.begin(session, customer_id)
    held = blocks.current(session, customer_id, now)
    # Whose rule was broken decides who may forgive it.
    if held is not None and not asker.may(Right.HELP, held.centre):
        raise RefusedError(Why.MAY_NOT)
    if not why.strip():
        raise RefusedError(Why.NO_REASON)
    block = blocks.lift(session, customer_id, asker.id, why.strip()[:500], now)
    note(session, asker, block.centre, Act.BLOCK_LIFTED, f"customer:{customer_id}", now, {}, {"block": block.id})
    return block
