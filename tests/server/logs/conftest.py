"""Fixtures of the tests of the centres' logs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clusters import fresh_database
from tests.server.logs.tables import Database


@pytest.fixture(scope="module")
def tables() -> Iterator[Database]:
    """Make the tables once for a module."""
    made = Database(fresh_database("logs"))
    yield made
    made.close()


@pytest.fixture
def database(tables: Database) -> Database:
    """Give each test an empty log."""
    tables.empty()
    return tables
