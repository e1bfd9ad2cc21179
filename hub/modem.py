"""The hub's own modem: an outbox and a sender of its own, for messages that the server has certainly not taken."""

from __future__ import annotations

from pathlib import Path

from sms.post import Post
from sms.sender import Gateway
from sync.clock import Clock
from sync.storage import known_failures

OUTBOX_FILE = "modem.db"


class ModemPost(Post):
    """Sends through a gateway at the centre itself. Every verb raises StorageUnavailable."""

    def __init__(self, data: Path, gateway: Gateway, clock: Clock) -> None:
        """Open the outbox in the data folder."""
        super().__init__(data / OUTBOX_FILE, gateway, wall=lambda: clock.now().timestamp(), guarded=known_failures)
