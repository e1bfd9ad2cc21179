"""What booking adds to the server's tables: storage only, nothing validates here. Appointments are `server.tables`'."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Column, Index, text
from sqlmodel import Field

from server.tables import Instant, ServerRow


class SlotRow(ServerRow, table=True):
    """How many places of a slot are taken. Nobody counts appointments: a conditional UPDATE of this row decides.

    `edition`: who knows the centre's settings from before it may not take a place, for the slot was closed since.
    """

    __tablename__: ClassVar[str] = "slot"

    centre: str = Field(primary_key=True, foreign_key="centre.id")
    service: str = Field(primary_key=True)
    slot_at: datetime = Field(sa_column=Column(Instant, primary_key=True))
    taken: int
    edition: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})


class BlockRow(ServerRow, table=True):
    """A customer may not book until an instant, unless it was lifted; `centre` is the one whose rule was broken."""

    __tablename__: ClassVar[str] = "block"
    __table_args__ = (Index("block_of_customer", "customer", "set_at"),)

    id: str = Field(primary_key=True)
    customer: str = Field(foreign_key="customer.id")
    centre: str = Field(foreign_key="centre.id")
    misses: int
    set_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    until: datetime = Field(sa_column=Column(Instant, nullable=False))
    lifted_at: datetime | None = Field(default=None, sa_column=Column(Instant, nullable=True))
    lifted_by: str = ""
    lifted_why: str = ""


class CodeRow(ServerRow, table=True):
    """A one-time code that somebody asked for with a CPR (its keyed hash), known or not; code and phone are sealed.

    One for nobody has no phone, and no code is right for it.
    """

    __tablename__: ClassVar[str] = "one_time_code"
    __table_args__ = (Index("code_of_customer", "lookup", "made_at"),)

    id: str = Field(primary_key=True)
    lookup: str
    code: bytes
    phone: bytes
    lang: str
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    expires_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    tries: int = 0
    spent_at: datetime | None = Field(default=None, sa_column=Column(Instant, nullable=True))


class SessionRow(ServerRow, table=True):
    """A customer who is signed in; of the token only its SHA-256 is kept."""

    __tablename__: ClassVar[str] = "customer_session"

    token_hash: str = Field(primary_key=True)
    customer: str = Field(foreign_key="customer.id", index=True)
    lang: str
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    seen_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class NoticeRow(ServerRow, table=True):
    """A message that was decided on: `id` names it for ever, so that it is decided on once. No text, no number.

    `about` is the appointment, the block, the one-time code or the complaint. It waits until it was handed to the
    outbox (`handed_at`), which takes each id once; after `until` it is not worth handing over.
    """

    __tablename__: ClassVar[str] = "notice"
    __table_args__ = (Index("notice_waiting", "handed_at", "made_at"),)

    id: str = Field(primary_key=True)
    kind: str
    centre: str
    about: str
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    until: datetime = Field(sa_column=Column(Instant, nullable=False))
    handed_at: datetime | None = Field(default=None, sa_column=Column(Instant, nullable=True))
    state: str = ""


class ReadingRow(ServerRow, table=True):
    """One row: how far the centres' logs were read for appointments that were kept or not."""

    __tablename__: ClassVar[str] = "log_reading"

    id: int = Field(default=1, primary_key=True)
    cursor: str


class HeardRow(ServerRow, table=True):
    """The newest event of a centre's device that was read here."""

    __tablename__: ClassVar[str] = "heard"

    centre: str = Field(primary_key=True)
    device: str = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(Instant, nullable=False))


class QuarterRow(ServerRow, table=True):
    """A quarter of an hour in which somebody took a ticket at a centre, so that it was taking people in."""

    __tablename__: ClassVar[str] = "ticket_quarter"

    centre: str = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(Instant, primary_key=True))


class VirtualTicketRow(ServerRow, table=True):
    """The ticket that a centre's hub took for an appointment by video, and how it stood by its log's newest word.

    `identity` is its follow id, `calls` counts calls and recalls. `came`: its customer was served at some time;
    `by_day`: the day's end did the last step. `incarnation` and `seq` are of the event that was read last.
    """

    __tablename__: ClassVar[str] = "virtual_ticket"
    __table_args__ = (Index("virtual_ticket_by_ticket", "centre", "ticket"),)

    centre: str = Field(primary_key=True)
    appointment: str = Field(primary_key=True)
    ticket: str
    identity: str
    phase: str
    phase_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    calls: int
    came: bool
    by_day: bool
    incarnation: int
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))


class CountedTicketRow(ServerRow, table=True):
    """A ticket of the last weeks, as far as it is counted: `service` "" while only its end is known."""

    __tablename__: ClassVar[str] = "counted_ticket"
    __table_args__ = (Index("counted_ticket_by_day", "day"),)

    centre: str = Field(primary_key=True)
    ticket: str = Field(primary_key=True)
    day: date
    service: str = ""
    channel: str = "counter"
    served: bool = False


class ServedRow(ServerRow, table=True):
    """How many customers a centre has served on a day of its own, for a service, at the counter or by video."""

    __tablename__: ClassVar[str] = "served"

    centre: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    service: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    served: int
