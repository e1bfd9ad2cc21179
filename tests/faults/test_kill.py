"""kill -9 of kiosks, hub and server at random moments under load: every ticket arrives, nobody is called twice."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from scripts.dawr_dev.processes import wait_until
from tests.faults.centre import KIOSKS, BusyCentre, busy_centre, verify

VICTIMS = [*KIOSKS, *KIOSKS, "hub", "hub", "server"]


def _in_the_midst(the: BusyCentre, victim: str, chance: Random) -> None:
    """Wait for a moment in which the victim has its hands full; a part that is just starting has them too."""
    if victim in KIOSKS and chance.random() < 0.8:
        before = the.words_of(victim)
        wait_until(lambda: True if the.words_of(victim) > before else None, 20, f"{victim} to say something")
        threading.Event().wait(chance.uniform(0, 0.05))
    else:
        threading.Event().wait(chance.uniform(0, 0.9))


def _rounds(data: Path, seed: int, rounds: int) -> None:
    chance = Random(seed)
    with busy_centre(data) as the:
        for _ in range(rounds):
            victim = chance.choice(VICTIMS)
            _in_the_midst(the, victim, chance)
            the.kill(victim)
        there = the.settle(within_s=60)
        given, by_id = the.handed(), {event.id: event for event in there}
        assert len(given) > 2 * rounds
        assert not [each for each in given if by_id[each.ticket].hash != each.hash], "what is known is what was given"
        taken = [event for event in there if event.type == "TicketTaken"]
        twice = [key for key, n in Counter((e.body["day"], e.body["number"]) for e in taken).items() if n > 1]
        assert not twice, "a number is given once a day"
        called = Counter(str(event.body["ticket"]) for event in there if event.type == "TicketCalled")
        told = [ticket for clerk in the.clerks for ticket in clerk.called()]
        assert len(told) > rounds // 4
        assert set(called.values()) == {1} and len(set(told)) == len(told), "nobody is called twice"
        assert set(told) == set(called), "the clerks know of every call"
        assert the.answers_differ() == []
    verify(data)


@pytest.mark.survives("kiosks, hub and server killed under load", 30)
@pytest.mark.timeout(180)
def test_thirty_deaths(tmp_path: Path) -> None:
    _rounds(tmp_path, seed=1, rounds=30)


@pytest.mark.survives("kiosks, hub and server killed under load", 100)
@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(2, 12))
def test_a_thousand_deaths(tmp_path: Path, seed: int) -> None:
    _rounds(tmp_path, seed=seed, rounds=100)
