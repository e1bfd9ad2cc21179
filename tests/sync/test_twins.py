"""A device at two places at once is found out; a restart, a reopened stream, a late request are not taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.identity import DeviceKey, Signer, Verifier, run_of
from sync.twins import LATER_MS, Twins
from tests.sync.fakes import FakeClock

KEY = "A" * 43 + "="
OLD, NEW = "a" * 16, "b" * 16


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def twins(clock: FakeClock) -> Twins:
    return Twins(clock)


def test_a_process_that_signs_after_its_successor_began_lives_beside_it(twins: Twins, clock: FakeClock) -> None:
    heard = [twins.heard("display-1", KEY, run, ms) for run, ms in ((OLD, 0), (NEW, 1000), (OLD, 1001 + LATER_MS))]
    assert heard == [False, False, True], "and it is said once"
    assert not twins.heard("display-1", KEY, OLD, 9000)
    assert twins.since("display-1", KEY) == clock.now()
    assert twins.since("kiosk-1", KEY) is None


def test_restarts_and_requests_that_were_long_on_their_way_are_no_twin(twins: Twins) -> None:
    for start in range(20):
        run = f"{start:016x}"
        assert not any(twins.heard("display-1", KEY, run, start * 1000 + ms) for ms in (0, 300, 900))
    assert not any(twins.heard("display-1", KEY, f"{19:016x}", 19_900 + ms) for ms in (20_000, 40_000)), "it goes on"
    # The hub stood still meanwhile: what a process signed before it ended is heard after its successor's first word.
    assert not twins.heard("display-1", KEY, f"{18:016x}", 18_950)
    # The same, and its clock was put back by a second when it started again.
    assert not twins.heard("display-1", KEY, f"{18:016x}", 19_950)
    assert twins.since("display-1", KEY) is None


def test_enrolled_anew_it_is_one_again(twins: Twins) -> None:
    for run, ms in ((OLD, 0), (NEW, 1000), (OLD, 9000)):
        twins.heard("display-1", KEY, run, ms)
    other = "B" * 43 + "="
    assert not twins.heard("display-1", other, "c" * 16, 10_000)
    assert twins.since("display-1", other) is None and twins.since("display-1", KEY) is None


def test_of_two_streams_the_last_goes_on_until_both_are_known_to_live(twins: Twins) -> None:
    twins.heard("display-1", KEY, OLD, 0)
    twins.opened("display-1", "board", OLD)
    assert twins.is_current("display-1", "board", OLD)
    twins.heard("display-1", KEY, OLD, 500)
    twins.opened("display-1", "board", OLD)
    assert twins.is_current("display-1", "board", OLD), "a stream that is opened again ends nobody's"
    twins.heard("display-1", KEY, NEW, 1000)
    assert twins.is_current("display-1", "board", OLD), "a request alone ends no stream"
    twins.opened("display-1", "board", NEW)
    assert not twins.is_current("display-1", "board", OLD) and twins.is_current("display-1", "board", NEW)
    assert twins.heard("display-1", KEY, OLD, 7000), "it comes back, so it was alive"
    twins.opened("display-1", "board", OLD)
    assert all(twins.is_current("display-1", "board", run) for run in (OLD, NEW)), "and neither is disturbed any more"


def test_a_process_is_known_by_its_nonces_and_its_copy_is_another(tmp_path: Path, clock: FakeClock) -> None:
    key, heard = DeviceKey.make(tmp_path), []
    verifier = Verifier(clock, lambda _: key.public, heard=lambda *told: heard.append(told))
    one, two = (Signer(key, "kiosk-1", 1, clock) for _ in range(2))
    for signer in (one, two, one):
        header = signer.authorization("GET", "/")
        verifier.verify(header, "GET", "/", b"")
        assert run_of(header) == heard[-1][2]
    runs = [run for _, _, run, _ in heard]
    assert runs[0] == runs[2] != runs[1]
    assert run_of(None) == run_of("Bearer x") == ""
