"""One PostgreSQL for all tests of a run that want a database, begun by the first of them."""

from __future__ import annotations

import atexit
import tempfile
from functools import cache
from pathlib import Path

from scripts.dawr_dev.cluster import Cluster
from server import postgres


@cache
def shared_cluster() -> Cluster:
    """Return the run's cluster, which nobody else stops."""
    made = Cluster(Path(tempfile.mkdtemp(prefix="dawr-shared-")) / "data", is_durable=False)
    atexit.register(made.forget)
    made.make()
    made.start()
    atexit.register(made.stop)
    return made


def fresh_database(name: str) -> str:
    """Return the URL of an empty database of the run's cluster."""
    with postgres.connect(shared_cluster().url()) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return shared_cluster().url(name)


def whole(url: str) -> bytes:
    """Return all that is in a database, as its files would hold it: texts as they are, bytes as hexadecimal digits."""
    with postgres.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = [connection.execute(f'SELECT t::text FROM "{name}" AS t'.encode()).fetchall() for (name,) in tables]  # noqa: S608
    return "\n".join(text for of_table in rows for (text,) in of_table).encode()
