"""The server's database and folder: one process, the right keys, known failures told as such, parameters never."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Session, select

from server.storage import DataFolder, DataFolderError, Store, looking_at
from server.tables import SCHEMA, AppointmentRow, CentreRow, CustomerRow, RegistersRow
from server.vault import Vault, VaultError
from sync.storage import StorageReason, StorageUnavailable


def test_a_folder_is_one_servers(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    with pytest.raises(DataFolderError, match="running"):
        DataFolder(tmp_path / "data")
    folder.close()
    DataFolder(tmp_path / "data").close()


def test_the_database_is_durable(tmp_path: Path) -> None:
    store = Store(tmp_path)
    pragmas = ("journal_mode", "synchronous", "foreign_keys")
    found = store.call(lambda session: [session.execute(text(f"PRAGMA {name}")).scalar() for name in pragmas])
    store.close()
    assert found == ["wal", 2, 1]


def test_the_keys_of_another_database_are_refused(tmp_path: Path) -> None:
    Store(tmp_path).close()
    (tmp_path / "keys" / "customers.json").unlink()
    with pytest.raises(VaultError):
        Store(tmp_path)
    Vault.make(tmp_path)
    with pytest.raises(VaultError, match="key_check"):
        Store(tmp_path)


def test_a_first_start_that_was_cut_off_is_finished(tmp_path: Path) -> None:
    made = Vault.make(tmp_path)
    store = Store(tmp_path)
    assert store.vault.lookup_key == made.lookup_key
    store.close()


def test_a_later_versions_database_is_left_alone(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def raise_version(session: Session) -> None:
        session.get_one(RegistersRow, 1).schema_version = 99

    store.call(raise_version)
    store.close()
    with pytest.raises(DataFolderError, match="later version"):
        Store(tmp_path)


def test_a_look_at_tables_of_another_version_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match=r"registers\.sqlite: unable to open"), looking_at(tmp_path):
        pass
    Store(tmp_path).close()
    with looking_at(tmp_path) as session:
        assert session.get_one(RegistersRow, 1).schema_version == SCHEMA
    for version, told in ((SCHEMA - 1, "start the server on it once"), (SCHEMA + 1, "start that version")):
        with closing(sqlite3.connect(tmp_path / "registers.sqlite")) as file:
            file.execute("UPDATE registers SET schema_version = ?", (version,))
            file.commit()
        with pytest.raises(DataFolderError, match=told), looking_at(tmp_path):
            pass


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "registers.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(StorageUnavailable, match=r"corrupt: .*registers\.sqlite: file is not a database"):
        Store(tmp_path)


def test_a_failing_job_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def fail(session: Session) -> None:
        session.add(CentreRow(id="a", settings={}))
        session.flush()
        raise RuntimeError("broken off")

    with pytest.raises(RuntimeError):
        store.call(fail)
    assert store.call(lambda session: session.exec(select(CentreRow)).all()) == []
    store.close()


def test_a_full_disk_is_unavailable_and_heals(tmp_path: Path) -> None:
    store = Store(tmp_path)
    pages = store.call(lambda session: session.execute(text("PRAGMA page_count")).scalar_one())
    store.call(lambda session: session.execute(text(f"PRAGMA max_page_count = {pages}")))

    def fill(session: Session) -> None:
        session.add(CentreRow(id="a", settings={"much": "x" * 100_000}))

    with pytest.raises(StorageUnavailable) as caught:
        store.call(fill)
    assert caught.value.reason is StorageReason.FULL
    store.call(lambda session: session.execute(text("PRAGMA max_page_count = 1073741823")))
    store.call(fill)
    store.close()


def test_a_bugs_message_has_no_parameters(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def twice(session: Session) -> None:
        for customer in ("1", "2"):
            session.add(CustomerRow(id=customer, lookup="somebody", cpr=b"", born=b"", name=b""))

    with pytest.raises((IntegrityError, sqlite3.IntegrityError)) as caught:
        store.call(twice)
    assert "somebody" not in str(caught.value)
    store.close()


def test_a_naive_instant_is_refused_without_telling_whose_it_is(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def naive(session: Session) -> None:
        slot_at = datetime(2026, 11, 22, 9, 0)  # noqa: DTZ001  # the mistake that is meant
        session.add(
            AppointmentRow(centre="a", id="1", service="s", slot_at=slot_at, customer="somebody", status="booked")
        )

    with pytest.raises(StatementError, match="aware") as caught:
        store.call(naive)
    assert "somebody" not in str(caught.value)
    store.close()
