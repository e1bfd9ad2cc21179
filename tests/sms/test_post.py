"""The outbox with its sender: each message once, and a failing disk told in the house's own words."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sms.life import Report
from sms.message import Kind, Message
from sms.post import Post
from tests.sms.fakes import FakeGateway
from tests.waiting import until


class FailedError(Exception):
    """What this house calls a failing disk."""


@contextmanager
def guarded() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise FailedError from error


def test_a_message_goes_out_once_however_often_it_comes(tmp_path: Path) -> None:
    gateway = FakeGateway()
    post = Post(tmp_path / "outbox.db", gateway, wall=time.time, guarded=guarded)
    message = Message("one", "+97336001234", "en", Kind.ETICKET, "A047")
    assert post.submit([message]).keys() == post.submit([message]).keys() == {"one"}
    post.start()
    until(lambda: post.states(["one"])["one"].state == "sent", "the message is sent")
    assert len(gateway.sent) == 1 and post.ready
    assert post.submit([message])["one"].state == "sent"
    assert not post.report("nobody", Report.DELIVERED, "")
    assert post.report(gateway.sent[0].token, Report.DELIVERED, "")
    assert post.states(["one"])["one"].state == "delivered"
    post.close()


def test_a_failing_disk_is_told_as_the_house_tells_it(tmp_path: Path) -> None:
    with pytest.raises(FailedError):
        Post(tmp_path / "nowhere" / "outbox.db", FakeGateway(), wall=time.time, guarded=guarded)
    post = Post(tmp_path / "outbox.db", FakeGateway(), wall=time.time, guarded=guarded)
    post.close()
    for verb in (lambda: post.submit([]), lambda: post.states(["x"]), lambda: post.report("x", Report.DELIVERED, "")):
        with pytest.raises(FailedError):
            verb()
