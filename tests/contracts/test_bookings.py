"""A booking made at the server stands at its centre's hub in seconds, and is gone there when it was cancelled."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select

from server.booking.answers import Customer
from server.tables import CustomerRow
from tests.contracts.hub import running_hub
from tests.server.site import CENTRE, Site
from tests.waiting import until

SERVICE = "licence-renewal"
LONG_S = 3600.0


def test_a_booking_of_today_reaches_its_hub_without_waiting_for_the_next_hello(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Neither the next hello nor the next look at the day may be what brings it.
    monkeypatch.setattr("sync.exchange.HELLO_EVERY_S", LONG_S)
    monkeypatch.setattr("hub.upstream.APPOINTMENTS_EVERY_S", LONG_S)
    (tmp_path / "server").mkdir()
    with Site(tmp_path / "server").served() as client, running_hub(client, tmp_path / "hub") as hub:
        booking, store = client.service.booking, client.service.store
        hash_of = store.vault.customer_hash("960000004")
        row = store.call(lambda session: session.exec(select(CustomerRow).where(CustomerRow.lookup == hash_of)).one())
        layla = Customer(row.id, "ar", {}, date(1996, 1, 30))
        until(lambda: hub.arbiter.appointments_day != "", "the hub has its day")
        days = asyncio.run(booking.free(CENTRE, SERVICE))
        made = asyncio.run(booking.book(layla, CENTRE, SERVICE, days[0].slots[-1].at))

        def stands() -> bool:
            return made.id in {each.id for each in hub.arbiter.appointments_of(hash_of)[1].appointments}

        until(stands, "the booking stands at the hub")
        asyncio.run(booking.cancel(layla, CENTRE, made.id))
        until(lambda: not stands(), "it is gone there")
