"""Booking: an appointment's life, the places taken, blocks, codes, sessions, messages, what was read of the logs."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add what booking needs, and bring the bookings that are there into it."""
    _customers()
    _appointments()
    _new_tables()
    _bring_along()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _said(name: str, default: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, server_default=default)


def _at(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, _INSTANT, nullable=nullable)


def _customers() -> None:
    op.add_column("customer", sa.Column("phone", sa.LargeBinary(), nullable=True))
    op.add_column("customer", _said("lang", "ar"))
    op.add_column("customer", _at("registered_at", nullable=True))
    op.add_column("customer", sa.Column("changes", sa.Integer(), nullable=False, server_default="0"))


def _appointments() -> None:
    for column in (
        _said("channel", "counter"),
        sa.Column("link", sa.String(), nullable=True),
        _at("booked_at", nullable=True),
        _said("booked_by", "seed"),
        _at("ended_at", nullable=True),
        _said("ended_by", ""),
        sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()),
        _said("moved_to", ""),
    ):
        op.add_column("appointment", column)
    op.create_index("appointment_by_person", "appointment", ["customer", "slot_at"])
    op.create_index("appointment_to_settle", "appointment", ["status", "slot_at"])
    op.create_index("appointment_by_link", "appointment", ["link"], unique=True)


def _new_tables() -> None:
    op.create_table(
        "slot", _text("centre"), _text("service"), _at("slot_at"), sa.Column("taken", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("centre", "service", "slot_at"), sa.ForeignKeyConstraint(["centre"], ["centre.id"]),
    )  # fmt: skip
    op.create_table(
        "block", _text("id"), _text("customer"), _text("centre"), sa.Column("misses", sa.Integer(), nullable=False),
        _at("set_at"), _at("until"), _at("lifted_at", nullable=True), _text("lifted_by"), _text("lifted_why"),
        sa.PrimaryKeyConstraint("id"), sa.ForeignKeyConstraint(["customer"], ["customer.id"]),
        sa.ForeignKeyConstraint(["centre"], ["centre.id"]),
    )  # fmt: skip
    op.create_index("block_of_customer", "block", ["customer", "set_at"])
    op.create_table(
        "one_time_code", _text("id"), _text("lookup"), sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False), _text("lang"), _at("made_at"), _at("expires_at"),
        sa.Column("tries", sa.Integer(), nullable=False), _at("spent_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )  # fmt: skip
    op.create_index("code_of_customer", "one_time_code", ["lookup", "made_at"])
    op.create_table(
        "customer_session", _text("token_hash"), _text("customer"), _text("lang"), _at("made_at"), _at("seen_at"),
        sa.PrimaryKeyConstraint("token_hash"), sa.ForeignKeyConstraint(["customer"], ["customer.id"]),
    )  # fmt: skip
    op.create_index("ix_customer_session_customer", "customer_session", ["customer"])
    op.create_table(
        "notice", _text("id"), _text("kind"), _text("centre"), _text("about"), _at("made_at"), _at("until"),
        _at("handed_at", nullable=True), _text("state"), sa.PrimaryKeyConstraint("id"),
    )  # fmt: skip
    op.create_index("notice_waiting", "notice", ["handed_at", "made_at"])
    op.create_table(
        "log_reading", sa.Column("id", sa.Integer(), nullable=False), _text("cursor"), sa.PrimaryKeyConstraint("id")
    )
    op.create_table("heard", _text("centre"), _text("device"), _at("at"), sa.PrimaryKeyConstraint("centre", "device"))
    op.create_table("ticket_quarter", _text("centre"), _at("at"), sa.PrimaryKeyConstraint("centre", "at"))


def _bring_along() -> None:
    said = sa.table(
        "appointment",
        sa.column("centre", sa.String()),
        sa.column("service", sa.String()),
        sa.column("slot_at", _INSTANT),
        sa.column("status", sa.String()),
        sa.column("ended_by", sa.String()),
        sa.column("ended_at", _INSTANT),
    )
    # Nobody wrote down who came to these, so nobody is to be blamed for them.
    now = datetime.now(UTC)
    past = said.c.slot_at < now - timedelta(days=1)
    op.execute(
        sa.update(said).where(said.c.status == "booked", past).values(status="excused", ended_by="system", ended_at=now)
    )
    places = sa.table("slot", *(sa.column(name) for name in ("centre", "service", "slot_at", "taken")))
    taken = (
        sa.select(said.c.centre, said.c.service, said.c.slot_at, sa.func.count())
        .where(said.c.status == "booked")
        .group_by(said.c.centre, said.c.service, said.c.slot_at)
    )
    op.execute(sa.insert(places).from_select(["centre", "service", "slot_at", "taken"], taken))
    registers = sa.table("registers", sa.column("schema_version", sa.Integer()))
    op.execute(sa.update(registers).values(schema_version=2))
