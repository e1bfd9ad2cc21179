"""A little hub for kiosks: real HTTP on a real socket; keeps the events it is sent and answers as it is told."""

from __future__ import annotations

import base64
import gzip
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from queueing.wire import instant_to_wire

LOOKUP_KEY = b"k" * 32
BOOKING_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


class FakeHub:
    """Speaks what a kiosk needs: settings, look-up, hello, events, live. It sees that requests are signed, no more."""

    def __init__(self, centre: Mapping[str, Any], board: Mapping[str, Any] | None = None, port: int = 0) -> None:
        self.settings = {
            "version": 1,
            "centre": dict(centre),
            "lookup_key": base64.b64encode(LOOKUP_KEY).decode(),
            "booking_key": base64.b64encode(BOOKING_KEY.public_key().public_bytes_raw()).decode(),
        }
        self.board = dict(board) if board is not None else {"day": "2026-11-22", "open": True, "services": []}
        self.answers: dict[str, Mapping[str, Any]] = {}
        self.answer_look_up: Callable[[str], Mapping[str, Any]] = self._look_up
        self.events: list[dict[str, Any]] = []
        self.contacts: list[dict[str, Any]] = []
        self.contact_status = 204
        self.followed: dict[str, Mapping[str, Any]] = {}
        self.health: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.bodies: list[bytes] = []
        self.is_forked = self.is_revoked = False
        self.word: object = None
        self.is_strict = False
        """Whether it believes only requests of its own time, as a real one does."""
        self.refused = threading.Semaphore(0)
        self.came = threading.Condition()
        self.ending = threading.Event()
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout: ClassVar[int] = 20

            def do_GET(self) -> None:
                hub._get(self)

            def do_POST(self) -> None:
                hub._post(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.ending.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def facts(self, kind: str) -> list[dict[str, Any]]:
        """Return the bodies of the events of a type that arrived."""
        with self.came:
            return [event["body"] for event in self.events if event["type"] == kind]

    def wait_for(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until so many events of a type arrived."""
        with self.came:
            assert self.came.wait_for(lambda: self._count(kind) >= count, 15), f"{self._count(kind)} {kind}"
        return self.facts(kind)

    def wait_for_contacts(self, count: int = 1) -> list[dict[str, Any]]:
        """Wait until so many phones arrived."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.contacts) >= count, 15), f"{len(self.contacts)} contacts"
            return list(self.contacts)

    def _count(self, kind: str) -> int:
        return sum(event["type"] == kind for event in self.events)

    def _is_stale(self, request: BaseHTTPRequestHandler) -> bool:
        found = re.search(r'ts="([0-9]+)"', request.headers["Authorization"])
        if not self.is_strict or (found is not None and abs(int(found[1]) / 1000 - time.time()) < 60):
            return False
        self._answer(request, {"code": "STALE", "now": instant_to_wire(datetime.now(UTC))}, 401)
        return True

    def _look_up(self, customer: str) -> Mapping[str, Any]:
        return self.answers.get(customer, {"result": "none", "appointments": [], "ticket": None, "priority": None})

    def _get(self, request: BaseHTTPRequestHandler) -> None:
        if self.is_revoked:
            self._answer(request, {"code": "REVOKED", "revocation": self.word}, 401)
            self.refused.release()
            return
        if self._is_stale(request):
            return
        assert request.headers["Authorization"].startswith("Dawr-Ed25519 ")
        if request.path == "/v1/settings":
            self._answer(request, self.settings)
        elif request.path == "/v1/live?view=kiosk":
            snapshot = json.dumps({"state": self.board, "cursor": "c", "state_hash": "h"})

            def piece(event: str) -> None:
                data = event.encode()
                request.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

            request.send_response(200)
            request.send_header("Content-Type", "text/event-stream")
            request.send_header("Transfer-Encoding", "chunked")
            request.end_headers()
            request.close_connection = True
            try:
                piece(f"event: snapshot\ndata: {snapshot}\n\n")
                while not self.ending.wait(1.0) and not self.is_revoked:
                    piece('event: heartbeat\ndata: {"now": "2026-11-22T06:31:00Z"}\n\n')
            except OSError:
                pass  # the kiosk went away

    def _post(self, request: BaseHTTPRequestHandler) -> None:
        assert request.headers["Authorization"].startswith("Dawr-Ed25519 ")
        body = request.rfile.read(int(request.headers["Content-Length"]))
        if request.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if self._is_stale(request):
            return
        self.bodies.append(body)
        content = json.loads(body)
        if self.is_revoked:
            self._answer(request, {"code": "REVOKED", "revocation": self.word}, 401)
        elif self.is_forked and request.path in ("/v1/hello", "/v1/events"):
            self._answer(request, {"code": "FORK"}, 409)
        elif request.path == "/v1/lookup":
            self.asked.append(content["customer"])
            self._answer(request, self.answer_look_up(content["customer"]))
        elif request.path == "/v1/followed":
            self._answer(request, {"ticket": self.followed.get(content["follow"])})
        elif request.path == "/v1/contacts":
            with self.came:
                # With the ticket's event, or after it: never before.
                content["has_event"] = any(
                    content["ticket"] == f"{event['dev']}.{event['inc']}.{event['seq']}" for event in self.events
                )
                self.contacts.append(content)
                self.came.notify_all()
            self._answer(request, None, self.contact_status)
        elif request.path == "/v1/health":
            with self.came:
                self.health.append(content)
                self.came.notify_all()
            self._answer(request, {"now": "2026-11-22T06:31:00Z"})
        elif request.path == "/v1/hello":
            head = self.events[-1] if self.events else None
            self._answer(
                request,
                {
                    "expect_seq": head["seq"] + 1 if head else 1,
                    "head_hash": "0" * 64,
                    "now": "2026-11-22T06:31:00Z",
                    "settings_version": 1,
                },
            )
        elif request.path == "/v1/events":
            with self.came:
                known = {event["seq"] for event in self.events}
                self.events += [event for event in content["events"] if event["seq"] not in known]
                self.came.notify_all()
            self._answer(request, {"ack_seq": self.events[-1]["seq"]})

    def _answer(self, request: BaseHTTPRequestHandler, content: Mapping[str, Any] | None, status: int = 200) -> None:
        body = b"" if content is None else json.dumps(content).encode()
        try:
            request.send_response(status)
            request.send_header("Content-Type", "application/json")
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)
        except OSError:
            pass  # the kiosk did not wait
