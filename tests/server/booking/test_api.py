"""Booking over HTTP, on a real port: a booking's life, every answer as OpenAPI describes it, and fifty at once."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from sqlmodel import Session, select

from server.booking.seals import customer_place
from server.booking.signing_in import hashed
from server.booking.tables import SessionRow
from server.messages import Messages, SmsConfig
from server.service import Service
from server.tables import CustomerRow
from sms.life import Answer
from sms.outbox import Outgoing
from tests.server.schema import faults
from tests.server.site import CENTRE, NOBODY, Site
from tests.sync.node import serving

AMEENA, LAYLA, CHILD = "610000006", "960000004", "120000011"
PHONES = {AMEENA: "+97336000006", LAYLA: "+97336000004"}
SMS = SmsConfig("http://127.0.0.1:9/send", "dawr", "secret", "http://127.0.0.1:9")


class Phones:
    """A gateway that keeps what it is given."""

    lines, look_every_s = 1, 5.0

    def __init__(self) -> None:
        self.got: list[Outgoing] = []
        self.came = threading.Condition()

    def send(self, outgoing: Outgoing) -> Answer:
        with self.came:
            self.got.append(outgoing)
            self.came.notify_all()
        return Answer.TAKEN

    def look(self) -> bool:
        return True

    def close(self) -> None:
        pass

    def codes(self, phone: str) -> list[str]:
        texts = [each.message.text for each in self.got if each.message.to == phone]
        return [found for text in texts for found in re.findall("^Your code is ([0-9]{6})", text)]

    def wait(self, phone: str, count: int) -> str:
        with self.came:
            assert self.came.wait_for(lambda: len(self.codes(phone)) >= count, 20), "no code came"
            return self.codes(phone)[count - 1]


class Api:
    """A program that books; every answer is held against the description."""

    def __init__(self, url: str, phones: Phones) -> None:
        self.url = url
        self.phones = phones
        self.document: dict[str, Any] = requests.get(f"{url}/openapi.json", timeout=10).json()
        self.patterns = {
            re.compile(re.sub(r"\{[a-z]+\}", "[^/]+", path)): path
            for path in self.document["paths"]
            if path.startswith("/v1/booking")
        }

    def ask(self, method: str, path: str, said: object = None, token: str = "") -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = requests.request(method, f"{self.url}/v1/booking{path}", json=said, headers=headers, timeout=30)
        self.check(answer)
        return answer

    def check(self, answer: requests.Response) -> None:
        where = answer.request.path_url.split("?")[0]
        path = next(path for pattern, path in self.patterns.items() if pattern.fullmatch(where))
        operation = self.document["paths"][path][str(answer.request.method).lower()]
        described = operation["responses"].get(str(answer.status_code))
        assert described, f"{path} answers {answer.status_code}, which is not described"
        kind = answer.headers["content-type"].split(";")[0]
        schema = described["content"][kind]["schema"]
        if kind == "application/problem+json":
            schema = schema | {"additionalProperties": True}
        assert faults(answer.json(), schema, self.document) == []
        assert answer.headers.get("cache-control") == "no-store" or answer.status_code >= 400

    def sign_in(self, cpr: str) -> str:
        before = len(self.phones.codes(PHONES[cpr]))
        assert self.ask("POST", "/codes", {"cpr": cpr, "lang": "en"}).status_code == 200
        code = self.phones.wait(PHONES[cpr], before + 1)
        answer = self.ask("POST", "/sessions", {"cpr": cpr, "code": code})
        assert answer.status_code == 200
        return str(answer.json()["token"])

    def slots(self, service: str = "licence-renewal") -> list[str]:
        days = self.ask("GET", f"/centres/{CENTRE}/services/{service}/slots").json()
        return [slot["at"] for day in days for slot in day["slots"] if slot["left"]]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, Service]]:
    site = Site(tmp_path_factory.mktemp("site"))
    phones = Phones()
    patch = pytest.MonkeyPatch()
    patch.setattr("server.service.Messages", lambda data, config, clock: Messages(data, config, clock, phones))
    site.overlay["appointments"] = []
    with Service(site.config(sms=SMS), site.clock) as service, serving(service.app) as url:
        yield Api(url, phones), service
    patch.undo()


@pytest.fixture
def api(served: tuple[Api, Service]) -> Api:
    return served[0]


def test_the_life_of_a_booking(api: Api) -> None:
    token = api.sign_in(LAYLA)
    slots = api.slots()
    wanted = {"centre": CENTRE, "service": "licence-renewal", "slot_at": slots[5]}
    made = api.ask("POST", "/appointments", wanted, token)
    assert made.status_code == 200
    assert api.ask("POST", "/appointments", wanted, token).json() == made.json()
    second = api.ask("POST", "/appointments", wanted | {"slot_at": slots[9]}, token)
    assert (second.status_code, second.json()["code"]) == (409, "ONE_ALREADY")
    assert second.json()["appointment"] == made.json()
    where = f"/appointments/{CENTRE}/{made.json()['id']}"
    moved = api.ask("POST", f"{where}/move", {"slot_at": slots[7]}, token)
    assert (moved.status_code, moved.json()["slot_at"]) == (200, slots[7])
    ticket = api.ask("GET", f"/tickets/{made.json()['link']}").json()
    assert ticket["code"].startswith(f"B1.{CENTRE}.{moved.json()['id']}.")
    assert [each["id"] for each in api.ask("GET", "/appointments", token=token).json()["coming"]] == [
        moved.json()["id"]
    ]
    gone = api.ask("POST", f"/appointments/{CENTRE}/{moved.json()['id']}/cancel", {}, token)
    assert (gone.status_code, gone.json()["status"]) == (200, "cancelled")
    assert api.ask("POST", "/sessions/end", {}, token).status_code == 200
    assert api.ask("GET", "/appointments", token=token).status_code == 401


def test_refusals_are_described(api: Api) -> None:
    token = api.sign_in(AMEENA)
    at = api.slots()[3]
    for method, path, said, status, code in (
        ("POST", "/codes", {"cpr": "123"}, 422, "INVALID"),
        ("POST", "/codes", {"cpr": "12345678x"}, 422, "CPR"),
        ("POST", "/codes", {"cpr": AMEENA, "more": 1}, 422, "INVALID"),
        ("POST", "/sessions", {"cpr": NOBODY, "code": "123456"}, 403, "CODE_EXPIRED"),
        ("GET", "/centres/nowhere/services/x/slots", None, 404, "NO_SUCH_CENTRE"),
        ("GET", f"/centres/{CENTRE}/services/traffic-fines/slots", None, 404, "NO_SUCH_SERVICE"),
        ("GET", "/tickets/nothing", None, 404, "NO_SUCH_APPOINTMENT"),
        (
            "POST",
            "/appointments",
            {"centre": CENTRE, "service": "driving-test", "slot_at": "2026-11-22"},
            422,
            "INVALID",
        ),
        ("POST", "/appointments", {"centre": CENTRE, "service": "x", "slot_at": at}, 404, "NO_SUCH_SERVICE"),
        (
            "POST",
            "/appointments",
            {"centre": CENTRE, "service": "driving-test", "slot_at": at, "channel": "virtual"},
            409,
            "NOT_VIRTUAL",
        ),
        ("POST", f"/appointments/{CENTRE}/none/cancel", {}, 404, "NO_SUCH_APPOINTMENT"),
        ("POST", f"/appointments/{CENTRE}/none/move", {"slot_at": at}, 404, "NO_SUCH_APPOINTMENT"),
    ):
        answer = api.ask(method, path, said, token)
        assert (answer.status_code, answer.json()["code"]) == (status, code), path


def test_known_and_unknown_are_answered_alike(api: Api) -> None:
    known, unknown = (api.ask("POST", "/codes", {"cpr": cpr}) for cpr in (CHILD, NOBODY))
    assert known.json() == unknown.json()
    drop = {"date"}
    assert {k.lower(): v for k, v in known.headers.items() if k.lower() not in drop} == {
        k.lower(): v for k, v in unknown.headers.items() if k.lower() not in drop
    }


def test_fifty_at_once_over_http(served: tuple[Api, Service]) -> None:
    """Fifty requests for a slot of so many places: so many 200, and all others are `taken`."""
    api, service = served
    token = api.sign_in(LAYLA)
    day = next(
        day
        for day in api.ask("GET", f"/centres/{CENTRE}/services/learner-permit/slots").json()
        if day["slots"] and day["slots"][-1]["left"]
    )
    slot = day["slots"][-1]
    tokens = [token, *_others(service, 49)]
    wanted = {"centre": CENTRE, "service": "learner-permit", "slot_at": slot["at"]}
    together, told = threading.Barrier(len(tokens)), []

    def want(mine: str) -> None:
        together.wait()
        answer = requests.post(
            f"{api.url}/v1/booking/appointments", json=wanted, headers={"Authorization": f"Bearer {mine}"}, timeout=60
        )
        told.append((answer.status_code, answer.json().get("code")))

    threads = [threading.Thread(target=want, args=(mine,)) for mine in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert sorted(told, key=str) == sorted(
        [(200, None)] * slot["left"] + [(409, "TAKEN")] * (50 - slot["left"]), key=str
    )


def _others(service: Service, count: int) -> list[str]:
    """Sign customers in without their phones: rows of their own."""
    vault = service.store.vault

    def add(session: Session) -> list[str]:
        seen = session.exec(select(SessionRow).limit(1)).one()
        for n in range(count):
            name = f"other{n}"
            session.add(
                CustomerRow(
                    id=name,
                    lookup=f"{n:032x}",
                    cpr=b"",
                    born=vault.seal("1990-01-01", customer_place(name, "born")),
                    name=vault.seal("{}", customer_place(name, "name")),
                )
            )
            session.flush()
            session.add(
                SessionRow(
                    token_hash=hashed(name), customer=name, lang="ar", made_at=seen.made_at, seen_at=seen.seen_at
                )
            )
        return [f"other{n}" for n in range(count)]

    return service.store.call(add)


def test_history_in_pages_and_asking_again_under_a_key(api: Api) -> None:
    token = api.sign_in(LAYLA)
    slots = api.slots("licence-renewal")
    said = {"centre": CENTRE, "service": "licence-renewal", "slot_at": slots[-1]}
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "layla-1"}

    def book(**changes: str) -> requests.Response:
        return requests.post(f"{api.url}/v1/booking/appointments", json=said | changes, headers=headers, timeout=30)

    made = book()
    assert made.status_code == 200, made.text
    gone = api.ask("POST", f"/appointments/{CENTRE}/{made.json()['id']}/cancel", token=token)
    assert gone.json()["status"] == "cancelled"
    assert book().content == made.content, "the first answer, and no new booking"
    assert book(slot_at=slots[-2]).json()["code"] == "IDEMPOTENCY_KEY"
    whole = api.ask("GET", "/history?limit=200", token=token).json()["items"]
    paged, path = [], "/history?limit=1"
    while path:
        answer = api.ask("GET", path, token=token)
        paged += answer.json()["items"]
        path = f"/history?limit=1&after={answer.json()['next']}" if answer.json()["next"] else ""
    assert paged == whole and whole and whole == sorted(whole, key=lambda each: each["slot_at"], reverse=True)
