"""The log's tables as SQLModel declares them: storage only, nothing validates here.

A log file is made from what they come to, `schema.sql` (written by `python -m sync schema`, held equal by a test): no
device loads SQLModel, half a second and 45 MB, for five statements. They have a registry of their own, so an app's
`SQLModel.metadata` never creates them in another database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import ClassVar

from sqlalchemy import Column, Integer, MetaData, UniqueConstraint
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import registry
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement
from sqlmodel import Field, SQLModel

SCHEMA = 1
"""The file's `user_version`; raise it together with a migration in `sync.log`."""


class LogRow(SQLModel, registry=registry()):
    """The base of the log's tables."""


class EventRow(LogRow, table=True):
    """An event, own or received, never changed: `wire` is its canonical JSON, `position` the order of arrival."""

    __tablename__: ClassVar[str] = "event"
    __table_args__ = (UniqueConstraint("device", "incarnation", "seq"),)

    position: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    device: str
    incarnation: int
    seq: int
    type: str
    known: bool
    """False: this version does not know the type, its version or its body. Kept and passed on all the same."""
    hash: str
    stored_at: str
    """This device's wall time at storing: what a receiver dates an event by when the sender's clock is wrong."""
    wire: str


class AckRow(LogRow, table=True):
    """The outbox: up to which seq a peer has said that a stream is safe with it."""

    __tablename__: ClassVar[str] = "ack"

    peer: str = Field(primary_key=True)
    device: str = Field(primary_key=True)
    incarnation: int = Field(primary_key=True)
    seq: int


class FileRow(LogRow, table=True):
    """One row: the id of this very file, so that a cursor of another one is found out."""

    __tablename__: ClassVar[str] = "file"

    id: str = Field(primary_key=True)


def create_tables(connection: sqlite3.Connection, metadata: MetaData) -> None:
    """Create tables and indexes of SQLModel metadata on a raw connection, inside the caller's transaction.

    For an app's side tables in the log's file too: `create_tables(tx.connection, MyRow.metadata)`.
    """
    for statement in _statements(metadata):
        connection.execute(statement)


def schema() -> str:
    """Return what `schema.sql` has to hold: the log's tables, and its version as the file's."""
    statements = [*_statements(LogRow.metadata), f"PRAGMA user_version = {SCHEMA:d}"]
    return "".join(f"{statement};\n" for statement in statements)


def _statements(metadata: MetaData) -> Iterator[str]:
    for table in metadata.sorted_tables:
        yield _sql(CreateTable(table, if_not_exists=True))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield _sql(CreateIndex(index, if_not_exists=True))


def _sql(element: DDLElement) -> str:
    lines = str(element.compile(dialect=sqlite.dialect())).strip().splitlines()
    return "\n".join(line.expandtabs(4).rstrip() for line in lines)
