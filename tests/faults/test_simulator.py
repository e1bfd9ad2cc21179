"""The simulator finds nothing in the product's rules, and finds every rule that is broken on purpose."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from scripts.dawr_dev.simulator.__main__ import main
from scripts.dawr_dev.simulator.mutants import MUTANTS
from scripts.dawr_dev.simulator.rules import Rules
from scripts.dawr_dev.simulator.schedule import Outcome, Schedule
from scripts.dawr_dev.simulator.shrinking import shortest

_WITHIN = 2000
_FAULTS = "schedules of crashes, cuts, full disks, old images and wrong clocks"


def _first_broken(rules: Rules, schedules: int, seed: int = 1) -> Outcome | None:
    outcomes = (Schedule(each, rules).run() for each in range(seed, seed + schedules))
    return next((outcome for outcome in outcomes if outcome.violations), None)


def _is_caught(name: str, seed: int) -> bool:
    """Say whether a mutant breaks, within so many schedules, a guarantee that it is said to break."""
    mutant = MUTANTS[name]
    return any(
        violation.guarantee in mutant.breaks
        for each in range(seed, seed + _WITHIN)
        for violation in Schedule(each, mutant.rules).run().violations
    )


@pytest.mark.survives(_FAULTS, 300)
def test_no_schedule_breaks_a_guarantee() -> None:
    assert _first_broken(Rules(), 300) is None


@pytest.mark.survives(_FAULTS, 20000)
@pytest.mark.long
@pytest.mark.timeout(1800)
def test_no_schedule_of_many_breaks_a_guarantee() -> None:
    assert _first_broken(Rules(), 20_000) is None


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_a_broken_rule_is_caught(name: str) -> None:
    assert _is_caught(name, 1)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(MUTANTS))
@pytest.mark.parametrize("seed", [100_001, 200_001])
def test_a_broken_rule_is_caught_by_other_seeds(name: str, seed: int) -> None:
    assert _is_caught(name, seed)


def test_every_guarantee_has_a_mutant_that_breaks_it() -> None:
    assert {guarantee for mutant in MUTANTS.values() for guarantee in mutant.breaks} == set(range(1, 9))


def test_a_seed_tells_the_same_story_twice() -> None:
    assert Schedule(7, Rules()).run() == Schedule(7, Rules()).run()


def test_schedules_are_not_idle() -> None:
    outcomes = [Schedule(seed, Rules()).run() for seed in range(1, 101)]
    told = "\n".join(line for outcome in outcomes for line in outcome.script)
    for event in ("loses power", "is cut", "cut on the way back", "clock jumps", "is an old image", "enrolled anew",
                  "of its own", "a disk is full", "no room for a ticket", "store is its copy", "is revoked",
                  "only a later version knows", "dead with its switch", "the hub opens 2026-11-23",
                  "finish -> ok", "transfer -> ok", "mark_no_show -> ok"):  # fmt: skip
        assert event in told
    met: Counter[str] = sum((Counter(outcome.met) for outcome in outcomes), Counter())
    least = {
        **{"tickets": 500, "events": 3000, "power cuts": 100, "lines cut": 100, "of them one way only": 50},
        **{"messages lost": 1000, "messages doubled": 300, "messages overtaken": 400, "messages cut off": 400},
        **{"requests given up": 700, "replies too late": 200, "claims that came again": 300, "boards too old": 3},
        **{"clocks that jumped": 50, "disks full": 25, "full disks' noes": 50, "old images put back": 3},
        **{"bookings found": 80, "devices revoked": 8, "server's store gone": 8, "events known already": 80},
    }
    assert {what: met[what] for what, count in least.items() if met[what] < count} == {}


def test_the_last_line_is_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["centre", "--schedules", "5", "--verbose"]) == 0
    *told, verdict = capsys.readouterr().out.splitlines()
    assert list(json.loads(verdict)) == ["schedules", "violations", "per_s"]
    assert json.loads(verdict)["schedules"] == 5 and json.loads(verdict)["violations"] == 0
    assert any(line.startswith("messages overtaken") for line in told)


def test_a_violation_is_told_with_its_seed_and_its_story(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["centre", "--schedules", "200", "--mutant", "series-shared"]) == 1
    told = capsys.readouterr().out
    assert "--mutant series-shared" in told and "BROKEN guarantee 1" in told and "kiosk-1 starts" in told
    assert re.search(r"^guarantee 1: \d+ violations$", told, re.MULTILINE)
    assert json.loads(told.splitlines()[-1])["violations"] > 0


def test_a_story_is_told_no_further_than_it_has_to_go() -> None:
    rules = MUTANTS["ack-before-fsync"].rules
    broken = _first_broken(rules, _WITHIN)
    assert broken is not None
    told = shortest(broken, rules)
    ends = [at for at, what, _ in told.noted if what == "everything is mended"]
    assert told.violations and ends[0] < 150.0
    assert told.noted[: len(told.noted) // 2] == broken.noted[: len(told.noted) // 2]
    earlier = max(at for at, _, _ in told.noted if at < ends[0])
    assert not Schedule(broken.seed, rules, trouble_s=earlier).run().violations


def test_several_processes_tell_the_same_story(capsys: pytest.CaptureFixture[str]) -> None:
    def told(jobs: int) -> list[str]:
        assert main(["centre", "--schedules", "100", "--mutant", "series-shared", "--jobs", str(jobs)]) == 1
        return capsys.readouterr().out.splitlines()[:-1]

    assert told(2) == told(1) != []
