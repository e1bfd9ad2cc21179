"""A central server as the hub needs one, with answers set by the test. It checks no signature; the real one does."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FakeServer:
    """Answers by path; `asked` has every request, `hold` keeps answers back until it is set."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, Any]] = {}
        self.asked: list[tuple[str, str]] = []
        self.hold = threading.Event()
        self.hold.set()
        self.came = threading.Condition()
        self.url = ""

    def wait_for(self, path: str, times: int = 1, within_s: float = 10.0) -> None:
        """Wait until a path was asked for so many times."""
        with self.came:
            assert self.came.wait_for(lambda: sum(p.startswith(path) for _, p in self.asked) >= times, within_s)

    @contextmanager
    def running(self) -> Iterator[FakeServer]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                assert self.headers["authorization"].startswith('Dawr-Ed25519 dev="hub"')
                outer.hold.wait(10)
                path = self.path.split("?")[0]
                status, content = outer.answers.get(path, (404, {"code": "NOT_FOUND"}))
                if callable(content):
                    status, content = content(self.path, json.loads(body) if body[:1] == b"{" else None)
                told = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)
                with outer.came:
                    outer.asked.append((self.command, self.path))
                    outer.came.notify_all()

            do_GET = do_POST = answer  # the names that http.server calls

        served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        served.daemon_threads = True
        served.handle_error = lambda *_: None  # type: ignore[method-assign]  # who asked may have gone
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        self.url = f"http://127.0.0.1:{served.server_address[1]}"
        try:
            yield self
        finally:
            self.hold.set()
            served.shutdown()
            thread.join(10)
            served.server_close()
