"""Version 1 of what devices say to each other and of the log's file, kept for ever: new versions still understand it.

The files in `golden/` are never edited; a new version gets files of its own beside them.
"""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import requests

from queueing.wire import Event, Stream
from sync.exchange import Acked, ClockWrong, Effect, Exchange, Hello, Push, Reply
from sync.log import Head
from sync.rights import Role
from sync.tables import SCHEMA
from tests.sync.fakes import KIOSK, FakeClock, chain, open_log, ticket
from tests.sync.node import TinyNode, serving

GOLDEN = Path(__file__).parent / "golden"


def test_a_receiver_answers_the_conversation_of_version_1(tmp_path: Path) -> None:
    node = TinyNode(tmp_path, FakeClock())
    node.writer.start()
    signer = node.enrol(tmp_path, "kiosk-1", Role.KIOSK)
    with serving(node.app()) as url:
        for turn in json.loads((GOLDEN / "exchange-v1.json").read_text()):
            body = json.dumps(turn["body"]).encode()
            headers = {"Authorization": signer.authorization("POST", turn["post"], body)}
            response = requests.post(
                url + turn["post"], data=body, headers=headers | {"Content-Type": "application/json"}, timeout=10
            )
            # A later version may say more; what version 1 reads stays as it was.
            told = {name: value for name, value in response.json().items() if name in turn["reply"]}
            assert (response.status_code, told) == (turn["status"], turn["reply"]), turn["what"]
    node.writer.close()


def test_a_sender_has_the_conversation_of_version_1() -> None:
    turns = {turn["what"]: turn for turn in json.loads((GOLDEN / "exchange-v1.json").read_text())}
    events = chain(KIOSK, 3)
    heads = {KIOSK: Head(3, events[2].hash)}
    machine = Exchange(lambda: 0.0)

    def reply(what: str) -> list[Effect]:
        return machine.replied(0.0, Reply(turns[what]["status"], turns[what]["reply"]))

    step = machine.next(0.0, heads)
    assert isinstance(step, Hello) and step.to_wire() == turns["hello"]["body"]
    assert reply("hello") == [Acked(KIOSK, 0)]
    assert machine.next(0.0, heads) == Push(KIOSK, 1, 500)
    assert turns["events"]["body"]["events"] == [event.to_wire() for event in events]
    assert reply("events") == [Acked(KIOSK, 3)]
    machine, heads = Exchange(lambda: 0.0), {KIOSK: Head(6, events[2].hash)}
    machine.next(0.0, heads)
    machine.replied(0.0, Reply(200, {**turns["hello"]["reply"], "expect_seq": 6}))
    assert machine.next(0.0, heads) == Push(KIOSK, 6, 500)
    assert reply("a gap") == [Acked(KIOSK, 3)]
    machine.next(0.0, heads)
    assert reply("a fork") == [] and machine.forked == (KIOSK,)
    stale = {"code": "STALE", "now": turns["hello"]["reply"]["now"]}
    fresh = Exchange(lambda: 0.0)
    fresh.next(0.0, heads)
    assert fresh.replied(0.0, Reply(401, stale)) == [ClockWrong(FakeClock().now())]


def test_a_log_of_version_1_is_read_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with sqlite3.connect(path) as raw:
        raw.executescript((GOLDEN / "log-v1.sql").read_text())
    raw.close()
    log = open_log(path)
    log.verify()
    assert log.streams() == {KIOSK: log.head(KIOSK), Stream("kiosk-2", 1): log.head(Stream("kiosk-2", 1))}
    assert [event.body.get("number") for event in log.read_stream(KIOSK, 0)] == ["A001", "A002"]
    assert log.acked("hub", KIOSK) == 1
    assert log.unknown() == 1
    page = log.read("0123456789abcdef:3")
    assert [event.type for event in page.events] == ["RobotGreeted"]
    with log.transaction() as tx:
        assert tx.append([ticket(3)])[0].seq == 3
    log.verify()
    log.close()


def test_a_new_file_is_of_the_newest_version(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db")
    assert log._connection.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
    made = _statements(log._connection)
    log.close()
    with sqlite3.connect(":memory:") as raw:
        raw.executescript((GOLDEN / f"log-v{SCHEMA}.sql").read_text())
        kept = _statements(raw)
    raw.close()
    assert made == kept, "the tables have changed: raise SCHEMA, write the migration, keep a golden file of the new one"


def _statements(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {re.sub(r"\s+", "", row[0]) for row in rows}


def write() -> None:
    """Make the files of version 1, as was done once; from Python, `test_golden.write()`."""
    events = chain(KIOSK, 6)
    wires = [event.to_wire() for event in events]
    fork = chain(KIOSK, 1, salt="other ")[0]
    about = {"dev": "kiosk-1", "inc": 1}
    hello = {**about, "next_seq": 4, "head_hash": events[2].hash, "schema": 1}
    turns = [
        {
            "what": "hello",
            "post": "/v1/hello",
            "body": hello,
            "status": 200,
            "reply": {
                "expect_seq": 1,
                "head_hash": "0" * 64,
                "now": "2026-11-22T04:00:00.000000Z",
                "settings_version": 7,
            },
        },
        *(
            {
                "what": what,
                "post": "/v1/events",
                "body": {**about, "first_seq": some[0]["seq"], "events": some},
                "status": status,
                "reply": reply,
            }
            for what, some, status, reply in (
                ("events", wires[:3], 200, {"ack_seq": 3}),
                ("the same events", wires[:3], 200, {"ack_seq": 3}),
                ("a gap", wires[5:], 409, {"code": "GAP", "status": 409, "expect_seq": 4}),
                ("a fork", [fork.to_wire()], 409, {"code": "FORK", "status": 409, "seq": 1}),
            )
        ),
        {
            "what": "hello from an old image",
            "post": "/v1/hello",
            "body": {**hello, "next_seq": 3, "head_hash": events[1].hash},
            "status": 409,
            "reply": {"code": "FORK", "status": 409, "seq": 3},
        },
    ]
    GOLDEN.mkdir(exist_ok=True)
    (GOLDEN / "exchange-v1.json").write_text(json.dumps(turns, indent=1) + "\n")
    path = GOLDEN / "log.db"
    log = open_log(path)
    (odd,) = chain(Stream("kiosk-2", 1), 1)
    with log.transaction() as tx:
        tx.append([ticket(1), ticket(2)])
        tx.store([odd])
        known = Event.from_wire({**odd.to_wire(), "seq": 2, "prev": odd.hash, "type": "RobotGreeted", "v": 9})
        tx.store([known])
        tx.set_acked("hub", KIOSK, 1)
        tx.connection.execute("UPDATE file SET id = '0123456789abcdef'")
    dump = "\n".join(log._connection.iterdump())
    (GOLDEN / "log-v1.sql").write_text(f"PRAGMA user_version = 1;\n{dump}\n")
    log.close()
    path.unlink()
