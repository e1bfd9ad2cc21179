"""The floor under the hub's rates: a raw ASGI application whose only work is the same group commit.

A request's body is one row; one thread drains its queue into one transaction and the answers go out after the commit.
No routing, no validation, no signatures, no rules: what is between this and the hub is what the hub costs.
"""

from __future__ import annotations

import argparse
import asyncio
import queue
import sqlite3
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path

import uvicorn

from scripts.dawr_dev.processes import free_port

Message = MutableMapping[str, object]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_BATCH = 64
_ANSWER = b'{"ok":true}'


class Committer:
    """One thread, one connection, one transaction for all that waits (at most 64 rows)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._queue: queue.SimpleQueue[tuple[bytes, asyncio.Future[None]]] = queue.SimpleQueue()
        threading.Thread(target=self._serve, daemon=True).start()

    def keep(self, row: bytes, loop: asyncio.AbstractEventLoop) -> asyncio.Future[None]:
        """Queue a row; the future is done once it is durable."""
        future: asyncio.Future[None] = loop.create_future()
        self._queue.put((row, future))
        return future

    def _serve(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
        while True:
            batch = [self._queue.get()]
            while len(batch) < _BATCH:
                try:
                    batch.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            connection.execute("BEGIN IMMEDIATE")
            for row, _ in batch:
                connection.execute("INSERT INTO row (body) VALUES (?)", (row,))
            connection.execute("COMMIT")
            batch[0][1].get_loop().call_soon_threadsafe(_settle, [future for _, future in batch])


def _settle(futures: list[asyncio.Future[None]]) -> None:
    for future in futures:
        future.set_result(None)


def application(committer: Committer) -> Callable[[Message, Receive, Send], Awaitable[None]]:
    """Return the ASGI application."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(_ANSWER)).encode())]

    async def serve(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            part = message.get("body", b"")
            body += part if isinstance(part, bytes) else b""
            if not message.get("more_body"):
                break
        await committer.keep(body, asyncio.get_running_loop())
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": _ANSWER})

    return serve


def main() -> None:
    """Serve on a free port of loopback."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True)
    data: Path = arguments.parse_args().data
    port = free_port()
    app = application(Committer(data / "floor.db"))
    print(f"ready url=http://127.0.0.1:{port}", flush=True)
    uvicorn.run(
        app,
        port=port,
        log_level="warning",
        access_log=False,
        lifespan="off",
        loop="uvloop",
        http="httptools",
    )


if __name__ == "__main__":
    main()
