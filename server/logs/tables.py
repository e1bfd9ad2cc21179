"""The centres' logs as tables, on PostgreSQL; where the registers are SQLite they stay empty, the logs are a file.

An event's key begins with its centre, so that a log partitions by centre. Storage only: `server.logs.log` keeps it.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field

from server.tables import Instant, ServerRow


class LogRow(ServerRow, table=True):
    """One row: the log's name, by which a cursor of another is found out, and the position of its newest event.

    Who adds events holds this row until the commit, so positions have no gap and rise in the order of commits.
    """

    __tablename__: ClassVar[str] = "log"

    id: int = Field(default=1, primary_key=True)
    name: str
    position: int = Field(sa_column=Column(BigInteger, nullable=False))


class StreamRow(ServerRow, table=True):
    """A stream and its newest event."""

    __tablename__: ClassVar[str] = "log_stream"
    __table_args__ = (Index("log_stream_by_position", "position"),)

    centre: str = Field(primary_key=True)
    device: str = Field(primary_key=True)
    incarnation: int = Field(primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    hash: str
    position: int = Field(sa_column=Column(BigInteger, nullable=False))


class EventRow(ServerRow, table=True):
    """An event, never changed: `wire` is its canonical JSON, `position` the order of arrival.

    `known` is False for what this version did not understand when it came; `stored_at` is the server's time.
    """

    __tablename__: ClassVar[str] = "log_event"
    __table_args__ = (
        Index("log_event_by_position", "position"),
        Index("log_event_of_centre", "centre", "position"),
    )

    centre: str = Field(primary_key=True)
    device: str = Field(primary_key=True)
    incarnation: int = Field(primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True))
    position: int = Field(sa_column=Column(BigInteger, nullable=False))
    known: bool
    hash: str
    stored_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    wire: str
