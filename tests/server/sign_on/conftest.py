"""A server with the national sign-on, its provider in a process of its own, one of each for a module."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from assets.paths import DEMO
from server.service import Service
from server.sign_on.customers import BACK
from server.sign_on.staff import BACK as STAFF_BACK
from tests.server.pages.ministry import CONFIG, lean
from tests.server.sign_on.nation import CPR, Citizen, Nation, free_port, nation
from tests.server.site import Site
from tests.sync.fakes import FakeClock
from tests.sync.node import serving


class RunningClock(FakeClock):
    """This machine's clock, as the provider's is, and what was added to it: tokens must not come from the future."""

    def __init__(self) -> None:
        super().__init__()
        self._added = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._added

    def monotonic(self) -> float:
        return time.monotonic() + self._added.total_seconds()

    def pass_time(self, seconds: float) -> None:
        self._added += timedelta(seconds=seconds)


class House:
    """The running server and its provider."""

    def __init__(self, url: str, site: Site, service: Service, provider: Nation) -> None:
        self.url = url
        self.site = site
        self.service = service
        self.provider = provider

    def citizen(self, language: str = "en") -> Citizen:
        return Citizen(self.url, language)


def house_of(site: Site, *, has_codes: bool) -> Iterator[House]:
    site.clock = RunningClock()
    site.overlay["appointments"] = []
    site.demo.write_text(lean(site.demo, {}), encoding="utf-8")
    people = site.folder / "people.json"
    known = {"cpr": CPR["ahmed"], "name": {"en": "Ahmed on record"}, "born": "1985-03-14", "phone": "+97336000001"}
    people.write_text(json.dumps({"customers": [known]}), encoding="utf-8")
    port = free_port()
    with nation((BACK, STAFF_BACK), port) as provider:
        config = site.config(
            sign_on=provider.config(),
            staff_sign_on=provider.staff_config(),
            sms=CONFIG if has_codes else None,
            people=(people,),
            everywhere=DEMO / "everywhere.json",
        )
        with Service(config, site.clock) as service, serving(service.app, port) as url:
            yield House(url, site, service, provider)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Serve somebody who can be sent codes, too."""
    yield from house_of(Site(tmp_path_factory.mktemp("site")), has_codes=True)
