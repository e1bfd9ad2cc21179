"""The server's tables as SQLModel declares them: storage only, nothing validates here.

What belongs to a centre has the centre's id in its key. Customers are the country's, not a centre's. No column holds
personal data in plain: see `server.vault`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

SCHEMA = 12
"""The version of these tables; raise it together with a migration in `server.migrations`."""


class Instant(TypeDecorator[datetime]):
    """An aware instant, in UTC also where the database forgets the zone, as SQLite does."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Bring it to UTC. Raises ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant has to be aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give it back aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ServerRow(SQLModel, registry=registry()):
    """The base of the server's tables; they have a registry of their own."""


class RegistersRow(ServerRow, table=True):
    """One row about the whole file: its schema, and which keys it needs."""

    __tablename__: ClassVar[str] = "registers"

    id: int = Field(default=1, primary_key=True)
    schema_version: int = SCHEMA
    key_check: bytes
    signing_key: str = Field(default="", sa_column_kwargs={"server_default": text("''")})


class CentreRow(ServerRow, table=True):
    """A centre. `settings` is `queueing.centre.Centre` as JSON, checked before it is stored.

    `revision` rises with every change of what its devices are told: settings, staff, devices, appointments; `edition`
    with the settings and imported holidays alone. `body` is the department or ministry it belongs to, "" for none.
    `planted` is what a seed last said of it: what is not said anew does not undo what an administrator changed since.
    """

    __tablename__: ClassVar[str] = "centre"

    id: str = Field(primary_key=True)
    settings: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
    revision: int = 0
    body: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    edition: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    planted: dict[str, object] | None = Field(default=None, sa_column=Column(JSON, nullable=True))


class HolidayRow(ServerRow, table=True):
    """A day on which a centre is closed, imported from a calendar (see `server.holidays`); `centre` "": all are."""

    __tablename__: ClassVar[str] = "holiday"

    centre: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    name: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))


class StaffRow(ServerRow, table=True):
    """Somebody who works at a centre; `pin_hash` is argon2id. `planted`: what a seed last said, as for a centre."""

    __tablename__: ClassVar[str] = "staff"

    centre: str = Field(primary_key=True, foreign_key="centre.id")
    id: str = Field(primary_key=True)
    name: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    role: str
    pin_hash: str
    disabled: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    planted: dict[str, object] | None = Field(default=None, sa_column=Column(JSON, nullable=True))


class DeviceRow(ServerRow, table=True):
    """A kiosk, display or hub. Its id is unique on the server: it names the device's log."""

    __tablename__: ClassVar[str] = "device"
    __table_args__ = (UniqueConstraint("id"),)

    centre: str = Field(primary_key=True, foreign_key="centre.id")
    id: str = Field(primary_key=True)
    role: str
    series: str
    incarnation: int
    public_key: str
    revoked: bool


class EnrolmentRow(ServerRow, table=True):
    """A one-time code, see `server.enrolment`: `name` is its open half, `secret_hash` argon2id of the other.

    What it made is kept with it (`public_key`, `incarnation`, `series`), so that a lost answer is given again.
    """

    __tablename__: ClassVar[str] = "enrolment"

    name: str = Field(primary_key=True)
    secret_hash: str
    centre: str = Field(foreign_key="centre.id")
    device: str
    role: str
    series: str
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    made_by: str
    expires_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    tries: int = 0
    public_key: str = ""
    incarnation: int = 0


class RetiredRow(ServerRow, table=True):
    """A device as it was before it was revoked or enrolled anew: its key is refused, its series rests for a while."""

    __tablename__: ClassVar[str] = "retired"

    device: str = Field(primary_key=True)
    incarnation: int = Field(primary_key=True)
    centre: str = Field(foreign_key="centre.id")
    series: str
    public_key: str
    retired_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class DeviceActRow(ServerRow, table=True):
    """What was done to a device and by whom: `code`, `enrolled` or `revoked`. Kept for good; `note` is its hardware.

    Also what the server found out: `forked`, when its log goes on from another history than the one known here, and
    `rejoined`, when it does so no more.
    """

    __tablename__: ClassVar[str] = "device_act"

    id: int | None = Field(default=None, primary_key=True)
    device: str = Field(index=True)
    incarnation: int
    act: str
    by: str
    note: str
    at: datetime = Field(sa_column=Column(Instant, nullable=False))


class CustomerRow(ServerRow, table=True):
    """A person: `lookup` is the keyed hash of the CPR; CPR, birth date, name and phone are sealed.

    `registered_at` is when this person first signed in, null for one who never did. `changes` counts what was done to
    the person's appointments: who changes some counts first, so that one person's changes come one after another.
    `last_at` is the newest of the appointments that were the person's and are nobody's by now, see `server.retention`.
    """

    __tablename__: ClassVar[str] = "customer"

    id: str = Field(primary_key=True)
    lookup: str = Field(unique=True)
    cpr: bytes
    born: bytes
    name: bytes
    phone: bytes | None = None
    lang: str = Field(default="ar", sa_column_kwargs={"server_default": "ar"})
    registered_at: datetime | None = Field(default=None, sa_column=Column(Instant, nullable=True))
    changes: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    last_at: datetime | None = Field(default=None, sa_column=Column(Instant, nullable=True))


class AppointmentRow(ServerRow, table=True):
    """A booking. `reference` is its name in the seed that it came from, `link` its name on the public pages.

    `status`: booked, moved, cancelled, kept, no_show or excused; once it is not booked any more, `ended_at` and
    `ended_by` say since when and by whom: `customer`, `system` or somebody of the staff. `late`: it was cancelled too
    late. `channel`: counter or virtual. A booking that is moved is another one, `moved_to`.
    """

    __tablename__: ClassVar[str] = "appointment"
    __table_args__ = (
        ForeignKeyConstraint(["centre"], ["centre.id"]),
        Index("appointment_of_day", "centre", "slot_at"),
        Index("appointment_of_customer", "centre", "customer", "slot_at"),
        Index("appointment_by_person", "customer", "slot_at"),
        Index("appointment_to_settle", "status", "slot_at"),
        Index("appointment_by_link", "link", unique=True),
    )

    centre: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    service: str
    slot_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    customer: str = Field(foreign_key="customer.id")
    status: str
    reference: str | None = None
    channel: str = Field(default="counter", sa_column_kwargs={"server_default": "counter"})
    link: str | None = None
    booked_at: datetime | None = Field(default=None, sa_column=Column(Instant, nullable=True))
    booked_by: str = Field(default="seed", sa_column_kwargs={"server_default": "seed"})
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant, nullable=True))
    ended_by: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    late: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    moved_to: str = Field(default="", sa_column_kwargs={"server_default": text("''")})


class WishRow(ServerRow, table=True):
    """A wish of a customer who follows the own turn outside, until its centre's hub has heard it or it lapses."""

    __tablename__: ClassVar[str] = "wish"

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    centre: str
    ticket: str
    identity: str
    what: str
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    decided_at: datetime | None = Field(default=None, sa_column=Column(Instant, nullable=True))
