"""The simulator finds nothing in the product's rules, and finds every rule that is broken on purpose."""

from __future__ import annotations

import json

import pytest

from scripts.dawr_dev.simulator.__main__ import main
from scripts.dawr_dev.simulator.mutants import MUTANTS
from scripts.dawr_dev.simulator.rules import Rules
from scripts.dawr_dev.simulator.schedule import Outcome, Schedule

_WITHIN = 2000


def _first_broken(rules: Rules, schedules: int) -> Outcome | None:
    outcomes = (Schedule(seed, rules).run() for seed in range(1, schedules + 1))
    return next((outcome for outcome in outcomes if outcome.violations), None)


@pytest.mark.survives("schedules of crashes, cuts, old images and wrong clocks", 300)
def test_no_schedule_breaks_a_guarantee() -> None:
    assert _first_broken(Rules(), 300) is None


@pytest.mark.survives("schedules of crashes, cuts, old images and wrong clocks", 20000)
@pytest.mark.long
@pytest.mark.timeout(1800)
def test_no_schedule_of_many_breaks_a_guarantee() -> None:
    assert _first_broken(Rules(), 20_000) is None


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_a_broken_rule_is_caught(name: str) -> None:
    assert _first_broken(MUTANTS[name].rules, _WITHIN) is not None


def test_a_seed_tells_the_same_story_twice() -> None:
    assert Schedule(7, Rules()).run() == Schedule(7, Rules()).run()


def test_schedules_are_not_idle() -> None:
    outcomes = [Schedule(seed, Rules()).run() for seed in range(1, 41)]
    told = "\n".join(line for outcome in outcomes for line in outcome.script)
    assert sum(outcome.tickets for outcome in outcomes) > 200
    for event in ("loses power", "is cut", "cut on the way back", "clock jumps", "is an old image", "enrolled anew",
                  "of its own", "finish -> ok", "transfer -> ok", "mark_no_show -> ok"):  # fmt: skip
        assert event in told


def test_the_last_line_is_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["centre", "--schedules", "5"]) == 0
    verdict = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert verdict["schedules"] == 5 and verdict["violations"] == 0 and verdict["per_s"] > 0


def test_a_violation_is_told_with_its_seed_and_its_story(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["centre", "--schedules", "200", "--mutant", "series-shared"]) == 1
    told = capsys.readouterr().out
    assert "--mutant series-shared" in told and "BROKEN guarantee 1" in told and "kiosk-1 starts" in told
    assert json.loads(told.splitlines()[-1])["violations"] > 0


def test_several_processes_tell_the_same_story(capsys: pytest.CaptureFixture[str]) -> None:
    def told(jobs: int) -> list[str]:
        assert main(["centre", "--schedules", "100", "--mutant", "series-shared", "--jobs", str(jobs)]) == 1
        return capsys.readouterr().out.splitlines()[:-1]

    assert told(2) == told(1) != []
