"""Power cut at every operation of a kiosk's disk: a ticket in a customer's hand stands, and its number is his alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from threading import Event

import pytest

from assets.paths import DEMO
from kiosk.desk import Desk, Taken
from kiosk.moves import Draft
from queueing.centre import Centre
from sync.log import DeviceLog
from tests.faults.power import Disk, lay_out, possible_disks
from tests.faults.vfs import Op, Said, witnessed
from tests.sync.fakes import open_log

CENTRE = Centre.from_json(json.loads((DEMO / "centre.json").read_text(encoding="utf-8")))
DRAFT = Draft("licence-renewal", "en", None, None, False, None, None, "paper")


def opened(path: Path, synchronous: str = "FULL") -> DeviceLog:
    log = open_log(path)
    log._connection.execute(f"PRAGMA synchronous = {synchronous}")
    log._connection.execute("PRAGMA wal_autocheckpoint = 12")
    return log


def take(desk: Desk, handed: Callable[[Taken], None]) -> Taken:
    """Let a customer take a ticket; `handed` is called when it would be printed."""
    tickets: list[Taken] = []
    answered = Event()

    def taken(ticket: Taken) -> None:
        handed(ticket)
        tickets.append(ticket)
        answered.set()

    desk.take(DRAFT, CENTRE, "2026-11-22", taken, answered.set)
    assert answered.wait(10) and tickets
    return tickets[0]


def a_morning(path: Path, tickets: int, synchronous: str) -> list[Op]:
    """Let a kiosk open, give tickets, settle their printing; return what it did to its disk and told its customers."""
    with witnessed() as witness:
        desk = Desk(lambda: opened(path, synchronous), "0")
        desk.start()
        for _ in range(tickets):
            ticket = take(desk, lambda ticket: witness.say((ticket.ticket, ticket.fact.number, ticket.event.hash)))
            desk.settle(ticket.ticket, "printed", "")
        desk.close()
    return witness.ops


def first_wrong(folder: Path, synchronous: str, tickets: int) -> str | None:
    """Return what the first customer to be wronged by a power cut could complain of."""
    chance = Random(1)
    disk, handed = Disk(), {}
    looked = set()
    for op in a_morning(folder / "log.db", tickets, synchronous):
        disk.do(op)
        if isinstance(op, Said):
            ticket, number, hash_ = op.what
            handed[ticket] = (number, hash_)
        for found in possible_disks(disk, chance):
            key = (len(handed), *sorted((name, hash(content)) for name, content in found.items()))
            if key in looked:
                continue
            looked.add(key)
            lay_out(found, folder / "found")
            desk = Desk(lambda: opened(folder / "found" / "log.db"), "0")
            desk.start()
            kept = desk.writer.submit(lambda tx: {event.id: event.hash for event in tx.log.events()}).result()
            following = take(desk, lambda _: None)
            desk.close()
            if any(kept.get(ticket) != hash_ for ticket, (_, hash_) in handed.items()):
                return "my ticket is not known"
            if following.fact.number in {number for number, _ in handed.values()}:
                return "another has my number"
    assert len(looked) > 100
    return None


def test_what_was_handed_out_stands(scratch: Path) -> None:
    assert first_wrong(scratch, "FULL", 3) is None


def test_with_a_weaker_disk_somebody_would_be_wronged(scratch: Path) -> None:
    assert first_wrong(scratch, "NORMAL", 3) is not None


@pytest.mark.long
@pytest.mark.timeout(900)
def test_what_was_handed_out_in_a_long_morning_stands(scratch: Path) -> None:
    assert first_wrong(scratch, "FULL", 40) is None
