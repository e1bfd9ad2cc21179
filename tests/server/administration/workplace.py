"""A ministry with bodies and accounts on a real port, and people who work in its pages with a browser's manners."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser

import pytest
import requests
from sqlmodel import Session, col, select

from server.administration.accounts import DOOR, add
from server.administration.answers import Grant
from server.administration.pages.room import SESSION
from server.administration.roles import Role
from server.administration.tables import AccountRow, BodyRow
from server.tables import CentreRow
from tests.server.administration.office import HASH, PASSWORD
from tests.server.pages.ministry import Ministry, Visitor, ministry_of
from tests.server.site import CENTRE, OTHER, Site

INTERIOR, TRAFFIC = "interior", "traffic"
PEOPLE = {
    "amal": ("أمل الزياني", Grant("", Role.ADMINISTRATOR)),
    "huda": ("هدى المناعي", Grant(CENTRE, Role.MANAGER)),
    "omar": ("عمر الكعبي", Grant(CENTRE, Role.DESK)),
    "noor": ("نور السيد", Grant(TRAFFIC, Role.AUDITOR)),
    "zain": ("زين حسن", Grant(CENTRE, Role.VIEWER)),
    "riffa": ("مريم الدوسري", Grant(OTHER, Role.MANAGER)),
}
"""One of each role; `riffa` is the manager of the other centre."""


class Workplace:
    """The ministry from the side of who administers it."""

    def __init__(self, ministry: Ministry) -> None:
        self.ministry = ministry
        self.url = ministry.url
        self.clock = ministry.clock
        self.tokens: dict[str, str] = {}
        ministry.client.service.store.call(self._fill)

    def _fill(self, session: Session) -> None:
        names = {INTERIOR: ("وزارة الداخلية", "Ministry of Interior"), TRAFFIC: ("إدارة المرور", "Traffic")}
        for body, kind, above in ((INTERIOR, "ministry", ""), (TRAFFIC, "department", INTERIOR)):
            name = dict(zip(("ar", "en"), names[body], strict=True))
            session.add(BodyRow(id=body, kind=kind, name=name, above=above))
        for row in session.exec(select(CentreRow)):
            row.body = TRAFFIC
        session.flush()
        for name, (shown, grant) in PEOPLE.items():
            add(session, DOOR, name, shown, grant, HASH, self.clock.now())
        for account in session.exec(select(AccountRow)):
            account.must_change = False

    def account(self, name: str) -> str:
        """Return an account's id."""

        def look(session: Session) -> str:
            return session.exec(select(AccountRow.id).where(col(AccountRow.name) == name)).one()

        return self.ministry.client.service.store.call(look)


class Worker(Visitor):
    """Somebody of the staff with a browser; nobody yet without a name."""

    def __init__(self, workplace: Workplace, name: str, language: str = "en") -> None:
        super().__init__(workplace.ministry, language)
        self.staff = f"{self.root}/staff"
        self.here = f"{self.staff}/centres/{CENTRE}"
        if name in workplace.tokens:
            self.session.cookies.set(SESSION, workplace.tokens[name])
            self.get(self.staff)
        elif name:
            # Once each: signing in is slow on purpose, and counted.
            self.enter(name, PASSWORD)
            workplace.tokens[name] = self.session.cookies[SESSION]

    def enter(self, name: str, password: str) -> requests.Response:
        """Sign in, as far as that leads."""
        self.get(f"{self.staff}/sign-in")
        return self.send(f"{self.staff}/sign-in", name=name, password=password)

    def fill(self, path: str, **fields: str) -> requests.Response:
        """Open a page and send its form as it stands, with some of it typed anew."""
        self.get(path)
        return self.post(path, {**typed_in(self.html, path), **fields})


class _Form(HTMLParser):
    """What a browser would send of a form that nobody has touched."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._action = action
        self._inside = False
        self._area = self._choice = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = has.get("action") == self._action and has.get("method") == "post"
        elif not self._inside:
            return
        elif tag == "textarea":
            self._area = has["name"]
            self.fields[self._area] = ""
        elif tag == "select":
            self._choice = has["name"]
        elif tag == "option" and (self._choice not in self.fields or "selected" in has):
            self.fields[self._choice] = has["value"]
        elif tag == "input" and (has.get("type") not in ("checkbox", "radio") or "checked" in has):
            self.fields[has["name"]] = has.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


def typed_in(html: str, action: str) -> dict[str, str]:
    """Return what stands in a page's form of an action."""
    reader = _Form(action)
    reader.feed(html)
    return reader.fields


@contextmanager
def workplace_of(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    """Serve a site with its administration."""
    site.overlay["appointments"] = []
    with ministry_of(site, monkeypatch) as ministry:
        yield Workplace(ministry)
