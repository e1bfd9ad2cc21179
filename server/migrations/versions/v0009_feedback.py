"""Ratings and complaints, and since when nothing of a customer's is kept any more."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add them."""
    op.add_column("customer", sa.Column("last_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "rating", _text("centre"), _text("visit"), _text("service"), sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True), _at("given_at"), _text("given_at_place"),
        sa.PrimaryKeyConstraint("centre", "visit"), sa.ForeignKeyConstraint(["centre"], ["centre.id"]),
    )  # fmt: skip
    op.create_table(
        "complaint", _text("centre"), _text("id"), _text("reference"), _text("customer"), _text("once"), _text("kind"),
        _text("visit", empty=True), sa.Column("words", sa.LargeBinary(), nullable=True), _at("made_at"), _at("due_at"),
        _text("state"), sa.Column("answer", sa.LargeBinary(), nullable=True), _at("answered_at", nullable=True),
        _text("answered_by", empty=True), sa.PrimaryKeyConstraint("centre", "id"),
        sa.ForeignKeyConstraint(["centre"], ["centre.id"]), sa.ForeignKeyConstraint(["customer"], ["customer.id"]),
    )  # fmt: skip
    op.create_index("complaint_by_reference", "complaint", ["reference"], unique=True)
    op.create_index("complaint_of_customer", "complaint", ["customer", "made_at"])
    op.create_index("complaint_by_form", "complaint", ["customer", "once"], unique=True)
    op.create_index("complaint_by_state", "complaint", ["centre", "state", "due_at"])
    registers = sa.table("registers", sa.column("schema_version", sa.Integer()))
    op.execute(sa.update(registers).values(schema_version=9))


def _text(name: str, *, empty: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.String(), nullable=False, server_default="" if empty else None)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
