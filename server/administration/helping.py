"""The help desk: a customer's bookings by the CPR, cancelled or moved at the customer's wish, a block lifted."""

from __future__ import annotations

from datetime import datetime

from server.administration.answers import CustomerSeen
from server.administration.roles import Asker
from server.booking.answers import Appointment, Block, FreeDay


class HelpDesk:
    """The verbs. HELP is wanted at the centre of the booking, or of the block. Nothing here counts against anybody."""

    async def find(self, asker: Asker, cpr: str) -> CustomerSeen:
        """Find a customer by the CPR. Refused: NO_SUCH_CUSTOMER, TOO_MANY, MAY_NOT; booking's CPR."""
        raise NotImplementedError

    async def free(self, asker: Asker, centre_id: str, service_id: str) -> tuple[FreeDay, ...]:
        """Return the free slots that a booking can be moved to."""
        raise NotImplementedError

    async def cancel(self, asker: Asker, centre_id: str, appointment_id: str) -> Appointment:
        """Cancel a booking; the customer is told. Refused: NO_SUCH_APPOINTMENT; booking's NOT_OPEN."""
        raise NotImplementedError

    async def move(self, asker: Asker, centre_id: str, appointment_id: str, slot_at: datetime) -> Appointment:
        """Move a booking to another slot of its centre; the customer is told. Refused by booking's own reasons."""
        raise NotImplementedError

    async def lift_block(self, asker: Asker, customer_id: str, why: str) -> Block:
        """Lift the block that holds, for a reason. Refused: NO_REASON; booking's NO_SUCH_BLOCK."""
        raise NotImplementedError

    async def lift_block_of(self, asker: Asker, centre_id: str, appointment_id: str, why: str) -> Block:
        """Lift the block of whose appointment it is. Refused: NO_SUCH_APPOINTMENT and as `lift_block`."""
        raise NotImplementedError
