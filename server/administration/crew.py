"""Who and what works at a centre: the counters' staff with their PINs, and the devices."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Literal, cast

from sqlmodel import Session, col, select

from queueing.words import Words
from server.administration.answers import RefusedError, StaffSeen, Why
from server.administration.audit import Act, note
from server.administration.house import House
from server.administration.roles import Asker, Right
from server.api.once import Once, once
from server.devices import Devices, Standing
from server.enrolment import Code, Wanted
from server.enrolment import RefusedError as DeviceRefusedError
from server.enrolment import Why as DeviceWhy
from server.planting import PINS
from server.postgres import one_at_a_time
from server.registers import raise_revision
from server.tables import StaffRow
from sync.rights import Role as DeviceRole

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_PIN = re.compile(r"[0-9]{4,12}")


class Crew:
    """The verbs. SEE reads, STAFF and DEVICES change."""

    def __init__(self, house: House, devices: Devices) -> None:
        self._house = house
        self._devices = devices

    async def staff(
        self, asker: Asker, centre_id: str, *, after: str = "", most: int | None = None
    ) -> tuple[StaffSeen, ...]:
        """Return a centre's staff, disabled ones too, by id: those after `after`, `most` of them."""
        self._house.centre(asker, Right.SEE, centre_id)
        wanted = select(StaffRow).where(StaffRow.centre == centre_id, col(StaffRow.id) > after)

        def look(session: Session) -> tuple[StaffSeen, ...]:
            return tuple(_told(row) for row in session.exec(wanted.order_by(col(StaffRow.id)).limit(most)))

        return await self._house.look(look)

    async def put_staff(
        self,
        asker: Asker,
        centre_id: str,
        staff_id: str,
        name: Words,
        role: Literal["clerk", "supervisor"],
        pin: str | None = None,
    ) -> StaffSeen:
        """Make a member of staff or change one; without `pin` that stays. A disabled one is so no more.

        Refused: NAME, PIN (also when a new one has none).
        """
        self._house.centre(asker, Right.STAFF, centre_id)
        if pin is not None and not _PIN.fullmatch(pin):
            raise RefusedError(Why.PIN)
        # Slow on purpose, so not in the registers' thread.
        pin_hash = await asyncio.to_thread(PINS.hash, pin) if pin is not None else ""
        now = self._house.clock.now()

        def job(session: Session) -> StaffSeen:
            one_at_a_time(session, f"staff/{centre_id}")
            row = session.get(StaffRow, (centre_id, staff_id))
            if row is None and not _ID.fullmatch(staff_id):
                raise RefusedError(Why.NAME)
            if row is None and not pin_hash:
                raise RefusedError(Why.PIN)
            before = {} if row is None else {"role": row.role, "disabled": row.disabled}
            if row is None:
                row = StaffRow(centre=centre_id, id=staff_id, name={}, role=role, pin_hash=pin_hash)
                session.add(row)
            row.name, row.role, row.disabled = dict(name), role, False
            row.pin_hash = pin_hash or row.pin_hash
            # Staff are named by their id alone: the audit log holds nobody's name but who acts.
            after = {"role": role, "disabled": False} | ({"pin": "new"} if pin_hash else {})
            act = Act.STAFF_CHANGED if before else Act.STAFF_ADDED
            note(session, asker, centre_id, act, f"staff:{staff_id}", now, before, after)
            raise_revision(session, centre_id)
            return _told(row)

        return await self._house.change([centre_id], job)

    async def disable_staff(self, asker: Asker, centre_id: str, staff_id: str) -> StaffSeen:
        """Let somebody sign in at the counters no more. Refused: NO_SUCH_STAFF."""
        self._house.centre(asker, Right.STAFF, centre_id)
        now = self._house.clock.now()

        def job(session: Session) -> StaffSeen:
            row = session.get(StaffRow, (centre_id, staff_id))
            if row is None:
                raise RefusedError(Why.NO_SUCH_STAFF)
            if not row.disabled:
                row.disabled = True
                note(session, asker, centre_id, Act.STAFF_DISABLED, f"staff:{staff_id}", now)
                raise_revision(session, centre_id)
            return _told(row)

        return await self._house.change([centre_id], job)

    async def devices(
        self, asker: Asker, centre_id: str, *, after: str = "", most: int | None = None
    ) -> tuple[Standing, ...]:
        """Say how a centre's devices stand, revoked and awaited ones too, by name: those after `after`, `most`."""
        self._house.centre(asker, Right.SEE, centre_id)
        found = await asyncio.to_thread(self._devices.standings, centre_id)
        return tuple(each for each in found if each.device > after)[:most]

    async def new_code(
        self, asker: Asker, centre_id: str, role: DeviceRole, device: str = "", series: str = ""
    ) -> Code:
        """Make a one-time code for a device, told once. Raises enrolment's RefusedError, too."""
        self._house.centre(asker, Right.DEVICES, centre_id)
        wanted = Wanted(centre_id, role, device, series)
        now = self._house.clock.now()

        def noted(session: Session, code: Code) -> None:
            after = {"role": str(code.role)}
            note(session, asker, centre_id, Act.DEVICE_CODE_MADE, f"device:{code.device}", now, {}, after)

        return await asyncio.to_thread(self._devices.new_code, wanted, asker.id, also=noted)

    async def revoke(self, asker: Asker, centre_id: str, device: str, *, asked: Once | None = None) -> bool:
        """Take a device out of service; tell whether it was in. Raises enrolment's RefusedError, too."""
        self._house.centre(asker, Right.DEVICES, centre_id)
        if not device:
            raise DeviceRefusedError(DeviceWhy.DEVICE)
        now = self._house.clock.now()

        def around(session: Session, revoke: Callable[[Session], bool]) -> bool:
            def noted(session: Session) -> bool:
                was_in = revoke(session)
                if was_in:
                    note(session, asker, centre_id, Act.DEVICE_REVOKED, f"device:{device}", now)
                return was_in

            return once(asked, bool, noted)(session)

        return await asyncio.to_thread(self._devices.revoke, device, asker.id, centre_id, around=around)


def _told(row: StaffRow) -> StaffSeen:
    return StaffSeen(row.id, row.name, cast(Literal["clerk", "supervisor"], row.role), row.disabled)
