"""The gateways under one contract: what each answer says of a message. Kannel and gammu are the real ones."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from sms.gateways.kannel import KannelAddress, KannelGateway, read_report
from sms.gateways.modem import ModemGateway
from sms.life import Answer, Report
from sms.message import Kind, Message
from sms.outbox import Outgoing
from sms.sender import Gateway
from tests.sms.at_modem import AtModem, Mood
from tests.sms.fakes import FakeGateway
from tests.sms.kannel import Set, kannel
from tests.waiting import until

FINE, REFUSED, THROTTLED, UNDELIVERABLE, UNREPORTED = (f"+973360012{end}" for end in ("34", "01", "02", "03", "04"))
ARABIC = "حان دورك A047. يرجى التوجه إلى الشباك 3."
ENGLISH = 'Your number is A047: licence [new] ~ 5€ @ "counter" 3_'


def outgoing(to: str = FINE, text: str = ARABIC, token: str = "token-1", valid_s: float = 300.0) -> Outgoing:
    return Outgoing(Message(f"kiosk-1.1.1:{token}", to, "ar", Kind.CALLED, text), token, valid_s)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Set]:
    with kannel(tmp_path_factory.mktemp("kannel")) as found:
        yield found


@contextmanager
def _server(status: int | None) -> Iterator[str]:
    """Answer every request with a status; None: cut the line when it has come."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if status is not None:
                self.send_response(status)
                self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=served.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{served.server_address[1]}/cgi-bin/sendsms"
    finally:
        served.shutdown()
        thread.join(5)
        served.server_close()


def _at(url: str) -> KannelGateway:
    return KannelGateway(KannelAddress(url, "dawr", "x", "Dawr", "http://127.0.0.1:9/r"), timeout_s=0.5)


class TestContract:
    """What the outbox believes of any gateway; the fake of the other tests is held to it beside the real ones."""

    def test_the_fake(self) -> None:
        self._holds(FakeGateway())
        down = FakeGateway()
        down.up = False
        assert (down.look(), down.send(outgoing())) == (False, Answer.DOWN)

    def test_kannel(self, real: Set) -> None:
        self._holds(KannelGateway(real.address))
        assert _at("http://127.0.0.1:9/").look() is False
        assert _at("http://127.0.0.1:9/").send(outgoing()) is Answer.DOWN

    def test_a_modem(self) -> None:
        with AtModem() as modem:
            self._holds(ModemGateway(modem.device))
        gone = ModemGateway("/dev/ttyNONE")
        assert (gone.look(), gone.send(outgoing())) == (False, Answer.DOWN)
        gone.close()

    @staticmethod
    def _holds(gateway: Gateway) -> None:
        assert gateway.lines >= 1 and gateway.look_every_s > 0
        assert gateway.look() is True
        assert gateway.send(outgoing()) is Answer.TAKEN
        gateway.close()


class TestKannel:
    @pytest.mark.parametrize(("text", "coding"), [(ARABIC, 8), (ENGLISH, 0)])
    def test_the_phone_gets_what_was_written(self, real: Set, text: str, coding: int) -> None:
        KannelGateway(real.address).send(outgoing(text=text, token=f"text-{coding}"))
        until(lambda: text in real.operator.texts, "the message at the centre")
        found = next(sms for sms in real.operator.centre.messages if sms.text == text)
        assert (found.number, found.sender, found.coding, found.is_part) == (
            FINE.removeprefix("+"),
            "Dawr",
            coding,
            False,
        )

    @pytest.mark.parametrize(
        ("number", "reports"),
        [
            (FINE, [Report.ACCEPTED, Report.DELIVERED]),
            (REFUSED, [Report.REFUSED]),
            (THROTTLED, [Report.ACCEPTED, Report.DELIVERED]),
            (UNDELIVERABLE, [Report.ACCEPTED, Report.UNDELIVERABLE]),
            (UNREPORTED, [Report.ACCEPTED]),
        ],
    )
    def test_what_the_operator_makes_of_it_is_reported(self, real: Set, number: str, reports: list[Report]) -> None:
        token = f"reported-{number[-2:]}"
        assert KannelGateway(real.address).send(outgoing(number, token, token)) is Answer.TAKEN
        until(lambda: len(real.reports.of(token)) >= len(reports), f"{reports}", 30)
        # Kannel brings each by a connection of its own, and the second may be quicker than the first.
        assert sorted(real.reports.of(token)) == sorted(reports)
        assert real.operator.texts.count(token) == (number != REFUSED)

    def test_a_report_that_nobody_could_take_is_brought_again_and_no_other(self, real: Set) -> None:
        real.reports.away = True
        KannelGateway(real.address).send(outgoing(token="away"))
        until(lambda: len(real.reports.refused) >= 2, "the reports that were not taken")
        real.reports.away = False
        until(lambda: len(real.reports.of("away")) == 2, "the reports again")
        assert sorted(real.reports.of("away")) == [Report.DELIVERED, Report.ACCEPTED]
        # One more goes through after them; what was taken with 200 did not come again meanwhile.
        KannelGateway(real.address).send(outgoing(THROTTLED, "later", "later"))
        until(lambda: len(real.reports.of("later")) == 2, "the later reports", 30)
        assert len(real.reports.of("away")) == 2

    def test_a_wrong_password_is_the_installers_mistake(self, real: Set) -> None:
        gateway = KannelGateway(replace(real.address, password="wrong"))  # wrong on purpose
        assert (gateway.look(), gateway.send(outgoing())) == (False, Answer.DOWN)

    def test_neither_box_writes_numbers_or_texts(self, real: Set) -> None:
        gateway = KannelGateway(real.address)
        for number in (FINE, REFUSED):
            gateway.send(outgoing(number, "one-time secret", f"logged-{number[-2:]}"))
            until(lambda number=number: real.reports.of(f"logged-{number[-2:]}"), "its report")
        for box in ("bearerbox", "smsbox"):
            told = real.house[box].output()
            assert "36001" not in told and "secret" not in told, told


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (202, Answer.TAKEN),
        (503, Answer.LATER),
        (400, Answer.REFUSED),
        (403, Answer.DOWN),
        (500, Answer.UNSURE),
        (None, Answer.UNSURE),
    ],
)
def test_each_answer_of_kannels(status: int | None, answer: Answer) -> None:
    with _server(status) as url:
        assert _at(url).send(outgoing()) is answer


def test_a_kannel_that_takes_the_request_and_says_nothing_leaves_it_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        gateway = _at(f"http://127.0.0.1:{silent.getsockname()[1]}/cgi-bin/sendsms")
        assert gateway.send(outgoing()) is Answer.UNSURE
        assert gateway.look() is False


def test_reports_as_kannel_writes_them() -> None:
    assert [read_report(number) for number in ("1", "2", "4", "8", "16")] == list(Report)
    assert [read_report(number) for number in ("", "%d", "32", "-1")] == [None] * 4


class TestModem:
    @pytest.mark.parametrize("text", [ARABIC, pytest.param(ENGLISH.replace('"', "'"), marks=pytest.mark.long)])
    def test_the_phone_gets_what_was_written(self, text: str) -> None:
        with AtModem() as modem:
            gateway = ModemGateway(modem.device)
            assert gateway.send(outgoing(text=text)) is Answer.TAKEN
            gateway.close()
        assert [(sent.number, sent.text) for sent in modem.sent] == [(FINE, text)]

    @pytest.mark.parametrize(
        ("mood", "answer"),
        [("refuses", Answer.REFUSED), pytest.param("no network", Answer.LATER, marks=pytest.mark.long)],
    )
    def test_what_the_network_refuses_is_not_out(self, mood: Mood, answer: Answer) -> None:
        with AtModem(mood) as modem:
            gateway = ModemGateway(modem.device)
            assert gateway.send(outgoing()) is answer
            gateway.close()

    @pytest.mark.long
    def test_without_a_network_it_is_not_ready(self) -> None:
        with AtModem("no network") as modem:
            gateway = ModemGateway(modem.device)
            assert gateway.look() is False
            gateway.close()

    def test_one_that_falls_silent_while_it_sends_leaves_it_open(self) -> None:
        with AtModem("hangs on sending") as modem:
            gateway = ModemGateway(modem.device, deadline_s=6.0)
            assert gateway.send(outgoing()) is Answer.UNSURE
            gateway.close()
        assert len(modem.sent) == 1

    @pytest.mark.long
    def test_a_silent_one_is_given_up_before_anything_went_out(self) -> None:
        with AtModem("silent") as modem:
            gateway = ModemGateway(modem.device)
            assert gateway.send(outgoing()) is Answer.DOWN
            gateway.close()
        assert modem.sent == []

    def test_a_machine_without_gammu(self, tmp_path: Path) -> None:
        gateway = ModemGateway("/dev/ttyNONE", gammu=str(tmp_path / "gammu"))
        assert (gateway.look(), gateway.send(outgoing())) == (False, Answer.DOWN)
        gateway.close()
