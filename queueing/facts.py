"""What can happen in a centre, each as a frozen record in the past tense; the bodies of the events.

A fact says what its one writer decided (the kiosk a ticket, the hub a call) and nothing that follows from it.
Versions: a field may be added with a default; any other change makes a new version and an upcaster in UPCASTERS.
No fact holds anything personal: a customer is a keyed hash.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from functools import cache
from typing import ClassVar, Literal, Self

from queueing.wire import Event, Json, WireError, instant_from_wire, instant_to_wire

Priority = Literal["older", "determination", "pregnant"]
Delivery = Literal["paper", "sms", "screen"]
Channel = Literal["counter", "virtual"]
"""Where a ticket's customer is served: at the counter, or by video at the same counter's desk."""
PrintOutcome = Literal["printed", "not printed", "unknown"]
MessageKind = Literal["eticket", "near", "called"]
MessageOutcome = Literal["delivered", "failed", "unknown"]
Undone = Literal["TicketFinished", "NoShowMarked", "TicketParked", "TicketTransferred"]


@dataclass(frozen=True, slots=True)
class Fact:
    """The base of all facts. The class's name is the event's type."""

    VERSION: ClassVar[int] = 1
    ADDED: ClassVar[Mapping[str, Json]] = {}
    """Fields that came later, each with its default: with that it is left out, and the body is as it ever was."""

    def to_body(self) -> dict[str, Json]:
        """Return the event's body."""
        body: dict[str, Json] = {}
        for name in _names(type(self)):  # type: ignore[arg-type]  # mypy looks at the instances' hash
            value = getattr(self, name)
            if isinstance(value, datetime):
                value = instant_to_wire(value)
            elif isinstance(value, tuple):
                value = list(value)
            body[name] = value
        for name, default in self.ADDED.items():
            if body[name] == default:
                del body[name]
        return body

    @classmethod
    def from_body(cls, body: Mapping[str, object]) -> Self:
        """Return the fact that a body tells; what it does not know in it is left aside. Raises WireError."""
        values = {}
        for name, required, reader in _readers(cls.__name__):
            if name in body:
                values[name] = reader(body[name])
            elif required:
                raise WireError(f"{cls.__name__}.{name} is missing")
        return cls(**values)


# --- a kiosk's


@dataclass(frozen=True, slots=True)
class TicketTaken(Fact):
    """A customer took a ticket. `day` is the business day as the kiosk knows it (YYYY-MM-DD).

    `says_booked`: the kiosk was cut off and the customer says that there is a booking; the hub looks for it. `channel`:
    where the customer is served; a virtual one the hub takes itself at the booking's time (see `virtual`).
    """

    ADDED: ClassVar[Mapping[str, Json]] = {"channel": "counter"}

    number: str
    service: str
    day: str
    lang: str
    priority: Priority | None = None
    customer: str | None = None
    says_booked: bool = False
    appointment: str | None = None
    slot_at: datetime | None = None
    delivery: Delivery = "paper"
    channel: Channel = "counter"


@dataclass(frozen=True, slots=True)
class PrintSettled(Fact):
    """What became of a ticket's printing, by the printer's own answer; `why` is a word of the printer's table."""

    ticket: str
    outcome: PrintOutcome
    why: str = ""
    copy: bool = False


@dataclass(frozen=True, slots=True)
class SeriesBegan(Fact):
    """A kiosk heard from the hub that a day (YYYY-MM-DD) began, and numbers from the start of its series again."""

    day: str


@dataclass(frozen=True, slots=True)
class PrinterChanged(Fact):
    """The kiosk's printer told something else than before, in the words of the printer's table.

    `trouble` is empty while it could print; `paper` is what is left on the roll. A later version may have more words.
    """

    trouble: str
    paper: str


@dataclass(frozen=True, slots=True)
class KioskClosed(Fact):
    """A member of staff closed the kiosk: until it is opened, or with a `day` (YYYY-MM-DD) for that day only."""

    by: str
    day: str = ""


@dataclass(frozen=True, slots=True)
class KioskOpened(Fact):
    """A member of staff opened the kiosk again."""

    by: str


@dataclass(frozen=True, slots=True)
class StaffActed(Fact):
    """What staff did at the kiosk: `by` is a staff id, empty where nobody proved to be one; `act` is one word.

    `detail` says more in the act's own terms (a ticket's id, a loudness); what a person typed never stands in it.
    """

    by: str
    act: str
    detail: str = ""


# --- the hub's


@dataclass(frozen=True, slots=True)
class DayOpened(Fact):
    """The business day (YYYY-MM-DD) began; what waits from the day before waits no more."""

    day: str


@dataclass(frozen=True, slots=True)
class AppointmentMatched(Fact):
    """The hub found the booking that the customer of a cut-off kiosk spoke of."""

    ticket: str
    appointment: str
    slot_at: datetime


@dataclass(frozen=True, slots=True)
class TicketDated(Fact):
    """The hub found when a ticket was taken: by its own clock, where the kiosk's was wrong (`queueing.dating`)."""

    ticket: str
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class OfTurn(Fact):
    """The base of what a counter does with a ticket; `claim` is the id of the press that asked for it."""

    ticket: str
    counter: str
    claim: str


@dataclass(frozen=True, slots=True)
class TicketCalled(OfTurn):
    """A ticket's turn came. `turn` counts the ticket's calls from 1; `why` is the rule's one word (see `priority`)."""

    turn: int
    why: str


@dataclass(frozen=True, slots=True)
class TicketRecalled(OfTurn):
    """The same call again, for a customer who did not come."""


@dataclass(frozen=True, slots=True)
class ServingStarted(OfTurn):
    """The customer stands at the counter."""


@dataclass(frozen=True, slots=True)
class TicketFinished(OfTurn):
    """The customer was served."""


@dataclass(frozen=True, slots=True)
class NoShowMarked(OfTurn):
    """The customer was called and did not come."""


@dataclass(frozen=True, slots=True)
class TicketParked(OfTurn):
    """The ticket was put aside, for example while the customer fetches a document."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class TicketResumed(OfTurn):
    """A parked ticket was called back to a counter."""

    turn: int


@dataclass(frozen=True, slots=True)
class TicketTransferred(OfTurn):
    """The ticket waits again, for another service or at another counter; its place is kept."""

    to_service: str | None = None
    to_counter: str | None = None


@dataclass(frozen=True, slots=True)
class TurnRestored(OfTurn):
    """The last step was taken back within the time to undo; `undoes` is that step's type."""

    undoes: Undone


@dataclass(frozen=True, slots=True)
class TicketCancelled(Fact):
    """The ticket was given up, by the `customer` or by `staff`."""

    ticket: str
    by: Literal["customer", "staff"]


@dataclass(frozen=True, slots=True)
class TicketSteppedOut(Fact):
    """The customer went out and is passed over; from `until` on, at the latest, the ticket can be called again."""

    ticket: str
    until: datetime


@dataclass(frozen=True, slots=True)
class TicketSteppedBack(Fact):
    """The customer is back before the time."""

    ticket: str


@dataclass(frozen=True, slots=True)
class TicketRejoined(Fact):
    """The customer who had given the ticket up thought better of it, in time; its place is kept."""

    ticket: str


@dataclass(frozen=True, slots=True)
class CounterOpened(Fact):
    """A clerk (a staff id) serves at a counter, these services; also the end of a pause."""

    counter: str
    clerk: str
    services: tuple[str, ...]
    claim: str


@dataclass(frozen=True, slots=True)
class CounterPaused(Fact):
    """The counter serves nobody for a while, for a reason out of the centre's list."""

    counter: str
    reason: str
    claim: str


@dataclass(frozen=True, slots=True)
class CounterClosed(Fact):
    """The counter serves nobody until it is opened again."""

    counter: str
    claim: str


@dataclass(frozen=True, slots=True)
class ServiceClosed(Fact):
    """No more tickets for a service today; who waits is still served."""

    service: str
    by: str


@dataclass(frozen=True, slots=True)
class ServiceOpened(Fact):
    """A closed service takes tickets again."""

    service: str
    by: str


@dataclass(frozen=True, slots=True)
class MessageSettled(Fact):
    """What became of a message to a ticket's customer. `why` is a word of `sms.life`; the phone is in no fact."""

    ticket: str
    kind: MessageKind
    outcome: MessageOutcome
    why: str = ""


FACTS: Mapping[str, type[Fact]] = {
    cls.__name__: cls
    for cls in (
        TicketTaken,
        PrintSettled,
        SeriesBegan,
        PrinterChanged,
        KioskClosed,
        KioskOpened,
        StaffActed,
        DayOpened,
        AppointmentMatched,
        TicketDated,
        TicketCalled,
        TicketRecalled,
        ServingStarted,
        TicketFinished,
        NoShowMarked,
        TicketParked,
        TicketResumed,
        TicketTransferred,
        TurnRestored,
        TicketCancelled,
        TicketSteppedOut,
        TicketSteppedBack,
        TicketRejoined,
        CounterOpened,
        CounterPaused,
        CounterClosed,
        ServiceClosed,
        ServiceOpened,
        MessageSettled,
    )
}

OF_KIOSKS: frozenset[type[Fact]] = frozenset(
    {TicketTaken, PrintSettled, SeriesBegan, PrinterChanged, KioskClosed, KioskOpened, StaffActed}
)
"""What a kiosk decides; all else is the arbiter's alone. A ticket by video is the arbiter's, too."""

Upcaster = Callable[[Mapping[str, object]], Mapping[str, object]]
UPCASTERS: Mapping[tuple[str, int], Upcaster] = {}
"""By type and version: what turns a body of that version into one of the next."""


def fact_of(event: Event) -> Fact | None:
    """Return what an event tells, or None when this version does not know its type, its version or its body.

    Never raises: an event that is not understood is kept and passed on, it stops nothing. The event keeps what was
    read: storing and folding both ask.
    """
    kept = vars(event)
    if "fact" not in kept:
        kept["fact"] = _read(event)
    fact: Fact | None = kept["fact"]
    return fact


def tell(event: Event, fact: Fact) -> None:
    """Let an event that was made of a fact keep it, so that nobody reads it back. What is read later is the same."""
    vars(event)["fact"] = fact


def _read(event: Event) -> Fact | None:
    cls = FACTS.get(event.type)
    if cls is None or event.version > cls.VERSION:
        return None
    body: Mapping[str, object] = event.body
    try:
        for version in range(event.version, cls.VERSION):
            body = UPCASTERS[event.type, version](body)
        return cls.from_body(body)
    except WireError:
        return None


_Reader = Callable[[object], object]


@cache
def _names(cls: type[Fact]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cls))


@cache
def _readers(kind: str) -> tuple[tuple[str, bool, _Reader], ...]:
    cls = FACTS[kind]
    hints = typing.get_type_hints(cls)
    return tuple(
        (field.name, field.default is MISSING, _reader(hints[field.name], f"{kind}.{field.name}"))
        for field in fields(cls)
    )


def _reader(hint: object, name: str) -> _Reader:
    """Return the function that turns a JSON value into a field's, or raises WireError."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        (inner,) = (argument for argument in arguments if argument is not type(None))
        read = _reader(inner, name)
        return lambda value: None if value is None else read(value)
    if origin is Literal:
        return lambda value: value if value in arguments else _wrong(name)
    if origin is tuple:
        return lambda value: (
            tuple(value) if isinstance(value, list) and all(isinstance(v, str) for v in value) else _wrong(name)
        )
    if hint is datetime:
        return lambda value: instant_from_wire(value) if isinstance(value, str) else _wrong(name)
    # Not isinstance: True is no number here.
    return lambda value: value if type(value) is hint else _wrong(name)


def _wrong(name: str) -> typing.NoReturn:
    raise WireError(f"{name} is of another kind")
