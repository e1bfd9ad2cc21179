"""A line between two machines: it loses, repeats, delays, lets one message overtake another, is cut in a direction."""

from __future__ import annotations

from collections.abc import Callable

from scripts.dawr_dev.simulator.world import World

_LATE_S = 45.0
"""So long a message may be held up on its way: past the sender's own patience, and past later messages."""


class Line:
    """A line. `forth` and `back` are its directions; `loss` and `late` are shares of the messages."""

    def __init__(self, world: World, name: str, loss: float, slow_s: float, late: float) -> None:
        self.name = name
        self.forth = True
        self.back = True
        self._world = world
        self._loss, self._slow_s, self._late = loss, slow_s, late
        self._last = [0.0, 0.0]
        """When the last of the messages arrives that are under way, forth and back."""

    def heal(self) -> None:
        """Be a good line from now on; what is under way still comes when it comes."""
        self.forth = self.back = True
        self._loss = self._late = 0.0
        self._slow_s = 0.01

    def ask(self, serve: Callable[[], object | None], answered: Callable[[object], None]) -> None:
        """Carry a request there (perhaps twice) and what `serve` answers back; None is no answer."""

        def arrive() -> None:
            if self.forth:
                answer = serve()
                if answer is not None:
                    self.tell(answered, answer)
            else:
                self._world.met["messages cut off"] += 1

        self._carry(arrive, 0)
        if self._loss and self._world.random() < self._loss / 2:
            self._world.met["messages doubled"] += 1
            self._carry(arrive, 0)

    def tell(self, hear: Callable[[object], None], what: object) -> None:
        """Carry a message back, an answer or what the far end says unasked."""

        def arrive() -> None:
            if self.back:
                hear(what)
            else:
                self._world.met["messages cut off"] += 1

        self._carry(arrive, 1)

    def _carry(self, arrive: Callable[[], None], way: int) -> None:
        world = self._world
        random = world.random
        if self._loss and random() < self._loss:
            world.met["messages lost"] += 1
            return
        at = world.now + 0.001 + random() * self._slow_s
        if self._late and random() < self._late:
            at += random() * _LATE_S
        if at < self._last[way]:
            world.met["messages overtaken"] += 1
        else:
            self._last[way] = at
        world.at(at, arrive)
