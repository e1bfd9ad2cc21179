"""kill -9 at random moments while tickets print under random faults: each ends in one honest state, none out twice."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from assets.texts import Catalogue
from printer.emulator.machine import Traits
from printer.encode import Encoder
from tests.printer.mortal import COPY_EACH, mortal_ticket
from tests.printer.rig import Rig, rig

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
    """The process that is killed, and what it has noted."""

    def __init__(self, folder: Path, url: str) -> None:
        self.spool, self.notes = folder / "spool.db", folder / "notes"
        command = [sys.executable, "-m", "tests.printer.mortal", str(self.spool), url, str(self.notes)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
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

    @property
    def taken(self) -> list[int]:
        return [int(line) for line in self.notes.read_text().split()] if self.notes.exists() else []

    def close(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=10)


def torture(printer: Rig, mortal: Mortal, moments: int, chance: random.Random) -> None:
    pause = threading.Event()
    left = ""
    for _ in range(moments):
        # A fault may outlive the process that met it; two kinds at once hide each other.
        pid = mortal.begin(max(mortal.taken, default=-1) + 1)
        fault, mend = chance.choice(FAULTS)
        pause.wait(chance.uniform(0.0, 0.2))
        if left:
            printer.order(left)
        pause.wait(chance.uniform(0.2, 0.8))
        printer.order(fault)
        pause.wait(chance.uniform(0.0, 0.2))
        if chance.random() < 0.7:
            printer.order(mend)
            pause.wait(chance.uniform(0.0, 0.2))
        left = mend
        os.kill(pid, signal.SIGKILL)
        mortal.dead()
    for order in MEND:
        printer.order(order)
    mortal.begin(-1)
    mortal.dead()


def run(folder: Path, moments: int) -> Counter[str]:
    """Kill at so many moments, then look at every ticket; return how many ended in which state."""
    chance = random.Random(moments)
    with rig(folder / "printer", Traits(mm_s=500)) as printer:
        mortal = Mortal(folder, printer.tcp)
        try:
            torture(printer, mortal, moments, chance)
            taken = mortal.taken
        finally:
            mortal.close()
        with sqlite3.connect(folder / "spool.db") as spool:
            rows = spool.execute("SELECT id, copy, stage, told FROM job").fetchall()
        encoder = Encoder({language: Catalogue.load(language) for language in ("ar", "en")})
        states = {job: stage for job, copy, stage, _ in rows if not copy}
        assert all(told for *_, told in rows), "everybody was told"
        assert set(states.values()) <= {"printed", "not printed", "unknown"}
        assert {f"t{number}" for number in taken} <= set(states), "a ticket that was taken is never forgotten"
        for job, stage in states.items():
            number = int(job.removeprefix("t"))
            out = printer.whole(encoder.encode(mortal_ticket(number)).ticket)
            assert out <= 1, f"{job} is out {out} times and not marked"
            if stage == "printed":
                assert out == 1, f"{job} was said to be printed"
            if stage == "not printed":
                assert out == 0, f"{job} was said not to be printed"
        copies = [job for job, copy, *_ in rows if copy]
        assert all(int(job.removeprefix("t")) % COPY_EACH == 0 for job in copies)
    return Counter(states.values())


def test_killed_at_random_moments(tmp_path: Path) -> None:
    states = run(tmp_path, 25)
    assert states["printed"] > 2, "there was something to kill"
    assert states["unknown"] > 0, "it was killed while printing"


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_killed_at_500_random_moments(tmp_path: Path) -> None:
    states = run(tmp_path, 500)
    assert min(states["printed"], states["not printed"], states["unknown"]) > 20
