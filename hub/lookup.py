"""Who is this customer? Answered from the hall, the day's bookings and, within a second, the server's registry.

A customer is a keyed hash throughout. With the registry silent the hub cannot tell an unknown or a young customer from
another one: it then answers from its copy of the day's bookings, or "none", and the visit goes on as a walk-in's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Container, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from follow.turn import OVER, Turn
from hub.arbiter import Arbiter
from hub.settings import Appointment
from queueing.ticket import Ticket
from queueing.wire import instant_to_wire
from sync.line import PeerLine, PeerUnavailable

REGISTRY_WITHIN_S = 1.0

_log = logging.getLogger(__name__)


BookingState = Literal["good", "used", "gone", "unknown"]


class Question(BaseModel):
    """A customer as the kiosk sends one: the first 32 hexadecimal digits of the keyed hash of the CPR."""

    model_config = ConfigDict(frozen=True)

    customer: str = Field(pattern="^[0-9a-f]{32}$")
    appointment: str | None = Field(default=None, max_length=64, description="A booking that was shown by its code.")


class Booked(BaseModel):
    """A booking of today."""

    id: str
    service: str
    slot_at: str = Field(description="Instant, ISO 8601 in UTC.")


class Held(BaseModel):
    """The ticket with which the customer waits already."""

    id: str
    number: str
    service: str
    taken_at: str = Field(description="Instant, ISO 8601 in UTC.")


class Found(BaseModel):
    """What is known. `none`: no booking today, or the registry cannot be asked now; the customer may take a ticket."""

    result: Literal["appointment", "none", "unknown", "under_age", "holds_ticket"]
    appointments: list[Booked] = []
    ticket: Held | None = None
    priority: Literal["older"] | None = None
    booking: BookingState | None = Field(
        default=None,
        description="Of the booking asked for: `used`, a ticket stood for it; `gone`, the registry does not have it "
        "any more; `unknown`, the registry could not be asked and the copy does not have it.",
    )


class TicketQuestion(BaseModel):
    """A ticket by the id under which its customer follows it."""

    model_config = ConfigDict(frozen=True)

    follow: str = Field(pattern="^[A-Z2-7]{16}$")


class StandingTicket(BaseModel):
    """A ticket whose turn is not over. `counter`: where it was called to."""

    id: str
    number: str
    service: str
    lang: str
    ahead: int | None = Field(default=None, description="People ahead; null when that means nothing.")
    low_s: int | None = Field(default=None, description="Expected wait in seconds, from")
    high_s: int | None = Field(default=None, description="to")
    counter: str = ""


class Followed(BaseModel):
    """How a ticket stands; null when there is none or its turn is over."""

    ticket: StandingTicket | None


class _Registered(BaseModel):
    """What the hub reads of the registry's answer; more may stand in it."""

    result: Literal["appointment", "none", "unknown", "under_age", "holds_ticket"]
    appointments: list[Booked] = []
    priority: Literal["older"] | None = None


async def _no_turn(identity: str) -> Turn | None:
    return None


class LookUp:
    """Answers look-ups. `line` is None for a hub without a server; `find_turn` is who follows the tickets."""

    def __init__(
        self,
        arbiter: Arbiter,
        line: PeerLine | None,
        *,
        within_s: float = REGISTRY_WITHIN_S,
        find_turn: Callable[[str], Awaitable[Turn | None]] = _no_turn,
    ) -> None:
        self._arbiter = arbiter
        self._line = line
        self._within_s = within_s
        self._find_turn = find_turn
        self._asking = ThreadPoolExecutor(4, thread_name_prefix="registry")

    def close(self) -> None:
        """End the threads that ask."""
        self._asking.shutdown(wait=False, cancel_futures=True)

    async def find(self, customer: str, appointment: str | None = None) -> Found:
        """Return what is known of a customer (keyed hash), and of a booking of theirs. Raises StorageUnavailable."""
        held, used = await self._arbiter.held_ticket(customer)
        if held is not None:
            return Found(result="holds_ticket", ticket=_held(held))
        _, kept = self._arbiter.appointments_of(customer)
        booked = {each.id: _booked(each) for each in kept.appointments}
        told = await self._registry(customer)
        if told is not None:
            # The server decides bookings: what it does not name any more was cancelled meanwhile.
            booked = {each.id: each for each in told.appointments}
        free = sorted((each for each in booked.values() if each.id not in used), key=lambda each: each.slot_at)
        priority = told.priority if told is not None else None
        state = None if appointment is None else _state(appointment, booked, used, is_sure=told is not None)
        if free:
            return Found(result="appointment", appointments=free, priority=priority, booking=state)
        if told is not None and told.result in ("unknown", "under_age"):
            return Found(result=told.result, priority=priority, booking=state)
        return Found(result="none", priority=priority, booking=state)

    async def followed(self, identity: str) -> Followed:
        """Return how the ticket stands that is followed by an id. Raises NotReadyError just after a start."""
        turn = await self._find_turn(identity)
        if turn is None or turn.phase in OVER:
            return Followed(ticket=None)
        low_s, high_s = (None, None) if turn.minutes is None else (turn.minutes[0] * 60, turn.minutes[1] * 60)
        ticket = StandingTicket(
            id=turn.ticket,
            number=turn.number,
            service=turn.service,
            lang=turn.lang,
            ahead=turn.ahead,
            low_s=low_s,
            high_s=high_s,
            counter=turn.counter if turn.phase in ("called", "serving") else "",
        )
        return Followed(ticket=ticket)

    async def _registry(self, customer: str) -> _Registered | None:
        if self._line is None:
            return None
        asked = asyncio.get_running_loop().run_in_executor(self._asking, self._ask, self._line, customer)
        try:
            async with asyncio.timeout(self._within_s):
                return _Registered.model_validate(await asked)
        except TimeoutError:
            _log.warning("registry_silent why=late")
        except PeerUnavailable as error:
            _log.warning("registry_silent why=%r", str(error))
        except ValidationError as error:
            _log.warning("registry_silent why='its answer is another one' faults=%d", error.error_count())
        return None

    def _ask(self, line: PeerLine, customer: str) -> object:
        content: Mapping[str, object] = {"customer": customer}
        return line.post("/v1/lookup", content, timeout_s=self._within_s)


def _state(appointment: str, booked: Container[str], used: Container[str], *, is_sure: bool) -> BookingState:
    if appointment in used:
        return "used"
    if appointment in booked:
        return "good"
    return "gone" if is_sure else "unknown"


def _held(ticket: Ticket) -> Held:
    return Held(id=ticket.id, number=ticket.number, service=ticket.service, taken_at=instant_to_wire(ticket.taken_at))


def _booked(appointment: Appointment) -> Booked:
    return Booked(id=appointment.id, service=appointment.service, slot_at=instant_to_wire(appointment.slot_at))
