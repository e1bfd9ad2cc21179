"""What a scan means: a ticket, a booking, a personal number, or nothing. Pure; reading the device is `scanner`'s.

What was scanned is somebody's: it goes into no log and no repr.
"""

from __future__ import annotations

import re

from kiosk import mrz
from kiosk.moves import BookingScan, CprScan, NoScan, Scan, TicketScan
from queueing import cpr
from queueing.following import read_id
from sync.codes import is_code, read_booking

_FOLLOWED = re.compile(r"https?://[^/\s]+/t/([a-z2-7]{16})/?", re.IGNORECASE)


def meaning(text: str, booking_key: bytes) -> Scan:
    """Return what a scan means. `booking_key` is the server's public key, empty while it is not known.

    A text of three lines is a card's zone; a signature that does not fit makes a booking's code mean nothing.
    """
    text = text.strip()
    if is_code(text):
        code = read_booking(text, booking_key) if booking_key else None
        return NoScan() if code is None else BookingScan(code)
    followed = _FOLLOWED.fullmatch(text)
    follow = read_id(followed[1] if followed else text)
    if follow is not None:
        return TicketScan(follow)
    if "\n" in text:
        return _card(tuple(text.split("\n")))
    number = cpr.parse(text)
    return NoScan() if number is None else CprScan(number)


def _card(lines: tuple[str, ...]) -> Scan:
    if len(lines) != mrz.LINES or not mrz.begins(lines[0]) or not all(mrz.is_line(line) for line in lines):
        return NoScan()
    first, second, third = lines
    try:
        number = mrz.personal_number((first, second, third))
    except mrz.MrzError:
        return NoScan()
    return NoScan() if number is None else CprScan(number)


class Assembler:
    """Joins what a scanner sends line by line: three lines of a card's zone are one scan, every other line is one.

    A zone whose next line does not come within `gap_s` seconds is given up.
    """

    def __init__(self, gap_s: float = 1.0) -> None:
        self._gap_s = gap_s
        self._lines: list[str] = []
        self._at = 0.0

    def take(self, line: str, now: float) -> list[str]:
        """Return the scans that a line completes, none while a zone goes on. `now` is monotonic seconds."""
        done: list[str] = []
        if len(line) == mrz.LINE * mrz.LINES and mrz.begins(line[: mrz.LINE]):
            # Some readers send a zone as one line.
            self._lines.clear()
            return ["\n".join(line[at : at + mrz.LINE] for at in range(0, len(line), mrz.LINE))]
        if self._lines and (now - self._at > self._gap_s or not mrz.is_line(line)):
            done.append("\n".join(self._lines))
            self._lines.clear()
        if self._lines or mrz.begins(line):
            self._lines.append(line)
            self._at = now
            if len(self._lines) < mrz.LINES:
                return done
            line = "\n".join(self._lines)
            self._lines.clear()
        return [*done, line]

    def forget(self) -> None:
        """Let go of a zone that is not whole: its reader was pulled out."""
        self._lines.clear()
