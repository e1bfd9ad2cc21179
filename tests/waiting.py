"""Waiting for what another thread or process does, where nothing tells of it."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(look: Callable[[], object], what: str, within_s: float = 15.0) -> None:
    """Look every few milliseconds until `look` finds something true. Fails, saying `what`, after `within_s` seconds."""
    end = time.monotonic() + within_s
    while not look():
        assert time.monotonic() < end, f"waited {within_s:g} s for {what}"
        time.sleep(0.01)
