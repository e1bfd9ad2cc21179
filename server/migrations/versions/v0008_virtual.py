"""The tickets that stand for appointments by video."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add their table."""
    op.create_table(
        "virtual_ticket",
        sa.Column("centre", sa.String(), nullable=False),
        sa.Column("appointment", sa.String(), nullable=False),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("phase_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("came", sa.Boolean(), nullable=False),
        sa.Column("by_day", sa.Boolean(), nullable=False),
        sa.Column("incarnation", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("centre", "appointment"),
    )
    op.create_index("virtual_ticket_by_ticket", "virtual_ticket", ["centre", "ticket"])
    registers = sa.table("registers", sa.column("schema_version", sa.Integer()))
    op.execute(sa.update(registers).values(schema_version=8))
