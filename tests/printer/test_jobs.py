"""The spool's memory on a real file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from printer.jobs import Jobs
from printer.outcome import Outcome, PaperLeft, State, Why


@pytest.fixture
def jobs(tmp_path: Path):
    opened = Jobs(tmp_path / "spool.db")
    yield opened
    opened.close()


def test_an_original_is_taken_once_and_copies_as_often_as_asked(jobs) -> None:
    assert jobs.submit("a", "paper", copy=False, at=1.0)
    assert not jobs.submit("a", "other", copy=False, at=2.0)
    assert jobs.submit("a", "paper", copy=True, at=3.0)
    assert jobs.submit("a", "paper", copy=True, at=4.0)
    assert jobs.next().paper == "paper"


def test_in_order_and_never_begun_again(jobs) -> None:
    for name in "abc":
        jobs.submit(name, name, copy=False, at=1.0)
    jobs.begin(jobs.next().row)
    assert jobs.next().id == "b"


def test_what_was_being_printed_is_unknown_after_a_restart(tmp_path, jobs) -> None:
    jobs.submit("a", "paper", copy=False, at=1.0)
    jobs.begin(jobs.next().row)
    assert jobs.settle_interrupted() == 1
    (told,) = jobs.untold()
    assert told.outcome == Outcome(State.UNKNOWN, Why.INTERRUPTED)


def test_outcomes_come_back_whole_until_told(jobs) -> None:
    jobs.submit("a", "paper", copy=True, at=1.0)
    row = jobs.next().row
    outcome = Outcome(State.NOT_PRINTED, Why.PAPER_OUT, PaperLeft.OUT, copy=True)
    jobs.settle(row, outcome)
    assert [each.outcome for each in jobs.untold()] == [outcome]
    jobs.told(row)
    assert jobs.untold() == []
    assert jobs.forget(before=1.0) == 0
    assert jobs.forget(before=2.0) == 1


def test_it_is_on_the_disk_in_full(tmp_path, jobs) -> None:
    jobs.submit("a", "paper", copy=False, at=1.0)
    with sqlite3.connect(f"file:{tmp_path / 'spool.db'}?mode=ro", uri=True) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert other.execute("SELECT id, stage FROM job").fetchall() == [("a", "queued")]
    other.close()
    assert jobs._connection.execute("PRAGMA synchronous").fetchone() == (2,)
