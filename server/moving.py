"""Brings a server that kept files to PostgreSQL: registers, the centres' logs and the outbox, in one transaction.

The files stay as they are. What is told by a name stays true: cursors of the log go on, ids and links are the same. It
serves nobody meanwhile.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Table, delete, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from server import postgres
from server.logs.tables import EventRow, LogRow, StreamRow
from server.messages import OUTBOX_FILE
from server.migrations import migrate
from server.outbox import SharedShelf
from server.registers import Registers
from server.shared_tables import MessageRow
from server.storage import Store
from server.tables import RegistersRow, ServerRow
from sms.message import Kind, Message
from sync.chains import verify_chains
from sync.storage import StorageReason, StorageUnavailable, known_failures, only_reading

AT_ONCE = 1000
"""Rows in memory."""

_OF_FILES = frozenset({LogRow.__tablename__, StreamRow.__tablename__, EventRow.__tablename__, MessageRow.__tablename__})
_EVENTS = "COPY log_event (centre, device, incarnation, seq, position, known, hash, stored_at, wire) FROM STDIN"
_STREAMS = """
INSERT INTO log_stream (centre, device, incarnation, seq, hash, position)
SELECT DISTINCT ON (centre, device, incarnation) centre, device, incarnation, seq, hash, position
FROM log_event ORDER BY centre, device, incarnation, seq DESC
"""


class NotEmptyError(Exception):
    """The database holds a server's registers already; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How much was brought."""

    rows: int
    events: int
    messages: int


def move(data: Path, log_file: str, url: str) -> Moved:
    """Copy what a stopped server keeps in `data` to an empty database; hold the folder meanwhile (`DataFolder`).

    Raises NotEmptyError, StorageUnavailable, VaultError, and sync.log's LogError when an event does not fit its chain:
    nothing is kept there then.
    """
    store = Store(data)
    try:
        return store.call(lambda session: _copy(session, store, data, log_file, url))
    finally:
        store.close()


def _copy(session: Session, store: Store, data: Path, log_file: str, url: str) -> Moved:
    engine = postgres.engine(url, 1)
    try:
        with engine.begin() as target:
            for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
                target.execute(text(f"SET LOCAL {limit} = 0"))
            migrate(target)
            if _holds_anything(target):
                raise NotEmptyError("the database holds a server's registers already")
            target.execute(delete(RegistersRow))  # of empty ones: a command that was typed before this one makes them
            tables = [table for table in ServerRow.metadata.sorted_tables if table.name not in _OF_FILES]
            rows = sum(_copy_table(session, target, table) for table in tables)
            events = _copy_log(data / log_file, target, Registers.read(session))
            return Moved(rows, events, _copy_messages(data / OUTBOX_FILE, target, SharedShelf(url, store.vault)))
    except (DBAPIError, psycopg.Error) as error:  # COPY is the driver's own
        cause = error.orig if isinstance(error, DBAPIError) else error
        # PostgreSQL's own words quote the row; and a value may be somebody's.
        known = postgres.unavailable(cause) if isinstance(cause, psycopg.Error) else None
        raise known or StorageUnavailable(StorageReason.IO, type(cause).__name__) from None
    finally:
        engine.dispose()


def _holds_anything(target: Connection) -> bool:
    """Tell whether anything is kept there, but for the row that says what the registers are."""
    tables = [table for table in ServerRow.metadata.sorted_tables if table.name != RegistersRow.__tablename__]
    return any(target.execute(select(table).limit(1)).first() is not None for table in tables)


def _copy_table(session: Session, target: Connection, table: Table) -> int:
    count = 0
    for rows in session.execute(select(table)).mappings().partitions(AT_ONCE):
        _insert(target, table, [dict(row) for row in rows])
        count += len(rows)
    _go_on_counting(target, table)
    return count


def _insert(target: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        target.execute(table.insert(), rows)


def _go_on_counting(target: Connection, table: Table) -> None:
    """Have PostgreSQL number new rows after those that came with their numbers."""
    column = table.autoincrement_column
    if column is None:
        return
    counts = target.execute(select(func.pg_get_serial_sequence(table.name, column.name))).scalar_one()
    newest = target.execute(select(func.max(column))).scalar_one()
    if counts is not None and newest is not None:
        target.execute(select(func.setval(counts, newest)))


def _copy_log(path: Path, target: Connection, registers: Registers) -> int:
    if not path.exists():
        return 0
    with known_failures(), closing(only_reading(path)) as file:
        verify_chains(file.execute("SELECT wire, hash FROM event ORDER BY device, incarnation, seq"))
        (name,) = file.execute("SELECT id FROM file").fetchone()
        rows = file.execute(
            "SELECT position, device, incarnation, seq, known, hash, stored_at, wire FROM event ORDER BY position"
        )
        centres = {known.device.id: known.device.centre for known in registers.devices.values()}
        driver = target.connection.driver_connection
        assert driver is not None
        position = 0
        with driver.cursor().copy(_EVENTS) as copy:
            # Numbered anew without gaps; there are none in a file that nobody mended, so its cursors stay true.
            for position, (_, device, incarnation, seq, known, hash_, stored_at, wire) in enumerate(rows, 1):
                row = (centres.get(device, ""), device, incarnation, seq, position, bool(known), hash_, stored_at, wire)
                copy.write_row(row)
    target.execute(text(_STREAMS))
    target.execute(LogRow.__table__.insert(), [{"id": 1, "name": name, "position": position}])  # type: ignore[attr-defined]
    return position


def _copy_messages(path: Path, target: Connection, shelf: SharedShelf) -> int:
    if not path.exists():
        return 0
    table: Table = MessageRow.__table__  # type: ignore[attr-defined]
    count = 0
    with known_failures(), closing(only_reading(path)) as file:
        file.row_factory = sqlite3.Row
        found = file.execute("SELECT * FROM message ORDER BY row")
        while rows := found.fetchmany(AT_ONCE):
            _insert(target, table, [_sealed(dict(row), shelf) for row in rows])
            count += len(rows)
    _go_on_counting(target, table)
    return count


def _sealed(row: dict[str, Any], shelf: SharedShelf) -> dict[str, Any]:
    """Return a row of the outbox's file as the table has it."""
    number, said = row["number"], row["text"]
    if number is None:
        return row
    hidden, sealed = shelf.hidden(number), None
    if said is not None:
        hidden, sealed = shelf.kept(Message(row["id"], number, row["lang"], Kind(row["kind"]), said))
    return row | {"number": hidden, "text": sealed}
