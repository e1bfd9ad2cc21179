"""A customer at the machine of the visit: what is touched and heard, and what was asked for backstage."""

from __future__ import annotations

from kiosk.known import Known
from kiosk.moves import (
    Answer,
    CutOff,
    Effect,
    Followed,
    Input,
    Issued,
    LookedUp,
    NotIssued,
    Press,
    PrintEnded,
    Take,
    Ticket,
    Type,
)
from kiosk.visit import Pace, Visit, next_tick, step

CPR = "850112345"
PACE = Pace()
_NO_TOUCH = (Type, LookedUp, CutOff, Issued, NotIssued, PrintEnded, Followed)


class Customer:
    """One customer at one kiosk; `touches` counts what was touched beside digits."""

    def __init__(self, known: Known, language: str = "ar") -> None:
        self.known = known
        self.visit = Visit(language=language)
        self.asked: list[Effect] = []
        self.touches = 0
        self.time = 100.0

    def does(self, *inputs: Input) -> Customer:
        for given in inputs:
            if not isinstance(given, _NO_TOUCH):
                self.touches += given is not Press.TICK
            self.visit, effects = step(self.visit, given, self.known, self.time, PACE)
            self.asked += effects
        return self

    def types(self, digits: str = CPR) -> Customer:
        return self.does(*(Type(digit) for digit in digits))

    def hears(self, result: Answer) -> Customer:
        return self.does(LookedUp(self.visit.turn, result))

    def gets(self, number: str = "A001", service: str = "licence-renewal", ticket: str = "kiosk-1.1.1") -> Customer:
        return self.does(Issued(self.visit.turn, Ticket(ticket, number, service)))

    def waits(self, seconds: float) -> Customer:
        """Let time pass as the shell does: a tick whenever one is due."""
        end = self.time + seconds
        while (due := next_tick(self.visit, PACE)) is not None and due <= end:
            self.time = max(self.time, due)
            self.does(Press.TICK)
        self.time = end
        return self

    @property
    def taken(self) -> Take:
        (take,) = [effect for effect in self.asked if isinstance(effect, Take)]
        return take
