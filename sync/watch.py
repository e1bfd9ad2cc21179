"""Follows a peer's snapshots of one view in a thread: server-sent events, or polling. For devices without Qt's network."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sync.identity import Signer


class Watch:
    """Gives each new snapshot's decoded JSON ({"state", "cursor", "state_hash"}) to a callback, in its own thread.

    `on_status(up, why)` tells when the source is lost or back. Retries by itself for ever, 1 to 10 s with jitter.
    """

    def __init__(
        self,
        url: str,
        view: str,
        signer: Signer,
        on_snapshot: Callable[[Mapping[str, object]], None],
        on_status: Callable[[bool, str], None] | None = None,
        *,
        poll_s: float | None = None,
        inactivity_s: float = 7.0,
        random: Callable[[], float] | None = None,
    ) -> None:
        raise NotImplementedError

    def start(self) -> None:
        """Start the thread."""
        raise NotImplementedError

    def close(self, timeout_s: float = 2.0) -> None:
        """End the thread."""
        raise NotImplementedError
