"""The tables of other systems' keys and of what was answered already: storage only, nothing validates here."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field

from server.tables import Instant, ServerRow


class ApiKeyRow(ServerRow, table=True):
    """A key of another system: `id` is its open half; of the secret one only its SHA-256 is kept. Never deleted."""

    __tablename__: ClassVar[str] = "api_key"

    id: str = Field(primary_key=True)
    name: str
    secret_hash: str
    rights: list[str] = Field(sa_column=Column(JSON, nullable=False))
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    made_by: str
    last_used_on: date | None = None
    revoked_at: datetime | None = Field(default=None, sa_column=Column(Instant, nullable=True))
    revoked_by: str


class ApiKeyCentreRow(ServerRow, table=True):
    """A centre that a key is for."""

    __tablename__: ClassVar[str] = "api_key_centre"

    centre: str = Field(primary_key=True, foreign_key="centre.id")
    key: str = Field(primary_key=True, foreign_key="api_key.id")


class ApiKeyActRow(ServerRow, table=True):
    """What was done with a key to an appointment (`book`, `move`, `cancel`), in the same commit. Only ever added."""

    __tablename__: ClassVar[str] = "api_key_act"
    __table_args__ = (Index("api_key_act_by_time", "key", "at"),)

    centre: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    key: str = Field(foreign_key="api_key.id")
    act: str
    appointment: str
    at: datetime = Field(sa_column=Column(Instant, nullable=False))


class AnsweredRow(ServerRow, table=True):
    """An answer that was given to who sent an Idempotency-Key, in the same commit as what it tells of.

    `request_hash` is keyed: the request may hold a CPR, and nine digits are soon found from a bare hash. `answer` is
    sealed, in base64: it may hold what a customer has written.
    """

    __tablename__: ClassVar[str] = "answered"
    __table_args__ = (Index("answered_by_age", "made_at"),)

    caller: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_hash: str
    answer: str
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False))
