"""The real hub at the real server: settings, bookings and look-ups come, every device's log arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.settings import SettingsStore
from hub.upstream import fetch_appointments
from queueing.wire import Stream
from sync.identity import Signer
from sync.line import PeerLine
from tests.contracts.hub import running_hub
from tests.hub.house import Kiosk
from tests.server.site import BOOKED, CENTRE, CHILD, NOBODY, OLDER, WALK_IN, Client, Site
from tests.waiting import until


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    (tmp_path / "server").mkdir()
    with Site(tmp_path / "server").served() as client:
        yield client


def _until(client: Client, expected: dict[Stream, int]) -> None:
    """Wait until the server has the streams as far as expected."""
    writer = client.service.writer

    def all_there() -> bool:
        heads = writer.submit(lambda tx: tx.log.streams()).result()
        return all(heads.get(stream) and heads[stream].seq >= seq for stream, seq in expected.items())

    until(all_there, f"{expected} at the server", 60)


def test_settings_bookings_and_look_ups(client: Client, tmp_path: Path) -> None:
    with running_hub(client, tmp_path / "hub") as hub:
        settings = hub.arbiter.settings
        assert settings.centre.id == CENTRE
        assert settings.devices.keys() == {"hub-1", "kiosk-1", "display-1"}  # the revoked one is not among them

        def result(cpr: str) -> tuple[str, str | None, int]:
            found = asyncio.run(hub._look_up.find(client.customer(cpr)))
            return found.result, found.priority, len(found.appointments)

        assert result(BOOKED)[0] == "appointment"
        assert result(OLDER)[1] == "older"
        assert result(CHILD)[0] == "under_age"
        assert result(WALK_IN)[:2] == ("none", None)
        assert result(NOBODY)[0] == "unknown"


def test_every_log_of_the_centre_reaches_the_server(client: Client, tmp_path: Path) -> None:
    with running_hub(client, tmp_path / "hub") as hub:
        arbiter, day, customer = hub.arbiter, hub.arbiter.day, client.customer(BOOKED)
        line = PeerLine(client.url, Signer(client.site.keys["hub-1"], "hub-1", 1, client.site.clock))
        (booking, *_) = fetch_appointments(line, SettingsStore(tmp_path), day).of(customer)
        line.close()
        # A cut-off kiosk's ticket: its customer spoke of a booking, which the hub finds in its copy of the day.
        kiosk = Kiosk("kiosk-1")
        said = {"day": day, "customer": customer, "says_booked": True}
        events = kiosk.tickets(2, client.site.clock.now(), service=booking.service, **said)
        arbiter.writer.submit(lambda tx: arbiter.store(tx, events)).result()
        _until(client, {Stream("kiosk-1", 1): 2, Stream("hub-1", 1): 2})
        ticket = arbiter._hall.state.tickets[events[0].id]
        assert (ticket.appointment, ticket.slot_at) == (booking.id, booking.slot_at)
    client.service.writer.submit(lambda tx: tx.log.verify()).result()
