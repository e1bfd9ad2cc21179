"""A device's line to a peer: drives `sync.exchange` with requests in a thread of its own, until the peer has everything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from queueing.wire import Stream
from sync.clock import Clock
from sync.identity import Signer
from sync.writer import LogWriter


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """How the line stands. `behind`: events the peer does not have yet, the oldest of them since `behind_since`."""

    up: bool
    why: str
    behind: int
    behind_since: datetime | None
    settings_version: int | None
    forked: tuple[Stream, ...] = ()


class Link:
    """Sends a log's streams to one peer and keeps the acknowledgements in the log.

    `forward_all` sends every stream of the log (hub to server), else only the device's own (kiosk to hub).
    `on_status` is called in the link's thread, at each change.
    """

    def __init__(
        self,
        peer: str,
        url: str,
        writer: LogWriter,
        signer: Signer,
        clock: Clock,
        *,
        forward_all: bool = False,
        on_status: Callable[[LinkStatus], None] | None = None,
        random: Callable[[], float] | None = None,
        timeout_s: float = 10.0,
    ) -> None:
        raise NotImplementedError

    def start(self) -> None:
        """Start the thread. Also listens to the writer, so that every commit pokes it."""
        raise NotImplementedError

    def poke(self) -> None:
        """Say that there may be something to send. Any thread, never blocks."""
        raise NotImplementedError

    @property
    def status(self) -> LinkStatus:
        """The newest status. Any thread."""
        raise NotImplementedError

    def close(self, timeout_s: float = 2.0) -> None:
        """End the thread; what is not acknowledged stays for the next start."""
        raise NotImplementedError
