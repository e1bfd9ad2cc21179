"""One schedule: a centre, some minutes of a morning, and what goes wrong in it, all from one seed."""

from __future__ import annotations

from dataclasses import dataclass

from scripts.dawr_dev.simulator.counter import Counter
from scripts.dawr_dev.simulator.hub import Hub, Server
from scripts.dawr_dev.simulator.kiosk import Kiosk
from scripts.dawr_dev.simulator.rules import Rules
from scripts.dawr_dev.simulator.witness import Violation, Witness
from scripts.dawr_dev.simulator.world import Line, Note, World

_TROUBLE_S = 150.0
_HEALED_S = 80.0
"""Longer than the longest pause between two tries, and than the one after a fork."""
_DAY_S = 86_400.0

_Box = Kiosk | Hub | Server


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a schedule; `tickets` were handed out, `noted` is what happened at which second."""

    seed: int
    violations: tuple[Violation, ...]
    noted: tuple[Note, ...]
    tickets: int

    @property
    def script(self) -> list[str]:
        """What happened, which reads like a story."""
        return [f"{at:8.3f}  {what % values}" for at, what, values in self.noted]


class Schedule:
    """Makes the centre, lets trouble come, heals it, and has it judged."""

    def __init__(self, seed: int, rules: Rules) -> None:
        self._seed = seed
        self._world = World(seed)
        self._witness = Witness()
        dice = self._world.dice
        loss = dice.choice((0.0, 0.05, 0.25))
        slow_s = dice.choice((0.01, 0.05, 2.0))
        self._server = Server(self._world, rules, self._witness, "server")
        self._hub = Hub(self._world, rules, self._witness, self._line("hub to server", loss, slow_s), self._server)
        self._kiosks = [
            Kiosk(*(self._world, rules, self._witness), self._line(f"kiosk-{n} to hub", loss, slow_s), self._hub, n)
            for n in range(1, dice.choice((1, 2, 2, 3)) + 1)
        ]
        self._counters = [
            Counter(
                *(self._world, self._witness), self._line(f"counter {n} to hub", loss, slow_s), self._hub, str(n), 8
            )
            for n in range(1, dice.choice((1, 2, 3)) + 1)
        ]
        self._lines = [self._hub.line, *(k.line for k in self._kiosks), *(c.line for c in self._counters)]

    def run(self) -> Outcome:
        """Let it happen."""
        world, dice = self._world, self._world.dice
        self._server.start()
        self._hub.start()
        for kiosk in self._kiosks:
            kiosk.start()
        for counter in self._counters:
            counter.start()
        for n in range(dice.randint(4, 14)):
            cpr = f"9{n:02d}{dice.randrange(10**6):06d}"
            world.after(dice.random() * _TROUBLE_S, lambda cpr=cpr: self._walk_in(cpr))  # type: ignore[misc]
        for _ in range(dice.randint(1, 7)):
            trouble = dice.choices(*_TROUBLES)[0]
            world.after(dice.random() * _TROUBLE_S, lambda trouble=trouble: trouble(self))  # type: ignore[misc]
        world.run(_TROUBLE_S)
        self._heal()
        world.run(_TROUBLE_S + _HEALED_S)
        self._witness.judge(
            [kiosk.journal for kiosk in self._kiosks], self._hub.journal, self._server.journal, self._hub.state, dice
        )
        for kiosk in self._kiosks:
            if kiosk.restored:
                self._witness.violated(8, f"{kiosk.device} is an old image and nobody has noticed")
        noted = tuple(world.script)
        return Outcome(self._seed, tuple(self._witness.violations), noted, len(self._witness.handed_out))

    def _line(self, name: str, loss: float, slow_s: float) -> Line:
        return Line(self._world, name, loss, slow_s)

    def _walk_in(self, cpr: str) -> None:
        dice = self._world.dice
        dice.choice(self._kiosks).take(dice.choice(("renew", "test")), cpr)

    def _lose_power(self) -> None:
        boxes: list[_Box] = [*self._kiosks, *self._kiosks, self._hub, self._server]
        box = self._world.dice.choice(boxes)
        if box.alive:
            box.crash()
            self._world.after(0.5 + self._world.dice.random() * 40.0, lambda: self._power_on(box))

    def _power_on(self, box: _Box) -> None:
        if not box.alive:
            box.start()

    def _cut(self) -> None:
        dice = self._world.dice
        line = dice.choice(self._lines)
        forth, back = dice.choice(((False, False), (False, True), (True, False)))
        line.forth, line.back = line.forth and forth, line.back and back
        ways = {(False, False): "cut", (False, True): "cut on the way there", (True, False): "cut on the way back"}
        self._world.note("the line %s is %s", line.name, ways[forth, back])

        def mend() -> None:
            line.forth = line.back = True
            self._world.note("the line %s is mended", line.name)

        self._world.after(dice.random() * 120.0, mend)

    def _clock_jumps(self) -> None:
        dice = self._world.dice
        box: Kiosk | Hub = self._hub if dice.random() < 0.1 else dice.choice(self._kiosks)
        box.offset_s = dice.choice((-_DAY_S, -3600.0, 3600.0, _DAY_S, 2 * _DAY_S))
        self._world.note("a clock jumps by %.0f s: %s", box.offset_s, box.journal.own.device)

    def _image(self) -> None:
        kiosk = self._world.dice.choice(self._kiosks)
        kiosk.take_image()
        self._world.after(self._world.dice.random() * 60.0, lambda: self._put_back(kiosk))

    def _put_back(self, kiosk: Kiosk) -> None:
        if kiosk.alive and kiosk.restore():
            self._world.after(1.0, lambda: self._power_on(kiosk))

    def _tamper(self) -> None:
        self._world.dice.choice(self._kiosks).write_what_is_not_its_own()

    def _heal(self) -> None:
        self._world.note("everything is mended")
        for line in self._lines:
            line.heal()
        boxes: list[_Box] = [self._server, self._hub, *self._kiosks]
        for box in boxes:
            self._power_on(box)


_TROUBLES = (
    (Schedule._lose_power, Schedule._cut, Schedule._clock_jumps, Schedule._image, Schedule._tamper),
    (8, 8, 5, 2, 1),
)
