"""Tables through which several processes on one PostgreSQL know what one alone keeps in memory or in a file.

On SQLite they stay empty. Storage only, nothing validates here; no number and no text of a message is in plain.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Column, Double, Index, Integer
from sqlalchemy import text as sql
from sqlmodel import Field

from server.tables import Instant, ServerRow

OPEN = sql("stage IN ('queued', 'sending', 'sent')")


class LimitRow(ServerRow, table=True):
    """How often something was asked for under a key in a minute (of the epoch); `key` is a keyed hash."""

    __tablename__: ClassVar[str] = "limit_count"

    name: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    minute: int = Field(sa_column=Column(BigInteger, nullable=False))
    times: int


class NonceRow(ServerRow, table=True):
    """A nonce of a device's signed request that was let through."""

    __tablename__: ClassVar[str] = "nonce"
    __table_args__ = (Index("nonce_by_time", "at"),)

    device: str = Field(primary_key=True)
    nonce: str = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(Instant, nullable=False))


class HubWordRow(ServerRow, table=True):
    """What a centre's hub said last of how far the server is behind it."""

    __tablename__: ClassVar[str] = "hub_word"

    centre: str = Field(primary_key=True, foreign_key="centre.id")
    heard_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    behind: int
    since: datetime | None = Field(default=None, sa_column=Column(Instant, nullable=True))
    late: bool


class MessageRow(ServerRow, table=True):
    """A message of the outbox as `sms.outbox` keeps it; see `server.outbox` for what `number` and `text` hold here."""

    __tablename__: ClassVar[str] = "message"
    __table_args__ = (
        Index("open_messages", "stage", "urgent", "row", postgresql_where=OPEN, sqlite_where=OPEN),
        Index("message_of_number", "number", "taken_at"),
        Index("message_by_time", "taken_at"),
    )

    row: int | None = Field(
        default=None,
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    )
    id: str = Field(unique=True)
    token: str = Field(unique=True)
    number: str | None = None
    text: str | None = None
    lang: str
    kind: str
    urgent: int
    taken_at: float = Field(sa_column=Column(Double, nullable=False))
    stage: str
    due_at: float = Field(sa_column=Column(Double, nullable=False))
    until: float = Field(sa_column=Column(Double, nullable=False))
    tries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    sent_at: float | None = Field(default=None, sa_column=Column(Double, nullable=True))
    why: str = Field(default="", sa_column_kwargs={"server_default": sql("''")})
    foreign_id: str = Field(default="", sa_column_kwargs={"server_default": sql("''")})
