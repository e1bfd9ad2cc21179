"""From a kiosk's phone to the customer's: the real hub, the real server and, where it is installed, the real Kannel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests

from assets.texts import compile_all
from hub import contacts
from hub.build import Hub
from hub.config import HubConfig
from hub.contacts import Contact
from hub.settings import DaysAppointments, SettingsStore
from hub.upstream import fetch_settings
from queueing.following import follow_id
from server.messages import SmsConfig
from sync.identity import Signer
from sync.line import PeerLine
from tests.hub.house import Kiosk
from tests.server.site import Client, Site
from tests.sms.kannel import Set, kannel
from tests.sync.fakes import BOOT
from tests.waiting import until

PHONE, REFUSED = "+97336001234", "+97336001201"


@contextmanager
def _hub(client: Client, data: Path) -> Iterator[Hub]:
    data.mkdir(exist_ok=True)
    site, key = client.site, client.site.keys["hub-1"]
    line = PeerLine(client.url, Signer(key, "hub-1", 1, site.clock))
    settings = fetch_settings(line, SettingsStore(data))
    line.close()
    hub = Hub(
        HubConfig("hub-1", data, port=0, server_url=client.url), site.clock, BOOT, settings, DaysAppointments(), key
    )
    hub.start()
    try:
        yield hub
    finally:
        hub.close()


class Trip:
    """All of the way. `take` gives a customer with a phone a ticket."""

    def __init__(self, folder: Path, open_: ExitStack) -> None:
        compile_all()
        self.real: Set = open_.enter_context(kannel(folder))
        address = self.real.address
        config = SmsConfig(
            address.url, address.user, address.password, self.real.reports.url.rpartition("/v1")[0],
            status_url=address.status_url,
        )  # fmt: skip
        (folder / "server").mkdir()
        self.client = open_.enter_context(Site(folder / "server").served(sms=config))
        self.real.reports.on_report = self._pass_on
        self.hub = open_.enter_context(_hub(self.client, folder / "hub"))
        self.kiosk = Kiosk("kiosk-1")

    def _pass_on(self, token: str, number: int) -> None:
        requests.get(f"{self.client.url}/v1/reports/{token}?report={number}", timeout=10)

    def take(self, phone: str, lang: str = "ar") -> str:
        arbiter, now = self.hub.arbiter, self.client.site.clock.now()
        service = arbiter.settings.centre.services[0].id
        events = self.kiosk.tickets(1, now, service=service, day=arbiter.day, delivery="sms")
        arbiter.writer.submit(lambda tx: arbiter.store(tx, events)).result()
        contact = Contact(events[0].id, phone, lang)
        arbiter.writer.submit(lambda tx: contacts.keep(tx, contact, now)).result()
        return events[0].id

    def settled(self, ticket: str) -> dict[str, str]:
        return dict(self.hub.arbiter._hall.state.tickets[ticket].messages)

    def until(self, ticket: str, ends: dict[str, str]) -> None:
        def look() -> bool:
            self.client.site.clock.pass_time(3)  # the hub asks how messages stand at its own pace
            return self.settled(ticket) == ends

        until(look, f"{ends} of {ticket}", 30)


@pytest.fixture
def trip(tmp_path: Path) -> Iterator[Trip]:
    with ExitStack() as open_:
        yield Trip(tmp_path, open_)


def test_an_e_ticket_arrives_and_its_end_is_a_fact(trip: Trip) -> None:
    until(lambda: trip.hub.messenger._can_arrive(), "the gateway, as kiosks are told")
    ticket = trip.take(PHONE)
    trip.until(ticket, {"eticket": "delivered"})
    (sms,) = trip.real.operator.centre.messages
    assert (sms.number, sms.sender, sms.is_part) == (PHONE.removeprefix("+"), "Dawr", False)
    assert len(sms.text) <= 70
    centre = trip.hub.arbiter.settings.centre
    if centre.follow_url:
        assert sms.text.endswith(f"{centre.follow_url}/t/{follow_id(trip.kiosk.log[-1])}")


def test_a_number_that_the_operator_refuses_fails_and_says_so(trip: Trip) -> None:
    ticket = trip.take(REFUSED, "en")
    trip.until(ticket, {"eticket": "failed"})
    assert trip.real.operator.centre.messages == []
