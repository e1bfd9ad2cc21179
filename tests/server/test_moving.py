"""A server that kept files goes on in PostgreSQL with all that it had, and so do its cursors, numbers and messages."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table
from sqlmodel import Session, select

from queueing.wire import Stream
from server import postgres
from server.__main__ import main
from server.logs.log import CentresLog
from server.messages import OUTBOX_FILE
from server.moving import Moved, move
from server.outbox import SharedShelf
from server.service import LOG_FILE
from server.storage import Store
from server.tables import ServerRow
from sms.message import Kind, Message
from sms.outbox import Outbox
from sync.log import ForkError
from sync.storage import StorageUnavailable
from tests.clusters import fresh_database
from tests.server.booking.house import CENTRE, House
from tests.sync.fakes import BOOT, HUB, FakeClock

OWN = {"log", "log_stream", "log_event", "message"}


@pytest.fixture
def url() -> str:
    return fresh_database("moving")


@pytest.fixture
def home(tmp_path: Path) -> House:
    made = House(tmp_path / "data")
    customer = made.sign_in()
    made.missed(made.book(customer))
    outbox = Outbox(made.folder / OUTBOX_FILE, wall=lambda: 0.0, chance=lambda: 0.5)
    outbox.submit([Message(f"m{n}", "+97336001234", "en", Kind.CALLED, f"text {n}") for n in range(2)])
    outbox.begin(1)
    outbox.close()
    made.close()
    return made


def everything(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    tables: list[Table] = [table for table in ServerRow.metadata.sorted_tables if table.name not in OWN]
    return {table.name: sorted(map(tuple, session.execute(select(table)).all()), key=repr) for table in tables}


def moved(home: House, url: str) -> Moved:
    return move(home.folder, LOG_FILE, url)


def test_everything_is_there_and_goes_on(home: House, url: str) -> None:
    store = Store(home.folder)
    before = store.call(everything)
    store.close()
    assert moved(home, url).events == 3
    store = Store(home.folder, url)
    after = store.call(everything)
    assert after == before and sum(map(len, after.values())) > 15

    shelf = SharedShelf(url, store.vault)
    rows = shelf.execute("SELECT id, stage, number, text FROM message ORDER BY row").fetchall()
    assert [row[:2] for row in rows] == [("m0", "sending"), ("m1", "queued")]
    assert all("97336001234" not in row[2] and "text" not in row[3] for row in rows)
    assert shelf.opened("m1", rows[1][2], rows[1][3]) == ("+97336001234", "text 1")
    shelf.close()
    outbox = Outbox(SharedShelf(url, store.vault), wall=lambda: 0.0, chance=lambda: 0.5)
    told = outbox.submit([Message(f"m{n}", "+97336001234", "en", Kind.CALLED, "again") for n in range(3)])
    assert (
        set(told) == {"m0", "m1", "m2"} and len(outbox.begin(9)) == 2
    )  # the one that was being sent is not sent again
    outbox.close()
    store.close()

    log = CentresLog(url, HUB, lambda device: CENTRE, FakeClock(), BOOT)
    file = sqlite3.connect(home.folder / LOG_FILE)
    (name,) = file.execute("SELECT id FROM file").fetchone()
    file.close()
    assert [event.id for event in log.read(f"{name}:1").events] == ["kiosk-2.1.1", "hub-1.1.1"]
    assert log.cursor() == f"{name}:3"
    log.verify()
    with log.transaction() as tx:
        assert tx.heads[Stream("kiosk-1", 1)].seq == 1
    log.close()


def test_what_holds_a_servers_registers_is_left_alone(
    home: House, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = home.folder.parent / "server.toml"
    config.write_text(f'data = "{home.folder}"\n', encoding="utf-8")
    monkeypatch.setenv("DAWR_DATABASE", url)
    assert main(["move-to", "--config", str(config)]) == 0
    assert " events=3 messages=2\n" in capsys.readouterr().out
    assert main(["move-to", url, "--config", str(config)]) == 1
    assert "holds a server's registers already" in capsys.readouterr().err


def test_empty_registers_that_another_command_made_are_no_hindrance(home: House, url: str) -> None:
    Store(home.folder, url).close()
    assert moved(home, url).events == 3
    store = Store(home.folder, url)
    centres = store.call(everything)["centre"]
    store.close()
    assert len(centres) == 2


def test_a_log_that_the_disk_has_spoiled_moves_nothing(home: House, url: str) -> None:
    file = sqlite3.connect(home.folder / LOG_FILE)
    file.execute("UPDATE event SET wire = replace(wire, 'A001', 'A009') WHERE device = 'kiosk-2'")
    file.commit()
    file.close()
    with pytest.raises(ForkError):
        moved(home, url)
    nothing_is_there(url)


def test_what_postgresql_does_not_take_is_told_without_the_row(home: House, url: str) -> None:
    file = sqlite3.connect(home.folder / LOG_FILE)
    file.execute("UPDATE event SET stored_at = 'somebody' WHERE device = 'kiosk-2'")
    file.commit()
    file.close()
    with pytest.raises(StorageUnavailable) as caught:
        moved(home, url)
    assert str(caught.value) == "io: InvalidDatetimeFormat"
    nothing_is_there(url)


def nothing_is_there(url: str) -> None:
    with postgres.connect(url) as connection:
        assert connection.execute("SELECT to_regclass('registers'), to_regclass('log')").fetchone() == (None, None)
