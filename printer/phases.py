"""What a conversation with a printer is for, where it stands and how long it waits: names and figures, no behaviour."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Literal

Purpose = Literal["print", "prove", "ask"]
FenceKind = Literal["gs_h", "gs_r", "esc_v"]
BOTH: tuple[FenceKind, ...] = ("gs_h", "gs_r")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the machine waits, in seconds."""

    first_answer: float = 0.7  # for DLE EOT 1, over a slow adapter
    answer: float = 0.5  # for each later question, and for the greeting
    quiet: float = 0.2  # without a further answer to an unnumbered fence: no older one is under way
    stuck: float = 4.0  # while the printer takes no byte
    fence: float = 6.0  # from the last byte taken to the confirmation
    grace: float = 0.7  # for a confirmation that was under way when trouble was reported
    poll: float = 0.3  # between questions while printing
    whole: float = 10.0  # for everything


class Phase(enum.Enum):
    """Where the conversation stands."""

    CLEARING = enum.auto()
    ASKING = enum.auto()
    GREETING = enum.auto()  # a fence with nothing before it is out
    READY = enum.auto()  # the printer may be sent the ticket: `load` it
    SENDING = enum.auto()
    CONFIRMING = enum.auto()
    CHECKING = enum.auto()  # a fence without a number was answered: is there paper?
    STOPPED = enum.auto()  # trouble was reported; a confirmation may still be under way
    PARTING = enum.auto()  # it failed: what the printer still holds must not come out after a refill
    DONE = enum.auto()
