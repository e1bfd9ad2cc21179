"""A centre's network of its own in the kernel: three boxes, two lines, each of which can be cut, one way too, or slow.

Boxes are network namespaces, lines are pairs of virtual cards, a cut drops packets without a word (nftables in the
hub's box), a slow line carries so many bits a second (tc); bad cables lose, repeat and reorder single frames
(`wire.py`). Names are those of a file of the box's own (`know`). Only root can make them. Nothing of it is to be seen
outside: two may run at once.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from scripts.dawr_dev.processes import House, Program, Running
from tests.faults.wire import Wire, open_card

Box = Literal["kiosk", "hub", "server"]
_CLONE_NEWNET = 0x40000000
_ETC = Path("/etc/netns")
"""`ip netns exec` lays the files of a box's folder here over those of /etc, for what it starts only."""
_BITS = 28
_READY_WITHIN_S = 60.0
"""A server's start takes four seconds of a processor, and the test machine has other work."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line from a box, which asks, to another, which answers. The hub is one of the two."""

    name: str
    near: Box
    far: Box
    near_address: str
    far_address: str

    def card(self, box: Box) -> str:
        return f"{self.name}-{box}"


HALL = Line("hall", "kiosk", "hub", "10.88.1.2", "10.88.1.1")
UP = Line("up", "hub", "server", "10.88.2.1", "10.88.2.2")
_LINES = (HALL, UP)


class Network:
    """The network of one test. Made by `network`."""

    def __init__(self) -> None:
        self._names: dict[Box, str] = {box: f"dawr-{os.getpid()}-{box}" for box in ("kiosk", "hub", "server")}
        self.wires: dict[Line, Wire] = {}
        """The bad cables, where there are such."""

    def prefix(self, box: Box) -> list[str]:
        """Return what starts a program in a box."""
        return ["ip", "netns", "exec", self._names[box]]

    @contextmanager
    def inside(self, box: Box) -> Iterator[None]:
        """Be in a box: what this thread connects to meanwhile, it connects to from there."""
        with Path("/proc/thread-self/ns/net").open("rb") as home:
            _enter(Path("/run/netns") / self._names[box])
            try:
                yield
            finally:
                _set_namespace(home.fileno())

    def cut(self, line: Line, *, there: bool = True, back: bool = True) -> None:
        """Let nothing through any more: on the way `there` (from the near box to the far one), on the way `back`."""
        hub_to_other = there if line.near == "hub" else back
        other_to_hub = back if line.near == "hub" else there
        rules = [f"add table inet {line.name}"]
        for hook, card, wanted in (("input", "iifname", other_to_hub), ("output", "oifname", hub_to_other)):
            if wanted:
                rules.append(f"add chain inet {line.name} {hook} {{ type filter hook {hook} priority 0; }}")
                rules.append(f"add rule inet {line.name} {hook} {card} {line.card('hub')} drop")
        run([*self.prefix("hub"), "nft", "-f", "-"], "\n".join(rules) + "\n")

    def mend(self, line: Line) -> None:
        """Let everything through again, after a cut."""
        run([*self.prefix("hub"), "nft", "delete", "table", "inet", line.name])

    def slow(self, line: Line, kbit_s: int) -> None:
        """Carry no more than so many kilobits a second, in each direction."""
        for box in (line.near, line.far):
            shape = f"root tbf rate {kbit_s}kbit burst 1600 latency 4s"
            run([*self.prefix(box), "tc", "qdisc", "replace", "dev", line.card(box), *shape.split()])

    def move(self, line: Line, box: Box, old: str, new: str) -> None:
        """Give a box another address on a line, as a new lease does: the old one is gone before."""
        card = ["dev", line.card(box)]
        run(["ip", "-n", self._names[box], "address", "delete", f"{old}/{_BITS}", *card])
        run(["ip", "-n", self._names[box], "address", "add", f"{new}/{_BITS}", *card])

    def know(self, box: Box, addresses: Mapping[str, str]) -> None:
        """Let a box know addresses by name, those and no others; programs that run in it already learn of it too."""
        file = _ETC / self._names[box] / "hosts"
        file.parent.mkdir(parents=True, exist_ok=True)
        # Written in place: a running program sees this very file.
        file.write_text("".join(f"{address} {name}\n" for name, address in addresses.items()), encoding="ascii")

    def make(self, seed: int | None) -> None:
        for name in self._names.values():
            run(["ip", "netns", "add", name])
            run(["ip", "-n", name, "link", "set", "lo", "up"])
        for line in _LINES:
            self._lay(line, seed)
            for box, address in ((line.near, line.near_address), (line.far, line.far_address)):
                run(["ip", "-n", self._names[box], "address", "add", f"{address}/{_BITS}", "dev", line.card(box)])
                run(["ip", "-n", self._names[box], "link", "set", line.card(box), "up"])

    def remove(self) -> None:
        for wire in self.wires.values():
            wire.close()
        for name in self._names.values():
            subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False, timeout=10)
            shutil.rmtree(_ETC / name, ignore_errors=True)

    def _lay(self, line: Line, seed: int | None) -> None:
        if seed is None:
            far_card = ["peer", "name", line.card(line.far), "netns", self._names[line.far]]
            near_card = [line.card(line.near), "netns", self._names[line.near]]
            run(["ip", "link", "add", *near_card, "type", "veth", *far_card])
            return
        ends = []
        for box in (line.near, line.far):
            with self.inside(box):
                ends.append(open_card(line.card(box)))
        self.wires[line] = Wire(*ends, seed=seed)


class Boxes(House):
    """The processes of a centre, each started in its box."""

    def __init__(self, logs: Path, network: Network, environment: Mapping[str, str]) -> None:
        """`environment` is laid over that of each process."""
        super().__init__(logs)
        self._network = network
        self._environment = environment

    def start(self, program: Program, ready: re.Pattern[str] | None = None) -> Running:
        box: Box = "server" if program.name == "server" else "hub"
        arguments = [*self._network.prefix(box), *program.arguments]
        environment = {**program.environment, **self._environment}
        running = super().start(replace(program, arguments=arguments, environment=environment))
        if ready is not None:
            running.wait_for(ready, _READY_WITHIN_S)
        return running


@contextmanager
def network(bad_by: int | None = None) -> Iterator[Network]:
    """Make one; with a seed for their chance, its lines are cables that can be made bad."""
    made = Network()
    try:
        made.make(bad_by)
        yield made
    finally:
        made.remove()


def run(command: list[str], text: str | None = None) -> None:
    """Run a command that has to succeed."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=10)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"


def _enter(namespace: Path) -> None:
    with namespace.open("rb") as file:
        _set_namespace(file.fileno())


def _set_namespace(descriptor: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
