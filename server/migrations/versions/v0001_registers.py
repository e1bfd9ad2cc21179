"""The registers as they were before they were migrated: whatever of it is there stays as it is."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_INSTANT = sa.DateTime(timezone=True)


def _column(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _table(name: str, *items: sa.schema.SchemaItem) -> None:
    op.create_table(name, *items, if_not_exists=True)


def upgrade() -> None:
    """Make the tables that an empty or an early file lacks."""
    _table("registers", _column("id", sa.Integer()), _column("schema_version", sa.Integer()),
           _column("key_check", sa.LargeBinary()), sa.PrimaryKeyConstraint("id"))  # fmt: skip
    _table("centre", _text("id"), _column("settings", sa.JSON()), _column("revision", sa.Integer()),
           sa.PrimaryKeyConstraint("id"))  # fmt: skip
    _table("staff", _text("centre"), _text("id"), _column("name", sa.JSON()), _text("role"), _text("pin_hash"),
           sa.PrimaryKeyConstraint("centre", "id"), sa.ForeignKeyConstraint(["centre"], ["centre.id"]))  # fmt: skip
    _table("device", _text("centre"), _text("id"), _text("role"), _text("series"),
           _column("incarnation", sa.Integer()), _text("public_key"), _column("revoked", sa.Boolean()),
           sa.PrimaryKeyConstraint("centre", "id"), sa.UniqueConstraint("id"),
           sa.ForeignKeyConstraint(["centre"], ["centre.id"]))  # fmt: skip
    _table("enrolment", _text("name"), _text("secret_hash"), _text("centre"), _text("device"), _text("role"),
           _text("series"), _column("made_at", _INSTANT), _text("made_by"), _column("expires_at", _INSTANT),
           _column("tries", sa.Integer()), _text("public_key"), _column("incarnation", sa.Integer()),
           sa.PrimaryKeyConstraint("name"), sa.ForeignKeyConstraint(["centre"], ["centre.id"]))  # fmt: skip
    _table("retired", _text("device"), _column("incarnation", sa.Integer()), _text("centre"), _text("series"),
           _text("public_key"), _column("retired_at", _INSTANT), sa.PrimaryKeyConstraint("device", "incarnation"),
           sa.ForeignKeyConstraint(["centre"], ["centre.id"]))  # fmt: skip
    _table("device_act", _column("id", sa.Integer()), _text("device"), _column("incarnation", sa.Integer()),
           _text("act"), _text("by"), _text("note"), _column("at", _INSTANT),
           sa.PrimaryKeyConstraint("id"))  # fmt: skip
    _table("customer", _text("id"), _text("lookup"), _column("cpr", sa.LargeBinary()),
           _column("born", sa.LargeBinary()), _column("name", sa.LargeBinary()), sa.PrimaryKeyConstraint("id"),
           sa.UniqueConstraint("lookup"))  # fmt: skip
    _table("appointment", _text("centre"), _text("id"), _text("service"), _column("slot_at", _INSTANT),
           _text("customer"), _text("status"), _text("reference", nullable=True),
           sa.PrimaryKeyConstraint("centre", "id"), sa.ForeignKeyConstraint(["centre"], ["centre.id"]),
           sa.ForeignKeyConstraint(["customer"], ["customer.id"]))  # fmt: skip
    _table("wish", _column("id", sa.BigInteger()), _text("centre"), _text("ticket"), _text("identity"),
           _text("what"), _column("made_at", _INSTANT), sa.PrimaryKeyConstraint("id"))  # fmt: skip
    for name, table, columns in (
        ("ix_device_act_device", "device_act", ["device"]),
        ("appointment_of_day", "appointment", ["centre", "slot_at"]),
        ("appointment_of_customer", "appointment", ["centre", "customer", "slot_at"]),
    ):
        op.create_index(name, table, columns, if_not_exists=True)
