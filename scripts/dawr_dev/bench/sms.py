"""The outbox's figure: messages a second from a hub's requests through the server's outbox to Kannel, with reports."""

from __future__ import annotations

import time
from itertools import islice
from pathlib import Path

from queueing.wire import Stream
from scripts.dawr_dev.bench.figures import Figures
from scripts.dawr_dev.demo import HUB, Demo
from scripts.dawr_dev.processes import House, wait_until
from scripts.dawr_dev.sms_centre import Fate, fate_of
from sync.clock import SystemClock
from sync.identity import DeviceKey, Signer
from sync.line import PeerLine

_COUNT = 1000
_PART = 100
_TEXT = "رقمك A047، تجديد رخصة https://dawr.example.bh/t/ABCDEFGHIJKLMNOP"


def sms_outbox(folder: Path) -> Figures:
    """Hand messages over as fast as the server takes them; count until Kannel has each, then until each is reported."""
    with House(folder / "logs") as house:
        demo = Demo(house, folder)
        demo.begin()
        demo.start_sms()
        demo.start_server()
        clock = SystemClock()
        line = PeerLine(demo.server_url, Signer(DeviceKey.load(folder / HUB), *Stream(HUB, 1), clock))
        try:
            wait_until(lambda: _asked(line, [])["gateway"] or None, 30, "the gateway")
            return _measured(line)
        finally:
            line.close()


def _measured(line: PeerLine) -> Figures:
    every = (f"+9733600{n:04}" for n in range(10_000))
    numbers = list(islice((number for number in every if fate_of(number) is Fate.DELIVERED), _COUNT))
    messages = [
        {"id": f"bench:{n}", "to": number, "lang": "ar", "kind": "eticket", "text": f"{_TEXT}{n % 10}"[:70]}
        for n, number in enumerate(numbers)
    ]
    parts = [messages[first : first + _PART] for first in range(0, _COUNT, _PART)]
    begun = time.perf_counter()
    for part in parts:
        line.post("/v1/messages", {"messages": part}, timeout_s=30.0)
    taken_s = time.perf_counter() - begun
    sent_s = _until(line, parts, begun, {"sent", "delivered"})
    delivered_s = _until(line, parts, begun, {"delivered"})
    return Figures(
        name="sms_outbox",
        n=_COUNT,
        per_s=round(_COUNT / sent_s, 1),
        note=f"taken at {_COUNT / taken_s:.0f}/s, reported delivered at {_COUNT / delivered_s:.0f}/s",
    )


def _until(line: PeerLine, parts: list[list[dict[str, str]]], begun: float, states: set[str]) -> float:
    """Return the seconds until every message is in one of these states."""
    for part in parts:
        ids = [message["id"] for message in part]
        wait_until(lambda ids=ids: set(_states(line, ids).values()) <= states or None, 120, str(states))  # type: ignore[misc]
    return time.perf_counter() - begun


def _states(line: PeerLine, ids: list[str]) -> dict[str, str]:
    states: dict[str, str] = _asked(line, ids)["states"]
    return states


def _asked(line: PeerLine, ids: list[str]) -> dict[str, dict[str, str]]:
    answer = line.get(f"/v1/messages?ids={','.join(ids)}")
    assert isinstance(answer, dict)
    return answer
