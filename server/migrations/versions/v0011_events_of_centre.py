"""A centre's events in their order, so that who reads one centre's does not read the others'."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the index."""
    op.create_index("log_event_of_centre", "log_event", ["centre", "position"])
    registers = sa.table("registers", sa.column("schema_version", sa.Integer()))
    op.execute(sa.update(registers).values(schema_version=11))
