"""A whole kiosk killed at random moments while its printer has random faults: every ticket ends in one honest state.

Printed once, printed again as a marked copy, or said not to be printed, and then it never is; and the hub knows each.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from pathlib import Path

import pytest

from assets.texts import Catalogue
from printer import TicketPaper
from printer.emulator.machine import Traits
from printer.encode import Encoder
from queueing.facts import PrintSettled, TicketTaken, fact_of
from queueing.state import replay
from queueing.wire import Event
from scripts.dawr_dev.demo import HUB, KIOSK, Demo, toml
from scripts.dawr_dev.logs import events
from scripts.dawr_dev.processes import House, wait_until
from tests.printer.rig import Rig, rig
from tests.printer.torture import Mortal, torture


class Noted:
    """What the kiosk's lives made public (see `tests.faults.kiosk`)."""

    def __init__(self, notes: list[str]) -> None:
        self.handed: dict[str, str] = {}
        self.shown: dict[str, set[str]] = defaultdict(set)
        self.papers: dict[str, TicketPaper] = {}
        self.copies: dict[str, list[TicketPaper]] = defaultdict(list)
        for line in notes:
            kind, ticket, words = line.split(" ", 2)
            if kind == "handed":
                self.handed[ticket] = words
            elif kind == "shown":
                self.shown[ticket].add(words)
            elif (paper := TicketPaper.from_json(words)).copy:
                self.copies[ticket].append(paper)
            else:
                self.papers[ticket] = paper


def settled(log: list[Event], *, copies: bool) -> list[tuple[str, str]]:
    """Return what a kiosk's log says of the paper of tickets, or of their copies: ticket and outcome, oldest first."""
    facts = [fact_of(event) for event in log]
    return [(fact.ticket, fact.outcome) for fact in facts if isinstance(fact, PrintSettled) and fact.copy == copies]


def check(printer: Rig, noted: Noted, kiosk_log: list[Event], hub_log: list[Event]) -> Counter[str]:
    """Look at every ticket; return how many ended in which state."""
    taken = {event.id: event for event in kiosk_log if isinstance(fact_of(event), TicketTaken)}
    numbers = {ticket: str(event.body["number"]) for ticket, event in taken.items()}
    assert noted.handed.items() <= numbers.items(), "a number that was shown is this ticket's, and not forgotten"
    assert len(set(numbers.values())) == len(numbers), "a number is given once"
    assert {event.id: event.hash for event in hub_log if event.id in taken} == {
        event.id: event.hash for event in taken.values()
    }, "the hub has every ticket"

    hall = replay(hub_log)
    lanes = [[ticket for _, ticket in waiting] for _, waiting in hall.todays_lanes()]
    assert lanes == [list(taken)], "all of them wait, in the order in which they were taken"

    said, settled_copies = dict(settled(kiosk_log, copies=False)), settled(kiosk_log, copies=True)
    assert said.keys() == taken.keys(), "of every ticket it is known what became of its paper"
    encoder = Encoder({language: Catalogue.load(language) for language in ("ar", "en")})
    for ticket, outcome in said.items():
        paper = noted.papers.get(ticket)
        out = printer.whole(encoder.encode(paper).ticket) if paper is not None else 0
        copied = (ticket, "printed") in settled_copies
        at_hub = hall.tickets[ticket].print_outcome
        assert at_hub == ("printed" if copied else outcome), f"{ticket} {outcome} {copied} {at_hub} at the hub"
        assert out in {"printed": (1,), "not printed": (0,), "unknown": (0, 1)}[outcome], f"{ticket} {outcome} {out}"
        assert noted.shown[ticket] <= {outcome}, f"{ticket}: what the screen said stands"
        copies = [encoder.encode(copy).ticket for copy in noted.copies[ticket]]
        assert sum(printer.whole(copy) for copy in set(copies)) <= len(copies), f"{ticket}: more copies than asked for"
    return Counter(said.values())


def _shown_printed(mortal: Mortal) -> bool | None:
    kind, _, words = mortal.notes[-1].split(" ", 2)
    return True if (kind, words) == ("shown", "printed") else None


def _at_rest(folder: Path) -> tuple[list[Event], list[Event]] | None:
    """Return the logs of kiosk and hub, None while the kiosk has tickets to settle or events to send."""
    with closing(sqlite3.connect(f"file:{folder / KIOSK / 'spool.db'}?mode=ro", uri=True)) as spool:
        open_jobs = spool.execute("SELECT count(*) FROM job WHERE told = 0").fetchone()[0]
    kiosk_log, hub_log = events(folder / KIOSK / "log.db"), events(folder / HUB / "hub.db")
    sent = {event.id for event in kiosk_log} <= {event.id for event in hub_log}
    return (kiosk_log, hub_log) if sent and not open_jobs else None


def run(folder: Path, moments: int) -> Counter[str]:
    """Kill at so many moments, then look at everything."""
    with House(folder / "logs") as house, rig(folder / "printer", Traits(mm_s=500)) as printer:
        demo = Demo(house, folder)
        demo.begin()
        demo.start_server()
        demo.start_hub()
        config = folder / "kiosk.toml"
        content = {"device": KIOSK, "data": KIOSK, "hub_url": demo.hub_url, "printer": printer.tcp}
        config.write_text(toml(content), encoding="utf-8")
        mortal = Mortal("tests.faults.kiosk", [str(config)], folder / "notes", folder / "logs" / "kiosk.log")
        try:
            torture(printer, mortal, moments, random.Random(moments), lambda: 0, longest_s=1.4)
            well = mortal.begin(0)
            wait_until(lambda: _shown_printed(mortal), 30, "a mended printer to print")
            mortal.kill(well)
            last = mortal.begin(-1)
            logs = wait_until(lambda: _at_rest(folder), 60, "every ticket to be settled and known at the hub")
            mortal.kill(last)
            noted = Noted(mortal.notes)
        finally:
            mortal.close()
        states = check(printer, noted, *logs)
        copied = sum(map(len, noted.copies.values()))
        (folder / "figures.json").write_text(json.dumps(states | {"copies": copied}), encoding="utf-8")
        return states | Counter(copies=copied)


@pytest.mark.survives("a kiosk killed while its printer has random faults", 10)
def test_a_kiosk_killed_at_random_moments(tmp_path: Path) -> None:
    states = run(tmp_path, 10)
    assert states["printed"] > 0 and states["copies"] > 0, "there was something to kill"
    assert states["unknown"] + states["not printed"] > 0, "it was killed while printing, or its printer was in trouble"


@pytest.mark.survives("a kiosk killed while its printer has random faults", 500)
@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_kiosk_killed_at_500_random_moments(tmp_path: Path) -> None:
    states = run(tmp_path, 500)
    assert min(states["printed"], states["not printed"], states["unknown"], states["copies"]) > 20
