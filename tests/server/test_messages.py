"""The server's messages: a hub hands them over once or often, each centre has its own, reports come by their token."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from server.messages import Messages, SmsConfig
from sms.life import Answer
from sms.outbox import Limits
from tests.server.site import Client, Site
from tests.sms.fakes import FakeGateway
from tests.waiting import until

PHONE = "+97336001234"
# Never asked: the gateway is a fake. Port 9 refuses.
CONFIG = SmsConfig("http://127.0.0.1:9/send", "dawr", "secret", "http://127.0.0.1:9", limits=Limits(ten_minutes=3))


@dataclass
class Post:
    client: Client
    gateway: FakeGateway

    def send(self, *messages: dict[str, Any], device: str = "hub-1") -> requests.Response:
        return self.client.send(device, "POST", "/v1/messages", {"messages": list(messages)})

    def states(self, *ids: str, device: str = "hub-1") -> dict[str, Any]:
        answer: dict[str, Any] = self.client.send(device, "GET", f"/v1/messages?ids={','.join(ids)}").json()
        return answer

    def report(self, token: str, number: int) -> int:
        query = {"report": str(number), "foreign": "00000001"}
        return requests.get(f"{self.client.url}/v1/reports/{token}", params=query, timeout=10).status_code


@pytest.fixture
def post(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    gateway = FakeGateway()
    monkeypatch.setattr("server.messages.KannelGateway", lambda address: gateway)
    with site.served(sms=CONFIG) as client:
        until(lambda: client.send("hub-1", "GET", "/v1/messages").json()["gateway"], "the gateway")
        yield Post(client, gateway)


def message(n: int = 1, kind: str = "eticket", **changes: Any) -> dict[str, Any]:
    return {"id": f"kiosk-1.1.{n}:{kind}", "to": PHONE, "lang": "ar", "kind": kind, "text": f"A00{n}"} | changes


def test_a_message_from_the_hub_to_the_phone(post: Post) -> None:
    answer = post.send(message())
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.json() == {"states": {"kiosk-1.1.1:eticket": "accepted"}, "why": {}, "gateway": True}
    (outgoing,) = post.gateway.wait_for(1)
    assert (outgoing.message.to, outgoing.message.text) == (PHONE, "A001")
    until(lambda: post.states("kiosk-1.1.1:eticket")["states"] == {"kiosk-1.1.1:eticket": "sent"}, "sent")
    assert post.report(outgoing.token, 8) == 200
    assert post.report(outgoing.token, 1) == 200
    assert post.states("kiosk-1.1.1:eticket", "kiosk-1.1.9:near")["states"] == {"kiosk-1.1.1:eticket": "delivered"}


def test_handed_over_again_it_is_not_sent_again(post: Post) -> None:
    for _ in range(3):
        assert post.send(message(), message(text="another")).status_code == 200
    post.send(message(2))
    assert [outgoing.message.text for outgoing in post.gateway.wait_for(2)] == ["A001", "A002"]


def test_a_restart_of_the_server_sends_nothing_twice(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = FakeGateway()
    monkeypatch.setattr("server.messages.KannelGateway", lambda address: gateway)
    for _ in range(2):
        with site.served(sms=CONFIG) as client:
            Post(client, gateway).send(message())
            gateway.wait_for(1)
        site.clock.pass_time(2)
    assert len(gateway.sent) == 1


def test_reports_of_failure_and_of_nobody(post: Post) -> None:
    post.send(message(1), message(2))
    first, second = post.gateway.wait_for(2)
    assert {post.report(first.token, 2), post.report(second.token, 16), post.report("guessed", 1)} == {200}
    assert post.report(first.token, 99) == 200
    told = post.states(first.message.id.split("/")[1], second.message.id.split("/")[1])
    assert set(told["states"].values()) == {"failed"}
    assert sorted(told["why"].values()) == ["refused", "undeliverable"]


def test_a_centre_knows_its_own_messages_alone(post: Post) -> None:
    post.send(message())
    assert post.states("kiosk-1.1.1:eticket", device="hub-2")["states"] == {}
    assert post.send(message(text="B001"), device="hub-2").json()["states"] == {"kiosk-1.1.1:eticket": "accepted"}
    assert {outgoing.message.text for outgoing in post.gateway.wait_for(2)} == {"A001", "B001"}


def test_numbers_and_limits(post: Post) -> None:
    answer = post.send(message(1, to="+97317001234"), message(2), message(3), message(4), message(5)).json()
    assert answer["states"]["kiosk-1.1.1:eticket"] == "failed"
    assert answer["states"]["kiosk-1.1.5:eticket"] == "failed"
    assert answer["why"] == {"kiosk-1.1.1:eticket": "wrong_number", "kiosk-1.1.5:eticket": "limit"}
    assert len(post.gateway.wait_for(3)) == 3


@pytest.mark.parametrize(
    "changes",
    [{"id": "a b"}, {"to": "36001234"}, {"kind": "greeting"}, {"text": ""}, {"text": "x" * 481}, {"valid_s": 0}],
)
def test_what_is_no_message(post: Post, changes: dict[str, Any]) -> None:
    answer = post.send(message() | changes)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID")
    assert PHONE not in answer.text


def test_with_the_gateway_down_they_wait_and_hubs_are_told(post: Post) -> None:
    post.gateway.up = False
    post.send(message())
    until(lambda: not post.states()["gateway"], "the gateway's end")
    assert post.states("kiosk-1.1.1:eticket")["states"] == {"kiosk-1.1.1:eticket": "accepted"}
    post.gateway.up = True
    post.gateway.wait_for(1)


def test_a_gateway_that_does_not_answer_leaves_it_unknown(post: Post) -> None:
    post.gateway.answers[PHONE] = Answer.UNSURE
    post.send(message())
    (outgoing,) = post.gateway.wait_for(1)
    until(lambda: post.states("kiosk-1.1.1:eticket")["states"]["kiosk-1.1.1:eticket"] == "unknown", "unknown")
    assert post.states("kiosk-1.1.1:eticket")["why"] == {"kiosk-1.1.1:eticket": "no_answer"}
    post.report(outgoing.token, 1)
    assert post.states("kiosk-1.1.1:eticket")["states"] == {"kiosk-1.1.1:eticket": "delivered"}


def test_a_server_without_a_gateway_takes_none_and_says_so(site: Site) -> None:
    with site.served() as client:
        answer = Post(client, FakeGateway()).send(message())
        assert (answer.status_code, answer.json()["code"]) == (503, "NO_GATEWAY")
        assert client.send("hub-1", "GET", "/v1/messages").json() == {"states": {}, "why": {}, "gateway": False}


def test_what_is_the_servers_own_to_say_is_taken_from_no_hub(post: Post) -> None:
    for kind in ("one_time_code", "booking_confirmed", "complaint_answered", "x"):
        assert post.send(message(kind=kind)).status_code == 422
    assert post.gateway.sent == []


def test_no_phone_and_no_text_is_logged(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    for ours in ("sms", "server", "sync"):
        caplog.set_level(logging.DEBUG, ours)
    post.send(message(text="one-time secret", kind="called"), message(2, to="+97317001234"))
    (outgoing,) = post.gateway.wait_for(1)
    post.report(outgoing.token, 2)
    post.send(message(3), {"id": "x", "to": PHONE})
    assert "report=undeliverable" in caplog.text
    assert "36001234" not in caplog.text and "17001234" not in caplog.text and "secret" not in caplog.text


def test_the_outbox_is_for_its_owner_s_eyes(tmp_path: Path, site: Site) -> None:
    messages = Messages(tmp_path, CONFIG, site.clock, FakeGateway())
    messages.close()
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.glob("outbox.sqlite*"))


@pytest.mark.parametrize("wrong", [{"url": "127.0.0.1"}, {"countries": ()}, {"countries": ("+973",)}])
def test_a_wrong_configuration_is_refused(wrong: dict[str, Any]) -> None:
    right: dict[str, Any] = {"url": "http://k", "user": "u", "password": "p", "reports_url": "http://s"}
    SmsConfig(**right)
    with pytest.raises(ValueError, match=r"url|countries"):
        SmsConfig(**right | wrong)
