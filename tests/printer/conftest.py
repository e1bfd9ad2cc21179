"""A real emulated printer as its own process, and the texts that tickets take."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from assets.texts import Catalogue
from printer.encode import Encoder
from printer.ticket import TicketPaper, Wait

AT = datetime(2026, 11, 22, 10, 31, tzinfo=timezone(timedelta(hours=3)))


@pytest.fixture(scope="session")
def texts() -> dict[str, Catalogue]:
    return {language: Catalogue.load(language) for language in ("ar", "en")}


@pytest.fixture(scope="session")
def encoder(texts: dict[str, Catalogue]) -> Encoder:
    return Encoder(texts)


def ticket(**changes: object) -> TicketPaper:
    given: dict[str, object] = {
        "number": "A047",
        "centre": {"ar": "الإدارة العامة للمرور", "en": "General Directorate of Traffic"},
        "service": {"ar": "تجديد رخصة السياقة", "en": "Driving Licence Renewal"},
        "taken_at": AT,
        "ahead": 5,
        "wait": Wait(10, 20, AT),
        "qr": "7QK2M4XW9ZP3AB5D",
        "needs": {"ar": ("بطاقة الهوية", "رخصة السياقة"), "en": ("Identity card", "Driving licence")},
    }
    return TicketPaper(**(given | changes))


@pytest.fixture
def make_ticket() -> Callable[..., TicketPaper]:
    """Give tests the short form, because test files cannot import each other here."""
    return ticket


@dataclass
class Emulator:
    """A running emulator. Its paper falls into `out`."""

    tcp: str
    serial: str
    out: Path
    orders: tuple[str, int]
    process: subprocess.Popen[str]

    def order(self, line: str) -> str:
        with socket.create_connection(self.orders, 5) as connection, connection.makefile("rw") as lines:
            lines.write(line + "\n")
            lines.flush()
            return lines.readline().strip()

    @property
    def tickets(self) -> int:
        return len(list(self.out.glob("ticket-*.png")))


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    out, link = tmp_path / "paper", tmp_path / "line"
    command = [sys.executable, "-m", "printer.emulator", "--tcp", "127.0.0.1:0", "--pty", str(link)]
    command += ["--control", "127.0.0.1:0", "--out", str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        ready = dict(process.stdout.readline().removeprefix("ready ").strip().split("=", 1) for _ in range(3))
        host, port = ready["control"].split(":")
        yield Emulator(f"tcp://{ready['tcp']}", f"serial://{link}?baud=115200", out, (host, int(port)), process)
        process.terminate()
        process.wait(10)
