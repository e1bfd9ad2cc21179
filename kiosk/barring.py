"""A kiosk that may give no tickets: it was revoked, or the hub knows another history of its log.

A revoked one erases what is personal or secret here: phones that wait, the key of the customers' hashes, the PINs'
hashes. Its log stays: it holds nothing personal, and no event is ever thrown away. Nothing here draws a screen.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from kiosk import contacts
from kiosk.session import Callboard
from kiosk.settings import FILE
from queueing.wire import Stream
from sync import enrolled
from sync.link import LinkStatus
from sync.revocation import Judge
from sync.storage import StorageUnavailable
from sync.transaction import Transaction
from sync.writer import LogWriter, WriterClosedError

log = logging.getLogger(__name__)


class Barring:
    """Knows whether this kiosk is barred, tells the screen, and erases.

    `forget` drops what is held in memory; `judge` says which word is the server's.
    """

    def __init__(
        self,
        data: Path,
        stream: Stream,
        writer: LogWriter,
        callboard: Callboard,
        judge: Judge,
        forget: Callable[[], None],
    ) -> None:
        self._data = data
        self._stream = stream
        self._writer = writer
        self._callboard = callboard
        self._judge = judge
        self._forget = forget
        self._lock = threading.Lock()
        self._is_revoked = enrolled.is_revoked(data, stream.incarnation)
        self._is_forked = False
        self._has_erased = False

    @property
    def why(self) -> str:
        """Return "revoked", "forked" or ""."""
        return "revoked" if self._is_revoked else "forked" if self._is_forked else ""

    def revoked(self, word: object) -> None:
        """Take a word that this device may no longer take part. Any thread; again and again, too.

        One that the server did not sign for this very incarnation closes nothing: whoever answers at the hub's address
        could say it. The line is then as good as cut off.
        """
        with self._lock:
            if not self._judge.believes(word):
                return
            if not self._is_revoked:
                log.critical("revoked device=%s", self._stream.device)
            self._is_revoked = True
            self._tell()
            if self._has_erased:
                return
            try:
                # The mark first: after a power cut the screen says so, and the next word erases the rest.
                enrolled.mark_revoked(self._data, self._stream.incarnation)
                (self._data / FILE).unlink(missing_ok=True)
                self._forget()
                self._writer.submit(_erase_phones).result()
            except (OSError, StorageUnavailable, WriterClosedError) as error:
                log.error("not_erased error=%s", type(error).__name__)
                return
            self._has_erased = True
            log.warning("erased device=%s", self._stream.device)

    def heard(self) -> None:
        """Take notice that the hub serves this device: it is not revoked, or no more. Any thread."""
        with self._lock:
            if not self._is_revoked:
                return
            try:
                enrolled.unmark(self._data)
            except OSError as error:
                log.error("mark_not_removed error=%s", error.strerror)
            self._is_revoked = self._has_erased = False
            self._tell()

    def link_says(self, status: LinkStatus) -> None:
        """Take the link's news: whether the hub knows another history of this kiosk's log. The link's thread."""
        with self._lock:
            is_forked = self._stream in status.forked
            if is_forked == self._is_forked:
                return
            if is_forked:
                log.critical("forked device=%s incarnation=%d", *self._stream)
            self._is_forked = is_forked
            self._tell()

    def _tell(self) -> None:
        why = self.why
        self._callboard.teach(lambda known: replace(known, barred=why))


def _erase_phones(tx: Transaction) -> None:
    for contact in contacts.kept(tx):
        contacts.erase(tx, contact.ticket)
