"""Waiting for what another thread or process does, where nothing tells of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(look: Callable[[], T], what: str, within_s: float = 15.0) -> T:
    """Look every few milliseconds until `look` finds something true; return that.

    Fails, saying `what`, after `within_s` seconds.
    """
    end = time.monotonic() + within_s
    while not (found := look()):
        assert time.monotonic() < end, f"waited {within_s:g} s for {what}"
        time.sleep(0.01)
    return found
