"""The hub's own modem: an outbox and a sender of its own, for messages that the server has certainly not taken."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from sms.message import Message
from sms.outbox import Outbox, Told
from sms.sender import Gateway, Sender
from sync.clock import Clock
from sync.storage import known_failures

OUTBOX_FILE = "modem.db"


class ModemPost:
    """Sends through a gateway at the centre itself. `start` and `close` it once."""

    def __init__(self, data: Path, gateway: Gateway, clock: Clock) -> None:
        """Open the outbox in the data folder. Raises StorageUnavailable."""
        with known_failures():
            self._outbox = Outbox(
                data / OUTBOX_FILE, wall=lambda: clock.now().timestamp(), chance=random.SystemRandom().random
            )
        self._sender = Sender(self._outbox, gateway)

    @property
    def ready(self) -> bool:
        """Whether the modem answered when it was asked last."""
        return self._sender.ready

    def start(self) -> None:
        """Begin to send."""
        self._sender.start()

    def submit(self, messages: Sequence[Message], valid_s: Mapping[str, float]) -> dict[str, Told]:
        """Take messages, each id once; see `Outbox.submit`. Raises StorageUnavailable."""
        with known_failures():
            told = self._outbox.submit(messages, valid_s)
        self._sender.wake()
        return told

    def states(self, ids: Sequence[str]) -> dict[str, Told]:
        """Return what is known of messages. Raises StorageUnavailable."""
        with known_failures():
            return self._outbox.states(ids)

    def close(self) -> None:
        """End the sender, then close the outbox."""
        self._sender.close()
        self._outbox.close()
