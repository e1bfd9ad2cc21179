"""A scanner whose scans are told by their meaning: the device, its lines put together, and what they say.

Imported only where a scanner is configured. Nothing of a scan is written down here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from kiosk.moves import Scan
from kiosk.scanner import Scanner
from kiosk.scans import Assembler, meaning

log = logging.getLogger(__name__)


class Reader:
    """Reads the scanner at a URL. Raises ScannerUrlError.

    `booking_key` gives the server's public key as it is known now; `tell` takes each scan and `tell_presence` whether
    the device is there, both in the scanner's thread.
    """

    def __init__(
        self,
        url: str,
        booking_key: Callable[[], bytes],
        tell: Callable[[Scan], None],
        tell_presence: Callable[[bool], None],
        monotonic: Callable[[], float],
    ) -> None:
        self._booking_key = booking_key
        self._tell = tell
        self._tell_presence = tell_presence
        self._lines = Assembler()
        self._scanner = Scanner(url, self._line, self._presence, monotonic)

    def start(self) -> None:
        """Begin to look for the device and to read it."""
        self._scanner.start()

    def close(self) -> None:
        """End."""
        self._scanner.close()

    def _line(self, text: str, now: float) -> None:
        for scanned in self._lines.take(text, now):
            scan = meaning(scanned, self._booking_key())
            log.info("scanned kind=%s", type(scan).__name__)
            self._tell(scan)

    def _presence(self, is_there: bool) -> None:
        self._lines.forget()
        self._tell_presence(is_there)
