"""A tour's clerk, who serves both tickets at the counter page, and what the hall sees of each call."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field

from playwright.sync_api import Browser

from scripts.dawr_dev import demo
from scripts.dawr_dev.clerk import Clerk
from scripts.dawr_dev.tour.story import Evidence, MissedError, TourTicket
from scripts.dawr_dev.xscreen import ScreenMap, Shown, XScreen

COUNTER = "6"
_STAGE_WITHIN_S = 10.0
_LIST_WITHIN_S = 40.0
"""A call leaves the stage for the list when it has been read out."""


@dataclass(frozen=True, slots=True)
class Hall:
    """The hall's display: `board` is what its window says that it shows."""

    screen: XScreen
    board: ScreenMap
    evidence: Evidence

    def sees(self, number: str, turn: int) -> None:
        """Wait until a call is on the stage, and then in the list. Raises TimeoutError."""

        def on_stage(shown: Shown) -> bool:
            texts = shown.texts
            return (texts.get("stage-number"), texts.get("stage-counter")) == (number, COUNTER)

        self.board.wait(on_stage, _STAGE_WITHIN_S, f"{number} to counter {COUNTER} on the stage")
        self._keep(number, "stage", turn)

        def in_list(shown: Shown) -> bool:
            rows = (text for name, text in shown.texts.items() if name.startswith("call-"))
            return shown.screen == "board" and any(_words(row) == (number, COUNTER) for row in rows)

        self.board.wait(in_list, _LIST_WITHIN_S, f"{number} to counter {COUNTER} in the board's list")
        self._keep(number, "list", turn)

    def _keep(self, number: str, where: str, turn: int) -> None:
        self.board.still()
        picture = self.evidence.shot(f"board-{where}-{turn}", lambda path: self.screen.picture().save(path))
        self.evidence.story.board.append({"number": number, "counter": COUNTER, "shown": where})
        if where == "list":
            shutil.copy(picture, self.evidence.folder / "board.png")


@dataclass(slots=True)
class AtCounter:
    """The counter page; `pressed_at` are the monotonic seconds at which the clerk called. Raises as Clerk does."""

    clerk: Clerk
    hall: Hall
    evidence: Evidence
    pressed_at: list[float] = field(default_factory=list)

    @classmethod
    def begun(
        cls, browser: Browser, hub_url: str, language: str, person: demo.Clerk, hall: Hall, evidence: Evidence
    ) -> AtCounter:
        """Sign in, sit down and open the counter."""
        clerk = Clerk(browser, hub_url, language)
        clerk.sign_in(person.id, person.pin, lambda: evidence.shot("counter-sign-in", clerk.picture))
        evidence.shot("counter-places", clerk.picture)
        clerk.sit(COUNTER)
        clerk.press("o")
        clerk.sees("open")
        return cls(clerk, hall, evidence)

    def serve(self, tickets: list[TourTicket]) -> None:
        """Call and serve as many as there are, in the hub's own order, and leave. Raises MissedError."""
        for turn in range(1, len(tickets) + 1):
            self._serve_next(tickets, turn, is_last=turn == len(tickets))
        if self.clerk.faults:
            raise MissedError(f"the counter page failed: {self.clerk.faults[0]}")
        self.clerk.leave()

    def _serve_next(self, tickets: list[TourTicket], turn: int, *, is_last: bool) -> None:
        self.pressed_at.append(time.monotonic())
        self.clerk.press("n")
        self.clerk.sees("called")
        number = self.clerk.number()
        called = next((each for each in tickets if each.number == number and not each.counter), None)
        if called is None:
            raise MissedError(f"the counter called {number!r}, which nobody took")
        called.counter = COUNTER
        self.evidence.shot(f"counter-called-{turn}", self.clerk.picture)
        self.hall.sees(number, turn)
        self.clerk.press("s")
        self.clerk.sees("serving")
        if is_last:
            picture = self.evidence.shot("counter-serving", self.clerk.picture)
            shutil.copy(picture, self.evidence.folder / "counter.png")
        self.clerk.press("f")
        self.clerk.sees("open")


def _words(row: str) -> tuple[str, ...]:
    """Return a row's number and counter, without the arrow between them."""
    return tuple(word for word in row.split() if word.isalnum())
