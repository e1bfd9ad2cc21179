"""Which messages are due: each kind at most once, near only when it is news."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.due import due
from queueing.centre import Centre, Messages
from queueing.ticket import Ticket
from queueing.waits import Wait
from sms.message import Kind
from tests.queueing.hall import DAY, NINE, centre_json

CENTRE = Centre.from_json(centre_json())
TICKET = Ticket("kiosk-1.1.1", "A047", "renew", "renew", DAY, "ar", NINE, "sms")
FAR, NEAR = Wait(9, 1200, 1800), Wait(3, 300, 600)


def _centre(**rule: object) -> Centre:
    return Centre.from_json(centre_json() | {"messages": rule})


def test_the_e_ticket_is_the_first() -> None:
    assert due(TICKET, set(), FAR, CENTRE, NINE) == {Kind.ETICKET: "send"}
    assert due(TICKET, {Kind.ETICKET}, FAR, CENTRE, NINE) == {}


def test_near_is_told_once_and_only_when_it_is_news() -> None:
    assert due(TICKET, {Kind.ETICKET}, NEAR, CENTRE, NINE) == {Kind.NEAR: "send"}
    assert due(TICKET, {Kind.ETICKET, Kind.NEAR}, NEAR, CENTRE, NINE) == {}
    assert due(TICKET, set(), NEAR, CENTRE, NINE) == {Kind.ETICKET: "send", Kind.NEAR: "leave out"}
    assert due(TICKET, {Kind.ETICKET}, None, CENTRE, NINE) == {}


def test_who_stepped_out_is_not_near() -> None:
    away = TICKET._replace(away_until=NINE + timedelta(minutes=5))
    assert due(away, {Kind.ETICKET}, NEAR, CENTRE, NINE) == {}
    assert due(away, {Kind.ETICKET}, NEAR, CENTRE, NINE + timedelta(minutes=5)) == {Kind.NEAR: "send"}


@pytest.mark.parametrize(
    ("rule", "wait", "near"),
    [
        ({"near_people": 3}, Wait(4, 60, 90), False),
        ({"near_people": None, "near_minutes": 5}, Wait(9, 300, 900), True),
        ({"near_people": None, "near_minutes": 5}, Wait(1, 301, 900), False),
        ({"near_people": None, "near_minutes": 5}, Wait(1, None, None), False),
        ({"near_people": None, "near_minutes": None}, Wait(0, 0, 60), False),
        ({"near_people": 2, "near_minutes": 5}, Wait(9, 200, 900), True),
    ],
)
def test_people_or_minutes_as_the_centre_says(rule: dict[str, object], wait: Wait, near: bool) -> None:
    assert (Kind.NEAR in due(TICKET, {Kind.ETICKET}, wait, _centre(**rule), NINE)) is near


def test_called_is_told_once_and_only_while_it_is_true() -> None:
    called = TICKET._replace(status="called", counter="1", turn=1)
    assert due(called, {Kind.ETICKET}, None, CENTRE, NINE) == {Kind.CALLED: "send"}
    assert due(called._replace(turn=2), {Kind.ETICKET, Kind.CALLED}, None, CENTRE, NINE) == {}
    assert due(called._replace(status="serving"), {Kind.ETICKET}, None, CENTRE, NINE) == {}
    assert due(called, {Kind.ETICKET}, None, _centre(called=False), NINE) == {}
    assert Messages().called


@pytest.mark.parametrize("status", ["finished", "no_show", "cancelled"])
def test_nothing_for_a_ticket_that_is_over(status: str) -> None:
    assert due(TICKET._replace(status=status), set(), NEAR, CENTRE, NINE) == {}  # type: ignore[arg-type]
