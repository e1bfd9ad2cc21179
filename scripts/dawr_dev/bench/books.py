"""Booking's figures: free slots of a week, a booking alone, twelve clients; on SQLite and on a real PostgreSQL.

A real server over HTTP, customers with sessions, every booking on the disk; floors in the same run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from scripts.dawr_dev.bench.figures import Figures, of_samples, percentile
from scripts.dawr_dev.bench.load import Answers, per_second, request, send
from scripts.dawr_dev.bench.town import SERVICE, Town, booking, busy, cpu_s, prepare
from scripts.dawr_dev.cluster import Cluster
from scripts.dawr_dev.processes import READY, House, Program, wait_until

_WARM = 30
_LOOKS = 600
_ALONE = 300
_CLIENTS = 12
_EACH = 100
_MANY = 50


def slots_week(folder: Path) -> Figures:
    """Time a program's look at all slots of a service's week, one after another, with some booking meanwhile."""
    town = prepare(folder, centres=1, customers=_LOOKS // 10)
    (centre,) = town.centres
    slots = town.slots(centre)
    look = request("GET", f"/v1/booking/centres/{centre.id}/services/{SERVICE}/slots")
    requests: list[bytes] = []
    for number in range(_LOOKS):
        requests.append(look)
        if number % 10 == 9:
            requests.append(booking(town, town.tokens[number // 10], centre, slots[number % len(slots)]))
    with House(folder / "logs") as house:
        url = town.start(house)
        (answer,) = _sent(url, [requests])
    looks = [ms for ms, asked in zip(answer.milliseconds, requests, strict=True) if asked is look][_WARM:]
    floor = _floor(folder, "", [[look] * 200], answer.lengths[-2])
    note = f"{len(slots)} slots of {answer.lengths[-2]} bytes; floor p50 {percentile(floor, 0.5):.2f} ms; {busy()}"
    return of_samples("slots_week", looks, note=note)


def book_alone(folder: Path, *, on_postgres: bool = False) -> Figures:
    """Time one booking after another."""
    with _database(folder, on_postgres) as database:
        town = prepare(folder, centres=1, customers=_ALONE + _WARM, database=database)
        requests = _bookings(town, 1, _ALONE + _WARM)
        with House(folder / "logs") as house:
            url = town.start(house)
            began_s = cpu_s(house["server"].pid)
            (answer,) = _sent(url, requests)
            each_ms = 1000 * (cpu_s(house["server"].pid) - began_s) / len(requests[0])
        floor = _floor(folder, database, [requests[0][:_ALONE]], answer.lengths[-1])
    note = (
        f"{each_ms:.1f} ms of the server's processor time each; "
        f"floor p50 {percentile(floor, 0.5):.2f}, p99 {percentile(floor, 0.99):.2f} ms; {busy()}"
    )
    return of_samples("book_pg" if on_postgres else "book", answer.milliseconds[_WARM:], note=note)


def book_12(folder: Path, *, centres: int = 1, on_postgres: bool = False) -> Figures:
    """Let twelve clients book as fast as they are answered, everybody at a centre or at many."""
    with _database(folder, on_postgres) as database:
        town = prepare(folder, centres=centres, customers=_CLIENTS * _EACH, database=database)
        requests = _bookings(town, _CLIENTS, _EACH)
        with House(folder / "logs") as house:
            url = town.start(house)
            began_s = cpu_s(house["server"].pid)
            answers = _sent(url, requests)
            each_ms = 1000 * (cpu_s(house["server"].pid) - began_s) / (_CLIENTS * _EACH)
        place = folder / "floor"
        place.mkdir()
        floor = _floor_rate(place, database, requests, answers[0].lengths[-1])
    rate = per_second(answers)
    alone = of_samples("", [ms for answer in answers for ms in answer.milliseconds])
    name = f"book_{_CLIENTS if centres == 1 else centres}{'_pg' if on_postgres else ''}"
    return Figures(
        name=name,
        n=alone.n,
        p50_ms=alone.p50_ms,
        p95_ms=alone.p95_ms,
        p99_ms=alone.p99_ms,
        per_s=round(rate),
        floor_per_s=round(floor),
        ratio=round(rate / floor, 3),
        note=f"{_CLIENTS} clients, {centres} centres; {each_ms:.1f} ms of the server's processor time each; {busy()}",
    )


book_50 = partial(book_12, centres=_MANY)
book_pg = partial(book_alone, on_postgres=True)
book_12_pg = partial(book_12, on_postgres=True)
book_50_pg = partial(book_12, centres=_MANY, on_postgres=True)


def _bookings(town: Town, clients: int, each: int) -> list[list[bytes]]:
    """Return so many clients' requests; each has a customer of its own, and places are enough for all."""
    slots = {centre.id: town.slots(centre) for centre in town.centres}

    def made(number: int) -> bytes:
        centre = town.centres[number % len(town.centres)]
        return booking(town, town.tokens[number], centre, slots[centre.id][number % len(slots[centre.id])])

    return [[made(client + clients * turn) for turn in range(each)] for client in range(clients)]


def _sent(url: SplitResult, requests: Sequence[Sequence[bytes]]) -> list[Answers]:
    answers = send(url.hostname or "", url.port or 0, requests)
    wrong = [status for answer in answers for status in answer.statuses if status != 200]
    if wrong:
        raise RuntimeError(f"{len(wrong)} requests went wrong, the first with {wrong[0]}")
    return answers


@contextmanager
def _database(folder: Path, on_postgres: bool) -> Iterator[str]:
    """Give PostgreSQL's URL, of a cluster that brings every commit to the disk; "" for SQLite."""
    if not on_postgres:
        yield ""
        return
    cluster = Cluster(folder / "postgres")
    try:
        cluster.make()
        cluster.start()
        try:
            yield cluster.url()
        finally:
            cluster.stop()
    finally:
        cluster.forget()


def _floor(folder: Path, database: str, requests: Sequence[Sequence[bytes]], size: int) -> list[float]:
    return [ms for answer in _of_floor(folder, database, requests, size) for ms in answer.milliseconds]


def _floor_rate(folder: Path, database: str, requests: Sequence[Sequence[bytes]], size: int) -> float:
    return per_second(_of_floor(folder, database, requests, size))


def _of_floor(folder: Path, database: str, requests: Sequence[Sequence[bytes]], size: int) -> list[Answers]:
    command = [sys.executable, "-m", "scripts.dawr_dev.bench.bookfloor", "--data", str(folder), "--bytes", str(size)]
    with House(folder / "floor-logs") as house:
        program = Program("floor", [*command, "--database", database])
        url = urlsplit(house.start(program, READY).wait_for(READY)[1])

        def answers() -> bool | None:
            try:
                send(url.hostname or "", url.port or 0, [requests[0][:20]])
            except OSError:
                return None
            return True

        wait_until(answers, 20, "the floor")
        return send(url.hostname or "", url.port or 0, requests)
