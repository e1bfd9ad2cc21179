"""What a kiosk's own log says of the kiosk itself: is it closed, and what was last told of its printer. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from queueing.facts import Fact, KioskClosed, KioskOpened, PrinterChanged


@dataclass(frozen=True, slots=True)
class Standing:
    """`closed_for` is None while it is open, "" until staff open it, else the day (YYYY-MM-DD) that it is closed for.

    `printer` is the trouble and the paper of the last PrinterChanged, None before the first.
    """

    closed_for: str | None = None
    printer: tuple[str, str] | None = None

    def evolve(self, fact: Fact) -> Standing:
        """Return the standing after one more fact of the log."""
        match fact:
            case KioskClosed(day=day):
                return replace(self, closed_for=day)
            case KioskOpened():
                return replace(self, closed_for=None)
            case PrinterChanged(trouble, paper):
                return replace(self, printer=(trouble, paper))
            case _:
                return self

    def closed(self, day: str) -> bool:
        """Say whether it is closed on a business day; an end of day ends with its day."""
        return self.closed_for is not None and (not self.closed_for or day <= self.closed_for)
