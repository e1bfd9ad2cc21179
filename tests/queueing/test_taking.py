"""May a ticket be taken: closed centre, closed or full service, and the booked customer who has a place."""

from datetime import timedelta

import pytest

from queueing.centre import Centre
from queueing.taking import NoTicket, ServiceNews, centre_is_closed, is_full, no_ticket_for
from tests.queueing.hall import NINE


def test_open_service(centre: Centre) -> None:
    assert no_ticket_for(centre, "renew", {}, NINE) is None  # nothing was heard from the hub yet


@pytest.mark.parametrize(
    ("news", "expected"),
    [
        (ServiceNews(closed=True), NoTicket.SERVICE_CLOSED),
        (ServiceNews(taken_today=2), None),
        (ServiceNews(taken_today=3), NoTicket.SERVICE_FULL),
    ],
)
def test_by_the_hubs_news(centre: Centre, news: ServiceNews, expected: NoTicket | None) -> None:
    assert no_ticket_for(centre, "renew", {"renew": news}, NINE) == expected
    assert no_ticket_for(centre, "renew", {"renew": news}, NINE, booked=True) is None


def test_closed_centre_and_unknown_service(centre: Centre) -> None:
    night = NINE - timedelta(hours=6)
    assert no_ticket_for(centre, "renew", {}, night) == NoTicket.CENTRE_CLOSED
    assert no_ticket_for(centre, "renew", {}, night, booked=True) == NoTicket.CENTRE_CLOSED
    assert no_ticket_for(centre, "nothing", {}, NINE) == NoTicket.SERVICE_UNKNOWN
    closed = centre_is_closed(centre, night)
    assert closed is not None and closed.next_opens_at == NINE - timedelta(hours=2)


def test_no_limit_is_never_full(centre: Centre) -> None:
    service = centre.service("test")
    assert service is not None and not is_full(service, 10_000)
