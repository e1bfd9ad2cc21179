"""The beat that systemd waits for: it comes while the loop turns, and not while it hangs."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from kiosk.watchdog import beating

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(5)
        yield line


def test_it_beats_twice_in_the_time_given_while_the_loop_turns(qtbot: QtBot, systemd: socket.socket) -> None:
    watchdog = beating({"NOTIFY_SOCKET": systemd.getsockname(), "WATCHDOG_USEC": "40000"})
    assert watchdog is not None and watchdog.timer.interval() == 20
    assert systemd.recv(99) == b"WATCHDOG=1"
    systemd.setblocking(False)
    with pytest.raises(BlockingIOError):
        systemd.recv(99)  # no loop has turned
    with qtbot.waitSignal(watchdog.timer.timeout):
        pass
    QCoreApplication.processEvents()
    assert systemd.recv(99) == b"WATCHDOG=1"
    watchdog.close()


@pytest.mark.parametrize(
    "environment",
    [{}, {"NOTIFY_SOCKET": "/x"}, {"NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": "40000"}, {"WATCHDOG_USEC": "40000"}],
)
def test_where_nobody_listens_nothing_beats(environment: dict[str, str]) -> None:
    assert beating(environment) is None


def test_the_unit_asks_for_it() -> None:
    unit = (Path(__file__).parents[2] / "systemd" / "dawr-kiosk.service").read_text(encoding="utf-8")
    assert "\nWatchdogSec=60\n" in unit and "\nRestart=always\n" in unit
