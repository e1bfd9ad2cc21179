"""The registers' tables: a real file of the first version comes along, and what is migrated is what is declared."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import Session, col, delete, select, update

from server.administration.tables import AuditRow
from server.booking.seals import customer_place
from server.booking.tables import SlotRow
from server.migrations import migrate
from server.storage import DataFolderError, Store
from server.tables import SCHEMA, AppointmentRow, CentreRow, CustomerRow, RegistersRow, ServerRow
from sync.storage import StorageUnavailable

OLD = Path(__file__).parent / "old"
LATER_TABLES = ("enrolment", "retired", "device_act", "wish")


def old_folder(folder: Path, without: tuple[str, ...] = ()) -> Path:
    """Make a data folder as a server of schema 1 left it; an earlier one of that schema lacked some tables."""
    (folder / "keys").mkdir(parents=True)
    keys = folder / "keys" / "customers.json"
    keys.write_bytes((OLD / "customers.json").read_bytes())
    keys.chmod(0o600)
    connection = sqlite3.connect(folder / "registers.sqlite")
    connection.executescript((OLD / "registers-1.sql").read_text(encoding="utf-8"))
    for table in without:
        connection.execute(f"DROP TABLE {table}")
    connection.commit()
    connection.close()
    return folder


@pytest.fixture(params=[(), LATER_TABLES], ids=["the last of schema 1", "an early one"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    store = Store(old_folder(tmp_path / "data", request.param))
    yield store
    store.close()


def test_an_old_file_comes_along(store: Store) -> None:
    def look(session: Session) -> None:
        assert session.get_one(RegistersRow, 1).schema_version == SCHEMA
        assert len(session.exec(select(CentreRow)).all()) == 1
        rows = session.exec(select(AppointmentRow).order_by(col(AppointmentRow.reference))).all()
        assert [(row.reference, row.status, row.channel, row.late) for row in rows] == [
            ("also", "booked", "counter", False),
            ("later", "booked", "counter", False),
            ("now", "booked", "counter", False),
            ("past", "excused", "counter", False),
        ]
        customer = session.exec(select(CustomerRow).limit(1)).one()
        assert store.vault.unseal(customer.cpr, customer_place(customer.id, "cpr")).endswith("0001")
        assert (customer.phone, customer.lang, customer.registered_at) == (None, "ar", None)

    store.call(look)


def test_the_places_of_what_is_booked_are_taken(store: Store) -> None:
    slots = store.call(lambda session: session.exec(select(SlotRow).order_by(col(SlotRow.slot_at))).all())
    assert [(slot.service, slot.taken) for slot in slots] == [("licence-renewal", 2), ("driving-test", 1)]


def test_what_is_migrated_is_what_is_declared(store: Store) -> None:
    def differences(session: Session) -> object:
        options = {"compare_type": True, "compare_server_default": True}
        return compare_metadata(MigrationContext.configure(session.connection(), opts=options), ServerRow.metadata)

    assert store.call(differences) == []


def test_the_database_lets_nobody_change_the_audit_log(store: Store) -> None:
    now = datetime.now(UTC)  # the database looks at its own clock
    words = {"body": "", "by": "door", "by_name": "", "address": "", "act": "x", "about": "", "before": {}, "after": {}}
    store.call(lambda session: session.add(AuditRow(id="1", at=now, **words)))
    for statement in (update(AuditRow).values(by="me"), delete(AuditRow)):
        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            store.call(lambda session, statement=statement: session.execute(statement))


def test_a_new_file_is_the_same_as_an_old_one(store: Store, tmp_path: Path) -> None:
    (tmp_path / "fresh").mkdir()
    fresh = Store(tmp_path / "fresh")

    def tables(session: Session) -> dict[str, list[str]]:
        rows = session.connection().exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        # Quotes and the order of columns are the ways of CREATE and of ALTER.
        return {name: sorted(re.findall(r"[\w.']+", sql)) for name, sql in rows}

    was, now = store.call(tables), fresh.call(tables)
    fresh.close()
    assert now == was


def test_the_next_start_changes_nothing(tmp_path: Path) -> None:
    folder = old_folder(tmp_path / "data")

    def dumped() -> list[str]:
        Store(folder).close()
        connection = sqlite3.connect(folder / "registers.sqlite")
        lines = list(connection.iterdump())
        connection.close()
        return lines

    assert dumped() == dumped()


def test_a_migration_that_is_cut_off_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = old_folder(tmp_path / "data")

    def cut_off(connection: object) -> None:
        migrate(connection)  # type: ignore[arg-type]
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("server.storage.migrate", cut_off)
    with pytest.raises((sqlite3.OperationalError, StorageUnavailable)):
        Store(folder)
    monkeypatch.undo()
    connection = sqlite3.connect(folder / "registers.sqlite")
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert connection.execute("SELECT schema_version FROM registers").fetchone() == (1,)
    connection.close()
    assert not tables & {"slot", "block", "alembic_version"}
    Store(folder).close()


def test_a_later_versions_file_is_not_touched(tmp_path: Path) -> None:
    folder = old_folder(tmp_path / "data")
    connection = sqlite3.connect(folder / "registers.sqlite")
    connection.execute("UPDATE registers SET schema_version = 99")
    connection.commit()
    before = list(connection.iterdump())
    with pytest.raises(DataFolderError, match="later version"):
        Store(folder)
    assert list(connection.iterdump()) == before
    connection.close()
