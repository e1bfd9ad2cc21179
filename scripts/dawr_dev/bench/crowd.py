"""A crowd that books: each customer presses at an own moment, waits and asks again only as told, takes what is free.

Open loop: who presses does not wait for others' answers. The crowd comes over kept connections, as
browsers do through a proxy; waiting for one of them counts. It reads statuses, four headers and the times on a page.
"""

from __future__ import annotations

import asyncio
import gzip
import random
import re
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlencode

import uvloop

from scripts.dawr_dev.bench.load import request

CONNECTIONS = 2000
OPEN = 500
"""Of them, open before the first press."""
TRIES = 3
"""A customer takes another time twice, then gives up."""
THINKS_S = (1.0, 3.0)
"""So long it takes to choose another time."""
MARK = "A" * 22
_OFFERED = re.compile(rb"at=(\d{8}T\d{4}Z)")
_AGAIN = re.compile(rb"(\d+); url=(\S+)")


@dataclass(frozen=True, slots=True)
class Press:
    """Whoever presses, when (seconds from the start), and the time that is wanted most."""

    token: str
    at_s: float
    centre: str
    service: str
    slot: str


@dataclass(slots=True)
class Outcome:
    """How one press for one time went: when it was pressed and sent, when its end was known, what was said."""

    customer: int
    centre: str
    slot: str
    pressed_at: float
    sent_at: float = 0.0
    known_at: float = 0.0
    said: str = ""
    waits: int = 0


@dataclass(slots=True)
class Seen:
    """What the crowd saw: each press, the milliseconds of every answer, and of the pages of those who got a time."""

    outcomes: list[Outcome] = field(default_factory=list)
    answers_ms: list[float] = field(default_factory=list)
    tickets_ms: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    ended_s: float = 0.0


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: dict[bytes, bytes]
    body: bytes


class _Connection(asyncio.Protocol):
    """One kept connection; one request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.WriteTransport | None = None
        self.is_kept = False
        self._waiter: asyncio.Future[_Answer] | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.WriteTransport, transport)  # uvloop's is one without saying so

    def ask(self, data: bytes) -> asyncio.Future[_Answer]:
        if self.transport is None:
            raise ConnectionError("the server closed the connection")
        self._waiter = asyncio.get_running_loop().create_future()
        self.transport.write(data)
        return self._waiter

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found or self._waiter is None:
            return
        lines = head.split(b"\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
        length = int(headers.get(b"content-length", b"0"))
        if len(rest) >= length:
            self._buffer = rest[length:]
            waiter, self._waiter = self._waiter, None
            if not waiter.done():
                waiter.set_result(_Answer(int(lines[0][9:12]), headers, rest[:length]))

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(exc or ConnectionError("the server closed the connection"))


class _Door:
    """The kept connections, and who waits for one."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._idle: deque[_Connection] = deque()
        self._made = 0
        self._all: list[_Connection] = []
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def open(self, count: int) -> None:
        """Have some connections before they are needed."""
        for connection in [await self._take() for _ in range(count)]:
            self._give(connection)

    async def ask(self, data: bytes, sent: Callable[[], None]) -> _Answer:
        """Send a request and return its answer; `sent` is called at the moment of sending. Raises OSError."""
        while True:
            connection = await self._take()
            is_kept, connection.is_kept = connection.is_kept, True
            try:
                sent()
                return await connection.ask(data)
            except OSError:
                # The server closes what was idle, maybe just now: a browser sends it again.
                if not is_kept:
                    raise
            finally:
                self._give(connection)

    async def close(self) -> None:
        """Close them all: a loop that ends with open ones does not end."""
        for connection in self._all:
            if connection.transport is not None:
                connection.transport.abort()
        while any(connection.transport is not None for connection in self._all):
            await asyncio.sleep(0)

    async def _take(self) -> _Connection:
        while True:
            while self._idle:
                connection = self._idle.pop()
                if connection.transport is not None:
                    return connection
                self._made -= 1
            if self._made < CONNECTIONS:
                self._made += 1
                _, made = await asyncio.get_running_loop().create_connection(_Connection, self._host, self._port)
                self._all.append(made)
                return made
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            await waiter

    def _give(self, connection: _Connection) -> None:
        if connection.transport is None:
            self._made -= 1
        else:
            self._idle.append(connection)
        if self._waiting:
            self._waiting.popleft().set_result(None)


class Crowd:
    """All of them, and what they saw."""

    def __init__(self, host: str, port: int, presses: Sequence[Press], *, seed: int = 7) -> None:
        self._door = _Door(host, port)
        self._presses = presses
        self._chance = random.Random(seed)
        self._began = 0.0
        self.seen = Seen()

    def come(self) -> Seen:
        """Let everybody press, and return when all know what they got."""
        uvloop.run(self._all())
        return self.seen

    async def _all(self) -> None:
        loop = asyncio.get_running_loop()
        await self._door.open(OPEN)
        self._began = time.perf_counter() + 1.0
        done: list[asyncio.Task[None]] = []
        for number, press in sorted(enumerate(self._presses), key=lambda each: each[1].at_s):
            ahead = self._began + press.at_s - time.perf_counter()
            if ahead > 0.002:
                await asyncio.sleep(ahead)
            done.append(loop.create_task(self._customer(number, press)))
        for task in done:
            await task
        self.seen.ended_s = time.perf_counter() - self._began
        await self._door.close()

    async def _customer(self, number: int, press: Press) -> None:
        slot = press.slot
        try:
            for turn in range(TRIES):
                outcome = Outcome(number, press.centre, slot, time.perf_counter() - self._began)
                answer = await self._press(press, slot, outcome)
                outcome.known_at = time.perf_counter() - self._began
                self.seen.outcomes.append(outcome)
                if outcome.said == "yes":
                    began = time.perf_counter()
                    shown = await self._get(press, answer.headers[b"location"].decode())
                    self.seen.tickets_ms.append(1000 * (time.perf_counter() - began))
                    if shown.status != 200:
                        self.seen.errors.append(f"ticket {shown.status}")
                if outcome.said != "taken" or turn == TRIES - 1:
                    return
                offered = _OFFERED.findall(_plain(answer))
                if not offered:
                    return
                slot = self._chance.choice(offered).decode()
                await asyncio.sleep(self._chance.uniform(*THINKS_S))
        except OSError as error:
            self.seen.errors.append(f"line {error}")

    async def _press(self, press: Press, slot: str, outcome: Outcome) -> _Answer:
        body = urlencode({"form": MARK, "at": slot}).encode()
        sending = _sent("POST", f"/ar/book/{press.centre}/{press.service}/confirm", press, body)
        while True:
            answer = await self._timed(sending, outcome)
            again = _AGAIN.fullmatch(answer.headers.get(b"refresh", b""))
            if answer.status == 202 and again is not None:
                outcome.waits += 1
                await asyncio.sleep(int(again[1]))
                sending = _sent("GET", again[2].decode(), press)
            elif answer.status in (429, 503) and b"retry-after" in answer.headers:
                outcome.waits += 1
                await asyncio.sleep(int(answer.headers[b"retry-after"]))
                sending = _sent("POST", f"/ar/book/{press.centre}/{press.service}/confirm", press, body)
            else:
                break
        if answer.status == 303 and b"/b/" in answer.headers.get(b"location", b""):
            outcome.said = "yes"
        elif answer.status == 409 and b'role="alert"' in _plain(answer):
            outcome.said = "taken"
        else:
            outcome.said = "error"
            self.seen.errors.append(f"{answer.status} {answer.headers.get(b'location', b'').decode()}")
        return answer

    async def _get(self, press: Press, target: str) -> _Answer:
        return await self._timed(_sent("GET", target, press))

    async def _timed(self, sending: bytes, outcome: Outcome | None = None) -> _Answer:
        began = time.perf_counter()

        def sent() -> None:
            if outcome is not None and not outcome.sent_at:
                outcome.sent_at = time.perf_counter() - self._began

        answer = await self._door.ask(sending, sent)
        self.seen.answers_ms.append(1000 * (time.perf_counter() - began))
        return answer


def _sent(method: str, target: str, press: Press, body: bytes = b"") -> bytes:
    headers = [("Cookie", f"dawr_session={press.token}; dawr_form={MARK}"), ("Accept-Encoding", "gzip")]
    made = request(method, target, body, headers)
    return made.replace(b"application/json", b"application/x-www-form-urlencoded", 1)


def _plain(answer: _Answer) -> bytes:
    return gzip.decompress(answer.body) if answer.headers.get(b"content-encoding") == b"gzip" else answer.body
