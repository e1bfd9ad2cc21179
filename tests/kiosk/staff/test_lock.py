"""Tries of a PIN: a few are free, then each costs more, and no restart or clock gives them back."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.staff.lock import FILE, FIRST_WAIT_S, FREE_TRIES, LONGEST_WAIT_S, Lock, LockFile

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def test_a_few_tries_are_free_then_each_costs_twice_the_one_before() -> None:
    lock, waits = Lock(), []
    for _ in range(FREE_TRIES + 8):
        lock = lock.tried(NOW)
        waits.append(lock.wait_s(NOW))
    assert waits[: FREE_TRIES - 1] == [0] * (FREE_TRIES - 1)
    assert waits[FREE_TRIES - 1 : FREE_TRIES + 4] == [60, 120, 240, 480, 900]
    assert waits[-1] == LONGEST_WAIT_S


def test_it_opens_when_its_time_is_over() -> None:
    lock = Lock(FREE_TRIES, NOW)
    assert lock.wait_s(NOW + timedelta(seconds=FIRST_WAIT_S - 1)) == 1
    assert lock.wait_s(NOW + timedelta(seconds=FIRST_WAIT_S)) == 0


def test_a_clock_set_back_makes_it_no_longer_than_it_is() -> None:
    assert Lock(FREE_TRIES, NOW).wait_s(NOW - timedelta(days=900)) == FIRST_WAIT_S


def test_it_survives_a_restart_for_its_owners_eyes(tmp_path: Path) -> None:
    lock = Lock(FREE_TRIES + 1, NOW)
    LockFile(tmp_path, NOW).keep(lock)
    assert LockFile(tmp_path, NOW).lock == lock
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    LockFile(tmp_path, NOW).keep(Lock())
    assert LockFile(tmp_path, NOW).lock == Lock()


@pytest.mark.parametrize(
    "spoilt", ["", "{}", "[]", '{"failures": "x", "last_at": null}', '{"failures": 9, "last_at": 5}']
)
def test_a_spoilt_file_gives_no_free_tries(tmp_path: Path, spoilt: str) -> None:
    (tmp_path / FILE).write_text(spoilt)
    assert LockFile(tmp_path, NOW).lock.wait_s(NOW) == FIRST_WAIT_S


def test_a_disk_that_does_not_take_it_weakens_nothing(tmp_path: Path) -> None:
    file = LockFile(tmp_path / "gone", NOW)
    file.keep(Lock(FREE_TRIES, NOW))
    assert file.lock.wait_s(NOW) == FIRST_WAIT_S
