"""Who and what works at a centre: the counters' staff with their PINs, and the devices."""

from __future__ import annotations

from typing import Literal

from queueing.centre import Words
from server.administration.answers import StaffSeen
from server.administration.roles import Asker
from server.devices import Standing
from server.enrolment import Code
from sync.rights import Role as DeviceRole


class Crew:
    """The verbs. SEE reads, STAFF and DEVICES change."""

    async def staff(self, asker: Asker, centre_id: str) -> tuple[StaffSeen, ...]:
        """Return a centre's staff, disabled ones too, by id."""
        raise NotImplementedError

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
        raise NotImplementedError

    async def disable_staff(self, asker: Asker, centre_id: str, staff_id: str) -> StaffSeen:
        """Let somebody sign in at the counters no more. Refused: NO_SUCH_STAFF."""
        raise NotImplementedError

    async def devices(self, asker: Asker, centre_id: str) -> tuple[Standing, ...]:
        """Say how a centre's devices stand, revoked ones and awaited ones too."""
        raise NotImplementedError

    async def new_code(
        self, asker: Asker, centre_id: str, role: DeviceRole, device: str = "", series: str = ""
    ) -> Code:
        """Make a one-time code for a device, told once. Raises enrolment's RefusedError, too."""
        raise NotImplementedError

    async def revoke(self, asker: Asker, centre_id: str, device: str) -> bool:
        """Take a device out of service; tell whether it was in. Raises enrolment's RefusedError, too."""
        raise NotImplementedError
