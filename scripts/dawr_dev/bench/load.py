"""A light HTTP/1.1 load: requests made beforehand, raw sockets kept open, each client sends its next when answered.

Light, because it shares two cores with the server that it measures. It understands status and Content-Length only.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import uvloop


@dataclass(slots=True)
class Answers:
    """What one client saw of each request: milliseconds, status, bytes of the answer's body; heads if asked for."""

    milliseconds: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    begun_at: float = 0.0
    ended_at: float = 0.0


def request(
    method: str, target: str, body: bytes = b"", headers: Sequence[tuple[str, str]] = (), host: str = "127.0.0.1"
) -> bytes:
    """Make the bytes of one request with a JSON body."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
    if body:
        lines.append("Content-Type: application/json")
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class Line:
    """One kept connection for requests now and then, from a program that waits for each answer."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), timeout=10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request; return status and body. Raises OSError."""
        self._socket.sendall(request)
        buffer = b""
        while True:
            data = self._socket.recv(65_536)
            if not data:
                raise ConnectionError("the server closed the connection")
            buffer += data
            head, found, body = buffer.partition(b"\r\n\r\n")
            if found and len(body) >= _length(head):
                return int(head[9:12]), body

    def close(self) -> None:
        """Close it."""
        self._socket.close()


def _length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(b"\r\ncontent-length:")
    return int(lowered[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


class _Client(asyncio.Protocol):
    """One keep-alive connection working through its requests."""

    def __init__(self, requests: Sequence[bytes], done: asyncio.Future[Answers], *, keep_heads: bool) -> None:
        self._requests = iter(requests)
        self._done = done
        self._keep_heads = keep_heads
        self._answers = Answers()
        self._buffer = b""
        self._sent_at = 0.0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's is one without saying so
        self._answers.begun_at = time.perf_counter()
        self._next()

    def _next(self) -> None:
        if self._transport is None:
            return
        following = next(self._requests, None)
        if following is None:
            self._answers.ended_at = time.perf_counter()
            self._transport.close()
            if not self._done.done():
                self._done.set_result(self._answers)
            return
        self._sent_at = time.perf_counter()
        self._transport.write(following)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = _length(head)
        if len(rest) < length:
            return
        self._answers.milliseconds.append((time.perf_counter() - self._sent_at) * 1000)
        self._answers.statuses.append(int(head[9:12]))
        self._answers.lengths.append(length)
        if self._keep_heads:
            self._answers.heads.append(head)
        self._buffer = rest[length:]
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(exc or ConnectionError("the server closed the connection"))


def _itself(client: _Client) -> _Client:
    return client


async def _run(host: str, port: int, clients: Sequence[Sequence[bytes]], keep_heads: bool) -> list[Answers]:
    loop = asyncio.get_running_loop()
    futures: list[asyncio.Future[Answers]] = []
    for requests in clients:
        done: asyncio.Future[Answers] = loop.create_future()
        futures.append(done)
        client = _Client(requests, done, keep_heads=keep_heads)
        await loop.create_connection(partial(_itself, client), host, port)
    return list(await asyncio.gather(*futures))


def send(host: str, port: int, clients: Sequence[Sequence[bytes]], *, keep_heads: bool = False) -> list[Answers]:
    """Let each client send its requests, one after another, all clients at the same time.

    Raises OSError when the server cannot be reached or closes a connection.
    """
    return uvloop.run(_run(host, port, clients, keep_heads))


def per_second(answers: Sequence[Answers]) -> float:
    """Return the rate over the whole time in which any client was at work."""
    count = sum(len(answer.statuses) for answer in answers)
    return count / (max(answer.ended_at for answer in answers) - min(answer.begun_at for answer in answers))
