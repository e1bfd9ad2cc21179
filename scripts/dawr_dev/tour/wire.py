"""A tour's tickets as they reached the printer: each one's bytes and picture are kept, and its QR is read back."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from printer.emulator import execute
from queueing.following import follow_id, follow_link
from queueing.wire import Event
from scripts.dawr_dev.paper import read_qr
from scripts.dawr_dev.processes import wait_until
from scripts.dawr_dev.recorder import Recorder
from scripts.dawr_dev.tour.story import MissedError

_WITHIN_S = 10.0
_QUIET_S = 0.4
"""A ticket is complete at the printer when nothing has reached it for so long after its outcome was written down."""


class Wire:
    """What passes `recorder`, ticket after ticket, kept in `folder`.

    `emulated` is where the paper emulator drops its pictures, None with a real printer; `follow_url` is what the
    tickets' QR opens.
    """

    def __init__(self, recorder: Recorder, folder: Path, emulated: Path | None, follow_url: str) -> None:
        self._recorder = recorder
        self._folder = folder
        self._emulated = emulated
        self._follow_url = follow_url
        self._pieces = 0

    def keep(self, place: int, event: Event) -> tuple[str, int]:
        """Keep the tour's next ticket; return what its QR says and its length in bytes.

        Raises TimeoutError when nothing came, MissedError when it is not one whole ticket of this event.
        """
        stream = wait_until(self._at_rest, _WITHIN_S, f"the bytes of ticket {place} at the printer")
        self._pieces = len(self._recorder.passed())
        came_out = execute(stream)
        if len(came_out) != 1:
            raise MissedError(f"{len(came_out)} tickets were printed for one that was taken")
        (self._folder / f"ticket-{place}.bin").write_bytes(stream)
        picture = self._folder / f"ticket-{place}.png"
        if self._emulated is not None:
            shutil.copy(self._emulated / f"ticket-{place}.png", picture)
        else:
            came_out[0].save(picture)
        qr = read_qr(picture)
        if qr is None:
            raise MissedError(f"the QR of {picture.name} cannot be read")
        link = follow_link(self._follow_url, follow_id(event))
        if qr != link:
            raise MissedError(f"the QR of {picture.name} is {qr}, the ticket's is {link}")
        return qr, len(stream)

    def _at_rest(self) -> bytes | None:
        passed = self._recorder.passed()[self._pieces :]
        if not passed or time.monotonic() - passed[-1].at < _QUIET_S:
            return None
        return b"".join(each.data for each in passed)
