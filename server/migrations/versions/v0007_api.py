"""Keys of other systems, what was done with them, and the answers that are given again."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add their tables."""
    op.create_table(
        "api_key", _text("id"), _text("name"), _text("secret_hash"), sa.Column("rights", sa.JSON(), nullable=False),
        _instant("made_at"), _text("made_by"), sa.Column("last_used_on", sa.Date()),
        sa.Column("revoked_at", sa.DateTime(timezone=True)), _text("revoked_by"),
        sa.PrimaryKeyConstraint("id"),
    )  # fmt: skip
    op.create_table(
        "api_key_centre", _text("centre"), _text("key"),
        sa.PrimaryKeyConstraint("centre", "key"),
        sa.ForeignKeyConstraint(["centre"], ["centre.id"]),
        sa.ForeignKeyConstraint(["key"], ["api_key.id"]),
    )  # fmt: skip
    op.create_table(
        "api_key_act", _text("centre"), _text("id"), _text("key"), _text("act"), _text("appointment"), _instant("at"),
        sa.PrimaryKeyConstraint("centre", "id"),
        sa.ForeignKeyConstraint(["key"], ["api_key.id"]),
    )  # fmt: skip
    op.create_index("api_key_act_by_time", "api_key_act", ["key", "at"])
    op.create_table(
        "answered", _text("caller"), _text("key"), _text("request_hash"), _text("answer"), _instant("made_at"),
        sa.PrimaryKeyConstraint("caller", "key"),
    )  # fmt: skip
    op.create_index("answered_by_age", "answered", ["made_at"])
    registers = sa.table("registers", sa.column("schema_version", sa.Integer()))
    op.execute(sa.update(registers).values(schema_version=7))


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _instant(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)
