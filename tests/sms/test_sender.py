"""The sender with a gateway and a disk that fail: what waits is kept, and what went out does not go out again."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sms.life import Answer
from sms.message import Kind, Message
from sms.outbox import Outbox, Told
from sms.sender import Sender
from tests.sms.fakes import FakeGateway
from tests.waiting import until


class Post:
    def __init__(self, path: Path) -> None:
        self.outbox = Outbox(path, wall=time.time, chance=lambda: 0.0)
        self.gateway = FakeGateway()
        self.sender = Sender(self.outbox, self.gateway)

    def submit(self, *ids: str) -> None:
        self.outbox.submit([Message(each, "+97336001234", "en", Kind.ETICKET, each) for each in ids])
        self.sender.wake()

    def wait_for(self, **ends: Told) -> None:
        until(lambda: self.outbox.states(ends) == ends, f"{ends}, not {self.outbox.states(ends)}")


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    post = Post(tmp_path / "sms.db")
    yield post
    post.sender.close()
    post.outbox.close()


def test_what_waited_before_the_start_is_sent(post: Post) -> None:
    post.submit("a", "b", "c", "d", "e")
    assert post.sender.ready is False
    post.sender.start()
    post.wait_for(**dict.fromkeys("abcde", Told("sent")))
    assert sorted(outgoing.message.id for outgoing in post.gateway.sent) == list("abcde")
    assert post.sender.ready is True


def test_with_the_gateway_down_nothing_is_begun(post: Post) -> None:
    post.gateway.up = False
    post.sender.start()
    assert post.sender.wait_looked(5)
    post.submit("a")
    assert (post.sender.ready, post.outbox.states(["a"])) == (False, {"a": Told("accepted")})
    post.gateway.up = True
    post.wait_for(a=Told("sent"))


def test_one_that_goes_down_under_way_keeps_what_waits(post: Post) -> None:
    post.sender.start()
    until(lambda: post.sender.ready, "the gateway")
    post.gateway.up = False
    post.submit("a", "b")
    until(lambda: not post.sender.ready, "the gateway's end")
    post.gateway.up = True
    post.wait_for(a=Told("sent"), b=Told("sent"))
    assert len(post.gateway.sent) == 2


def test_a_busy_gateway_is_asked_again(post: Post) -> None:
    post.gateway.answers["+97336001234"] = Answer.LATER
    post.sender.start()
    post.submit("a")
    until(lambda: (post.outbox.next_due_s() or 0.0) > 0.0, "its being put off")
    del post.gateway.answers["+97336001234"]
    post.wait_for(a=Told("sent"))
    assert len(post.gateway.sent) == 1


def test_a_disk_that_fails_after_the_sending_sends_nothing_twice(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    settle, failed = post.outbox.settle, []

    def full(answers: object) -> None:
        failed.append(answers)
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("sms.sender.DOWN_LOOK_S", (0.05, 0.05))
    monkeypatch.setattr(post.outbox, "settle", full)
    post.sender.start()
    post.submit("a")
    until(lambda: len(failed) >= 2, "the disk's failing twice")
    assert post.outbox.states(["a"]) == {"a": Told("accepted")}
    healed: Callable[..., None] = settle
    monkeypatch.setattr(post.outbox, "settle", healed)
    post.submit("b")
    post.wait_for(a=Told("sent"), b=Told("sent"))
    assert [outgoing.message.id for outgoing in post.gateway.sent] == ["a", "b"]


def test_an_end_waits_for_the_batch_in_hand(post: Post) -> None:
    post.gateway.hold.clear()
    post.sender.start()
    post.submit("a")
    until(lambda: post.outbox.next_due_s() is None, "its being begun")
    post.gateway.hold.set()
    post.sender.close()
    assert post.outbox.states(["a"]) == {"a": Told("sent")}
