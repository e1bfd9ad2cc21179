"""A process that prints and is killed again and again while its printer has random faults."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts.dawr_dev import PROJECT
from tests.printer.rig import Rig

FAULTS = [
    ("paper out", "paper ok"),
    ("paper-out-after 2500", "paper ok"),
    ("paper-out-after cut", "paper ok"),
    ("cover open", "cover closed"),
    ("offline on", "offline off"),
    ("drop", "drop"),
    ("refuse on", "refuse off"),
    ("power off", "power on"),
    ("cable out", "cable in"),
    ("answers eot,asb,gs_r,id", "answers all"),
    ("answers none", "answers all"),
    ("garbage on", "garbage off"),
    ("late 37223030303000", "drop"),
]
MEND = [mend for _, mend in FAULTS]


class Mortal:
    """A process that forks a life for each line that it is told, and what those lives noted.

    It says "ready", then a life's pid and, when that has ended, "dead".
    """

    def __init__(self, module: str, arguments: Sequence[str], notes: Path, said: Path) -> None:
        self._notes = notes
        with said.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments, str(notes)],
                cwd=PROJECT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self._says() == "ready"

    def _says(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def begin(self, first: int) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{first}\n")
        self._process.stdin.flush()
        return int(self._says())

    def dead(self) -> None:
        assert self._says() == "dead"

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        self.dead()

    def wait_for_note(self, within_s: float) -> None:
        """Return as soon as something is noted; a life that notes nothing is waited for no longer than that."""
        size, end = self._size(), time.monotonic() + within_s
        while self._size() == size and time.monotonic() < end:
            time.sleep(0.0002)  # shorter than a write to the disk takes

    def _size(self) -> int:
        return self._notes.stat().st_size if self._notes.exists() else 0

    @property
    def notes(self) -> list[str]:
        return self._notes.read_text(encoding="utf-8").splitlines() if self._notes.exists() else []

    def close(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=10)


def torture(
    printer: Rig, mortal: Mortal, moments: int, chance: random.Random, first: Callable[[], int], longest_s: float = 0.8
) -> None:
    """Kill at so many moments, `first` giving the number that each life begins with; then mend the printer.

    Every third moment is right after a note: where one step is written down and the next is not. `longest_s` is how
    long a life may go on before its first fault, or after it.
    """
    pause = threading.Event()
    left = ""
    for _ in range(moments):
        # A fault may outlive the process that met it; two kinds at once hide each other.
        pid = mortal.begin(first())
        if chance.random() < 0.8:
            mortal.wait_for_note(within_s=2.0)
        fault, mend = chance.choice(FAULTS)
        pause.wait(chance.uniform(0.0, 0.2))
        if left:
            printer.order(left)
        # In the middle of a ticket that is printing, or before there is one.
        before, after = chance.sample((chance.uniform(0.2, longest_s), chance.uniform(0.0, 0.2)), 2)
        pause.wait(before)
        printer.order(fault)
        pause.wait(after)
        if chance.random() < 0.7:
            printer.order(mend)
            pause.wait(chance.uniform(0.0, 0.2))
        left = mend
        if chance.random() < 0.33:
            mortal.wait_for_note(within_s=0.5)
        mortal.kill(pid)
    for order in MEND:
        printer.order(order)
