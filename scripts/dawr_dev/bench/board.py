"""A call on its way to the hall: to a hundred displays' sockets, and to one display's painted frame."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import cast

import uvloop

from scripts.dawr_dev.bench.figures import Figures, of_samples
from scripts.dawr_dev.bench.hall import Hall
from scripts.dawr_dev.bench.load import Line
from scripts.dawr_dev.demo import DISPLAY_GLASS_MM, Value, toml
from scripts.dawr_dev.logs import figures
from scripts.dawr_dev.processes import House, Program, Running, wait_until
from scripts.dawr_dev.xscreen import ScreenMap, XScreen

_PIXELS = (1920, 1080)
_CALLS = 40
_WARM = 5
_BETWEEN_S = 0.15
_CUSTOMER = ("call_next", "start_serving", "finish")


class _Display(asyncio.Protocol):
    """One listener: keeps when each snapshot came whole, and its bytes."""

    def __init__(self) -> None:
        self.came: list[tuple[float, bytes]] = []
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\n\n")) >= 0:
            event, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
            if b"event: snapshot" in event:
                self.came.append((time.perf_counter(), event))

    def first_with(self, words: bytes) -> float | None:
        return next((at for at, event in self.came if words in event), None)


class Keys(asyncio.Protocol):
    """A counter's connection: one claim at a time, its answer's body."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._answer: asyncio.Future[dict[str, object]] | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # noqa: D102  # asyncio's own
        self._transport = cast(asyncio.WriteTransport, transport)

    async def press(self, claim: bytes) -> dict[str, object]:
        """Send a claim and return its answer."""
        if self._transport is None:
            raise ConnectionError("not connected")
        self._answer, self._buffer = asyncio.get_running_loop().create_future(), b""
        self._transport.write(claim)
        return await asyncio.wait_for(self._answer, 10)

    def data_received(self, data: bytes) -> None:  # noqa: D102  # asyncio's own
        self._buffer += data
        head, _, body = self._buffer.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        if length is not None and len(body) >= int(length[1]) and self._answer is not None:
            self._answer.set_result(json.loads(body))


async def _calls_to(hall: Hall, claims: Sequence[bytes]) -> list[float]:
    loop = asyncio.get_running_loop()
    displays: list[_Display] = []
    for live in hall.live("board"):
        transport, display = await loop.create_connection(_Display, hall.at.host, hall.at.port)
        transport.write(live)
        displays.append(display)
    while not all(display.came for display in displays):
        await asyncio.sleep(0.01)
    _, keys = await loop.create_connection(Keys, hall.at.host, hall.at.port)
    times = []
    for begin in range(0, len(claims), len(_CUSTOMER)):
        call, *rest = claims[begin : begin + len(_CUSTOMER)]
        for display in displays:
            display.came.clear()
        pressed = time.perf_counter()
        answer = await keys.press(call)
        ticket = answer["ticket"]
        if not isinstance(ticket, dict):
            raise RuntimeError("nobody was called")
        words = f'"{ticket["number"]}"'.encode()
        until = pressed + 5
        while any(display.first_with(words) is None for display in displays):
            if time.perf_counter() > until:
                raise TimeoutError(f"a display did not get {ticket['number']}")
            await asyncio.sleep(0.002)
        if begin >= _WARM * len(_CUSTOMER):
            arrivals = (display.first_with(words) for display in displays)
            times += [(at - pressed) * 1000 for at in arrivals if at is not None]
        for claim in rest:
            await keys.press(claim)
        await asyncio.sleep(_BETWEEN_S)
    return times


def board_100(folder: Path) -> Figures:
    """Time from a key pressed at a counter to the board with that call whole at each of a hundred displays."""
    with House(folder / "logs") as house:
        hall = Hall(house, folder, displays=100)
        hall.sign_in()
        hall.take_tickets(_CALLS + _WARM + 60)
        claims = hall.claims("1", _CUSTOMER, _CALLS + _WARM)
        return of_samples("board_100", uvloop.run(_calls_to(hall, claims)))


def start_display(house: House, folder: Path, hall: Hall, glass: XScreen, within_s: float = 20) -> Running:
    """Start a hall's display on a glass; return it when it shows the hub's board, and has shown the last calls."""
    window = ScreenMap(folder / "screen.json")
    config: dict[str, Value] = {
        "device": "display-0",
        "data": "display-0",
        "hub_url": hall.url,
        "audio": False,
        "window": _PIXELS,
        "screen_mm": DISPLAY_GLASS_MM,
        "screen_map": str(window.path),
    }
    (folder / "display.toml").write_text(toml(config), encoding="utf-8")
    arguments = [sys.executable, "-m", "display", "--config", str(folder / "display.toml")]
    display = house.start(Program("display", arguments, glass.environment))
    window.wait(lambda shown: shown.first("service-") is not None, within_s, "the board of the hub")
    return display


def call_painted(folder: Path) -> Figures:
    """Time from a key pressed at a counter to the frame with that call on a real display's window."""
    with XScreen(*_PIXELS) as glass, House(folder / "logs") as house:
        hall = Hall(house, folder)
        hall.sign_in()
        hall.take_tickets(_CALLS + _WARM + 60)
        display = start_display(house, folder, hall, glass)
        line = Line(hall.at.host, hall.at.port)
        times = []
        for known in range(_CALLS + _WARM):
            call, start, finish = hall.claims("1", _CUSTOMER, 1)
            pressed = time.monotonic()
            line.ask(call)
            seen = wait_until(partial(painted, display, known), 5, "the call on the display")
            times.append((seen - pressed) * 1000)
            line.ask(start)
            line.ask(finish)
            time.sleep(_BETWEEN_S)
        line.close()
        return of_samples("call_painted", times[_WARM:])


def painted(display: Running, known: int) -> float | None:
    """Return when the first call after the `known` earlier ones was painted, in monotonic seconds."""
    painted = list(figures(display.output(), "call_painted"))
    return float(painted[known].words["monotonic"]) if len(painted) > known else None
