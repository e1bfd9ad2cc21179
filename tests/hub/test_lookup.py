"""Look-ups: the hall, the day's bookings, the registry's word, and what is said when it is silent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.lookup import Found, LookUp
from hub.settings import Appointment, DaysAppointments
from sync.identity import DeviceKey, Signer
from sync.line import PeerLine
from tests.hub.house import CUSTOMER, DAY, NINE, House
from tests.hub.server import FakeServer

SLOT = "2026-11-22T06:10:00.000000Z"
REGISTERED: dict[str, Any] = {"id": "apt-1", "service": "renew", "slot_at": SLOT}


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer().running() as server:
        yield server


def _find(
    house: House,
    server: FakeServer | None,
    customer: str = CUSTOMER,
    within_s: float = 1.0,
    appointment: str | None = None,
) -> Found:
    line = None
    if server is not None:
        folder = house.data / "hub-key"
        key = DeviceKey.load(folder) if folder.exists() else DeviceKey.make(folder)
        line = PeerLine(server.url, Signer(key, "hub", 1, house.clock))
    look_up = LookUp(house.hub.arbiter, line, within_s=within_s)
    try:
        return asyncio.run(look_up.find(customer, appointment))
    finally:
        look_up.close()
        if line is not None:
            line.close()


def _book(house: House, *names: str) -> None:
    found = tuple(
        Appointment(name, CUSTOMER, "renew", NINE + timedelta(minutes=10 * n)) for n, name in enumerate(names, 1)
    )
    house.hub.arbiter.take_appointments(DaysAppointments(DAY, found)).result()


def test_a_customer_who_waits_already_is_shown_the_ticket(house: House, server: FakeServer) -> None:
    (ticket,) = house.take(customer=CUSTOMER)
    found = _find(house, server)
    assert found.result == "holds_ticket"
    assert found.ticket is not None
    assert (found.ticket.id, found.ticket.number, found.ticket.service) == (ticket, "A0001", "renew")
    assert server.asked == []
    house.press(1, "open")
    for verb in ("call_next", "start_serving"):
        house.press(1, verb)
        assert _find(house, server).result == "holds_ticket"
    house.press(1, "finish")
    assert _find(house, None).result == "none"


@pytest.mark.parametrize("result", ["unknown", "under_age", "none"])
def test_the_registrys_word_is_passed_on(house: House, server: FakeServer, result: str) -> None:
    server.answers["/v1/lookup"] = (200, {"result": result, "appointments": [], "ticket": None, "priority": None})
    assert _find(house, server) == Found(result=result)  # type: ignore[arg-type]


def test_the_registry_knows_an_older_customer_and_the_newest_booking(house: House, server: FakeServer) -> None:
    _book(house, "apt-cancelled")
    server.answers["/v1/lookup"] = (
        200,
        {"result": "appointment", "appointments": [REGISTERED], "ticket": None, "priority": "older", "more": 1},
    )
    found = _find(house, server)
    assert (found.result, found.priority) == ("appointment", "older")
    assert [each.id for each in found.appointments] == ["apt-1"]


def test_a_booking_that_a_ticket_stands_for_is_not_offered_again(house: House, server: FakeServer) -> None:
    house.take(customer=CUSTOMER, appointment="apt-1", slot_at=NINE + timedelta(minutes=10))
    house.press(1, "open")
    for verb in ("call_next", "start_serving", "finish"):
        house.press(1, verb)
    server.answers["/v1/lookup"] = (200, {"result": "appointment", "appointments": [REGISTERED]})
    assert _find(house, server).result == "none"


def test_a_booking_that_was_shown_is_good_used_gone_or_unknown(house: House, server: FakeServer) -> None:
    server.answers["/v1/lookup"] = (200, {"result": "appointment", "appointments": [REGISTERED]})
    assert _find(house, server, appointment="apt-1").booking == "good"
    assert _find(house, server, appointment="apt-2").booking == "gone"
    assert _find(house, server).booking is None
    assert _find(house, None, appointment="apt-1").booking == "unknown"
    _book(house, "apt-1")
    assert _find(house, None, appointment="apt-1").booking == "good"
    house.take(customer=CUSTOMER, appointment="apt-1", slot_at=NINE + timedelta(minutes=10))
    house.press(1, "open")
    for verb in ("call_next", "start_serving", "finish"):
        house.press(1, verb)
    assert _find(house, None, appointment="apt-1").booking == "used"


def _silent(server: FakeServer) -> None:
    server.hold.clear()


def _failing(server: FakeServer) -> None:
    server.answers["/v1/lookup"] = (503, {"code": "UNAVAILABLE"})


def _strange(server: FakeServer) -> None:
    server.answers["/v1/lookup"] = (200, {"result": "perhaps"})


@pytest.mark.parametrize("way", [_silent, _failing, _strange])
def test_without_the_registry_the_copy_answers(house: House, server: FakeServer, way: Any) -> None:
    way(server)
    assert _find(house, server, within_s=0.2) == Found(result="none")
    _book(house, "apt-1", "apt-2")
    found = _find(house, server, within_s=0.2)
    assert found.result == "appointment"
    assert [(each.id, each.slot_at) for each in found.appointments] == [
        ("apt-1", SLOT),
        ("apt-2", "2026-11-22T06:20:00.000000Z"),
    ]
    assert _find(house, server, "cd" * 16, within_s=0.2) == Found(result="none")


def test_without_a_server_the_copy_answers(house: House) -> None:
    assert _find(house, None) == Found(result="none")
    _book(house, "apt-1")
    assert _find(house, None).result == "appointment"


def test_a_clock_that_differs_is_corrected_once(tmp_path: Path, server: FakeServer) -> None:
    tries: list[str] = []

    def stale_once(path: str, content: Any) -> tuple[int, Any]:
        tries.append(path)
        if len(tries) == 1:
            return 401, {"code": "STALE", "now": "2026-11-22T09:00:00Z"}
        return 200, {"result": "unknown", "appointments": []}

    server.answers["/v1/lookup"] = (200, stale_once)
    with House(tmp_path).running() as house:
        assert _find(house, server).result == "unknown"
    assert len(tries) == 2
