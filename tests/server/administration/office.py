"""What the tests of the administration share: two ministries with centres, an account of each role, a served site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from sqlmodel import Session

from server.administration.accounts import DOOR, add
from server.administration.answers import Grant
from server.administration.roles import EVERYWHERE, Role
from server.administration.tables import AccountRow, BodyRow
from server.config import ServerConfig
from server.planting import PINS
from server.service import Service
from server.tables import CentreRow
from tests.server.booking.house import AMNA, BADER, CENTRE, NOW, OTHER, PHONES, SERVICE, centre
from tests.sync.fakes import FakeClock
from tests.sync.node import serving

MINISTRY, DEPARTMENT, FOREIGN = "interior", "traffic", "works"
PASSWORD = "a long enough password"
HASH = PINS.hash(PASSWORD)
"""Slow on purpose: made once for all accounts."""
PREFIX = "/v1/administration"


class Office:
    """A served site: `CENTRE` in a department of a ministry, `OTHER` in a foreign ministry."""

    def __init__(self, folder: Path, database: str = "", **changes: Any) -> None:
        self.folder = folder
        self.database = database
        self.clock = FakeClock(NOW)
        folder.mkdir(parents=True, exist_ok=True)
        self.seed = folder / "seed.json"
        people = [
            {"cpr": AMNA, "name": {"ar": "آمنة", "en": "Amna"}, "born": "1985-03-14", "phone": PHONES[AMNA]},
            {"cpr": BADER, "name": {"ar": "بدر", "en": "Bader"}, "born": "1992-07-02", "phone": PHONES[BADER]},
        ]
        appointments = [
            {"id": "amna", "centre": CENTRE, "service": SERVICE, "cpr": AMNA, "slot": "2026-11-24T10:00:00+03:00"},
            {"id": "bader", "centre": OTHER, "service": SERVICE, "cpr": BADER, "slot": "2026-11-24T10:00:00+03:00"},
        ]
        self.seed.write_text(
            json.dumps(
                {
                    "centres": [centre(CENTRE, **changes), centre(OTHER, **changes)],
                    "customers": people,
                    "appointments": appointments,
                }
            )
        )

    @contextmanager
    def served(self) -> Iterator[Desk]:
        config = ServerConfig(data=self.folder / "data", port=0, seeds=(self.seed,), database=self.database)
        with Service(config, self.clock) as service, serving(service.app) as url:
            service.store.call(lambda session: fill(session))
            yield Desk(url, service)


def fill(session: Session) -> None:
    """Make the bodies, put the centres below them, and make an account of each role at each."""
    for name, kind, above in (
        (MINISTRY, "ministry", ""),
        (DEPARTMENT, "department", MINISTRY),
        (FOREIGN, "ministry", ""),
    ):
        session.add(BodyRow(id=name, kind=kind, name={"ar": name, "en": name}, above=above))
    session.get_one(CentreRow, CENTRE).body = DEPARTMENT
    session.get_one(CentreRow, OTHER).body = FOREIGN
    session.flush()
    wanted = [(f"{role.value}", Grant(CENTRE, role)) for role in Role]
    wanted += [("root", Grant(EVERYWHERE, Role.ADMINISTRATOR)), ("minister", Grant(MINISTRY, Role.ADMINISTRATOR))]
    for name, grant in wanted:
        made = add(session, DOOR, name, name.title(), grant, HASH, NOW)
        session.get_one(AccountRow, made.id).must_change = False


class Desk:
    """Asks a served site as an account."""

    def __init__(self, url: str, service: Service) -> None:
        self.url = url
        self.service = service
        self._tokens: dict[str, str] = {}
        self._line = requests.Session()

    def token(self, name: str) -> str:
        if name not in self._tokens:
            said = self.post(None, "/sessions", {"name": name, "password": PASSWORD})
            assert said.status_code == 200, said.text
            self._tokens[name] = said.json()["token"]
        return self._tokens[name]

    def forget(self) -> None:
        """Sign in anew from here on."""
        self._tokens.clear()

    def ask(self, who: str | None, method: str, path: str, content: object = None, **headers: str) -> requests.Response:
        headers |= {} if who is None else {"Authorization": f"Bearer {self.token(who)}"}
        return self._line.request(method, self.url + PREFIX + path, json=content, headers=headers, timeout=10)

    def get(self, who: str | None, path: str) -> requests.Response:
        return self.ask(who, "GET", path)

    def post(self, who: str | None, path: str, content: object, **headers: str) -> requests.Response:
        return self.ask(who, "POST", path, content, **headers)

    def patch(self, who: str | None, path: str, content: object) -> requests.Response:
        return self.ask(who, "PATCH", path, content)
