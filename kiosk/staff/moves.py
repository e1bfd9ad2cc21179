"""What can come into the staff menu (touches, answers) and what goes out of it, and what it is told of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

TEST = "test:"
"""How the spool's id of a test print begins; it is no ticket's."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What is known of the machine at a moment. `trouble` and `paper` are the printer's words.

    `behind` counts events that the hub does not have, the oldest from `behind_since`; `late`: the alarm of
    `sync.lateness`; `refused`: the hub takes none of them, the kiosk has to be registered anew. `taken` and `unsettled`
    count today's tickets, and those whose paper is not known. `clock_off_s` is this clock less the hub's, None when it
    was not told.
    """

    now: datetime
    trouble: str = "not asked"
    paper: str = "unknown"
    line_up: bool = False
    has_hub: bool = True
    behind: int = 0
    behind_since: datetime | None = None
    late: bool = False
    refused: bool = False
    clock_off_s: float | None = None
    disk_free_mb: int | None = None
    volume: int = 0
    closed_for: str | None = None
    taken: int = 0
    unsettled: int = 0
    device: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Recent:
    """A ticket taken here lately; `outcome` is what became of its paper, empty when that is not known yet."""

    ticket: str
    number: str
    service: str
    taken_at: datetime
    outcome: str = ""


# --- what can come in


@dataclass(frozen=True, slots=True)
class Type:
    """A sign of the id or the PIN."""

    sign: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Do:
    """A button, by its name; `what` is the ticket's id or the cell's number where it has one."""

    name: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class LetIn:
    """The PIN was right."""

    staff: str
    name: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Id and PIN do not belong together, or none may be tried for `wait_s` seconds."""

    wait_s: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What the machine looks like now. `looked`: the printer was asked for it."""

    sight: Sight
    looked: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The last tickets, newest first."""

    tickets: tuple[Recent, ...]


@dataclass(frozen=True, slots=True)
class Came:
    """What became of a test print or a copy, in the printer's words."""

    outcome: str
    why: str = ""


class Press(StrEnum):
    """What carries nothing. TICK is the clock's, about once a second."""

    ERASE = "erase"
    SUBMIT = "submit"
    BACK = "back"
    LEAVE = "leave"
    TICK = "tick"


Heard = LetIn | TurnedAway | Seen | Found | Came
Input = Type | Do | Heard | Press

# --- what goes out


@dataclass(frozen=True, slots=True)
class Check:
    """Try a PIN."""

    staff: str = field(repr=False)
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Look:
    """Tell what the machine looks like; `printer`: ask the printer first."""

    printer: bool = False


@dataclass(frozen=True, slots=True)
class List:
    """Tell the last tickets."""


@dataclass(frozen=True, slots=True)
class Print:
    """Print a test, or a copy of a ticket."""

    ticket: str = ""


@dataclass(frozen=True, slots=True)
class Loud:
    """Be as loud as this, 0 to 100, and let it be heard."""

    volume: int


@dataclass(frozen=True, slots=True)
class Close:
    """Close the kiosk, with `day` for this business day only; or open it."""

    by: str
    closed: bool
    day: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Write down what staff did (see `facts.StaffActed`)."""

    by: str
    act: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Leave:
    """Give the screen back to the customers."""


Effect = Check | Look | List | Print | Loud | Close | Note | Leave
