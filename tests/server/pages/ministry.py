"""A server with its pages on a real port, phones that get its messages, and visitors with a browser's manners."""

from __future__ import annotations

import html as entities
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from assets.paths import DEMO
from server.messages import SmsConfig
from sms.message import Message
from sms.outbox import Limits
from tests.server.site import CENTRE, Client, Site
from tests.sms.fakes import FakeGateway
from tests.waiting import until

AHMED, SARA, CHILD, NO_BIRTH, NOBODY = "850000001", "920000002", "120000011", "700000030", "990000999"
PEOPLE = {
    AHMED: ("أحمد الحداد", "Ahmed Al Haddad", "1985-03-14"),
    SARA: ("سارة النعيمي", "Sara Al Nuaimi", "1992-07-02"),
}
PHONE = "+9733600{}"
SERVICE, SECOND = "registration-renewal", "licence-renewal"
CONFIRM = f"/en/book/{CENTRE}/{SERVICE}/confirm"
SLOT, LATER = "20261123T0600Z", "20261124T0615Z"
"""Nine o'clock on a Monday, a quarter past on Tuesday."""
ORIGIN = "https://booking.example.bh"
CONFIG = SmsConfig(
    "http://127.0.0.1:9/send",
    "dawr",
    "secret",
    "http://127.0.0.1:9",
    limits=Limits(ten_minutes=500, day=500, codes=500),
)


class Ministry:
    """The running server; `phones` has what went out, newest last."""

    def __init__(self, client: Client, gateway: FakeGateway) -> None:
        self.client = client
        self.url = client.url
        self.clock = client.site.clock
        self.gateway = gateway

    def messages(self, cpr: str, kind: str) -> list[Message]:
        sent = [outgoing.message for outgoing in self.gateway.sent]
        return [message for message in sent if message.to == phone_of(cpr) and message.kind == kind]

    def code(self, cpr: str, count: int = 1) -> str:
        """Return the code of somebody's newest message, once so many have come."""
        found = until(lambda: len(self.messages(cpr, "one_time_code")) >= count, f"code {count}")
        assert found
        digits = re.search(r"[0-9]{6}", self.messages(cpr, "one_time_code")[-1].text)
        assert digits is not None
        return digits[0]


class Visitor:
    """Somebody with a browser: keeps cookies, follows redirects, sends the forms that pages have."""

    def __init__(self, ministry: Ministry, language: str = "en") -> None:
        self.ministry = ministry
        self.root = f"/{language}"
        self.session = requests.Session()
        self.html = ""
        self.path = ""
        self.codes = 0

    def get(self, path: str) -> requests.Response:
        answer = self.session.get(self.ministry.url + path, timeout=10)
        return self._seen(answer)

    def send(self, action: str, **fields: str) -> requests.Response:
        """Send the page's form of an action, with what is typed into it."""
        form = next(each for each in forms(self.html) if each["action"] == action)
        return self.post(action, {**form["fields"], **fields})

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> requests.Response:
        told = {"Origin": self.ministry.url, **headers}
        return self._seen(self.session.post(self.ministry.url + path, dict(fields), headers=told, timeout=10))

    def sign_in(self, cpr: str) -> None:
        self.get(f"{self.root}/sign-in")
        before = len(self.ministry.messages(cpr, "one_time_code"))
        self.send(f"{self.root}/sign-in", cpr=cpr)
        answer = self.send(f"{self.root}/sign-in/code", code=self.ministry.code(cpr, before + 1))
        assert answer.url.endswith("/mine"), answer.text

    def book(self, slot: str, service: str = SERVICE) -> requests.Response:
        where = f"{self.root}/book/{CENTRE}/{service}/confirm"
        self.get(f"{where}?at={slot}")
        return self.send(where)

    def _seen(self, answer: requests.Response) -> requests.Response:
        self.html, self.path = answer.text, answer.url.removeprefix(self.ministry.url)
        return answer


def phone_of(cpr: str) -> str:
    return PHONE.format(cpr[-4:])


def forms(html: str) -> list[dict[str, Any]]:
    """Return a page's forms: action and hidden fields."""
    found = []
    for form in re.findall(r"<form method=\"post\" action=\"[^\"]+\".*?</form>", html, flags=re.S):
        action = re.search(r'action="([^"]+)"', form)
        assert action is not None
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form))
        found.append(
            {
                "action": entities.unescape(action[1]),
                "fields": {name: entities.unescape(value) for name, value in fields.items()},
            }
        )
    return found


@contextmanager
def ministry_of(site: Site, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Iterator[Ministry]:
    """Serve a site with a registry of persons and a gateway."""
    gateway = FakeGateway()
    monkeypatch.setattr("server.messages.KannelGateway", lambda address: gateway)
    people = [
        {"cpr": cpr, "name": {"ar": name[0], "en": name[1]}, "born": name[2], "phone": phone_of(cpr)}
        for cpr, name in PEOPLE.items()
    ]
    people += [
        {"cpr": CHILD, "name": {"ar": "سلمان", "en": "Salman"}, "born": "2012-06-18", "phone": phone_of(CHILD)},
        {"cpr": NO_BIRTH, "name": {"ar": "جون", "en": "John"}, "phone": phone_of(NO_BIRTH)},
    ]
    path = site.folder / "people.json"
    path.write_text(json.dumps({"customers": people}), encoding="utf-8")
    site.demo.write_text(lean(site.demo, changes), encoding="utf-8")
    with site.served(sms=CONFIG, people=(path,), everywhere=DEMO / "everywhere.json") as client:
        yield Ministry(client, gateway)


def lean(seed: Path, changes: Mapping[str, Any]) -> str:
    """Return a seed without its bookings and customers, its centre changed."""
    data = json.loads(seed.read_text(encoding="utf-8"))
    centre = json.loads((DEMO / "centre.json").read_text(encoding="utf-8"))
    for service in centre["services"]:
        service |= {"places": 1}
    centre |= {"follow_url": "http://hub.example.bh", "booking_url": ORIGIN} | changes
    return json.dumps(data | {"appointments": [], "customers": [], "staff": [], "centres": [centre]})
