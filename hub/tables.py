"""The hub's side tables in its log's file, as SQLModel declares them: storage only, nothing validates here.

They are in the log's own file so that an answer and the events behind it are one commit.
"""

from __future__ import annotations

import sqlite3
from typing import ClassVar

from sqlalchemy import Index
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from sync.tables import create_tables


class HubRow(SQLModel, registry=registry()):
    """The base of the hub's tables."""


class ClaimRow(HubRow, table=True):
    """The answer to a claim, given again for ever; `asked` is the hash of what was asked and by whom."""

    __tablename__: ClassVar[str] = "claim"

    claim_id: str = Field(primary_key=True)
    asked: str
    status: int
    body: str


class DayRow(HubRow, table=True):
    """A business day and the log's cursor where it began: a start reads from there, not from the hub's first day."""

    __tablename__: ClassVar[str] = "day"

    day: str = Field(primary_key=True)
    cursor: str


class SessionRow(HubRow, table=True):
    """A signed-in member of staff: hashes of the cookie's value and of the PIN's own hash; `ends_at` in ISO 8601."""

    __tablename__: ClassVar[str] = "session"

    token_hash: str = Field(primary_key=True)
    staff: str
    pin_mark: str
    ends_at: str


class ContactRow(HubRow, table=True):
    """The phone of a ticket's customer, see `hub.contacts`; `kept_at` in ISO 8601, UTC."""

    __tablename__: ClassVar[str] = "contact"

    ticket: str = Field(primary_key=True)
    phone: str
    lang: str
    kept_at: str


class MessageRow(HubRow, table=True):
    """A message that became due, see `hub.messenger`; its id is `<ticket>:<kind>`. Nothing personal: no phone.

    `way` is who may send it ("" nobody yet, "server", "modem"), `state` how far it came; instants in ISO 8601, UTC.
    """

    __tablename__: ClassVar[str] = "message"
    __table_args__ = (Index("message_by_state", "state"), Index("message_of_ticket", "ticket"))

    id: str = Field(primary_key=True)
    ticket: str
    kind: str
    lang: str
    text: str
    way: str
    state: str
    decided_at: str
    moved_at: str


class WishRow(HubRow, table=True):
    """A customer's wish that came by the server and was decided; its id is the server's, decided once."""

    __tablename__: ClassVar[str] = "wish"

    id: int = Field(primary_key=True)
    granted: bool


def create(connection: sqlite3.Connection) -> None:
    """Make the tables that are not there yet, inside the caller's transaction."""
    create_tables(connection, HubRow.metadata)
