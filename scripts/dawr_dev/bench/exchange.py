"""The exchange in figures: hub to server, a kiosk's ticket at the hub, catching up after an hour, draining a region.

Real processes, real logs, every commit on the disk. The floor of `exchange` is a raw ASGI application that is sent the
very same bytes and keeps as many rows of as many bytes in one commit a request.
"""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import requests

from queueing.facts import TicketTaken
from queueing.numbers import number
from queueing.wire import Stream
from scripts.dawr_dev.bench import region
from scripts.dawr_dev.bench.figures import Figures, of_samples
from scripts.dawr_dev.bench.hall import LETTER, SERVICE, Hall
from scripts.dawr_dev.bench.hub import floor_of
from scripts.dawr_dev.bench.load import request, send
from scripts.dawr_dev.bench.weight import Weight
from scripts.dawr_dev.processes import READY, House, Program, wait_until
from sync.clock import SystemClock, boot_id
from sync.identity import DeviceKey, Signer
from sync.link import GZIP_LEVEL, Link
from sync.log import DeviceLog
from sync.watch import EventParser
from sync.writer import LogWriter

_BATCH = 500
_ROUNDS = 3
_EVENTS = 40_000
_TICKETS = 200
_AWAY_EVENTS = 2_000
"""What a busy centre does in an hour."""
_AGAIN = 40


def exchange(folder: Path) -> Figures:
    """Let one hub hand 40,000 events to a server that has none, from the first hello to the last acknowledgement."""
    rates, floors = [], []
    for turn in range(_ROUNDS):
        place = folder / f"round-{turn}"
        place.mkdir()
        region.prepare(place, 1, _EVENTS)
        with House(place / "logs") as house:
            url = region.start_server(house, place)
            took_s = region.drain(house, place, url, [0], 1, 120)
        rates.append(_kept(place) / took_s)
        floors.append(_floor(place))
    rate, floor = median(rates), median(floors)
    return Figures(
        name="exchange",
        n=_EVENTS,
        per_s=round(rate),
        floor_per_s=round(floor),
        ratio=round(rate / floor, 3),
        note=f"events; load {os.getloadavg()[0]:.1f}",
    )


def ticket_at_hub(folder: Path) -> Figures:
    """Time a ticket from the kiosk's commit to the hub's board that counts it, over a real link, one after another."""
    with House(folder / "logs") as house:
        hall = Hall(house, folder, clerks=1)
        name = hall.kiosks[0].id
        clock, stream = SystemClock(), Stream(name, 1)
        writer = LogWriter(lambda: DeviceLog.open(folder / "own-log.db", stream, clock, boot_id()))
        writer.start()
        link = Link("hub", hall.url, writer, Signer(DeviceKey.load(folder / name), name, 1, clock))
        link.start()
        counts = _waiting_counts(hall)
        next(counts)
        times = []
        for place in range(1, _TICKETS + 1):
            taken = TicketTaken(number(LETTER, "0", place), SERVICE, hall.day(), "ar")
            writer.submit(lambda tx, taken=taken: tx.append([taken])).result()  # type: ignore[misc]  # called before the next
            committed = time.perf_counter()
            while next(counts) < place:
                pass
            times.append(1000 * (time.perf_counter() - committed))
        link.close()
        writer.close()
    return of_samples("ticket_at_hub", times[20:])


def _waiting_counts(hall: Hall) -> Iterator[int]:
    """Give how many wait, with each of the hub's boards as a display gets it."""
    (signer,) = list(hall.display_signers.values())[:1]
    target = "/v1/live?view=board"
    headers = {"Authorization": signer.authorization("GET", target)}
    parser = EventParser()
    with requests.get(hall.url + target, headers=headers, stream=True, timeout=30) as response:
        for piece in response.iter_content(chunk_size=None):
            for event in parser.feed(piece):
                if event.name == "snapshot":
                    rows = json.loads(event.data)["state"]["waiting"]
                    yield sum(row["count"] for row in rows)


def display_catch_up(folder: Path) -> Figures:
    """Time a display that was away for an hour of 2,000 events: from asking to the board that is true now."""
    with House(folder / "logs") as house:
        hall = Hall(house, folder)
        hall.sign_in()
        hall.take_tickets(1_000)
        counter = [hall.claims(counter, ("call_next", "start_serving", "finish"), 28) for counter in hall.counters]
        send(hall.at.host, hall.at.port, counter)
        times = []
        for _ in range(_AGAIN):
            began = time.perf_counter()
            next(_waiting_counts(hall))
            times.append(1000 * (time.perf_counter() - began))
    return of_samples("display_catch_up", times, note="to the first board of a new stream")


def follower_catch_up(folder: Path) -> Figures:
    """Time a follower of /v1/events that was away for an hour of 2,000 events: page by page until there is no more."""
    region.prepare(folder, 1, 2 * _AWAY_EVENTS)
    with House(folder / "logs") as house:
        url = region.start_server(house, folder)
        region.drain(house, folder, url, [0], 1, 120)
        signer = Signer(DeviceKey.load(folder / region.hub_name(0)), region.hub_name(0), 1, SystemClock())
        with requests.Session() as session:
            session.trust_env = False

            def page(after: str) -> dict[str, object]:
                target = f"/v1/events?after={after}"
                headers = {"Authorization": signer.authorization("GET", target)}
                answer = session.get(url + target, headers=headers, timeout=30)
                answer.raise_for_status()
                said: dict[str, object] = answer.json()
                return said

            cursor, seen = "", 0
            while seen < _AWAY_EVENTS:
                said = page(cursor)
                cursor, seen = str(said["next"]), seen + _count(said)
            times = []
            for _ in range(_AGAIN):
                began, after, got, more = time.perf_counter(), cursor, 0, True
                while more:
                    said = page(after)
                    after, got, more = str(said["next"]), got + _count(said), bool(said["more"])
                times.append(1000 * (time.perf_counter() - began))
    return of_samples("follower_catch_up", times, note=f"{got} events")


def _count(said: dict[str, object]) -> int:
    events = said["events"]
    assert isinstance(events, list)
    return len(events)


def drain(folder: Path) -> Figures:
    """Let many centres hand over what they did while the server was away; DAWR_CENTRES times DAWR_EVENTS events."""
    centres, events = int(os.environ.get("DAWR_CENTRES", "100")), int(os.environ.get("DAWR_EVENTS", "5000"))
    region.prepare(folder, centres, events)
    with House(folder / "logs") as house:
        url = region.start_server(house, folder)
        took_s = region.drain(house, folder, url, range(centres), min(4, centres), 900)
    kept = _kept(folder)
    return Figures(
        name="drain",
        n=kept,
        per_s=round(kept / took_s),
        note=f"{centres} centres drained in {took_s:.0f} s; load {os.getloadavg()[0]:.1f}",
    )


def _kept(folder: Path) -> int:
    """Return how many events a server keeps that was ended."""
    connection = sqlite3.connect(folder / "server" / "log.sqlite")
    try:
        (count,) = connection.execute("SELECT count(*) FROM event").fetchone()
    finally:
        connection.close()
    return int(count)


def _floor(place: Path) -> float:
    """Return how many events a second a raw ASGI application keeps of the very same bodies."""
    connection = sqlite3.connect(place / region.hub_name(0) / region.LOG)
    try:
        texts = [text for (text,) in connection.execute("SELECT wire FROM event ORDER BY device, incarnation, seq")]
    finally:
        connection.close()
    batches = [texts[at : at + _BATCH] for at in range(0, len(texts), _BATCH)]
    requests_ = [_request(batch) for batch in batches]
    wire = round(median(len(text.encode()) for text in texts))
    with House(place / "logs") as house:
        program = Program("floor", [*floor_of(place, Weight("x" * wire, "", b"x" * 16)), "--rows", str(_BATCH)])
        address = urlsplit(house.start(program, READY).wait_for(READY)[1])
        host, port = address.hostname or "127.0.0.1", address.port or 0

        def answers() -> bool | None:
            try:
                send(host, port, [requests_[:2]])
            except OSError:
                return None
            return True

        wait_until(answers, 10, "the floor")
        (answer,) = send(host, port, [requests_])
    return len(texts) / (answer.ended_at - answer.begun_at)


def _request(texts: Sequence[str]) -> bytes:
    body = gzip.compress(b'{"events":[%b]}' % ",".join(texts).encode(), GZIP_LEVEL, mtime=0)
    return request("POST", "/v1/events", body, [("Content-Encoding", "gzip")])
