"""The floor under booking's figures: bare ASGI that answers so many bytes, and for a press takes a place and commits.

One conditional UPDATE and its commit on the same kind of database and disk, in one thread on SQLite and in ten on
PostgreSQL. No routing, no validation, no session, no rule, no message.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import uvicorn

from scripts.dawr_dev.bench.floor import Message, Receive, Send
from scripts.dawr_dev.processes import free_port
from sync.storage import connect

_SLOTS = 200
_THREADS = 10
_TAKE = "UPDATE floor SET taken = taken + 1 WHERE slot = {} AND taken < 1000000"


def _sqlite(path: Path) -> Callable[[int], None]:
    opened = threading.local()

    def take(slot: int) -> None:
        if not hasattr(opened, "connection"):
            opened.connection = connect(path)
        opened.connection.execute("BEGIN IMMEDIATE")
        opened.connection.execute(_TAKE.format("?"), (slot,))
        opened.connection.execute("COMMIT")

    made = connect(path)
    made.execute("CREATE TABLE floor (slot INTEGER PRIMARY KEY, taken INTEGER NOT NULL)")
    made.executemany("INSERT INTO floor VALUES (?, 0)", [(slot,) for slot in range(_SLOTS)])
    made.close()
    return take


def _postgres(url: str) -> Callable[[int], None]:
    opened = threading.local()

    def take(slot: int) -> None:
        if not hasattr(opened, "connection"):
            opened.connection = psycopg.connect(url)
        opened.connection.execute(_TAKE.format("%s"), (slot,))
        opened.connection.commit()

    with psycopg.connect(url) as made:
        made.execute("DROP TABLE IF EXISTS floor")
        made.execute("CREATE TABLE floor (slot INTEGER PRIMARY KEY, taken INTEGER NOT NULL)")
        made.execute("INSERT INTO floor SELECT slot, 0 FROM generate_series(0, %s) slot", (_SLOTS - 1,))
    return take


def main() -> None:
    """Serve on a free port of loopback."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--database", default="", help="PostgreSQL's URL")
    arguments.add_argument("--bytes", type=int, required=True, help="of an answer")
    said = arguments.parse_args()
    take = _postgres(said.database) if said.database else _sqlite(said.data / "floor.db")
    threads = ThreadPoolExecutor(_THREADS if said.database else 1)
    slots = itertools.cycle(range(_SLOTS))
    body = b"x" * said.bytes
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]

    async def serve(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        if scope["method"] == "POST":
            await asyncio.get_running_loop().run_in_executor(threads, take, next(slots))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    port = free_port()
    print(f"ready url=http://127.0.0.1:{port}", flush=True)
    uvicorn.run(
        serve, port=port, log_level="warning", access_log=False, lifespan="off", loop="uvloop", http="httptools"
    )


if __name__ == "__main__":
    main()
