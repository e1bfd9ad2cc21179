"""A database with the centres' logs, for the tests of them."""

from __future__ import annotations

import psycopg

from server import postgres
from server.migrations import migrate


class Database:
    """The server's tables on a running PostgreSQL."""

    def __init__(self, url: str) -> None:
        self.url = url
        engine = postgres.engine(url, 1)
        with engine.begin() as connection:
            migrate(connection)
        engine.dispose()
        self._connection = postgres.connect(url)

    def execute(self, statement: str, *values: object) -> psycopg.Cursor:
        if self._connection.closed:
            self._connection = postgres.connect(self.url)
        return self._connection.execute(statement.encode(), values)

    def empty(self) -> None:
        """Take everything out, and whoever a failed test left in it: the next who opens it has another log."""
        self.end_others()
        self.execute("TRUNCATE log, log_stream, log_event")

    def end_others(self) -> None:
        """End every other connection, as a restart of PostgreSQL would."""
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    def close(self) -> None:
        self._connection.close()
