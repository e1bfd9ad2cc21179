"""A hub that was revoked: it erases what is personal or secret here, remembers it, and ends.

Its log stays: it holds nothing personal, and no event is ever thrown away. Its journal says what to do; the counters
say that the hub is gone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from hub import contacts
from hub.settings import APPOINTMENTS_FILE, SETTINGS_FILE
from queueing.wire import Stream
from sync import enrolled
from sync.link import LinkStatus
from sync.log import Transaction
from sync.revocation import Judge
from sync.storage import StorageUnavailable
from sync.writer import LogWriter, WriterClosedError

REVOKED = "this hub was taken out of service; to use it again, enrol it by a code (docs/devices.md)"

_log = logging.getLogger(__name__)


class Barring:
    """Does it once; `end` ends the process, `judge` says which word is the server's. Any thread.

    It also tells staff, by `tell_forked`, when the server knows another history of this hub: the hall goes on.
    """

    def __init__(
        self,
        data: Path,
        stream: Stream,
        writer: LogWriter,
        judge: Judge,
        tell_forked: Callable[[bool], None],
        end: Callable[[], None],
    ) -> None:
        self._data = data
        self._stream = stream
        self._writer = writer
        self._judge = judge
        self._tell_forked = tell_forked
        self._is_forked = False
        self._end = end

    def link_says(self, status: LinkStatus) -> None:
        """Take the link's news: whether the server takes nothing from this hub, knowing another history of its log."""
        is_forked = self._stream in status.forked
        if is_forked == self._is_forked:
            return
        self._is_forked = is_forked
        if is_forked:
            _log.critical("forked device=%s incarnation=%d", *self._stream)
        self._tell_forked(is_forked)

    def revoked(self, word: object) -> None:
        """Take a word that this device may no longer take part; said again, what failed is tried again.

        One that the server did not sign for this very incarnation does nothing.
        """
        if not self._judge.believes(word):
            return
        _log.critical("revoked device=%s incarnation=%d", *self._stream)
        try:
            # The mark first: after a power cut the hub does not serve again.
            enrolled.mark_revoked(self._data, self._stream.incarnation)
            for name in (SETTINGS_FILE, APPOINTMENTS_FILE):
                (self._data / name).unlink(missing_ok=True)
            self._writer.submit(_erase).result()
        except (OSError, StorageUnavailable, WriterClosedError) as error:
            _log.error("not_erased error=%s", type(error).__name__)
            return
        _log.warning("erased device=%s", self._stream.device)
        self._end()


def _erase(tx: Transaction) -> None:
    contacts.erase(tx, [each.ticket for each in contacts.all_of(tx.connection)])
    tx.connection.execute("DELETE FROM session")
