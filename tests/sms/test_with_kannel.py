"""The outbox and its sender with the real Kannel, through an operator's bad days: each message once, honestly ended."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts.dawr_dev import sms_kannel
from sms.gateways.kannel import KannelGateway, read_report
from sms.life import Answer
from sms.message import Kind, Message
from sms.outbox import Outbox, Told
from sms.sender import Sender
from tests.sms.kannel import Set, kannel
from tests.waiting import until

FINE, REFUSED, THROTTLED, UNDELIVERABLE, UNREPORTED = (f"+973360012{end}" for end in ("34", "01", "02", "03", "04"))


class Post:
    """An outbox whose reports come from Kannel, and a sender while `sending`."""

    def __init__(self, real: Set, path: Path) -> None:
        self.real = real
        self.path = path
        self.outbox = self._open()

    def _open(self) -> Outbox:
        outbox = Outbox(self.path, wall=time.time, chance=random.random)
        self.real.reports.on_report = lambda token, number: outbox.report(token, read_report(str(number)))  # type: ignore[arg-type]
        return outbox

    def restart(self) -> None:
        self.outbox.close()
        self.outbox = self._open()

    def submit(self, *messages: tuple[str, str]) -> None:
        self.outbox.submit([Message(text, to, "en", Kind.ETICKET, text) for to, text in messages])

    @contextmanager
    def sending(self) -> Iterator[Sender]:
        sender = Sender(self.outbox, KannelGateway(self.real.address))
        sender.start()
        try:
            yield sender
        finally:
            sender.close()

    def wait_for(self, **ends: Told) -> None:
        until(lambda: self.outbox.states(ends) == ends, f"{ends}, not {self.outbox.states(ends)}", 40)


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Set]:
    with kannel(tmp_path) as found:
        yield found


@pytest.fixture
def post(real: Set, tmp_path: Path) -> Iterator[Post]:
    post = Post(real, tmp_path / "sms.db")
    yield post
    real.reports.on_report = lambda _token, _number: None
    post.outbox.close()


def test_each_number_comes_to_its_own_end(post: Post) -> None:
    post.submit((FINE, "fine"), (REFUSED, "refused"), (THROTTLED, "throttled"))
    post.submit((UNDELIVERABLE, "undeliverable"), (UNREPORTED, "unreported"))
    with post.sending():
        post.wait_for(
            fine=Told("delivered"),
            refused=Told("failed", "refused"),
            throttled=Told("delivered"),
            undeliverable=Told("failed", "undeliverable"),
            unreported=Told("sent"),
        )
    assert sorted(post.real.operator.texts) == ["fine", "throttled", "undeliverable", "unreported"]


def test_the_centre_down_and_back(post: Post) -> None:
    with post.sending() as sender:
        until(lambda: sender.ready, "the gateway")
        post.real.operator.close()
        post.submit((FINE, "meanwhile"))
        sender.wake()
        post.wait_for(meanwhile=Told("sent"))  # with Kannel, on its disk
        post.real.operator.open()
        post.wait_for(meanwhile=Told("delivered"))
    assert post.real.operator.texts == ["meanwhile"]


def test_without_a_line_to_the_operator_the_gateway_is_not_ready(post: Post) -> None:
    gateway = KannelGateway(post.real.address)
    assert gateway.look() is True
    post.real.operator.close()
    until(lambda: not gateway.look(), "the line's end")
    post.submit((FINE, "patient"))
    with post.sending() as sender:
        assert sender.wait_looked(10)
        assert (sender.ready, post.outbox.states(["patient"])) == (False, {"patient": Told("accepted")})
        post.real.operator.open()
        post.wait_for(patient=Told("delivered"))
    assert post.real.operator.texts == ["patient"]


def test_kannel_killed_and_back(post: Post) -> None:
    post.real.house["smsbox"].kill()
    post.submit((FINE, "waits"))
    with post.sending() as sender:
        assert sender.wait_looked(10)
        assert not sender.ready
        sms_kannel.start_smsbox(post.real.house, post.real.kannel)
        post.wait_for(waits=Told("delivered"))
    assert post.real.operator.texts == ["waits"]


def test_a_report_outlives_a_restart_of_kannel(post: Post) -> None:
    post.submit((UNREPORTED, "late"))
    with post.sending():
        post.wait_for(late=Told("sent"))
        until(lambda: len(post.real.reports.came) == 1, "the operator's word that it has it")
        for box in ("smsbox", "bearerbox"):
            post.real.house[box].kill()
        sms_kannel.start_bearerbox(post.real.house, post.real.kannel)
        sms_kannel.start_smsbox(post.real.house, post.real.kannel)
        post.real.operator.wait_bound()
        post.real.operator.report_late()
        post.wait_for(late=Told("delivered"))
    assert post.real.operator.texts == ["late"]


def test_killed_between_the_request_and_its_answer(post: Post) -> None:
    """The process dies when Kannel has the message: unknown, never again, and the operator's report says the rest."""
    post.real.reports.on_report = lambda _token, _number: None  # nobody is there to take reports either
    post.submit((FINE, "once"))
    (outgoing,) = post.outbox.begin(1)
    assert KannelGateway(post.real.address).send(outgoing) is Answer.TAKEN
    until(lambda: len(post.real.reports.of(outgoing.token)) == 2, "the reports that nobody took")
    post.restart()
    assert post.outbox.states(["once"]) == {"once": Told("unknown", "interrupted")}
    with post.sending() as sender:
        until(lambda: sender.ready, "the gateway")
        post.submit((FINE, "once"), (FINE, "another"))
        sender.wake()
        post.wait_for(another=Told("delivered"), once=Told("unknown", "interrupted"))
        for token, number in [each for each in post.real.reports.came if each[0] == outgoing.token]:
            post.outbox.report(token, read_report(str(number)))  # type: ignore[arg-type]  # as a repeated report would
        post.wait_for(once=Told("delivered"))
    assert post.real.operator.texts == ["once", "another"]


def test_the_centre_takes_it_and_says_nothing(post: Post) -> None:
    post.real.operator.centre.held = True
    post.submit((FINE, "silence"))
    with post.sending():
        post.wait_for(silence=Told("sent"))
        until(lambda: post.real.operator.texts == ["silence"], "the message at the centre")
    assert post.outbox.states(["silence"]) == {"silence": Told("sent")}


def test_a_whole_batch_goes_out_once(post: Post) -> None:
    wanted = [f"message {n}" for n in range(60)]
    numbers = [f"+9733600{n:04}" for n in range(1210, 1270)]
    post.submit(*zip(numbers, wanted, strict=True))
    with post.sending():
        post.wait_for(**{text: Told("delivered") for text in wanted})
    assert sorted(post.real.operator.texts) == sorted(wanted)
