"""A real server and a centre's real hub, which can be away for a while: what a customer outside the hall gets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from hub.build import Hub
from hub.config import HubConfig
from hub.settings import DaysAppointments, Settings
from queueing.commands import Command, OpenCounter
from queueing.decide import decide
from queueing.facts import TicketTaken
from queueing.following import follow_id
from sync.log import Transaction
from tests.follow.hall import RunningClock
from tests.hub.house import DAY, Kiosk
from tests.server.site import Client, Site
from tests.sync.fakes import BOOT
from tests.waiting import until

SERVICE = "licence-renewal"


class Outside:
    """The server as customers reach it; `centre()` is the hub while its line is up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "server").mkdir()
        self.site = Site(folder / "server")
        self.clock = RunningClock()
        self.site.clock = self.clock  # type: ignore[assignment]  # any clock will do
        self.kiosk = Kiosk()
        self.client: Client
        self.hub: Hub

    @contextmanager
    def server(self) -> Iterator[Outside]:
        with self.site.served() as client:
            self.client = client
            try:
                yield self
            finally:
                client.service.followed.end_streams()

    @contextmanager
    def centre(self) -> Iterator[Outside]:
        """Let the hub work; on another entry it comes back with what it has kept."""
        config = HubConfig("hub-1", self.folder / "hub", port=0, server_url=self.client.url)
        config.data.mkdir(exist_ok=True)
        settings = Settings.from_json(self.client.send("hub-1", "GET", "/v1/settings").json())
        self.hub = Hub(config, self.clock, BOOT, settings, DaysAppointments(), self.site.keys["hub-1"])
        self.hub.start()
        try:
            yield self
        finally:
            self.hub.close()

    def take(self, how_many: int = 1) -> list[str]:
        """Let tickets be taken at the centre's kiosk; return their follow ids."""
        first = len(self.kiosk.log) + 1
        facts = [TicketTaken(f"A{n:03}", SERVICE, DAY, "ar") for n in range(first, first + how_many)]
        events = [self.kiosk.write(fact, self.clock.now()) for fact in facts]
        arbiter = self.hub.arbiter
        arbiter.writer.submit(lambda tx: arbiter.store(tx, events)).result()
        return [follow_id(event) for event in events]

    def do(self, command: Command) -> None:
        """Let the hub decide something."""
        arbiter = self.hub.arbiter

        def job(tx: Transaction) -> None:
            arbiter.note(tx, decide(arbiter.hall.state, command, arbiter.settings.centre, self.clock.now()))

        arbiter.writer.submit(job).result()

    def open(self) -> None:
        self.do(OpenCounter("1", "open-1", "amal", (SERVICE,)))

    def page(self, identity: str) -> requests.Response:
        return requests.get(f"{self.client.url}/t/{identity}?lang=en", timeout=10)

    @contextmanager
    def live(self, identity: str) -> Iterator[Iterator[str]]:
        """Follow a turn live; gives each piece of its news."""
        with requests.get(f"{self.client.url}/t/{identity}/live?lang=en", timeout=10, stream=True) as answer:
            yield (line for line in answer.iter_lines(1, decode_unicode=True) if line.startswith("data: {"))

    def told(self, identity: str, what: str) -> str:
        """Return the page once it says something."""

        def look() -> str:
            html = self.page(identity).text
            return html if what in html else ""

        found: str = until(look, what)
        return found

    def wish(self, identity: str, what: str) -> requests.Response:
        return requests.post(
            f"{self.client.url}/t/{identity}/wish?lang=en", data={"what": what}, timeout=10, allow_redirects=False
        )
