"""The server's database: one thread, one connection, sessions of SQLModel. The one place that knows it is SQLite.

For PostgreSQL `_engine` changes and the thread becomes a pool; tables and jobs stay.
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

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, select

from server.migrations import migrate
from server.tables import SCHEMA, RegistersRow
from server.vault import Vault, VaultError
from sync.storage import connect, known_failures

T = TypeVar("T")

REGISTERS_FILE = "registers.sqlite"
_LOCK = "server.lock"
_CHECK_TEXT = "dawr"
_CHECK_PLACE = "registers/1/key_check"


class DataFolderError(Exception):
    """The data folder cannot be used: another process has it, or a later version wrote it."""


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
    """Runs jobs on the database, each in a transaction of its own, one after another in the store's thread."""

    def __init__(self, data: Path) -> None:
        """Open `data`'s registers and their keys, making both at the very first start.

        Raises StorageUnavailable, VaultError and DataFolderError.
        """
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="registers")
        self.engine = _engine(data / REGISTERS_FILE)
        try:
            self.vault = self._thread.submit(self._open, data).result()
        except BaseException:
            self.close()
            raise

    def call(self, job: Callable[[Session], T], then: Callable[[T], object] | None = None) -> T:
        """Run a job and wait for it; it is committed when this returns. Raises what it raises, StorageUnavailable.

        `then` gets the result once it is committed and before any other job: what it puts into memory is never
        overtaken by something older.
        """
        return self._thread.submit(self._both, job, then).result()

    async def run(self, job: Callable[[Session], T], then: Callable[[T], object] | None = None) -> T:
        """Like `call`, waiting in an event loop; `then` runs in the store's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._both, job, then)

    def close(self) -> None:
        """Finish what is queued and close the file."""
        self._thread.submit(self.engine.dispose).result()
        self._thread.shutdown()

    def _both(self, job: Callable[[Session], T], then: Callable[[T], object] | None) -> T:
        result = self._run(job)
        if then is not None:
            then(result)
        return result

    def _open(self, data: Path) -> Vault:
        self._run(lambda session: _to_this_version(session, data))

        def keys(session: Session) -> Vault:
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
        with known_failures():
            try:
                with Session(self.engine, expire_on_commit=False) as session, session.begin():
                    return job(session)
            except DBAPIError as error:
                if isinstance(error.orig, sqlite3.Error):
                    raise error.orig from None  # Known failures are told by SQLite's own code.
                raise


def _to_this_version(session: Session, data: Path) -> None:
    connection = session.connection()
    if inspect(connection).has_table(str(RegistersRow.__tablename__)):
        version = session.exec(select(RegistersRow.schema_version)).first()
        if version is not None and version > SCHEMA:
            raise DataFolderError(f"{data}: written by a later version of the server")
    migrate(connection)


@contextmanager
def looking_at(data: Path) -> Iterator[Session]:
    """Give a look at a folder's registers, also while a server runs on them. Raises StorageUnavailable.

    The connection can only read: it never makes a checkpoint, so it does not break the rule of one connection.
    """
    with known_failures():
        connection = sqlite3.connect(f"file:{data / REGISTERS_FILE}?mode=ro", uri=True, timeout=5.0)
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool, hide_parameters=True)
    try:
        with known_failures(), Session(engine) as session:
            yield session
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
