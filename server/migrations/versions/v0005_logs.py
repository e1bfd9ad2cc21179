"""The centres' logs, which several processes write on PostgreSQL; on SQLite they stay a file and these tables empty."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the log, its streams and their events."""
    op.create_table(
        "log", sa.Column("id", sa.Integer(), nullable=False), _text("name"), _count("position"),
        sa.PrimaryKeyConstraint("id"),
    )  # fmt: skip
    op.create_table(
        "log_stream", *_stream(), _count("seq"), _text("hash"), _count("position"),
        sa.PrimaryKeyConstraint("centre", "device", "incarnation"),
    )  # fmt: skip
    op.create_index("log_stream_by_position", "log_stream", ["position"])
    op.create_table(
        "log_event", *_stream(), _count("seq"), _count("position"), sa.Column("known", sa.Boolean(), nullable=False),
        _text("hash"), sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False), _text("wire"),
        sa.PrimaryKeyConstraint("centre", "device", "incarnation", "seq"),
    )  # fmt: skip
    op.create_index("log_event_by_position", "log_event", ["position"])
    registers = sa.table("registers", sa.column("schema_version", sa.Integer()))
    op.execute(sa.update(registers).values(schema_version=5))


def _stream() -> list[sa.Column[object]]:
    return [_text("centre"), _text("device"), sa.Column("incarnation", sa.Integer(), nullable=False)]


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.String(), nullable=False)


def _count(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=False)
