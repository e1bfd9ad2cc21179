"""Phones come from kiosks, each for its own tickets; they are in a side table alone, and leave it without a trace."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub import contacts
from tests.hub.house import House, Web

PHONE = "+97336001234"


def _give(web: Web, device: str = "kiosk-1", **changes: Any) -> Any:
    said = {"ticket": "kiosk-1.1.1", "phone": PHONE, "lang": "ar"} | changes
    return web.device(device, "POST", "/v1/contacts", said)


def _kept(house: House) -> list[contacts.Contact]:
    return house.hub.arbiter.writer.submit(lambda tx: contacts.all_of(tx.connection)).result()


def test_a_phone_is_kept_once(web: Web) -> None:
    assert _give(web).status_code == 204
    assert _give(web).status_code == 204
    assert _give(web, phone="+97339999999").status_code == 204  # messages may be on their way to the first
    assert _kept(web.house) == [contacts.Contact("kiosk-1.1.1", PHONE, "ar")]


def test_staff_are_told_once_of_a_phone_that_gets_no_message(web: Web) -> None:
    arbiter = web.house.hub.arbiter
    (event,) = web.house.kiosk.tickets(1, web.house.clock.now())
    arbiter.writer.submit(lambda tx: arbiter.store(tx, [event])).result()
    for _ in range(2):
        assert _give(web, ticket=event.id, phone="+97317001234").status_code == 422
    settled = arbiter.writer.submit(lambda tx: tx.log.read_stream(tx.log.stream, 0)).result()
    told = [each for each in settled if each.type == "MessageSettled"]
    assert [each.body["outcome"] for each in told] == ["failed"]
    assert "17001234" not in str([each.body for each in settled])
    ticket = arbiter.writer.submit(lambda tx: arbiter.hall.state.tickets[event.id]).result()
    assert dict(ticket.messages) == {"eticket": "failed"}


@pytest.mark.parametrize(
    ("device", "changes", "status", "code"),
    [
        ("display-1", {}, 403, "FORBIDDEN"),
        ("kiosk-1", {"ticket": "kiosk-2.1.1"}, 403, "NOT_YOURS"),
        ("kiosk-1", {"phone": "+97317001234"}, 422, "WRONG_NUMBER"),
        ("kiosk-1", {"phone": "+971501234567"}, 422, "WRONG_NUMBER"),
        ("kiosk-1", {"phone": "36001234"}, 422, "INVALID"),
        ("kiosk-1", {"lang": "<b>"}, 422, "INVALID"),
    ],
)
def test_what_is_refused(web: Web, device: str, changes: dict[str, Any], status: int, code: str) -> None:
    answer = _give(web, device, **changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not any(str(value) in answer.text for value in changes.values())
    assert _kept(web.house) == []


def test_a_phone_leaves_the_files_without_a_trace(tmp_path: Path) -> None:
    house = House(tmp_path)
    with house.running():
        writer = house.hub.arbiter.writer
        start = house.clock.now()
        for n in range(3):
            at = start - timedelta(hours=23 * n)
            contact = contacts.Contact(f"kiosk-1.1.{n}", f"+9733600123{n}", "ar")
            writer.submit(lambda tx, contact=contact, at=at: contacts.keep(tx, contact, at)).result()
        writer.submit(lambda tx: contacts.purge(tx, start)).result()
        assert [each.ticket for each in _kept(house)] == ["kiosk-1.1.1", "kiosk-1.1.0"]  # the third is a day old
        writer.submit(lambda tx: contacts.erase(tx, ["kiosk-1.1.0", "kiosk-1.1.1"])).result()
        assert _kept(house) == []
        for path in tmp_path.glob("hub.db*"):
            assert b"+9733600123" not in path.read_bytes()


def test_kiosks_are_told_whether_a_message_can_arrive(house: House) -> None:
    assert house.view("kiosk")["sms"] is False
    house.hub.publisher.tell_sms(True)
    assert house.view("kiosk")["sms"] is True
    assert "sms" not in house.view("board")
