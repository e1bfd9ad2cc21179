"""kill -9 at random moments while tickets print under random faults: each ends in one honest state, none out twice."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from assets.texts import Catalogue
from printer.emulator.machine import Traits
from printer.encode import Encoder
from tests.printer.mortal import COPY_EACH, mortal_ticket
from tests.printer.rig import rig
from tests.printer.torture import Mortal, torture


def run(folder: Path, moments: int) -> Counter[str]:
    """Kill at so many moments, then look at every ticket; return how many ended in which state."""
    chance = random.Random(moments)
    with rig(folder / "printer", Traits(mm_s=500)) as printer:
        spool_file = folder / "spool.db"
        mortal = Mortal("tests.printer.mortal", [str(spool_file), printer.tcp], folder / "notes", folder / "said")

        def taken() -> list[int]:
            return [int(line) for line in mortal.notes]

        try:
            torture(printer, mortal, moments, chance, lambda: max(taken(), default=-1) + 1)
            mortal.begin(-1)
            mortal.dead()
        finally:
            mortal.close()
        with sqlite3.connect(spool_file) as spool:
            rows = spool.execute("SELECT id, copy, stage, told FROM job").fetchall()
        encoder = Encoder({language: Catalogue.load(language) for language in ("ar", "en")})
        states = {job: stage for job, copy, stage, _ in rows if not copy}
        assert all(told for *_, told in rows), "everybody was told"
        assert set(states.values()) <= {"printed", "not printed", "unknown"}
        assert {f"t{number}" for number in taken()} <= set(states), "a ticket that was taken is never forgotten"
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


@pytest.mark.survives("a spool killed while its printer has random faults", 25)
@pytest.mark.long
def test_killed_at_random_moments(tmp_path: Path) -> None:
    states = run(tmp_path, 25)
    assert states["printed"] > 2, "there was something to kill"
    assert states["unknown"] > 0, "it was killed while printing"


@pytest.mark.survives("a spool killed while its printer has random faults", 500)
@pytest.mark.long
@pytest.mark.timeout(3600)
def test_killed_at_500_random_moments(tmp_path: Path) -> None:
    states = run(tmp_path, 500)
    assert min(states["printed"], states["not printed"], states["unknown"]) > 20
