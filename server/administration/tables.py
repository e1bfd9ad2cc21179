"""What the administration adds to the server's tables: storage only, nothing validates here. Nothing of a customer."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field

from server.tables import Instant, ServerRow


class BodyRow(ServerRow, table=True):
    """A ministry, or a department of one (`above`). Centres have rows of their own; a name is unique among all."""

    __tablename__: ClassVar[str] = "body"

    id: str = Field(primary_key=True)
    kind: str
    name: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    above: str


class AccountRow(ServerRow, table=True):
    """Somebody who administers. `password_hash` is argon2id, "" where none is; `subject` is a national sign-on's word.

    Never deleted: the audit log names it.
    """

    __tablename__: ClassVar[str] = "account"

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    shown: str
    password_hash: str
    must_change: bool
    subject: str = Field(index=True)
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    seen_at: datetime | None = Field(default=None, sa_column=Column(Instant, nullable=True))
    disabled_at: datetime | None = Field(default=None, sa_column=Column(Instant, nullable=True))


class GrantRow(ServerRow, table=True):
    """A role that an account has at a body and below it; body "" is the whole server."""

    __tablename__: ClassVar[str] = "account_grant"

    account: str = Field(primary_key=True, foreign_key="account.id")
    body: str = Field(primary_key=True)
    role: str = Field(primary_key=True)


class AccountSessionRow(ServerRow, table=True):
    """An account that is signed in; of the token only its SHA-256 is kept."""

    __tablename__: ClassVar[str] = "account_session"

    token_hash: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.id", index=True)
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    seen_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class GuessRow(ServerRow, table=True):
    """How often in a row a name's password was typed wrongly, the last time at `at`; of the name only a hash."""

    __tablename__: ClassVar[str] = "account_guess"

    name_hash: str = Field(primary_key=True)
    misses: int
    at: datetime = Field(sa_column=Column(Instant, nullable=False))


class AuditRow(ServerRow, table=True):
    """A line of the audit log, only ever added. `id` rises with the time; `body` "" is the whole server."""

    __tablename__: ClassVar[str] = "audit"
    __table_args__ = (Index("audit_by_time", "id"),)

    body: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(Instant, nullable=False))
    by: str
    by_name: str
    address: str
    act: str
    about: str
    before: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
    after: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))


class DisplacedRow(ServerRow, table=True):
    """A booking at a time that is no more, and what is to become of it (`how`); `outcome` once that is done.

    In the same commit as the change that displaced it, so that none is forgotten whatever dies.
    """

    __tablename__: ClassVar[str] = "displaced"
    __table_args__ = (Index("displaced_waiting", "done_at", "made_at"),)

    centre: str = Field(primary_key=True, foreign_key="centre.id")
    appointment: str = Field(primary_key=True)
    change: str
    how: str
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    done_at: datetime | None = Field(default=None, sa_column=Column(Instant, nullable=True))
    outcome: str = ""
