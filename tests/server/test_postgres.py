"""PostgreSQL below the server: known failures are told as such, lost races run again, a turn is one process's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, text

from server import postgres
from server.postgres import SharedTurn, Turn, one_at_a_time
from server.service import load_seeds
from server.storage import DataFolderError, Store
from server.tables import SCHEMA, CentreRow, CustomerRow, RegistersRow
from server.vault import VaultError
from sync.clock import SystemClock
from sync.storage import StorageReason, StorageUnavailable
from tests.clusters import fresh_database
from tests.waiting import until


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def url() -> str:
    return fresh_database("registers")


@pytest.fixture(scope="module")
def store(data: Path, url: str) -> Iterator[Store]:
    made = Store(data, url)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("53100", StorageReason.FULL),
        ("53300", StorageReason.BUSY),
        ("25006", StorageReason.READ_ONLY),
        ("42501", StorageReason.READ_ONLY),
        ("57014", StorageReason.BUSY),
        ("57P01", StorageReason.GONE),
        ("08006", StorageReason.GONE),
        ("40P01", StorageReason.BUSY),
        ("XX001", StorageReason.CORRUPT),
        ("23505", None),
        ("42P01", None),
    ],
)
def test_known_failures_and_bugs(state: str, reason: StorageReason | None) -> None:
    known = postgres.unavailable(psycopg.errors.lookup(state)("it\nDETAIL: somebody's"))
    assert (known.reason if known else None) == reason
    assert "somebody" not in str(known)


def test_nobody_there_is_gone() -> None:
    with pytest.raises(StorageUnavailable) as caught, postgres.known_failures():
        postgres.connect("postgresql://dawr:secret@127.0.0.1:9/dawr")
    assert caught.value.reason is StorageReason.GONE and "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("postgresql://dawr@db.example.bh/dawr", ""),
        ("postgres://dawr:s%40cr%2Ft@a,b:5432,5433/dawr?target_session_attrs=read-write", ""),
        ("postgresql://dawr@/dawr?host=/run/postgresql", ""),
        ("mysql://dawr:s3cr@db/dawr", "PostgreSQL's URL"),
        ("postgresql://dawr:s3@cr@db/dawr", "%40"),
        ("postgresql://dawr:s3/cr@db/dawr", "%2F"),
        ("postgresql://dawr:s3%cr@db/dawr", "%25"),
        ("postgresql://dawr@db/dawr?sslmod=require", "libpq's options"),
    ],
)
def test_a_wrong_url_is_told_and_nothing_of_it_quoted(url: str, fault: str) -> None:
    said = postgres.fault_of(url)
    assert (fault in said) if fault else said == ""
    assert not any(part in said for part in ("s3", "cr", "db", "sslmod="))


def test_a_database_that_cannot_hold_every_text_is_refused(tmp_path: Path, url: str) -> None:
    with postgres.connect(url) as connection:
        connection.execute("DROP DATABASE IF EXISTS ascii")
        connection.execute("CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(DataFolderError, match="SQL_ASCII; make it with ENCODING 'UTF8'"):
        Store(tmp_path, url.replace("/registers", "/ascii"))


def test_a_role_that_may_make_no_tables_is_told_so(tmp_path: Path) -> None:
    url = fresh_database("strange")
    with postgres.connect(url) as connection:
        connection.execute("DROP ROLE IF EXISTS stranger")
        connection.execute("CREATE ROLE stranger LOGIN")
    with pytest.raises(StorageUnavailable, match="read_only: permission denied for schema public"):
        Store(tmp_path, url.replace("dawr@", "stranger@"))


def test_eight_processes_that_start_at_once_make_the_tables_once(tmp_path: Path) -> None:
    url, stores, broken = fresh_database("starts"), [], []

    def begin() -> None:
        try:
            stores.append(Store(tmp_path, url))
        except BaseException as error:  # noqa: BLE001  # a thread's error is the test's
            broken.append(error)

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    rows = [store.call(lambda session: session.get_one(RegistersRow, 1).schema_version) for store in stores]
    for store in stores:
        store.close()
    assert (broken, rows) == ([], [SCHEMA] * 8)


def test_at_a_start_one_waits_for_another_as_long_as_it_takes(tmp_path: Path) -> None:
    url = fresh_database("patience")
    with postgres.connect(url) as other:
        held = {name: postgres.lock_number(name) for name in ("start", "seeds")}
        for number in held.values():
            other.execute("SELECT pg_advisory_lock(%s)", (number,))
        begun: list[bool] = []

        def begin() -> None:
            store = Store(tmp_path, f"{url}&options=-c%20lock_timeout%3D300ms%20-c%20statement_timeout%3D300ms")
            begun.append(load_seeds(store, [], SystemClock()))
            store.close()

        beginning = threading.Thread(target=begin)
        beginning.start()
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        for number in held.values():
            until(lambda: other.execute(waiting).fetchone() == (1,), "it to wait")
            beginning.join(0.6)  # Longer than what is limited elsewhere.
            other.execute("SELECT pg_advisory_unlock(%s)", (number,))
        beginning.join(20)
    assert begun == [False]


def test_a_process_without_the_keys_or_with_others_is_refused(store: Store, url: str, tmp_path: Path) -> None:
    with pytest.raises(VaultError):
        Store(tmp_path / "empty", url)
    with pytest.raises(VaultError, match="key_check"):
        Store(tmp_path, fresh_database("others")).close()
        Store(tmp_path, url)


def test_a_later_versions_database_is_left_alone(tmp_path: Path) -> None:
    url = fresh_database("later")
    store = Store(tmp_path, url)
    store.call(lambda session: session.execute(text("UPDATE registers SET schema_version = 999")))
    store.close()
    with pytest.raises(DataFolderError, match="later version"):
        Store(tmp_path, url)


def test_a_bugs_message_has_no_values(store: Store) -> None:
    def twice(session: Session) -> None:
        for customer in ("1", "2"):
            session.add(CustomerRow(id=customer, lookup="somebody", cpr=b"", born=b"", name=b""))

    with pytest.raises(IntegrityError) as caught:
        store.call(twice)
    assert "somebody" not in str(caught.value) and "somebody" not in str(caught.value.orig)


def test_who_loses_a_race_for_two_rows_runs_again(store: Store) -> None:
    for name in ("a", "b"):
        store.call(lambda session, name=name: session.add(CentreRow(id=name, settings={})))  # type: ignore[misc]
    meeting, runs = threading.Barrier(2), []

    def crossing(first: str, second: str) -> None:
        def job(session: Session) -> None:
            runs.append(first)
            session.execute(text("UPDATE centre SET revision = revision + 1 WHERE id = :id"), {"id": first})
            if runs.count(first) == 1:
                meeting.wait(10)
            session.execute(text("UPDATE centre SET revision = revision + 1 WHERE id = :id"), {"id": second})

        store.call(job)

    threads = [threading.Thread(target=crossing, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    revisions = store.call(lambda session: [session.get_one(CentreRow, name).revision for name in ("a", "b")])
    assert revisions == [2, 2] and len(runs) > 2


def test_a_connection_that_died_in_the_pool_is_not_noticed(store: Store, url: str) -> None:
    _end_all(url)
    assert store.call(lambda session: session.get_one(RegistersRow, 1).schema_version) == SCHEMA


def test_one_that_dies_at_the_commit_is_told(store: Store, url: str) -> None:
    runs = []

    def job(session: Session) -> None:
        runs.append(session.execute(text("SELECT 1")).scalar_one())
        event.listen(session, "before_commit", lambda _: _end_all(url), once=True)

    with pytest.raises(StorageUnavailable) as caught:
        store.call(job)
    assert (caught.value.reason, runs) == (StorageReason.GONE, [1])


def test_one_at_a_time(store: Store) -> None:
    inside, most, lock = [0], [0], threading.Lock()

    def job(session: Session) -> None:
        one_at_a_time(session, "this")
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        session.execute(text("SELECT pg_sleep(0.01)"))
        with lock:
            inside[0] -= 1

    threads = [threading.Thread(target=store.call, args=(job,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most == [1]


def test_a_turn_is_one_s_and_passes_on_when_its_connection_ends(url: str) -> None:
    first, second = SharedTurn(url, "test"), SharedTurn(url, "test")
    assert first.is_mine() and first.is_mine() and not second.is_mine()
    _end_all(url)
    with pytest.raises(StorageUnavailable):
        first.is_mine()
    with pytest.raises(StorageUnavailable):
        second.is_mine()
    until(second.is_mine, "the turn to pass on")
    assert not first.is_mine()
    second.close()
    until(first.is_mine, "the turn to pass back")
    first.close()


def test_alone_it_is_always_one_s_own_turn() -> None:
    assert Turn().is_mine()


def _end_all(url: str) -> None:
    with postgres.connect(url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
