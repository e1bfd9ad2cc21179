"""A counter's page and its clerk: one claim at a time, asked again with the same id until it is answered."""

from __future__ import annotations

from typing import Any

from scripts.dawr_dev.simulator.hub import Hub
from scripts.dawr_dev.simulator.line import Line
from scripts.dawr_dev.simulator.witness import Witness
from scripts.dawr_dev.simulator.world import Alarm, World

_ASK_AGAIN_S = 3.0
_ENDS = ("finish", "mark_no_show", "transfer")


class Counter:
    """One counter. `line` goes to the hub."""

    def __init__(self, world: World, witness: Witness, line: Line, hub: Hub, counter: str, pace_s: float) -> None:
        self.counter = counter
        self.line = line
        self._world, self._witness, self._hub = world, witness, hub
        self._pace_s = pace_s
        self._claims = 0
        self._pending = ""
        self._holding = ""
        self._verb = "open"
        self._serving = False
        self._rests = False
        self._arguments: dict[str, Any] = {}
        self._alarm = Alarm(world, self._send)

    def start(self) -> None:
        """Begin the clerk's day."""
        self._later()

    def rest(self) -> None:
        """Let the clerk press nothing more."""
        self._rests = True

    def _later(self, longest_s: float = 0.0) -> None:
        self._world.after(0.5 + self._world.random() * (longest_s or self._pace_s), self._press)

    def _press(self) -> None:
        """Press the key that comes next."""
        if self._rests:
            return
        self._claims += 1
        self._pending = f"{self.counter}-{self._claims}"
        arguments: dict[str, Any] = {"counter": self.counter}
        if self._verb == "transfer":
            arguments["to_service"] = self._world.dice.choice(("renew", "test"))
        if self._verb in _ENDS:
            self._witness.gives_up(self._holding, self.counter)
        self._arguments = arguments
        self._send()

    def _send(self) -> None:
        claim, verb, arguments = self._pending, self._verb, self._arguments
        self.line.ask(
            lambda: self._hub.claim(claim, verb, arguments), lambda answer: self._answered(claim, verb, answer)
        )
        self._alarm.set(_ASK_AGAIN_S)

    def _answered(self, claim: str, verb: str, answer: object) -> None:
        assert isinstance(answer, tuple)
        self._witness.answers(claim, answer)
        if self._pending != claim:
            return
        self._pending = ""
        self._alarm.stop()
        result, ticket = answer
        self._world.note("counter %s: %s -> %s %s", self.counter, verb, result, ticket)
        dice = self._world.dice
        if result == "refused":
            # As the page does: what the hub says of this counter is what is true.
            self._holding = self._hub.current(self.counter) or ""
            self._verb = "start_serving" if self._holding and not self._serving else "call_next"
            if ticket == "counter_closed":
                self._verb = "open"
            elif ticket in ("wrong_state", "counter_busy"):
                self._verb = "mark_no_show" if ticket == "counter_busy" else "finish"
            self._later()
            return
        if verb in ("open", *_ENDS):
            self._holding, self._verb, self._serving = "", "call_next", False
        elif verb == "call_next" and result == "ok":
            self._holding = ticket
            self._witness.holds(ticket, self.counter)
            self._verb = dice.choices(("start_serving", "mark_no_show", "recall", "transfer"), (7, 1, 1, 1))[0]
        elif verb == "recall":
            self._verb = "start_serving"
        elif verb == "start_serving":
            self._serving = True
            self._verb = dice.choices(("finish", "transfer"), (6, 1))[0]
        self._later(60.0 if result == "nobody" else 0.0)
