"""A scanner on a real serial line (a pty): split, glued, garbage, too long, pulled out and plugged in elsewhere."""

from __future__ import annotations

import logging
import os
import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.config import KioskConfig
from kiosk.scanner import LINE_MAX, TOO_LONG, Framer, Place, Scanner, ScannerUrlError, UsbPort, place_of

CPR = "850112345"


@dataclass
class Port:
    """A serial port in the list of those that are plugged in."""

    device: str
    vid: int | None = 0x1EAB
    pid: int | None = 0x1D06
    serial_number: str | None = "S-17"


class Reader:
    """The scanner's other end: what its user holds in the hand. It can be pulled out and plugged in again."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self._ends: tuple[int, int] | None = None
        self.plug()

    @property
    def device(self) -> str:
        assert self._ends is not None
        return os.ttyname(self._ends[1])

    def plug(self) -> None:
        master, slave = os.openpty()
        self._ends = master, slave
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(os.ttyname(slave))

    def pull(self) -> None:
        if self._ends is not None:
            self.link.unlink(missing_ok=True)
            for end in self._ends:
                os.close(end)
            self._ends = None

    def sends(self, *pieces: bytes) -> None:
        assert self._ends is not None
        for piece in pieces:
            os.write(self._ends[0], piece)


class Desk:
    """Whoever listens to the scanner."""

    def __init__(self) -> None:
        self.lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.presence: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def line(self, text: str, now: float) -> None:
        self.lines.put(text)

    def next(self) -> str:
        return self.lines.get(timeout=10)

    def there(self) -> bool:
        return self.presence.get(timeout=10)


Opener = Callable[..., Desk]


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(tmp_path / "ttyACM0")
    yield reader
    reader.pull()


@pytest.fixture
def opened(reader: Reader) -> Iterator[Opener]:
    scanners: list[Scanner] = []

    def open_(url: str = "", ports: Callable[[], list[UsbPort]] = list) -> Desk:
        desk = Desk()
        scanner = Scanner(
            url or f"serial://{reader.link}", desk.line, desk.presence.put, time.monotonic, ports=ports, retry_s=0.02
        )
        scanners.append(scanner)
        scanner.start()
        return desk

    yield open_
    for scanner in scanners:
        began = time.monotonic()
        scanner.close()
        assert time.monotonic() - began < 1.5


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_a_scan_is_a_line(reader: Reader, opened: Opener, end: bytes) -> None:
    desk = opened()
    assert desk.there()
    reader.sends(CPR.encode() + end)
    assert desk.next() == CPR
    assert desk.lines.empty()


def test_a_scan_in_pieces_is_one(reader: Reader, opened: Opener) -> None:
    desk = opened()
    assert desk.there()
    reader.sends(*(sign.encode() for sign in CPR), b"\r")
    assert desk.next() == CPR


def test_two_scans_in_one_piece_are_two(reader: Reader, opened: Opener) -> None:
    desk = opened()
    assert desk.there()
    reader.sends(b"850112345\r900101111\r\n\r\n7")
    assert [desk.next(), desk.next()] == [CPR, "900101111"]
    reader.sends(b"20000025\r")
    assert desk.next() == "720000025"


def test_garbage_is_one_scan_that_means_nothing_and_the_next_is_read(reader: Reader, opened: Opener) -> None:
    desk = opened()
    assert desk.there()
    reader.sends(b"\x00\xff\xfe\x80\x1b[A\r", b"850112345\r")
    assert not desk.next().isascii()
    assert desk.next() == CPR


def test_what_is_too_long_is_told_as_one_scan_and_takes_no_memory(reader: Reader, opened: Opener) -> None:
    desk = opened()
    assert desk.there()
    for _ in range(40):
        reader.sends(b"9" * 1000)
    reader.sends(b"\r850112345\r")
    assert [desk.next(), desk.next()] == [TOO_LONG, CPR]


def test_it_is_pulled_out_in_a_scan_and_works_when_it_is_back(reader: Reader, opened: Opener) -> None:
    desk = opened()
    assert desk.there()
    reader.sends(b"8501")
    reader.pull()
    assert not desk.there()
    reader.plug()
    assert desk.there()
    reader.sends(b"12345\r", b"850112345\r")
    # The half that was lost is not put together with another half.
    assert [desk.next(), desk.next()] == ["12345", CPR]


def test_it_is_found_by_its_usb_identity_wherever_it_is(reader: Reader, opened: Opener) -> None:
    plugged: list[UsbPort] = [Port("/dev/null", vid=0x0403), Port("/dev/null", serial_number="S-18")]
    desk = opened("serial:///usb/1eab:1d06:S-17", lambda: list(plugged))
    assert desk.presence.empty()
    plugged.append(Port(reader.device))
    assert desk.there()
    reader.sends(b"850112345\r")
    assert desk.next() == CPR
    before = reader.device
    keeps_its_number_taken = os.open(before, os.O_RDWR | os.O_NOCTTY)
    try:
        plugged.pop()
        reader.pull()
        assert not desk.there()
        reader.plug()
        assert reader.device != before
        plugged.append(Port(reader.device))
        assert desk.there()
        reader.sends(b"900101111\r")
        assert desk.next() == "900101111"
    finally:
        os.close(keeps_its_number_taken)


def test_one_that_is_not_there_is_waited_for(reader: Reader, opened: Opener) -> None:
    reader.pull()
    desk = opened()
    reader.plug()
    assert desk.there()
    reader.sends(b"850112345\r")
    assert desk.next() == CPR


def test_no_scan_is_in_the_log(reader: Reader, opened: Opener, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    desk = opened()
    assert desk.there()
    reader.sends(b"850112345\r")
    desk.next()
    reader.pull()
    assert not desk.there()
    assert "scanner_found" in caplog.text and "scanner_lost" in caplog.text
    assert CPR not in caplog.text


def test_the_beginning_of_a_scan_is_given_up_after_a_while() -> None:
    framer = Framer()
    assert framer.take(b"8501", 10.0) == []
    assert framer.take(b"12345\r", 10.5) == ["850112345"]
    assert framer.take(b"8501", 20.0) == []
    assert framer.take(b"850112345\r", 22.0) == ["850112345"]


def test_a_line_of_the_longest_length_is_read_whole() -> None:
    assert Framer().take(b"9" * LINE_MAX + b"\r", 0.0) == ["9" * LINE_MAX]
    assert Framer().take(b"9" * (LINE_MAX + 1) + b"\r", 0.0) == [TOO_LONG]


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("serial:///dev/ttyACM0", Place("/dev/ttyACM0")),
        ("serial:///dev/serial/by-id/usb-x?baud=115200", Place("/dev/serial/by-id/usb-x", baud=115200)),
        ("serial:///usb/1EAB:1d06", Place("", 0x1EAB, 0x1D06)),
        ("serial:///usb/1eab:1d06:S-17?baud=19200", Place("", 0x1EAB, 0x1D06, "S-17", 19200)),
    ],
)
def test_addresses(url: str, place: Place) -> None:
    assert place_of(url) == place


@pytest.mark.parametrize(
    "url", ["", "/dev/ttyACM0", "tcp://x:1", "serial://", "serial:///usb/1:2", "serial:///dev/x?speed=1"]
)
def test_a_wrong_address_is_refused(url: str) -> None:
    with pytest.raises(ScannerUrlError):
        place_of(url)


def test_a_configuration_that_names_no_scanner_is_refused(tmp_path: Path) -> None:
    assert KioskConfig("kiosk-1", tmp_path, scanner="serial:///usb/1eab:1d06").scanner
    with pytest.raises(ValueError, match="scanner"):
        KioskConfig("kiosk-1", tmp_path, scanner="/dev/ttyACM0")
