"""The emulator's process as others use it: an independent client, a slow line, paper kept whole."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from printer.emulator.machine import Machine
from printer.emulator.serve import Server


@pytest.fixture
def client(emulator, encoder) -> Iterator[Any]:
    """Give python-escpos' own client, with the profiles that the encoder has loaded it with.

    They are the process's for good: imported before, it would have this worker's other tests print with its own ones.
    """
    from escpos.printer import Network  # noqa: PLC0415

    host, port = emulator.tcp.removeprefix("tcp://").split(":")
    client = Network(host, int(port), timeout=5)
    client.open()
    yield client
    client.close()


def test_another_library_prints_on_it_and_reads_its_status(emulator, client) -> None:
    assert client.is_online()
    assert client.paper_status() == 2
    emulator.order("paper near-end")
    assert client.paper_status() == 1
    client.text("Hello\n")
    client.qr("HELLO", native=True, size=6)
    client.cut()
    # The answer to this comes after the cut was carried out.
    assert client.query_status(b"\x1dr\x01") == b"\x03"
    facts = json.loads((emulator.out / "ticket-1.json").read_text())
    assert facts["oddities"] == []
    with Image.open(emulator.out / "ticket-1.png") as picture:
        assert picture.width == 576


def test_orders_that_are_none_are_refused(emulator) -> None:
    assert emulator.order("paper blue").startswith("error")
    assert emulator.order("answers eot,telepathy").startswith("error")
    assert emulator.order("delay 5") == "ok"


def test_a_slow_line_is_read_at_its_speed(tmp_path) -> None:
    """At 9600 baud 960 bytes take a second: reckoned with the clock's own time, so no machine is too slow for it."""
    now = 0.0
    server = Server(Machine(lambda: now), tmp_path, lambda: now, baud=9600)
    taken = 0
    for _ in range(1000):
        now += 0.001
        portion = server._portion()
        server._take(b" " * portion)
        taken += portion
    assert taken == pytest.approx(960, abs=2)


def test_status_is_answered_at_once(client) -> None:
    client.query_status(b"\x10\x04\x01")
    began = time.monotonic()
    for _ in range(20):
        client._raw(b"\x10\x04\x01")
        assert client.device.recv(1) == b"\x16"
    assert (time.monotonic() - began) / 20 < 0.2
