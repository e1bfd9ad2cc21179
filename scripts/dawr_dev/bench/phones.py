"""A call on its way to five hundred phones that follow their turns live: the called one's, and all that move up."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import cast

import uvloop

from queueing.following import follow_id
from scripts.dawr_dev.bench.board import Keys
from scripts.dawr_dev.bench.figures import Figures, of_samples, percentile
from scripts.dawr_dev.bench.hall import Hall
from scripts.dawr_dev.bench.load import send
from scripts.dawr_dev.processes import House

_PHONES = 500
_CALLS = 30
_WARM = 5
_QUIET_S = 0.4
"""Between two keys: the news of the one are out before the next is pressed, as in a hall."""
_CUSTOMER = ("call_next", "start_serving", "finish")


class _Phone(asyncio.Protocol):
    """One open page: when each piece of news came whole, and whether it was the call."""

    def __init__(self, request: bytes, opened: asyncio.Future[None]) -> None:
        self.came: list[tuple[float, bool]] = []
        self._request = request
        self._opened = opened
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.WriteTransport, transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\n\n")) >= 0:
            event, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
            if b"data: {" in event:
                self.came.append((time.perf_counter(), b'"phase":"called"' in event))
                if not self._opened.done():
                    self._opened.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._opened.done():
            self._opened.set_exception(exc or ConnectionError("the hub closed a phone's stream"))


def follow_page(folder: Path) -> Figures:
    """Time each phone's news from the clerk's key on, over all phones that a call brings news to."""
    with House(folder / "logs") as house:
        hall = Hall(house, folder)
        hall.sign_in()
        kiosk = hall.kiosks[0]
        taken = [kiosk.taken(hall.day()) for _ in range(_PHONES)]
        requests = [kiosk.sending(taken[at : at + 200]) for at in range(0, _PHONES, 200)]
        if set(send(hall.at.host, hall.at.port, [requests])[0].statuses) != {200}:
            raise RuntimeError("the hub did not take the tickets")
        claims = hall.claims("1", _CUSTOMER, _CALLS)
        # 500 phones in one process have one collector: it would stop all of them for 80 ms in the middle of a call.
        gc.collect()
        gc.disable()
        try:
            called, moved = uvloop.run(_calls_to(hall, [follow_id(event) for event in taken], claims))
        finally:
            gc.enable()
    own = f"the called phone's own: p50 {percentile(called, 0.5):.1f} ms, p99 {percentile(called, 0.99):.1f} ms"
    return of_samples("follow_page", [*called, *moved], note=own)


async def _calls_to(hall: Hall, identities: Sequence[str], claims: Sequence[bytes]) -> tuple[list[float], list[float]]:
    loop = asyncio.get_running_loop()
    phones: list[_Phone] = []
    for identity in identities:
        opened: asyncio.Future[None] = loop.create_future()
        request = f"GET /t/{identity}/live?lang=ar HTTP/1.1\r\nHost: {hall.at.host}\r\n\r\n".encode()
        phone = _Phone(request, opened)
        phones.append(phone)
        await loop.create_connection(partial(_itself, phone), hall.at.host, hall.at.port)
        await asyncio.wait_for(opened, 10)
    keys = Keys()
    await loop.create_connection(lambda: keys, hall.at.host, hall.at.port)
    called: list[float] = []
    moved: list[float] = []
    for number, claim in enumerate(claims):
        before = [len(phone.came) for phone in phones]
        pressed = time.perf_counter()
        await keys.press(claim)
        await asyncio.sleep(_QUIET_S)
        if number % len(_CUSTOMER) or number < _WARM * len(_CUSTOMER):
            continue
        for phone, seen in zip(phones, before, strict=True):
            if len(phone.came) > seen:
                at, is_call = phone.came[seen]
                (called if is_call else moved).append((at - pressed) * 1000)
    if len(called) != len(claims) // len(_CUSTOMER) - _WARM:
        raise RuntimeError(f"{len(called)} of the called phones heard of it")
    return called, moved


def _itself(phone: _Phone) -> _Phone:
    return phone
