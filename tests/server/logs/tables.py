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
        """Take everything out: the next who opens it has another log."""
        self.execute("TRUNCATE log, log_stream, log_event")

    def close(self) -> None:
        self._connection.close()
