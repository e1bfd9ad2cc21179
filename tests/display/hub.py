"""A little hub: real HTTP on a real socket, one thread a connection, told by the test what to say."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar


class LittleHub:
    """Serves GET /v1/live. `say` sends an event to every display that listens; `drop` cuts them off."""

    def __init__(self, port: int = 0) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.answers: queue.SimpleQueue[tuple[int, bytes]] = queue.SimpleQueue()
        self.came = threading.Semaphore(0)
        self._listeners: list[queue.SimpleQueue[bytes | None]] = []
        self._lock = threading.Lock()
        self._board: bytes = b""
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout: ClassVar[int] = 20

            def do_GET(self) -> None:
                hub._serve(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def show(self, state: Mapping[str, object]) -> None:
        """Make this the board: sent to all now, and first to each that comes."""
        self._board = self.event("snapshot", {"state": state, "cursor": "c", "state_hash": "h"})
        self.send(self._board)

    def say(self, name: str, data: object) -> None:
        self.send(self.event(name, data))

    def send(self, raw: bytes) -> None:
        with self._lock:
            for listener in self._listeners:
                listener.put(raw)

    def drop(self) -> None:
        with self._lock:
            for listener in self._listeners:
                listener.put(None)

    def close(self) -> None:
        self.drop()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    @staticmethod
    def event(name: str, data: object) -> bytes:
        return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        self.requests.append((request.path, dict(request.headers)))
        try:
            if not self.answers.empty():
                status, body = self.answers.get()
                request.send_response(status)
                request.send_header("Content-Type", "application/problem+json")
                request.send_header("Content-Length", str(len(body)))
                request.end_headers()
                request.wfile.write(body)
                self.came.release()
                return
            listener: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
            with self._lock:
                self._listeners.append(listener)
            request.close_connection = True
            request.send_response(200)
            request.send_header("Content-Type", "text/event-stream")
            request.end_headers()
            request.wfile.write(self._board)
            self.came.release()
            while (chunk := listener.get()) is not None:
                request.wfile.write(chunk)
        except OSError:
            pass
