"""What several processes share on PostgreSQL (on SQLite it stays empty), and which signing key belongs to the rest."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add them."""
    op.add_column("registers", sa.Column("signing_key", sa.String(), nullable=False, server_default=""))
    op.add_column("wish", sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
    # What a crash of the database may forget needs no log of it.
    brief = ["UNLOGGED"] if op.get_bind().dialect.name == "postgresql" else []
    op.create_table(
        "limit_count", _text("name"), _text("key"), sa.Column("minute", sa.BigInteger(), nullable=False),
        _count("times"), sa.PrimaryKeyConstraint("name", "key"), prefixes=brief,
    )  # fmt: skip
    op.create_table(
        "nonce", _text("device"), _text("nonce"), _at("at"), sa.PrimaryKeyConstraint("device", "nonce"), prefixes=brief
    )
    op.create_index("nonce_by_time", "nonce", ["at"])
    op.create_table(
        "hub_word", _text("centre"), _at("heard_at"), _count("behind"), _at("since", nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False), sa.PrimaryKeyConstraint("centre"),
        sa.ForeignKeyConstraint(["centre"], ["centre.id"]),
    )  # fmt: skip
    _messages()
    registers = sa.table("registers", sa.column("schema_version", sa.Integer()))
    op.execute(sa.update(registers).values(schema_version=6))


def _messages() -> None:
    row = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "message", sa.Column("row", row, nullable=False), _text("id"), _text("token"),
        _text("number", nullable=True), _text("text", nullable=True), _text("lang"), _text("kind"), _count("urgent"),
        _seconds("taken_at"), _text("stage"), _seconds("due_at"), _seconds("until"),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"), _seconds("sent_at", nullable=True),
        sa.Column("why", sa.String(), nullable=False, server_default=""),
        sa.Column("foreign_id", sa.String(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("row"), sa.UniqueConstraint("id"), sa.UniqueConstraint("token"),
    )  # fmt: skip
    is_open = sa.text("stage IN ('queued', 'sending', 'sent')")
    op.create_index(
        "open_messages", "message", ["stage", "urgent", "row"],
        postgresql_where=is_open, sqlite_where=is_open,
    )  # fmt: skip
    op.create_index("message_of_number", "message", ["number", "taken_at"])
    op.create_index("message_by_time", "message", ["taken_at"])


def _text(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _seconds(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Double(), nullable=nullable)


def _count(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False)
