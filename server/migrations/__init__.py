"""Brings the registers' tables from any earlier version to this one, at the start, in one transaction.

Each step is a file in `versions/`, written for SQLite and PostgreSQL alike. On SQLite a table is never built anew:
dropping the old one would take what refers to it along. It knows no job and no rule.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

import server.api.tables  # no job has to name these rows, and what is migrated is what is declared
import server.feedback.tables  # likewise
import server.logs.tables  # likewise
import server.shared_tables  # noqa: F401  # likewise


def migrate(connection: Connection) -> None:
    """Bring a database's tables to this version, in the connection's own transaction. Nothing happens when they are."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
