"""Wishes that the server hands on: asked for again and again, whatever the disk or the line do meanwhile."""

from __future__ import annotations

from concurrent.futures import Future
from threading import Event, current_thread
from typing import Any

import pytest

from hub import followers
from hub.followers import WishLine
from sync.storage import StorageReason, StorageUnavailable
from tests.hub.house import House
from tests.waiting import until


class Server:
    """The server's end of the line: it has one wish, and keeps the question when it has none."""

    def __init__(self, ticket: str) -> None:
        self._ticket = ticket
        self._closed = Event()

    def get(self, target: str, *, timeout_s: float) -> Any:
        wishes = [{"id": 7, "ticket": self._ticket, "what": "out", "made_at": "2026-11-22T06:00:00Z"}]
        if "after=0&" not in target:
            self._closed.wait(timeout_s)
            wishes = []
        return {"wishes": wishes}

    def close(self) -> None:
        self._closed.set()


def test_a_wish_that_the_disk_could_not_keep_is_decided_once_it_can(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (ticket,) = house.take()
    monkeypatch.setattr(followers, "RETRY_S", 0.01)
    writer, failures = house.hub.arbiter.writer, 3

    def submit(job: Any, **more: Any) -> Any:
        nonlocal failures
        if failures == 0 or current_thread().name != "wishes":
            return type(writer).submit(writer, job, **more)
        failures -= 1
        failed: Future[Any] = Future()
        failed.set_exception(StorageUnavailable(StorageReason.FULL))
        return failed

    monkeypatch.setattr(writer, "submit", submit)
    wishes = WishLine(house.hub.arbiter, Server(ticket), house.clock)  # type: ignore[arg-type]  # its two verbs
    wishes.start()
    try:
        until(lambda: house.state.tickets[ticket].outs == 1, "the wish is granted")
    finally:
        wishes.close()
    assert failures == 0
    assert caplog.text.count("wishes_wait reason=") == 3
