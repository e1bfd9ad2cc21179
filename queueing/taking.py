"""May a customer take a ticket? The kiosk's own judgement, from what it knows of the centre and of its services.

It needs no network: what the hub last told is enough, and without any word from it the centre's own hours are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from queueing.centre import Centre, Service
from queueing.hours import Closed, opening


class NoTicket(StrEnum):
    """Why no ticket can be taken. Each has a kind sentence and a next step in the kiosk's texts."""

    CENTRE_CLOSED = "centre_closed"
    SERVICE_CLOSED = "service_closed"
    SERVICE_FULL = "service_full"
    SERVICE_UNKNOWN = "service_unknown"


@dataclass(frozen=True, slots=True)
class ServiceNews:
    """What the hub last told of a service; `taken_today` is None while nothing was heard."""

    closed: bool = False
    taken_today: int | None = None


def centre_is_closed(centre: Centre, now: datetime) -> Closed | None:
    """Return why and until when the centre gives no tickets, or None when it does."""
    hours = opening(centre, now)
    return hours if isinstance(hours, Closed) else None


def no_ticket_for(
    centre: Centre, service_id: str, news: Mapping[str, ServiceNews], now: datetime, *, booked: bool = False
) -> NoTicket | None:
    """Return why no ticket for a service can be taken now, or None when one can.

    A booked customer has a place already: neither a full nor a closed service turns one away.
    """
    service = centre.service(service_id)
    if service is None:
        return NoTicket.SERVICE_UNKNOWN
    if centre_is_closed(centre, now) is not None:
        return NoTicket.CENTRE_CLOSED
    heard = news.get(service_id, ServiceNews())
    if booked:
        return None
    if heard.closed:
        return NoTicket.SERVICE_CLOSED
    if is_full(service, heard.taken_today):
        return NoTicket.SERVICE_FULL
    return None


def is_full(service: Service, taken_today: int | None) -> bool:
    """Say whether a service's tickets of the day are all taken."""
    return service.daily_limit is not None and taken_today is not None and taken_today >= service.daily_limit
