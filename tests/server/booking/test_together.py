from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlmodel import Session, select

from server.booking.answers import RefusedError, Why
from server.booking.together import Together
from server.storage import Store
from server.tables import CentreRow
from sync.storage import StorageReason, StorageUnavailable


class Counting(Store):
    """A store that counts its transactions."""

    done = 0

    async def run(self, job: Callable[[Session], Any], then: Callable[[Any], object] | None = None) -> Any:
        self.done += 1
        return await super().run(job, then)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counting]:
    made = Counting(tmp_path_factory.mktemp("together"))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def empty(store: Counting) -> None:
    def clear(session: Session) -> None:
        for row in session.exec(select(CentreRow)):
            session.delete(row)

    store.call(clear)
    store.done = 0


def adding(name: str) -> Callable[[Session], str]:
    def job(session: Session) -> str:
        session.add(CentreRow(id=name, settings={}))
        session.flush()
        return name

    return job


def kept(store: Store) -> list[str]:
    return store.call(lambda session: sorted(session.exec(select(CentreRow.id)).all()))


def at_once(store: Store, *jobs: Callable[[Session], Any], then: Callable[[Any], object] | None = None) -> list[Any]:
    together = Together(store)

    async def all_of_them() -> list[Any]:
        return await asyncio.gather(*(together.run(job, then) for job in jobs), return_exceptions=True)

    return asyncio.run(all_of_them())


def test_what_comes_at_once_is_committed_at_once_and_in_order(store: Counting) -> None:
    followed: list[str] = []
    names = [f"c{n:02}" for n in range(40)]
    assert at_once(store, *map(adding, names), then=followed.append) == names
    assert (kept(store), followed, store.done) == (names, names, 1)


def test_a_refusal_is_one_jobs_own(store: Counting) -> None:
    def refuse(session: Session) -> None:
        raise RefusedError(Why.TAKEN)

    first, refused, last = at_once(store, adding("a"), refuse, adding("b"))
    assert (first, refused.why, last) == ("a", Why.TAKEN, "b")
    assert (kept(store), store.done) == (["a", "b"], 1)


def test_a_bug_undoes_its_own_job_and_no_other(store: Counting) -> None:
    def bug(session: Session) -> None:
        adding("half")(session)
        raise ZeroDivisionError

    followed: list[str] = []
    first, broken, last = at_once(store, adding("a"), bug, adding("b"), then=followed.append)
    assert (first, type(broken), last) == ("a", ZeroDivisionError, "b")
    assert kept(store) == followed == ["a", "b"]


def test_nothing_of_a_transaction_that_failed_is_believed(store: Counting) -> None:
    def full(session: Session) -> None:
        raise StorageUnavailable(StorageReason.FULL)

    answers = at_once(store, adding("a"), full)
    assert [type(each) for each in answers] == [StorageUnavailable, StorageUnavailable]
    assert kept(store) == []


def test_on_postgresql_each_job_is_a_transaction(store: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "is_shared", True)
    assert at_once(store, adding("a"), adding("b")) == ["a", "b"]
    assert store.done == 2
