import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from display import source as source_module
from display.source import TARGET, Source
from sync.clock import SystemClock
from sync.identity import DeviceKey, Signer, Verifier
from tests.display.boards import board_json, call
from tests.display.hub import LittleHub


@pytest.fixture
def hub() -> Iterator[LittleHub]:
    hub = LittleHub()
    yield hub
    hub.close()


@pytest.fixture
def key(tmp_path) -> DeviceKey:
    return DeviceKey.make(tmp_path)


@pytest.fixture
def source(hub, key, qtbot) -> Iterator[Source]:
    source = Source(hub.url, Signer(key, "display-1", 1, SystemClock()), lambda: 0.0)
    yield source
    source.close()


def test_a_board_comes_at_once_and_again_when_it_changes(hub, source, qtbot):
    hub.show(board_json([call(1)]))
    with qtbot.waitSignal(source.boardCame, timeout=5000) as came:
        source.connect_now()
    assert came.args[0]["announce"][0]["call_id"] == "hub.1.1"
    with qtbot.waitSignal(source.boardCame, timeout=5000) as came:
        hub.show(board_json([call(1), call(2)]))
    assert len(came.args[0]["announce"]) == 2


def test_the_request_is_signed_by_this_device(hub, source, key, qtbot):
    verifier = Verifier(SystemClock(), lambda device: key.public if device == "display-1" else None)
    hub.show(board_json())
    with qtbot.waitSignal(source.boardCame, timeout=5000):
        source.connect_now()
    path, headers = hub.requests[0]
    assert path == TARGET
    assert verifier.verify(headers["Authorization"], "GET", path, b"") == ("display-1", 1)
    assert headers["Accept-Encoding"] == "identity"


def test_a_heartbeat_tells_the_hubs_time(hub, source, qtbot):
    hub.show(board_json())
    with qtbot.waitSignal(source.boardCame, timeout=5000):
        source.connect_now()
    with qtbot.waitSignal(source.heard, timeout=5000) as heard:
        hub.say("heartbeat", {"now": "2026-11-22T10:31:00+03:00"})
    assert heard.args[0] == datetime(2026, 11, 22, 7, 31, tzinfo=UTC)


def test_it_comes_back_by_itself_when_it_is_cut_off(hub, source, qtbot, caplog):
    hub.show(board_json([call(1)]))
    with qtbot.waitSignal(source.boardCame, timeout=5000):
        source.connect_now()
    with qtbot.waitSignal(source.broke, timeout=5000):
        hub.drop()
    with qtbot.waitSignal(source.boardCame, timeout=5000):
        pass
    assert len(hub.requests) >= 2
    assert "live_lost" in caplog.text
    caplog.clear()


def test_it_waits_for_a_hub_that_is_not_there_and_says_why_once(hub, key, qtbot, caplog):
    port = hub.port
    hub.close()
    source = Source(f"http://127.0.0.1:{port}", Signer(key, "display-1", 1, SystemClock()), lambda: 0.0)
    with qtbot.waitSignals([source.broke] * 3, timeout=5000):
        source.connect_now()
    assert caplog.text.count("live_lost") == 1
    later = LittleHub(port)
    later.show(board_json([call(1)]))
    with qtbot.waitSignal(source.boardCame, timeout=5000):
        pass
    source.close()
    later.close()
    caplog.clear()


def test_a_wrong_clock_is_put_right_and_the_request_repeated_once(hub, source, qtbot):
    stale = {"code": "STALE", "now": "2030-01-01T00:00:00Z", "status": 401, "title": "stale"}
    hub.answers.put((401, json.dumps(stale).encode()))
    hub.show(board_json([call(1)]))
    broken = []
    source.broke.connect(lambda: broken.append(1))
    with qtbot.waitSignal(source.boardCame, timeout=5000):
        source.connect_now()
    assert not broken
    stamps = [headers["Authorization"].split('ts="')[1].split('"')[0] for _, headers in hub.requests]
    assert int(stamps[1]) == pytest.approx(datetime(2030, 1, 1, tzinfo=UTC).timestamp() * 1000, abs=5000)


def test_a_hub_that_refuses_is_asked_again_later_not_at_once(hub, source, qtbot, caplog):
    for _ in range(2):
        hub.answers.put((401, json.dumps({"code": "STALE", "now": "2030-01-01T00:00:00Z"}).encode()))
    hub.show(board_json())
    with qtbot.waitSignal(source.broke, timeout=5000):
        source.connect_now()
    assert len(hub.requests) == 2
    assert "status:401" in caplog.text
    with qtbot.waitSignal(source.boardCame, timeout=5000):
        pass
    caplog.clear()


def test_silence_is_a_break(hub, key, qtbot, monkeypatch, caplog):
    monkeypatch.setattr(source_module, "SILENT_MS", 300)
    source = Source(hub.url, Signer(key, "display-1", 1, SystemClock()), lambda: 0.0)
    hub.show(board_json([call(1)]))
    with qtbot.waitSignals([source.boardCame, source.broke, source.boardCame], timeout=8000, order="strict"):
        source.connect_now()
    source.close()
    caplog.clear()


def test_rubbish_is_noted_and_let_pass(hub, source, qtbot, caplog):
    hub.show(board_json([call(1)]))
    with qtbot.waitSignal(source.boardCame, timeout=5000):
        source.connect_now()
    hub.send(b"event: snapshot\ndata: {nonsense\n\nevent: heartbeat\ndata: 3\n\n")
    with qtbot.waitSignal(source.boardCame, timeout=5000):
        hub.show(board_json([call(2)]))
    assert caplog.text.count("live_unreadable") == 2
    assert len(hub.requests) == 1
    caplog.clear()
