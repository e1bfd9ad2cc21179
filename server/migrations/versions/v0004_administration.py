"""Administration: bodies, accounts, the audit log, bookings that a change displaced; which settings a slot follows."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add what the administration needs."""
    _columns()
    _accounts()
    op.create_table(
        "body", _text("id"), _text("kind"), sa.Column("name", sa.JSON(), nullable=False), _text("above"),
        sa.PrimaryKeyConstraint("id"),
    )  # fmt: skip
    op.create_table(
        "audit", _text("body"), _text("id"), _at("at"), _text("by"), _text("by_name"), _text("address"), _text("act"),
        _text("about"), sa.Column("before", sa.JSON(), nullable=False), sa.Column("after", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("body", "id"),
    )  # fmt: skip
    op.create_index("audit_by_time", "audit", ["id"])
    op.create_table(
        "displaced", _text("centre"), _text("appointment"), _text("change"), _text("how"), _at("made_at"),
        _at("done_at", nullable=True), _text("outcome"), sa.PrimaryKeyConstraint("centre", "appointment"),
        sa.ForeignKeyConstraint(["centre"], ["centre.id"]),
    )  # fmt: skip
    op.create_index("displaced_waiting", "displaced", ["done_at", "made_at"])
    _append_only()
    registers = sa.table("registers", sa.column("schema_version", sa.Integer()))
    op.execute(sa.update(registers).values(schema_version=4))


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, _INSTANT, nullable=nullable)


def _columns() -> None:
    op.add_column("centre", sa.Column("body", sa.String(), nullable=False, server_default=""))
    op.add_column("centre", sa.Column("edition", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("centre", sa.Column("planted", sa.JSON(), nullable=True))
    op.add_column("staff", sa.Column("disabled", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("staff", sa.Column("planted", sa.JSON(), nullable=True))
    op.add_column("slot", sa.Column("edition", sa.Integer(), nullable=False, server_default="0"))


def _accounts() -> None:
    op.create_table(
        "account", _text("id"), _text("name"), _text("shown"), _text("password_hash"),
        sa.Column("must_change", sa.Boolean(), nullable=False), _text("subject"), _at("made_at"),
        _at("seen_at", nullable=True), _at("disabled_at", nullable=True), sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )  # fmt: skip
    op.create_index("ix_account_subject", "account", ["subject"])
    op.create_table(
        "account_grant", _text("account"), _text("body"), _text("role"),
        sa.PrimaryKeyConstraint("account", "body", "role"), sa.ForeignKeyConstraint(["account"], ["account.id"]),
    )  # fmt: skip
    op.create_table(
        "account_session", _text("token_hash"), _text("account"), _at("made_at"), _at("seen_at"),
        sa.PrimaryKeyConstraint("token_hash"), sa.ForeignKeyConstraint(["account"], ["account.id"]),
    )  # fmt: skip
    op.create_index("ix_account_session_account", "account_session", ["account"])
    op.create_table(
        "account_guess", _text("name_hash"), sa.Column("misses", sa.Integer(), nullable=False), _at("at"),
        sa.PrimaryKeyConstraint("name_hash"),
    )  # fmt: skip


def _append_only() -> None:
    """Have the database itself refuse to change the audit log, whoever asks."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_stays_{act.lower()} BEFORE {act} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
        )
