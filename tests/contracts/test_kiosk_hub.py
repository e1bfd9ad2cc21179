"""What the kiosk reads of the hub, at the real hub: settings, look-ups, tickets by their QR, phones, its view."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.contacts import Contact
from kiosk.known import Board
from kiosk.registry import answer_of, followed_of
from kiosk.settings import Settings
from queueing.following import follow_id
from sync.line import PeerLine, PeerUnavailable
from tests.hub.house import CUSTOMER, House, Web
from tests.kiosk.conftest import NOW
from tests.kiosk.fake_hub import BOOKING_KEY, FakeHub


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with House(tmp_path).serving() as web:
        yield web


@pytest.fixture
def line(web: Web) -> Iterator[PeerLine]:
    line = PeerLine(web.url, web.house.signers["kiosk-1"])
    yield line
    line.close()


def test_the_settings_are_read(line: PeerLine) -> None:
    settings = Settings.from_json(line.get("/v1/settings"))
    assert settings.centre.phones[0].country == "973" and settings.booking_key == b""


def test_what_the_fake_says_in_tests_the_real_one_says_too(web: Web, line: PeerLine) -> None:
    fake = FakeHub({})
    fake.close()
    assert set(fake.settings) <= set(_object(line.get("/v1/settings")))
    assert len(BOOKING_KEY.public_key().public_bytes_raw()) == 32


def test_a_customer_and_a_booking_are_read(line: PeerLine) -> None:
    answer = answer_of(line.post("/v1/lookup", {"customer": CUSTOMER, "appointment": "a-7"}), CUSTOMER)
    assert (answer.result, answer.booking) == ("none", "unknown")


def test_a_ticket_is_read_by_its_id(web: Web, line: PeerLine) -> None:
    (event,) = web.house.kiosk.tickets(1, web.house.clock.now())
    web.house.hub.arbiter.writer.submit(lambda tx: web.house.hub.arbiter.store(tx, [event])).result()
    found = followed_of(line.post("/v1/followed", {"follow": follow_id(event)}), 1)
    assert found.ticket is not None
    assert (found.ticket.ticket, found.ticket.number, found.ticket.again) == (event.id, "A0001", True)
    assert found.ticket.service == event.body["service"] and found.lang == event.body["lang"]
    assert followed_of(line.post("/v1/followed", {"follow": "A" * 16}), 2).ticket is None


def test_a_phone_is_taken_and_a_wrong_one_refused_for_good(line: PeerLine) -> None:
    good = Contact("kiosk-1.1.1", "+97336001234", "ar", NOW)
    for _ in range(2):
        line.post("/v1/contacts", good.to_json())
    with pytest.raises(PeerUnavailable) as refused:
        line.post("/v1/contacts", Contact("kiosk-1.1.2", "+97317123456", "ar", NOW).to_json())
    assert refused.value.status == 422


def test_the_view_says_whether_a_message_can_arrive(web: Web) -> None:
    state = web.device("kiosk-1", "GET", "/v1/snapshot?view=kiosk").json()["state"]
    assert isinstance(state["sms"], bool)
    assert Board.from_json(state | {"sms": True}, NOW).sms


def _object(content: object) -> dict[str, Any]:
    assert isinstance(content, dict)
    return content
