"""What can become of a ticket on its way to paper, in words that a kiosk and an installer share.

Only names and their meaning: how an outcome is found out is `printer.dialogue`'s business.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class State(enum.StrEnum):
    """The three honest answers to "did it print?"."""

    PRINTED = "printed"
    NOT_PRINTED = "not printed"
    UNKNOWN = "unknown"


class Why(enum.StrEnum):
    """The reason of an outcome; `NONE` for a ticket that printed."""

    NONE = ""
    NO_PRINTER = "no printer"  # none is configured
    BAD_URL = "bad url"  # the configured address names no printer
    CANNOT_CONNECT = "cannot connect"  # refused, no such device, no answer to the call
    NOT_A_PRINTER = "not a printer"  # something else answers there
    CONNECTION_LOST = "connection lost"  # it was there and went away
    PAPER_OUT = "paper out"
    COVER_OPEN = "cover open"
    OFFLINE = "offline"  # it says so and names no cause
    ERROR = "printer error"  # cutter jammed, overheated or broken, by its own word
    NO_ANSWER = "no answer"  # the bytes were taken, nothing came back
    GARBLED = "garbled"  # what came back was no printer's words: a wrong speed, a bad cable
    TIMEOUT = "timeout"  # it stopped taking bytes, or the time for a ticket was over
    INTERRUPTED = "interrupted"  # the power or the program went away while it was printing
    CANNOT_DRAW = "cannot draw"  # its texts have characters or lengths that paper cannot show: an error in the data
    NOT_ASKED = "not asked"  # nothing is known of the printer yet
    TOO_LATE = "too late"  # it waited so long that its customer has gone on without it

    @property
    def key(self) -> str:
        """The word's part of the keys `paper.trouble.` (what is wrong) and `paper.do.` (what staff do about it)."""
        return str(self).replace(" ", "_") or "ready"


class PaperLeft(enum.StrEnum):
    """How much paper there is, by the printer's own word."""

    OK = "ok"
    NEAR_END = "near end"
    OUT = "out"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one ticket ended. `paper` is the roll as it was last told; `copy` says that it was a marked copy."""

    state: State
    why: Why = Why.NONE
    paper: PaperLeft = PaperLeft.UNKNOWN
    copy: bool = False

    @property
    def printed(self) -> bool:
        """Whether the printer itself confirmed that the ticket is out."""
        return self.state is State.PRINTED


@dataclass(frozen=True, slots=True)
class Health:
    """What the printer says of itself: NONE for `trouble` when it could print now."""

    trouble: Why = Why.NOT_ASKED
    paper: PaperLeft = PaperLeft.UNKNOWN

    @property
    def ready(self) -> bool:
        """Whether a ticket would be tried with good hope."""
        return self.trouble is Why.NONE

    @property
    def may_print(self) -> bool:
        """Whether paper can be offered: ready, or silent (a one-way wire prints, and its tickets count as unknown)."""
        return self.trouble in (Why.NONE, Why.NO_ANSWER, Why.NOT_ASKED)

    @property
    def state(self) -> str:
        """The trouble as a word, or "ready"."""
        return str(self.trouble) or "ready"
