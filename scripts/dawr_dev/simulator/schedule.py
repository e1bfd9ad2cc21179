"""One schedule: a centre, some minutes of a day, and what goes wrong in it, all from one seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from scripts.dawr_dev.simulator.counter import Counter
from scripts.dawr_dev.simulator.hub import Display, Hub
from scripts.dawr_dev.simulator.keeper import Server
from scripts.dawr_dev.simulator.kiosk import Kiosk
from scripts.dawr_dev.simulator.line import Line
from scripts.dawr_dev.simulator.rules import Rules
from scripts.dawr_dev.simulator.witness import Violation, Witness
from scripts.dawr_dev.simulator.world import BEFORE_MIDNIGHT, Note, World

TROUBLE_S = 150.0
_HEALED_S = 80.0
"""Longer than the longest pause between two tries, and than the one after a fork."""
_LOOKED_AFTER_EVERY_S = 10.0
_LAST_WORDS_S = 4.0
"""What was decided last is to be with everybody, too: longer than a press takes that was not answered at once."""
_DAY_S = 86_400.0

_Box = Kiosk | Hub | Server
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a schedule. `noted` is what happened at which second, `met` how often each kind of thing did."""

    seed: int
    violations: tuple[Violation, ...]
    noted: tuple[Note, ...]
    met: Mapping[str, int]
    tickets: int

    @property
    def script(self) -> list[str]:
        """What happened, which reads like a story."""
        return [f"{at:8.3f}  {what % values}" for at, what, values in self.noted]


class Schedule:
    """Makes the centre, lets trouble come until a second of the schedule, heals it, and has it judged."""

    def __init__(self, seed: int, rules: Rules, trouble_s: float = TROUBLE_S) -> None:
        self._seed = seed
        self._trouble_s = trouble_s
        self._healed = False
        self._world = world = World(seed)
        self._witness = witness = Witness()
        dice = world.dice
        if dice.random() < 0.15:
            world.begin = BEFORE_MIDNIGHT
        self._loss = dice.choice((0.0, 0.05, 0.25))
        self._slow_s = dice.choice((0.01, 0.05, 2.0))
        self._late = dice.choice((0.0, 0.0, 0.03, 0.1))
        self._lines: list[Line] = []
        self._server = Server(world, rules, witness)
        self._hub = hub = Hub(world, rules, witness, self._line("hub to server"), self._server)
        self._kiosks = [
            Kiosk(world, rules, witness, self._line(f"kiosk-{n} to hub"), hub, n)
            for n in range(1, dice.choice((1, 2, 2, 3)) + 1)
        ]
        self._counters = [
            Counter(world, witness, self._line(f"counter {n} to hub"), hub, str(n), 8)
            for n in range(1, dice.choice((1, 2, 3)) + 1)
        ]
        hub.displays = [
            Display(world, rules, witness, self._line(f"display-{n} to hub"), hub, f"display-{n}")
            for n in range(1, dice.choice((0, 1, 1)) + 1)
        ]

    def run(self) -> Outcome:
        """Let it happen."""
        world, dice = self._world, self._world.dice
        for box in self._boxes():
            box.start()
        for counter in self._counters:
            counter.start()
        for display in self._hub.displays:
            display.start()
        customers = [f"9{n:02d}{dice.randrange(10**6):06d}" for n in range(dice.randint(4, 15))]
        for cpr in customers:
            self._some_time(self._walk_in, cpr if dice.random() < 0.9 else customers[0])
        for trouble in dice.choices(*_TROUBLES, k=dice.randint(2, 9)):
            self._some_time(self._strike, trouble)
        world.run(self._trouble_s)
        self._heal()
        self._drain()
        for counter in self._counters:
            counter.rest()
        world.run(world.now + _LAST_WORDS_S)
        self._judge()
        world.met["tickets"] = len(self._witness.handed_out)
        world.met["events"] = len(self._server.journal.arrived)
        violations, noted = tuple(self._witness.violations), tuple(world.script)
        return Outcome(self._seed, violations, noted, world.met, len(self._witness.handed_out))

    def _drain(self) -> None:
        """Wait until everybody has everything, and no longer than it may take them."""
        last = self._trouble_s + _HEALED_S
        while self._world.now < last:
            self._world.run(self._world.now + _LOOKED_AFTER_EVERY_S)
            if self._hub.is_done and all(kiosk.is_done for kiosk in self._kiosks):
                return

    def _judge(self) -> None:
        hub, server = self._hub, self._server
        self._witness.judge(
            *([kiosk.journal for kiosk in self._kiosks], hub.journal, server.journal, hub.state),
            *([display.shown for display in hub.displays if display.shown is not None], self._world.dice),
        )
        for kiosk in self._kiosks:
            if kiosk.restored and kiosk.device not in hub.revoked:
                self._witness.violated(8, f"{kiosk.device} is an old image and nobody has noticed")

    def _boxes(self) -> list[_Box]:
        return [self._server, self._hub, *self._kiosks]

    def _line(self, name: str) -> Line:
        line = Line(self._world, name, self._loss, self._slow_s, self._late)
        self._lines.append(line)
        return line

    def _walk_in(self, cpr: str) -> None:
        dice = self._world.dice
        kiosk, service = dice.choice(self._kiosks), dice.choice(("renew", "test"))
        kiosk.take(service, cpr, says_booked=dice.random() < 0.2)

    def _strike(self, trouble: _Trouble) -> None:
        if not self._healed:
            word, do = trouble
            self._world.met[word] += 1
            do(self)

    def _lose_power(self) -> None:
        boxes: list[_Box] = [*self._kiosks, *self._kiosks, self._hub, self._server]
        box = self._world.dice.choice(boxes)
        if box.alive:
            box.crash()
            self._world.after(0.5 + self._world.random() * 40.0, lambda: self._power_on(box))

    def _power_on(self, box: _Box) -> None:
        if not box.alive:
            box.start()

    def _cut(self) -> None:
        dice = self._world.dice
        forth, back = dice.choice(((False, False), (False, True), (True, False)))
        ways = {(False, False): "cut", (False, True): "cut on the way there", (True, False): "cut on the way back"}
        if forth or back:
            self._world.met["of them one way only"] += 1
        self._break([dice.choice(self._lines)], ways[forth, back], forth=forth, back=back)

    def _switch_dies(self) -> None:
        self._break([kiosk.line for kiosk in self._kiosks], "dead with its switch", forth=False, back=False)

    def _break(self, lines: list[Line], how: str, *, forth: bool, back: bool) -> None:
        names = ", ".join(line.name for line in lines)
        for line in lines:
            line.forth, line.back = line.forth and forth, line.back and back
        self._world.note("the line %s is %s", names, how)

        def mend() -> None:
            for line in lines:
                line.forth = line.back = True
            self._world.note("the line %s is mended", names)

        self._world.after(self._world.random() * 120.0, mend)

    def _clock_jumps(self) -> None:
        dice = self._world.dice
        box: Kiosk | Hub = self._hub if dice.random() < 0.1 else dice.choice(self._kiosks)
        box.offset_s = dice.choice((-_DAY_S, -3600.0, 3600.0, _DAY_S, 2 * _DAY_S))
        self._world.note("a clock jumps by %.0f s: %s", box.offset_s, box.journal.own.device)

    def _image(self) -> None:
        kiosk = self._world.dice.choice(self._kiosks)
        kiosk.take_image()
        self._world.after(self._world.random() * 60.0, lambda: self._put_back(kiosk))

    def _put_back(self, kiosk: Kiosk) -> None:
        if not self._healed and kiosk.alive and kiosk.restore():
            self._world.after(1.0, lambda: self._power_on(kiosk))

    def _tamper(self) -> None:
        self._world.dice.choice(self._kiosks).write_what_is_not_its_own()

    def _run_ahead(self) -> None:
        self._world.dice.choice(self._kiosks).write_what_is_of_tomorrow()

    def _fill_a_disk(self) -> None:
        journal = self._world.dice.choice(self._boxes()).journal
        journal.full = True
        self._world.note("a disk is full: %s", journal.own.device)

        def free() -> None:
            journal.full = False
            self._world.note("a disk has room: %s", journal.own.device)

        self._world.after(self._world.random() * 60.0, free)

    def _lose_the_servers_store(self) -> None:
        self._server.back_up()
        self._world.after(self._world.random() * 60.0, self._put_the_copy_back)

    def _put_the_copy_back(self) -> None:
        if self._server.alive and not self._healed:
            self._server.restore()
            self._world.after(1.0, lambda: self._power_on(self._server))

    def _revoke(self) -> None:
        if len(self._kiosks) > 1:
            self._server.revoke(self._world.dice.choice(self._kiosks).device)

    def _heal(self) -> None:
        self._healed = True
        self._world.note("everything is mended")
        for line in self._lines:
            line.heal()
        for box in self._boxes():
            box.journal.full = False
            self._power_on(box)

    def _some_time(self, do: Callable[[_T], None], what: _T) -> None:
        self._world.after(self._world.random() * TROUBLE_S, lambda: do(what))


_Trouble = tuple[str, Callable[[Schedule], None]]

_TROUBLES: tuple[Sequence[_Trouble], Sequence[int]] = (
    (
        ("power cuts", Schedule._lose_power),
        ("lines cut", Schedule._cut),
        ("clocks that jumped", Schedule._clock_jumps),
        ("images made", Schedule._image),
        ("calls forged", Schedule._tamper),
        ("disks full", Schedule._fill_a_disk),
        ("server's store gone", Schedule._lose_the_servers_store),
        ("events of a later version", Schedule._run_ahead),
        ("devices revoked", Schedule._revoke),
        ("switches dead", Schedule._switch_dies),
    ),
    (8, 8, 5, 3, 1, 3, 1, 1, 1, 1),
)
