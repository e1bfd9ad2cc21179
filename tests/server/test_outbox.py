"""The outbox that several processes share keeps what the file's does; one sends at a time, and nothing is in plain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server import postgres
from server.outbox import SharedShelf
from server.storage import Store
from server.vault import Vault
from sms.life import Answer
from sms.outbox import Limits, Outbox
from sync.storage import StorageUnavailable
from tests.clusters import fresh_database, own_cluster
from tests.sms import test_outbox as of_the_file
from tests.sms.test_outbox import (  # noqa: F401  # the file's own contract, on another shelf
    PHONE,
    Wall,
    _message,
    _one,
    test_a_busy_gateway_is_asked_again_when_it_is_due,
    test_a_clock_that_was_set_back_holds_nothing_up,
    test_a_limit_is_a_number_s_own,
    test_a_report_of_nobody_s_message,
    test_a_restart_sends_what_waited_and_never_what_may_be_out,
    test_an_id_is_taken_once_whatever_comes_with_it,
    test_it_is_the_message_that_goes_out,
    test_limits,
    test_those_that_somebody_waits_for_go_first,
    test_time_settles_what_nobody_reports,
    test_what_has_to_be_told_may_come_again_after_a_limit,
    test_what_is_not_worth_sending_any_more_is_not_sent,
    wall,
)
from tests.waiting import until


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Vault]:
    url, data = fresh_database("outbox"), tmp_path_factory.mktemp("data")
    store = Store(data, url)
    store.close()
    return url, store.vault


@pytest.fixture
def path(made: tuple[str, Vault], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Empty the table; a `path` of the file's tests stands for it."""
    url, vault = made
    opened: list[Outbox] = []

    def open_shared(path: Path, wall: Wall, limits: Limits | None = None) -> Outbox:  # noqa: F811
        opened.append(Outbox(SharedShelf(url, vault), wall=wall, chance=lambda: 1.0, limits=limits))
        return opened[-1]

    monkeypatch.setattr(of_the_file, "_open", open_shared)
    with postgres.connect(url) as connection:
        connection.execute("TRUNCATE message")
    yield Path("shared")
    for outbox in opened:
        outbox.close()


@pytest.fixture
def outbox(path: Path, wall: Wall) -> Outbox:  # noqa: F811  # the file's fixture
    return of_the_file._open(path, wall)


def _all_text(url: str) -> str:
    with postgres.connect(url) as connection:
        return repr(connection.execute("SELECT * FROM message").fetchall())


def test_one_sends_at_a_time_and_the_other_goes_on_when_it_is_gone(path: Path, wall: Wall) -> None:  # noqa: F811
    first, second = of_the_file._open(path, wall), of_the_file._open(path, wall)
    second.submit([_message(1), _message(2)])
    taken = first.begin(1)
    assert len(taken) == 1 and second.begin(10) == [] and second.next_due_s() is not None
    first.close()
    until(second._takes_turn, "the turn to pass on")
    (other,) = second.begin(10)
    assert other.message.id != taken[0].message.id
    assert second.states([taken[0].message.id])[taken[0].message.id].why == "interrupted"


def test_what_another_sent_meanwhile_is_not_sent_again_by_who_lost_the_turn(path: Path, wall: Wall) -> None:  # noqa: F811
    first, second = of_the_file._open(path, wall), of_the_file._open(path, wall)
    first.submit([_message(1)])
    (outgoing,) = first.begin(1)
    first._shelf.close()  # its connection breaks while the request is out
    until(second._takes_turn, "the turn to pass on")
    first.settle([(outgoing.message.id, Answer.DOWN)])  # says that nothing went out, too late to be believed
    assert second.begin(10) == [] and first.begin(10) == []
    assert first.states([outgoing.message.id])[outgoing.message.id].state == "unknown"


def test_no_number_and_no_text_is_in_plain(path: Path, wall: Wall, made: tuple[str, Vault]) -> None:  # noqa: F811
    outbox = of_the_file._open(path, wall)
    outbox.submit([_message()])
    assert PHONE[1:] not in _all_text(made[0]) and "secret-text" not in _all_text(made[0])
    outgoing = _one(outbox)
    assert (outgoing.message.to, outgoing.message.text) == (PHONE, "secret-text-1")


def test_a_database_that_is_away_is_unavailable_and_heals(tmp_path: Path) -> None:
    with own_cluster() as cluster:
        Store(tmp_path, cluster.url()).close()
        outbox = Outbox(SharedShelf(cluster.url(), Vault.open(tmp_path)), wall=Wall(), chance=lambda: 1.0)
        cluster.stop()
        with pytest.raises(StorageUnavailable):
            outbox.submit([_message()])
        cluster.start()
        outbox.submit([_message()])
        outbox.close()
