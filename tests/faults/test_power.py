"""Power cut after every single thing that the store does to its disk: nothing acknowledged is lost, nothing unreadable.

The store's own code on SQLite writes through `tests.faults.vfs`; each of its operations is a moment at which the power
may go, and for each moment several disks are made that the hardware would be entitled to leave. With `synchronous`
weakened the very same programme has to find losses, or it would prove nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from queueing.wire import Event, Stream
from sync.log import DeviceLog, LogError, Transaction
from sync.storage import StorageUnavailable
from sync.writer import LogWriter
from tests.faults.power import Disk, lay_out, possible_disks
from tests.faults.vfs import Op, Said, witnessed
from tests.sync.fakes import KIOSK, chain, open_log, ticket

OTHER = Stream("kiosk-2", 1)
RECEIVED = chain(OTHER, 400)


@dataclass(frozen=True, slots=True)
class Safe:
    """What the program believes to be on the disk: events of its own, received ones, and what the hub has."""

    own: int
    received: int
    acked: int


NOTHING = Safe(0, 0, 0)


def _live(folder: Path, chance: Random, jobs: int, synchronous: str) -> tuple[list[Op], list[Event]]:
    """Let a store live through two starts; return what it did to its disk, and its own events."""
    own: list[Event] = []
    safe = NOTHING

    def opened() -> DeviceLog:
        log = open_log(folder / "log.db")
        connection = log._connection
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        # Seldom on a device, every few commits here: the checkpoint is where a disk can be spoiled for good.
        connection.execute("PRAGMA wal_autocheckpoint = 12")
        return log

    def job(tx: Transaction) -> Safe:
        events = tx.append([ticket(n) for n in range(chance.choice([1, 1, 2, 9]))])
        received = min(len(RECEIVED), safe.received + chance.choice([0, 1, 30]))
        tx.store(RECEIVED[safe.received : received])
        tx.connection.execute("CREATE TABLE IF NOT EXISTS side (seq INTEGER PRIMARY KEY)")
        tx.connection.executemany("INSERT INTO side VALUES (?)", [(event.seq,) for event in events])
        tx.set_acked("hub", KIOSK, safe.own)
        own.extend(events)
        return Safe(events[-1].seq, received, safe.own)

    with witnessed() as witness:
        for _ in range(2):
            writer = LogWriter(opened)
            writer.start()
            for _ in range(jobs):
                safe = writer.submit(job).result()
                witness.say(safe)
            writer.close()
    return witness.ops, own


def _fault(folder: Path, found: dict[str, bytes], safe: Safe, then: Safe, own: list[Event]) -> str | None:
    """Start from a disk; return what is wrong with it. `then` is what the job in hand would have come to."""
    lay_out(found, folder)
    try:
        log = open_log(folder / "log.db")
    except StorageUnavailable:
        return "unreadable"
    try:
        log.verify()
        if log._connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            return "broken inside"
        has = Safe(log.head(KIOSK).seq, log.head(OTHER).seq, log.acked("hub", KIOSK))
        side = log._connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'side'").fetchone()[0]
        rows = log._connection.execute("SELECT count(*) FROM side").fetchone()[0] if side else 0
        if has not in (safe, then):
            return "lost" if has.own < safe.own else "half a job"
        if rows != has.own or log.read_stream(KIOSK, 0, 10_000) != own[: has.own]:
            return "not what was written"
        if log.read_stream(OTHER, 0, 10_000) != RECEIVED[: has.received]:
            return "not what was received"
        with log.transaction() as tx:
            if tx.append([ticket(1)])[0].seq != has.own + 1:
                return "does not go on"
    except LogError:
        return "chain broken"
    except StorageUnavailable:
        return "unreadable"
    finally:
        log.close()
    return None


def _survey(folder: Path, seed: int, jobs: int, synchronous: str) -> Iterator[str | None]:
    """Cut the power everywhere; give what is wrong with each disk, None for those that are well."""
    chance = Random(seed)
    life = folder / f"life-{seed}-{synchronous}"
    life.mkdir()
    ops, own = _live(life, chance, jobs, synchronous)
    said = [op.what for op in ops if isinstance(op, Said)]
    disk, safe, heard = Disk(), NOTHING, 0
    looked: set[tuple[object, ...]] = set()
    for op in ops:
        disk.do(op)
        if isinstance(op, Said):
            safe, heard = op.what, heard + 1
        then = said[heard] if heard < len(said) else safe
        for found in possible_disks(disk, chance):
            key = (safe, *sorted((name, hash(content)) for name, content in found.items()))
            if key not in looked:
                looked.add(key)
                yield _fault(folder / "found", found, safe, then, own)


@pytest.mark.survives("the power cut at an operation of the disk, for a store", 300)
def test_the_power_goes_at_every_operation(scratch: Path) -> None:
    verdicts = Counter(_survey(scratch, seed=1, jobs=3, synchronous="FULL"))
    assert set(verdicts) == {None}
    assert verdicts[None] > 300


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_a_weaker_synchronous_is_found_out(scratch: Path, synchronous: str) -> None:
    assert "lost" in _survey(scratch, seed=1, jobs=3, synchronous=synchronous)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_power_goes_at_every_operation_of_many_lives(scratch: Path) -> None:
    for seed in range(2, 17):
        assert set(_survey(scratch, seed=seed, jobs=8, synchronous="FULL")) == {None}, seed
