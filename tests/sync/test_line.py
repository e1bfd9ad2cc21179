"""A question to a peer: signed, and asked once more when the clocks do not agree."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sync.clock import SystemClock
from sync.identity import DeviceKey, Signer, UnauthorisedError, Verifier
from sync.line import PeerLine, PeerUnavailable


class Ahead(SystemClock):
    """The clock of a hub that is an hour ahead of the kiosk's."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(hours=1)


class StrictHub:
    """Verifies each request really, by its own clock; says what the time is when the request is stale."""

    def __init__(self, key: str) -> None:
        self.asked = 0
        self.answer: bytes = b'{"fine": true}'
        self.status = 200
        self.hangs_up = False
        hub, verifier = self, Verifier(Ahead(), lambda device: key if device == "kiosk-1" else None)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hub.asked += 1
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if hub.hangs_up:
                    return
                try:
                    verifier.verify(self.headers["Authorization"], "POST", self.path, body)
                    status, content = hub.status, hub.answer
                except UnauthorisedError as error:
                    problem = {"code": error.code, "now": Ahead().now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
                    status, content = 401, json.dumps(problem).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()


@pytest.fixture
def key(tmp_path: Path) -> DeviceKey:
    return DeviceKey.make(tmp_path)


@pytest.fixture
def hub(key: DeviceKey) -> Iterator[StrictHub]:
    hub = StrictHub(key.public)
    yield hub
    hub.server.shutdown()
    hub.server.server_close()
    hub.thread.join(5)


@pytest.fixture
def line(hub: StrictHub, key: DeviceKey) -> Iterator[PeerLine]:
    line = PeerLine(hub.url, Signer(key, "kiosk-1", 1, SystemClock()))
    yield line
    line.close()


def test_a_wrong_clock_is_corrected_once_and_for_good(hub: StrictHub, line: PeerLine) -> None:
    assert line.post("/v1/lookup", {"customer": "c"}, timeout_s=5) == {"fine": True}
    assert hub.asked == 2
    assert line.post("/v1/lookup", {"customer": "c"}, timeout_s=5) == {"fine": True}
    assert hub.asked == 3


@pytest.mark.parametrize("answer", [b"no json", b""])
def test_an_answer_that_is_no_json_is_none(hub: StrictHub, line: PeerLine, answer: bytes) -> None:
    hub.answer = answer
    with pytest.raises(PeerUnavailable):
        line.post("/v1/lookup", {}, timeout_s=5)


def test_nobody_there_is_unavailable(key: DeviceKey) -> None:
    line = PeerLine("http://127.0.0.1:9", Signer(key, "kiosk-1", 1, SystemClock()))
    with pytest.raises(PeerUnavailable) as gone:
        line.post("/v1/settings", {}, timeout_s=2)
    assert not gone.value.taken
    line.close()


@pytest.mark.parametrize(("status", "taken"), [(503, False), (403, False), (422, False), (500, True), (504, True)])
def test_an_answer_tells_whether_the_peer_may_have_acted(
    hub: StrictHub, line: PeerLine, status: int, taken: bool
) -> None:
    hub.status = status
    with pytest.raises(PeerUnavailable) as refused:
        line.post("/v1/lookup", {}, timeout_s=5)
    assert refused.value.taken is taken


def test_a_line_that_is_cut_under_way_leaves_it_open_whether_the_peer_acted(hub: StrictHub, line: PeerLine) -> None:
    hub.hangs_up = True
    with pytest.raises(PeerUnavailable) as cut:
        line.post("/v1/lookup", {}, timeout_s=5)
    assert cut.value.taken


def test_an_answer_without_content_is_none(hub: StrictHub, line: PeerLine) -> None:
    hub.status, hub.answer = 204, b""
    assert line.post("/v1/contacts", {}, timeout_s=5) is None
