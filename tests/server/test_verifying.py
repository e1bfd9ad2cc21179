"""`python -m server verify` finds an event that was changed, in a file and in PostgreSQL, while others write there."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from queueing.wire import Event, Stream
from server import verifying
from server.__main__ import main
from server.logs.writer import CentresWriter
from server.news import News
from server.postgres import connect
from server.service import LOG_FILE
from server.storage import Store
from server.verifying import verify
from sync.writer import LogWriter, Writer
from tests.clusters import fresh_database
from tests.sync.fakes import BOOT, FakeClock, chain, open_log

KIOSK, HUB = Stream("kiosk-2", 1), Stream("hub-1", 1)
MANY = 1200
"""More than two pages."""


@dataclass
class Place:
    """A server's log with the events of two devices, and what writes it."""

    log_file: Path
    config: Path
    database: str
    writer: Writer[Any]

    def store(self, events: list[Event]) -> None:
        self.writer.submit(lambda tx: tx.store(events)).result(20)

    def change(self, device: str, seq: int, **values: str) -> None:
        """Change columns of an event as no server does."""
        table, mark = ("log_event", "%s") if self.database else ("event", "?")
        columns = ", ".join(f"{name} = {mark}" for name in values)
        statement = f"UPDATE {table} SET {columns} WHERE device = {mark} AND seq = {mark}"  # noqa: S608  # our own words
        if self.database:
            with connect(self.database) as connection:
                assert connection.execute(statement.encode(), (*values.values(), device, seq)).rowcount == 1
            return
        with closing(sqlite3.connect(self.log_file, timeout=5)) as file:
            assert file.execute(statement, (*values.values(), device, seq)).rowcount == 1
            file.commit()

    def verified(self) -> int:
        return main(["verify", "--config", str(self.config)])


@pytest.fixture(scope="module", params=["file", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    data = tmp_path_factory.mktemp("data")
    url = fresh_database("verifying") if request.param == "postgresql" else ""
    Store(data, url).close()
    writer: Writer[Any] = (
        CentresWriter(url, lambda device: "centre", News(), FakeClock(), BOOT)
        if url
        else LogWriter(lambda: open_log(data / LOG_FILE))
    )
    writer.start()
    config = data / "server.toml"
    config.write_text(f"data = {json.dumps(str(data))}\ndatabase = {json.dumps(url)}\n")
    made = Place(data / LOG_FILE, config, url, writer)
    made.store(chain(KIOSK, MANY))
    made.store(chain(HUB, 5))
    yield made
    writer.close()


def test_what_was_written_is_whole(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert place.verified() == 0
    assert capsys.readouterr().out == f"verified streams=2 events={MANY + 5} broken=0\n"


def test_an_event_that_was_changed_is_named_and_nothing_of_it_told(
    place: Place, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    event = chain(KIOSK, MANY)[MANY - 2]
    place.change("kiosk-2", event.seq, wire=event.text.replace('"body"', '"Body"'))
    with caplog.at_level(logging.ERROR):
        assert place.verified() == 1
    assert " broken=1\n" in capsys.readouterr().out
    told = [record.getMessage() for record in caplog.records]
    assert told == [f"log_broken device=kiosk-2 incarnation=1 from={event.seq} why=changed"]
    # As docs/recovery.md says: it is put back as another copy has it.
    place.change("kiosk-2", event.seq, wire=event.text, hash=event.hash)
    assert place.verified() == 0


def test_events_that_others_commit_meanwhile_are_no_fault(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "_PAGE", 7)
    ended, wrote = threading.Event(), []

    def write() -> None:
        for event in chain(Stream("kiosk-3", 1), 2000):
            if ended.is_set():
                return
            place.store([event])
            wrote.append(event)

    writing = threading.Thread(target=write)
    writing.start()
    try:
        found = [verify(place.log_file, place.database) for _ in range(3)]
    finally:
        ended.set()
        writing.join(20)
    assert wrote and [each.faults for each in found] == [(), (), ()]


def test_tables_of_another_version_are_not_read(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    config = place.config.with_name("other.toml")
    database = fresh_database("nothing") if place.database else ""
    config.write_text(f'data = "nothing"\ndatabase = {json.dumps(database)}\n')
    assert main(["verify", "--config", str(config)]) == 1
    said = capsys.readouterr().err
    assert ("start the server" in said) if database else ("unable to open" in said and "journalctl" in said)


def test_a_database_that_is_away_says_nothing_of_the_logs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "server.toml"
    config.write_text('data = "d"\ndatabase = "postgresql://dawr:secret@127.0.0.1:9/dawr"\n')
    assert main(["verify", "--config", str(config)]) == 75
    told = capsys.readouterr()
    assert "Is PostgreSQL running" in told.err and "secret" not in told.err + told.out


def test_a_log_that_has_lost_its_count_is_found(place: Place) -> None:
    if place.database:  # A file has none beside its events.
        with connect(place.database) as connection:
            row = connection.execute("DELETE FROM log RETURNING id, name, position").fetchone()
            assert {fault.why for fault in verify(place.log_file, place.database).faults} == {"missing"}
            connection.execute("INSERT INTO log (id, name, position) VALUES (%s, %s, %s)", row)
        assert verify(place.log_file, place.database).faults == ()


def test_an_event_under_another_centre_is_found(place: Place) -> None:
    if place.database:  # A file has no centres.
        place.change("hub-1", 3, centre="other")
        (fault,) = verify(place.log_file, place.database).faults
        assert (fault.stream, fault.seq, fault.why) == (HUB, 3, "place")
        place.change("hub-1", 3, centre="centre")
