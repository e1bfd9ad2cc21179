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
        self._sent = 0
        self._newest_forth = 0
        self._newest_back = 0

    def heal(self) -> None:
        """Be a good line from now on; what is under way still comes when it comes."""
        self.forth = self.back = True
        self._loss = self._late = 0.0
        self._slow_s = 0.01

    def ask(self, serve: Callable[[], object | None], answered: Callable[[object], None]) -> None:
        """Carry a request there (perhaps twice) and what `serve` answers back; None is no answer."""

        def arrive() -> None:
            answer = serve()
            if answer is not None:
                self.tell(lambda: answered(answer))

        self._carry(arrive, self._deliver_forth)
        if self._loss and self._world.random() < self._loss / 2:
            self._world.met["messages doubled"] += 1
            self._carry(arrive, self._deliver_forth)

    def tell(self, do: Callable[[], None]) -> None:
        """Carry a message back, an answer or what the far end says unasked."""
        self._carry(do, self._deliver_back)

    def _carry(self, do: Callable[[], None], deliver: Callable[[int, Callable[[], None]], None]) -> None:
        world = self._world
        if self._loss and world.random() < self._loss:
            world.met["messages lost"] += 1
            return
        seconds = 0.001 + world.random() * self._slow_s
        if self._late and world.random() < self._late:
            seconds += world.random() * _LATE_S
        self._sent = number = self._sent + 1
        world.at(world.now + seconds, lambda: deliver(number, do))

    def _deliver_forth(self, number: int, do: Callable[[], None]) -> None:
        if not self.forth:
            self._world.met["messages cut off"] += 1
            return
        if number < self._newest_forth:
            self._world.met["messages overtaken"] += 1
        else:
            self._newest_forth = number
        do()

    def _deliver_back(self, number: int, do: Callable[[], None]) -> None:
        if not self.back:
            self._world.met["messages cut off"] += 1
            return
        if number < self._newest_back:
            self._world.met["messages overtaken"] += 1
        else:
            self._newest_back = number
        do()
