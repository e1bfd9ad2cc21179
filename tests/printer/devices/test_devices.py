"""Which URL opens what, and which are refused."""

from __future__ import annotations

import os
import socket
import tty

import pytest

from printer.devices import BadUrlError, UnreachableError, open_device, parse
from printer.devices.serial import SerialDevice, Settings
from printer.devices.tcp import TcpDevice


@pytest.mark.parametrize(
    "url",
    ["", "lpt1", "ftp://x", "tcp://", "tcp://host:0", "tcp://host:99999", "serial://ttyUSB0", "usb://dev/usb/lp0"],
)
def test_wrong_urls(url: str) -> None:
    with pytest.raises(BadUrlError):
        parse(url)


def test_the_settings_of_a_line() -> None:
    assert Settings.of({}) == Settings(115_200, "rtscts")
    assert Settings.of({"baud": "19200", "flow": "none"}) == Settings(19_200, "none")
    for wrong in ({"baud": "fast"}, {"baud": "0"}, {"baud": "١٢"}, {"flow": "dtr"}, {"speed": "9600"}):
        with pytest.raises(BadUrlError):
            Settings.of(wrong)


def test_a_name_that_nobody_has() -> None:
    with pytest.raises(UnreachableError):
        open_device("tcp://printer.invalid:9100", timeout=5)


def test_a_wire_never_waits() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        device = TcpDevice.open("127.0.0.1", server.getsockname()[1], 5)
        peer, _ = server.accept()
        with peer:
            assert device.receive() == b""
            while device.send(b"x" * 65536):
                pass
            device.close(discard=True)
            with pytest.raises(ConnectionResetError):
                while peer.recv(65536):
                    pass


def test_a_line_is_one_programs_alone() -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    line = SerialDevice.open(os.ttyname(slave), Settings())
    with pytest.raises(UnreachableError):
        SerialDevice.open(os.ttyname(slave), Settings())
    assert line.send(b"hello") == 5
    assert os.read(master, 10) == b"hello"
    assert line.receive() == b""
    line.close(discard=True)
    os.close(slave)
    os.close(master)


def test_a_usb_printer_is_a_file_that_is_written_and_read(tmp_path) -> None:
    path = tmp_path / "lp0"
    os.mkfifo(path)
    device = open_device(f"usb://{path}")
    assert device.send(b"hello") == 5
    assert device.receive() == b"hello"
    assert device.receive() == b""
    device.close(discard=False)
