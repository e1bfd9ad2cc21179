"""The audit log may be forgotten, a line at a time and none that is young; where ratings have words."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_SAYS = "the audit log is only added to"
_DAYS = 365
"""By the database's own clock. `server.retention` keeps lines a day longer at least."""


def upgrade() -> None:
    """Let old lines go; refuse, too, what goes around the triggers of 0004: TRUNCATE, and SQLite's REPLACE."""
    has_words = sa.text("words IS NOT NULL")
    op.create_index(
        "rating_with_words", "rating", ["centre", "given_at"], sqlite_where=has_words, postgresql_where=has_words
    )
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()
    registers = sa.table("registers", sa.column("schema_version", sa.Integer()))
    op.execute(sa.update(registers).values(schema_version=10))


def _on_postgresql() -> None:
    op.execute(
        "CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF TG_OP = 'DELETE' AND OLD.at < now() - interval '{_DAYS} days' THEN RETURN OLD; END IF; "
        f"RAISE EXCEPTION '{_SAYS}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_stays_whole BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()"
    )


def _on_sqlite() -> None:
    op.execute("DROP TRIGGER audit_stays_delete")
    # Instants are texts in UTC there, of one form: they are ordered as the instants are.
    op.execute(
        "CREATE TRIGGER audit_stays_delete BEFORE DELETE ON audit "
        f"WHEN OLD.at >= strftime('%Y-%m-%d %H:%M:%S', 'now', '-{_DAYS} days') "
        f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
    )
    # What REPLACE takes away fires no trigger of DELETE.
    op.execute(
        "CREATE TRIGGER audit_stays_insert BEFORE INSERT ON audit "  # noqa: S608  # constants of ours
        "WHEN EXISTS (SELECT 1 FROM audit WHERE body = NEW.body AND id = NEW.id) "
        f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
    )
