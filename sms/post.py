"""An outbox with its sender: what the server and a hub with a modem have alike. It knows no gateway.

Disks fail; how the house calls that is not known here: `guarded` is entered around every look at the file.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from sms.life import Report
from sms.message import Message
from sms.outbox import Limits, Outbox, Told
from sms.sender import Gateway, Sender
from sms.shelf import Shelf


class Post:
    """Takes messages, each id once, and sends them. `start` and `close` it once. Verbs raise what `guarded` does."""

    def __init__(
        self,
        shelf: Path | Shelf,
        gateway: Gateway,
        *,
        wall: Callable[[], float],
        guarded: Callable[[], AbstractContextManager[None]],
        limits: Limits | None = None,
        known: tuple[type[Exception], ...] = (sqlite3.Error,),
    ) -> None:
        """`known` are the failures of the shelf that pass."""
        self._guarded = guarded
        with guarded():
            self._outbox = Outbox(shelf, wall=wall, chance=random.SystemRandom().random, limits=limits)
        self._sender = Sender(self._outbox, gateway, known)

    @property
    def ready(self) -> bool:
        """Whether the gateway takes messages now."""
        return self._sender.ready

    def start(self) -> None:
        """Begin to send."""
        self._sender.start()

    def submit(self, messages: Sequence[Message], valid_s: Mapping[str, float] | None = None) -> dict[str, Told]:
        """Take messages; see `Outbox.submit`."""
        with self._guarded():
            told = self._outbox.submit(messages, valid_s)
        self._sender.wake()
        return told

    def states(self, ids: Sequence[str]) -> dict[str, Told]:
        """Return what is known of messages."""
        with self._guarded():
            return self._outbox.states(ids)

    def report(self, token: str, report: Report, foreign_id: str) -> bool:
        """Take a delivery report; False when it is of no message."""
        with self._guarded():
            return self._outbox.report(token, report, foreign_id)

    def close(self) -> None:
        """End the sender, then close the outbox."""
        self._sender.close()
        self._outbox.close()
