"""What may be asked of a centre's arbiter, in the imperative; `decide` says what comes of it.

`claim` is the id of the one press of a key that asked, so that a repeated request is known again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Command:
    """The base of all commands."""


@dataclass(frozen=True, slots=True)
class AtCounter(Command):
    """The base of what a counter's clerk asks for."""

    counter: str
    claim: str


@dataclass(frozen=True, slots=True)
class OpenCounter(AtCounter):
    """Open the counter, or end its pause; without services, for all that the place can serve."""

    clerk: str
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PauseCounter(AtCounter):
    """Pause, for a reason out of the centre's list."""

    reason: str


@dataclass(frozen=True, slots=True)
class CloseCounter(AtCounter):
    """Close the counter."""


@dataclass(frozen=True, slots=True)
class CallNext(AtCounter):
    """Call whom the rule says."""


@dataclass(frozen=True, slots=True)
class Call(AtCounter):
    """Call a given waiting (or parked, or no-show) ticket."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Recall(AtCounter):
    """Call the current ticket once more."""


@dataclass(frozen=True, slots=True)
class StartServing(AtCounter):
    """The customer came."""


@dataclass(frozen=True, slots=True)
class Finish(AtCounter):
    """The current customer is served."""


@dataclass(frozen=True, slots=True)
class MarkNoShow(AtCounter):
    """The called customer did not come."""


@dataclass(frozen=True, slots=True)
class Park(AtCounter):
    """Put the current ticket aside."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Resume(AtCounter):
    """Call a parked ticket back to this counter."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Transfer(AtCounter):
    """Let the current ticket wait for another service or at another counter, its place kept."""

    to_service: str | None = None
    to_counter: str | None = None


@dataclass(frozen=True, slots=True)
class Undo(AtCounter):
    """Take the counter's last step with a ticket back."""


@dataclass(frozen=True, slots=True)
class CancelTicket(Command):
    """Give a waiting ticket up."""

    ticket: str
    by_customer: bool = True


@dataclass(frozen=True, slots=True)
class StepOut(Command):
    """Pass a waiting ticket over for a while, its place kept: the customer goes out."""

    ticket: str


@dataclass(frozen=True, slots=True)
class StepBack(Command):
    """The customer who went out is back."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Rejoin(Command):
    """Take back that the customer gave the ticket up."""

    ticket: str


@dataclass(frozen=True, slots=True)
class MatchAppointment(Command):
    """A ticket whose customer spoke of a booking belongs to this one."""

    ticket: str
    appointment: str
    slot_at: datetime


@dataclass(frozen=True, slots=True)
class CloseService(Command):
    """Take no more tickets for a service; `by` is a staff id."""

    service: str
    by: str


@dataclass(frozen=True, slots=True)
class OpenService(Command):
    """Take tickets for a closed service again; `by` is a staff id."""

    service: str
    by: str


@dataclass(frozen=True, slots=True)
class OpenDay(Command):
    """Begin the business day (YYYY-MM-DD)."""

    day: str
