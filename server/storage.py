"""The server's database: jobs on sessions of SQLModel, each a transaction. The one place that knows which it is.

SQLite is one thread with one connection; PostgreSQL (`server.postgres`) some threads with a connection each, and other
processes beside this one. Tables and jobs are the same.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, select

from server import postgres
from server.migrations import migrate
from server.news import News, SharedNews
from server.tables import SCHEMA, RegistersRow
from server.vault import Vault, VaultError
from sync.storage import StorageReason, StorageUnavailable, connect, known_failures, only_reading

T = TypeVar("T")

CONNECTIONS = 10
"""Jobs of one process that run at the same time on PostgreSQL."""
_TRIES = 6

REGISTERS_FILE = "registers.sqlite"
_LOCK = "server.lock"
_CHECK_TEXT = "dawr"
_CHECK_PLACE = "registers/1/key_check"
_START = "start"


class DataFolderError(Exception):
    """The data folder, or the database, cannot be used as it is; the words say what to do."""


class DataFolder:
    """The server's data folder, held by this process alone: two that write one SQLite file can corrupt it."""

    def __init__(self, path: Path) -> None:
        """Make the folder (0700) when it is missing, and lock it. Raises DataFolderError."""
        self.path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise DataFolderError(f"{path}: {error.strerror}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise DataFolderError(f"{path}: a server is running on this folder; stop it first") from error

    def close(self) -> None:
        """Let others have it."""
        os.close(self._lock)


class Store:
    """Runs jobs on the database, each in a transaction of its own, in the store's threads.

    On SQLite there is one thread, and one job comes after another. On PostgreSQL (`is_shared`) jobs run side by side,
    here and in other processes; one that lost a race (deadlock, serialization) or whose connection was found dead is
    run again, so what a job does outside its session it may do twice.
    """

    def __init__(self, data: Path, database: str = "") -> None:
        """Open the registers and their keys, making both at the very first start; keys are in `data` in any case.

        `database` is PostgreSQL's URL; without one the registers are a file in `data`. Raises StorageUnavailable,
        VaultError and DataFolderError.
        """
        self._database = database
        self.is_shared = bool(database)
        """Whether other processes may have the same database."""
        threads = CONNECTIONS if database else 1
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="registers")
        self.engine = postgres.engine(database, threads) if database else _engine(data / REGISTERS_FILE)
        self.news = SharedNews(database) if database else News()
        try:
            self.vault = self._threads.submit(self._open, data).result()
        except BaseException:
            self.close()
            raise

    def call(self, job: Callable[[Session], T], then: Callable[[T], object] | None = None) -> T:
        """Run a job and wait for it; it is committed when this returns. Raises what it raises, StorageUnavailable.

        `then` gets the result once it is committed. On SQLite that is before any other job. On PostgreSQL another may
        have committed meanwhile and told its own result first: who puts something into memory there compares revisions,
        as `server.registers` does.
        """
        return self._threads.submit(self._both, job, then).result()

    async def run(self, job: Callable[[Session], T], then: Callable[[T], object] | None = None) -> T:
        """Like `call`, waiting in an event loop; `then` runs in the store's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._both, job, then)

    def turn(self, what: str) -> postgres.Turn:
        """Return the turn at something that one process at a time does. Close it before the store."""
        return postgres.SharedTurn(self._database, what) if self.is_shared else postgres.Turn()

    def close(self) -> None:
        """Finish what is queued, tell the other processes what is to be told still, and close the connections."""
        if not self.is_shared:
            self._threads.submit(self.engine.dispose).result()  # SQLite's connection is its thread's.
        self.news.close()
        self._threads.shutdown()
        self.engine.dispose()

    def _both(self, job: Callable[[Session], T], then: Callable[[T], object] | None) -> T:
        result = self._run(job)
        if then is not None:
            then(result)
        return result

    def _open(self, data: Path) -> Vault:
        self._run(lambda session: _to_this_version(session, data))

        def keys(session: Session) -> Vault:
            postgres.one_at_a_time(session, _START, is_patient=True)
            row = session.get(RegistersRow, 1)
            if row is None:
                try:
                    vault = Vault.open(data)  # The first start was cut off after making them.
                except VaultError:
                    vault = Vault.make(data)
                session.add(RegistersRow(key_check=vault.seal(_CHECK_TEXT, _CHECK_PLACE)))
                return vault
            vault = Vault.open(data)
            vault.unseal(row.key_check, _CHECK_PLACE)
            return vault

        return self._run(keys)

    def _run(self, job: Callable[[Session], T]) -> T:
        for tries in range(_TRIES):
            is_done = False
            try:
                with Session(self.engine, expire_on_commit=False) as session, session.begin():
                    result = job(session)
                    session.flush()
                    is_done = True
                return result
            except DBAPIError as error:
                if isinstance(error.orig, sqlite3.Error):
                    with known_failures():  # They are told by SQLite's own code.
                        raise error.orig from None
                if not isinstance(error.orig, psycopg.Error):
                    raise
                # A pooled connection may have died since it was last used, all of them when PostgreSQL was started
                # anew. If it dies at the commit nobody knows what was kept: that is told, and the caller asks again.
                was_dead = error.connection_invalidated and not is_done
                if tries < _TRIES - 1 and (error.orig.sqlstate in postgres.AGAIN or was_dead):
                    continue
                raise _known_or_bug(error, error.orig) from None
            except NoConnectionError:
                raise StorageUnavailable(StorageReason.BUSY, "no connection is free") from None
        raise AssertionError("the last try returns or raises")


def _known_or_bug(error: DBAPIError, cause: psycopg.Error) -> BaseException:
    known = postgres.unavailable(cause)
    if known is not None:
        return known
    # PostgreSQL's details quote the row that is wrong, and a value may be somebody's.
    said = cause.diag.message_primary or type(cause).__name__
    cause.args = (said,)
    error.args = (said,)
    return error


def _to_this_version(session: Session, data: Path) -> None:
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
        if encoding != "UTF8":
            raise DataFolderError(f"the database is {encoding}; make it with ENCODING 'UTF8' TEMPLATE template0")
    postgres.one_at_a_time(session, _START, is_patient=True)
    version = _version(session)
    if version is not None and version > SCHEMA:
        raise _too_late(connection, data, version)
    migrate(connection)


def _version(session: Session) -> int | None:
    """Return which version's the tables are, None where nobody has begun with them."""
    if not inspect(session.connection()).has_table(str(RegistersRow.__tablename__)):
        return None
    return session.exec(select(RegistersRow.schema_version)).first()


def _too_late(connection: Connection, data: Path, version: int) -> DataFolderError:
    return DataFolderError(
        f"{_place(connection, data)}: written by a later version of the server (its tables are {version}, this one's"
        f" {SCHEMA}); start that version, or put back a copy of before"
    )


def _place(connection: Connection, data: Path) -> str:
    return "the database" if connection.dialect.name == "postgresql" else str(data / REGISTERS_FILE)


@contextmanager
def looking_at(data: Path, database: str = "") -> Iterator[Session]:
    """Give a look at the registers, also while a server runs on them. Raises StorageUnavailable, DataFolderError.

    They are left as they are: those of an earlier version are for its server's next start to bring along.
    """
    if database:
        engine = postgres.engine(database, 1)
    else:
        connection = only_reading(data / REGISTERS_FILE)
        engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool, hide_parameters=True)
    try:
        with known_failures(), Session(engine) as session:
            version = _version(session)
            if version is not None and version > SCHEMA:
                raise _too_late(session.connection(), data, version)
            if version != SCHEMA:
                place = _place(session.connection(), data)
                raise DataFolderError(f"{place}: has no tables of this version yet; start the server on it once")
            yield session
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.Error):
            raise _known_or_bug(error, error.orig) from None
        raise
    finally:
        engine.dispose()


def _engine(path: Path) -> Engine:
    # Parameters are hidden: an error's text goes to the log, and a parameter may be somebody's.
    engine = create_engine("sqlite://", creator=lambda: connect(path), poolclass=StaticPool, hide_parameters=True)

    def begin(connection: Connection) -> None:
        # The connection leaves transactions to us (isolation_level None), and writers must not upgrade half-way.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "begin", begin)
    return engine
