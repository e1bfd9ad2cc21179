"""What time it is, by the hub's clock as far as it is known: what customers read and days are told by.

A kiosk whose own clock is wrong is told so by its hub as soon as it asks anything. Events keep the machine's own clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from sync.clock import Clock


class Corrected(Protocol):
    """Who was told how wrong the clock is; `sync.identity.Signer` is one."""

    @property
    def offset(self) -> timedelta:
        """How much later it is than the machine's own clock says."""
        ...


class HubTime:
    """The clock. Until it follows somebody it is the machine's own. Any thread."""

    def __init__(self, own: Clock) -> None:
        self._own = own
        self._corrected: Corrected | None = None

    def follow(self, corrected: Corrected) -> None:
        """Go by what somebody was told from now on."""
        self._corrected = corrected

    @property
    def offset(self) -> timedelta:
        """How much later it is than the machine's own clock says."""
        return self._corrected.offset if self._corrected is not None else timedelta(0)

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        return self._own.now() + self.offset
