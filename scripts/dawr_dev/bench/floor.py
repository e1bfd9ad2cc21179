"""The floor under the hub's rates: a raw ASGI application whose only work is the same group commit.

A request is kept as the hub keeps it: as many rows, of the same bytes, in the same tables with their indexes, and its
answer is as long. One thread drains its queue into one transaction and the answers go out after the commit. No routing,
no validation, no signatures, no rules, no views: what is between this and the hub is what the hub costs.
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

from hub import tables
from queueing.wire import Stream
from scripts.dawr_dev.bench.weight import Weight
from scripts.dawr_dev.processes import free_port
from sync.clock import SystemClock
from sync.log import DeviceLog
from sync.storage import connect

Message = MutableMapping[str, object]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_BATCH = 64
_ROWS = 500
"""Of one INSERT."""
_EVENT = "INSERT INTO event (device, incarnation, seq, type, known, hash, stored_at, wire) VALUES "
_CLAIM = "INSERT INTO claim (claim_id, asked, status, body) VALUES "
_DIGEST = "0" * 64
_INSTANT = "2026-11-21T07:31:02.123456Z"


class Committer:
    """One thread, one connection, one transaction for all that waits (at most 64 requests)."""

    def __init__(self, path: Path, weight: Weight, rows: int = 1) -> None:
        self._path = path
        self._events = rows
        self._weight = weight
        self._kept = 0
        self._queue: queue.SimpleQueue[asyncio.Future[None]] = queue.SimpleQueue()
        threading.Thread(target=self._serve, daemon=True).start()

    def keep(self, loop: asyncio.AbstractEventLoop) -> asyncio.Future[None]:
        """Queue a request's rows; the future is done once they are durable."""
        future: asyncio.Future[None] = loop.create_future()
        self._queue.put(future)
        return future

    def _serve(self) -> None:
        clock = SystemClock()
        log = DeviceLog.open(self._path, Stream("floor", 1), clock, "")
        with log.transaction() as tx:
            tables.create(tx.connection)
        log.close()
        connection = connect(self._path)
        while True:
            batch = [self._queue.get()]
            while len(batch) < _BATCH:
                try:
                    batch.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            connection.execute("BEGIN IMMEDIATE")
            for statement, row, values in self._rows(len(batch)):
                _insert(connection, statement, row, values)
            connection.execute("COMMIT")
            batch[0].get_loop().call_soon_threadsafe(_settle, batch)

    def _rows(self, requests: int) -> list[tuple[str, str, list[str | int]]]:
        """Return an INSERT's beginning, its row's place holders and its values, for each table that is written."""
        weight, events, claims = self._weight, list[str | int](), list[str | int]()
        for _ in range(requests):
            self._kept += 1
            name = f"{self._kept:032d}"  # As long as a claim's id of the measurement, and like it new each time.
            first = self._kept * self._events
            for seq in range(first, first + self._events):
                events += ("hub-1", 1, seq, "TicketCalled", 1, _DIGEST, _INSTANT, weight.wire)
            if weight.claim:
                claims += (name, _DIGEST, 200, weight.claim)
        found = [(_EVENT, "(?, ?, ?, ?, ?, ?, ?, ?)", events), (_CLAIM, "(?, ?, ?, ?)", claims)]
        return [part for part in found if part[2]]


def _insert(connection: sqlite3.Connection, statement: str, row: str, values: list[str | int]) -> None:
    each = row.count("?")
    for at in range(0, len(values), each * _ROWS):
        some = values[at : at + each * _ROWS]
        connection.execute(statement + ", ".join([row] * (len(some) // each)), some)


def _settle(futures: list[asyncio.Future[None]]) -> None:
    for future in futures:
        future.set_result(None)


def application(committer: Committer, answer: bytes) -> Callable[[Message, Receive, Send], Awaitable[None]]:
    """Return the ASGI application."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]

    async def serve(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        await committer.keep(asyncio.get_running_loop())
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    return serve


def main() -> None:
    """Serve on a free port of loopback."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--weight", required=True, help="bytes of wire, claim (0: no such row) and answer")
    arguments.add_argument("--rows", type=int, default=1, help="events of a request")
    said = arguments.parse_args()
    weight = Weight.read(said.weight)
    port = free_port()
    app = application(Committer(said.data / "floor.db", weight, said.rows), weight.answer)
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
