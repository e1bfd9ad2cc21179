"""The tables' declarations and the file that logs are made from."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import sync
from queueing.wire import Stream
from sync.log import DeviceLog
from sync.tables import SCHEMA, LogRow, create_tables, schema
from tests.sync.fakes import FakeClock

_MAKES_A_LOG = """
import sys
from pathlib import Path
from queueing.wire import Stream
from sync.clock import SystemClock
from sync.log import DeviceLog
DeviceLog.open(Path(sys.argv[1]), Stream("kiosk-1", 1), SystemClock(), boot="").close()
print("sqlmodel" in sys.modules, "sqlalchemy" in sys.modules)
"""


def declared(connection: sqlite3.Connection) -> list[tuple[str, str, str]]:
    """Return every table, column, index as SQLite understood it."""
    return [
        (kind, name, " ".join(str(sql).split()))
        for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name")
    ]


def test_the_file_is_what_the_declarations_come_to() -> None:
    kept = Path(sync.__file__).with_name("schema.sql").read_text(encoding="ascii")
    assert kept == schema(), "write it anew: python -m sync schema"


def test_a_new_log_has_the_declared_tables_and_the_version(tmp_path: Path) -> None:
    DeviceLog.open(tmp_path / "log.db", Stream("kiosk-1", 1), FakeClock(), boot="").close()
    with closing(sqlite3.connect(tmp_path / "log.db")) as made, closing(sqlite3.connect(":memory:")) as wanted:
        create_tables(wanted, LogRow.metadata)
        assert declared(made) == declared(wanted)
        assert made.execute("PRAGMA user_version").fetchone() == (SCHEMA,)


def test_a_device_makes_its_first_log_without_sqlmodel(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _MAKES_A_LOG, str(tmp_path / "log.db")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.split() == ["False", "False"]
