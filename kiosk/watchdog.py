"""Tells systemd that the screen still turns: a kiosk that stands still is started again by its unit.

See sd_notify(3) and WatchdogSec= in systemd.service(5). The beat comes from the GUI's own loop, so that a loop that
hangs is silent. Without systemd nothing is done.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Mapping

from PySide6.QtCore import QTimer

log = logging.getLogger(__name__)


class Watchdog:
    """Beats every `every_ms` down a line to systemd."""

    def __init__(self, line: socket.socket, every_ms: int) -> None:
        self._line = line
        self._line.setblocking(False)
        self.timer = QTimer()
        self.timer.setInterval(every_ms)
        self.timer.timeout.connect(self._beat)
        self.timer.start()
        self._beat()
        log.info("watchdog every_ms=%d", every_ms)

    def close(self) -> None:
        """Beat no more."""
        self.timer.stop()
        self._line.close()

    def _beat(self) -> None:
        try:
            self._line.send(b"WATCHDOG=1")
        except OSError as error:
            log.warning("watchdog_not_told error=%s", error.strerror)


def beating(environment: Mapping[str, str]) -> Watchdog | None:
    """Return what beats twice in the time that systemd gives, None where nobody listens. Keep it."""
    address, within_us = environment.get("NOTIFY_SOCKET", ""), environment.get("WATCHDOG_USEC", "")
    if not address or not within_us.isdecimal() or int(within_us) < 2000:
        return None
    line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    try:
        # An address that begins with @ is in the abstract namespace.
        line.connect(f"\0{address[1:]}" if address.startswith("@") else address)
    except OSError as error:
        log.error("no_watchdog error=%s", error.strerror)
        line.close()
        return None
    return Watchdog(line, int(within_us) // 2000)
