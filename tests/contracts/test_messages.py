"""From a kiosk's phone to the customer's: the real hub, the real server, the real Kannel."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from assets.paths import DEMO
from assets.texts import compile_all
from hub import contacts
from hub.contacts import Contact
from queueing.following import follow_id
from server.messages import SmsConfig
from tests.contracts.hub import running_hub
from tests.hub.house import Kiosk
from tests.server.site import Site
from tests.sms.kannel import Set, kannel
from tests.waiting import until

FOLLOWED_AT = "https://dawr.example.bh"
PHONE, REFUSED = "+97336001234", "+97336001201"


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
        site = Site(folder / "server")
        seed, centre = json.loads(site.demo.read_text()), json.loads((DEMO / "centre.json").read_text())
        site.demo.write_text(json.dumps(seed | {"centres": [centre | {"follow_url": FOLLOWED_AT}]}))
        self.client = open_.enter_context(site.served(sms=config))
        self.real.reports.on_report = self._pass_on
        self.hub = open_.enter_context(running_hub(self.client, folder / "hub"))
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
    assert sms.text.endswith(f"{FOLLOWED_AT}/t/{follow_id(trip.kiosk.log[-1])}")


def test_a_number_that_the_operator_refuses_fails_and_says_so(trip: Trip) -> None:
    ticket = trip.take(REFUSED, "en")
    trip.until(ticket, {"eticket": "failed"})
    assert trip.real.operator.centre.messages == []
