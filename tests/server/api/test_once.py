"""Once, on a real PostgreSQL: the same request many times at the same moment, over connections of their own."""

from __future__ import annotations

import base64
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from server.api import once as module
from server.api.once import Once, OtherRequestError, UnderWayError
from server.api.tables import AnsweredRow
from server.storage import Store
from server.tables import HolidayRow
from server.vault import Vault, VaultError
from tests.clusters import fresh_database

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = Store(tmp_path_factory.mktemp("once") / "data", fresh_database("once"))
    yield made
    made.close()


VAULT = Vault(bytes(32), bytes(32))


def asked(key: str, request: str = "a", now: datetime = NOW, caller: str = "key:1") -> Once:
    return Once(caller, key, request, now, VAULT)


def acts(session: Session, key: str) -> int:
    return len(session.exec(select(HolidayRow).where(HolidayRow.centre == key)).all())


def act(session: Session, key: str) -> int:
    """Do something that shows how often it was done: each time another row."""
    count = acts(session, key)
    session.add(HolidayRow(centre=key, day=NOW.date() + timedelta(days=count), name={}))
    session.flush()
    return count


def test_many_at_the_same_moment_do_it_once(store: Store) -> None:
    start, seen = threading.Barrier(12), Counter[object]()

    def send() -> None:
        start.wait()
        for _ in range(200):
            try:
                seen[store.call(lambda session: asked("many").of(session, int, lambda: act(session, "many")))] += 1
                return
            except UnderWayError:
                seen["under way"] += 1

    threads = [threading.Thread(target=send) for _ in range(12)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert seen[0] == 12 and store.call(lambda session: acts(session, "many")) == 1


def test_who_asks_while_it_is_done_is_told_so(store: Store) -> None:
    begun, told = threading.Event(), threading.Event()

    def slow(session: Session) -> int:
        def work() -> int:
            begun.set()
            assert told.wait(20)
            return act(session, "slow")

        return asked("slow").of(session, int, work)

    first = threading.Thread(target=lambda: store.call(slow))
    first.start()
    assert begun.wait(20)
    with pytest.raises(UnderWayError):
        store.call(lambda session: asked("slow").of(session, int, lambda: act(session, "slow")))
    told.set()
    first.join()
    assert store.call(lambda session: asked("slow").of(session, int, lambda: act(session, "slow"))) == 0


def test_what_is_undone_keeps_no_answer(store: Store) -> None:
    def fails(session: Session) -> int:
        answer = asked("undone").of(session, int, lambda: act(session, "undone"))
        raise ZeroDivisionError(answer)  # a process that dies here commits nothing either

    with pytest.raises(ZeroDivisionError):
        store.call(fails)
    assert store.call(lambda session: acts(session, "undone")) == 0
    assert store.call(lambda session: asked("undone").of(session, int, lambda: act(session, "undone"))) == 0


def test_another_request_is_refused_for_a_day_and_no_longer(store: Store) -> None:
    def ask(request: str, now: datetime) -> int:
        return store.call(lambda session: asked("day", request, now).of(session, int, lambda: act(session, "day")))

    assert ask("a", NOW) == 0
    with pytest.raises(OtherRequestError):
        ask("b", NOW + timedelta(hours=23, minutes=59))
    assert ask("b", NOW + timedelta(hours=24)) == 1
    store.call(lambda session: module.forget_old(session, NOW + timedelta(hours=49)))
    assert store.call(lambda session: session.get(AnsweredRow, ("key:1", "day"))) is None


def test_a_key_is_its_caller_s_own(store: Store, tmp_path: Path) -> None:
    def ask(caller: str) -> int:
        once = asked("shared", caller=caller)
        return store.call(lambda session: once.of(session, int, lambda: act(session, "shared")))

    assert (ask("key:1"), ask("key:2"), ask("key:1")) == (0, 1, 0)


def test_an_answer_is_sealed_for_its_own_row(store: Store) -> None:
    store.call(lambda session: asked("sealed").of(session, str, lambda: "what somebody wrote"))
    row = store.call(lambda session: session.get_one(AnsweredRow, ("key:1", "sealed")))
    assert "somebody" not in str(base64.b64decode(row.answer))
    store.call(lambda session: session.add(AnsweredRow(**row.model_dump() | {"key": "elsewhere"})))
    with pytest.raises(VaultError):
        store.call(lambda session: asked("elsewhere").of(session, str, lambda: "another"))
