"""Other systems over HTTP: what a key opens, that everything is done once, pages of lists, and what is noted."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from sqlmodel import Session, select

from server.api import paging
from server.api.keys import Keys
from server.api.tables import AnsweredRow, ApiKeyActRow, ApiKeyRow
from server.service import Service
from server.storage import Store
from server.tables import AppointmentRow
from tests.clusters import fresh_database
from tests.server.schema import faults
from tests.server.site import CENTRE, OTHER, Site
from tests.sync.node import serving

AHMED, SARA, CHILD, NO_BIRTH = "850000001", "920000002", "120000011", "770000017"
SERVICE, SECOND = "registration-renewal", "licence-renewal"
PATH = f"/v1/centres/{CENTRE}/appointments"


class Ministry:
    """A server, and a ministry's own system that has keys to it; every answer is held against the description."""

    def __init__(self, url: str, service: Service, site: Site) -> None:
        self.url = url
        self.service = service
        self.site = site
        self.keys = Keys(service.store, service.booking._registers, site.clock)
        self.document: dict[str, Any] = requests.get(f"{url}/openapi.json", timeout=10).json()

    def key(self, *rights: str, centre: str = CENTRE) -> str:
        return self.keys.make("Traffic", [centre], rights, "boss").text

    def ask(self, key: str, method: str, path: str, said: object = None, **headers: str) -> requests.Response:
        if key:
            headers["Authorization"] = f"Bearer {key}"
        answer = requests.request(method, self.url + path, json=said, headers=headers, timeout=30)
        parts = path.split("?")[0].split("/")
        known = next(
            each
            for each in self.document["paths"]
            if len(each.split("/")) == len(parts)
            and all(a == b or a.startswith("{") for a, b in zip(each.split("/"), parts, strict=True))
        )
        described = self.document["paths"][known][method.lower()]["responses"][str(answer.status_code)]
        schema = described["content"][answer.headers["content-type"]]["schema"]
        is_problem = "problem" in answer.headers["content-type"]
        schema = schema | {"additionalProperties": True} if is_problem else schema
        assert faults(answer.json(), schema, self.document) == []
        return answer

    def slots(self, key: str, service: str = SERVICE) -> list[str]:
        days = self.ask(key, "GET", f"/v1/centres/{CENTRE}/services/{service}/slots").json()
        return [slot["at"] for day in days for slot in day["slots"] if slot["left"]]

    def look(self, job: Callable[[Session], Any]) -> Any:
        store: Store = self.service.store
        return store.call(job)

    def acts(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = self.look(
            lambda session: [(row.act, row.appointment) for row in session.exec(select(ApiKeyActRow))]
        )
        return found


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ministry(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministry]:
    site = Site(tmp_path_factory.mktemp("site"))
    site.overlay["appointments"] = []
    people = site.folder / "people.json"
    known = [
        {"cpr": AHMED, "name": {"en": "Ahmed"}, "born": "1985-03-14", "phone": "+97336000001"},
        {"cpr": SARA, "name": {"en": "Sara"}, "born": "1992-07-02", "phone": "+97336000002"},
        {"cpr": CHILD, "name": {"en": "Salman"}, "born": "2012-06-18"},
    ]
    people.write_text(json.dumps({"customers": known}), encoding="utf-8")
    database = fresh_database("systems") if request.param == "postgresql" else ""
    config = site.config(people=(people,), key_per_minute=100, database=database)
    with Service(config, site.clock) as service, serving(service.app) as url:
        yield Ministry(url, service, site)


class TestWhatAKeyOpens:
    def test_none_a_wrong_one_and_a_revoked_one_open_nothing(self, ministry: Ministry) -> None:
        good = ministry.key("read")
        head, secret = good.rsplit("_", 1)
        for key in ("", "x", f"{head}_{'A' * len(secret)}", f"dawr_000000000000_{secret}"):
            answer = ministry.ask(key, "GET", "/v1/key")
            assert (answer.status_code, answer.json()["code"]) == (401, "UNKNOWN_KEY")
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert ministry.ask(good, "GET", "/v1/key").json() == {
            "name": "Traffic",
            "centres": [CENTRE],
            "rights": ["read"],
        }
        assert ministry.keys.revoke(good.split("_")[1], "boss")
        assert ministry.ask(good, "GET", "/v1/key").status_code == 401

    def test_only_its_rights_and_only_at_its_centres(self, ministry: Ministry) -> None:
        reads, books, manages = (ministry.key(right) for right in ("read", "book", "manage"))
        elsewhere = ministry.key("read", "book", centre=OTHER)
        wanted = {"cpr": AHMED, "service": SERVICE, "slot_at": "2026-11-23T06:00:00Z"}
        for key in (books, manages, elsewhere):
            assert ministry.ask(key, "GET", PATH).status_code == 403
            assert ministry.ask(key, "GET", f"/v1/centres/{CENTRE}/services/{SERVICE}/slots").status_code == 403
        for key in (reads, manages, elsewhere):
            assert ministry.ask(key, "POST", PATH, wanted).status_code == 403
            assert ministry.ask(key, "POST", f"{PATH}/x/cancel", {"cpr": AHMED}).status_code == 403
        assert ministry.acts() == []

    def test_the_secret_is_nowhere_in_the_data_and_its_last_day_is(self, ministry: Ministry) -> None:
        key = ministry.key("read")
        ministry.ask(key, "GET", "/v1/key")
        row = ministry.look(lambda session: session.get_one(ApiKeyRow, key.split("_")[1]))
        assert row.last_used_on == ministry.site.clock.at.date()
        secret = key.rsplit("_", 1)[1].encode()
        assert not any(secret in file.read_bytes() for file in ministry.site.data.rglob("*") if file.is_file())

    def test_who_asks_too_much_waits_and_others_do_not(self, ministry: Ministry) -> None:
        busy, calm = ministry.key("read"), ministry.key("read")
        answers = [ministry.ask(busy, "GET", "/v1/key").status_code for _ in range(101)]
        assert answers == [200] * 100 + [429]
        answer = ministry.ask(busy, "GET", "/v1/key")
        assert int(answer.headers["Retry-After"]) == answer.json()["retry_after_s"] > 0
        assert ministry.ask(calm, "GET", "/v1/key").status_code == 200

    def test_the_administration_asks_a_key_as_it_asks_an_account(self, ministry: Ministry) -> None:
        def status(key: str, path: str = f"centres/{CENTRE}/settings") -> int:
            headers = {"Authorization": f"Bearer {key}"}
            return requests.get(f"{ministry.url}/v1/administration/{path}", headers=headers, timeout=10).status_code

        assert (status(ministry.key("manage")), status(ministry.key("read"))) == (200, 200)
        assert (status(ministry.key("book")), status(ministry.key("manage", centre=OTHER))) == (403, 403)
        assert status(f"dawr_000000000000_{'A' * 43}") == 401
        assert status(ministry.key("manage"), "audit") == 403
        described = ministry.document["paths"]["/v1/administration/centres/{centre}/settings"]["get"]["security"]
        assert {name for each in described for name in each} == {"account", "ApiKey"}


class TestBookingForCustomers:
    def test_a_newcomer_is_booked_moved_and_cancelled_and_each_act_noted(
        self, ministry: Ministry, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        key = ministry.key("read", "book")
        first, later = ministry.slots(key)[:2]
        made = ministry.ask(key, "POST", PATH, {"cpr": AHMED, "service": SERVICE, "slot_at": first}).json()
        moved = ministry.ask(key, "POST", f"{PATH}/{made['id']}/move", {"cpr": AHMED, "slot_at": later}).json()
        assert moved["link"] == made["link"] and moved["id"] != made["id"]
        assert ministry.ask(key, "GET", f"{PATH}/{moved['id']}").json()["status"] == "booked"
        foreign = ministry.ask(key, "POST", f"{PATH}/{moved['id']}/cancel", {"cpr": SARA})
        assert (foreign.status_code, foreign.json()["code"]) == (404, "NO_SUCH_APPOINTMENT")
        gone = ministry.ask(key, "POST", f"{PATH}/{moved['id']}/cancel", {"cpr": AHMED}).json()
        assert gone["status"] == "cancelled"
        assert sorted(ministry.acts()[-3:]) == sorted(
            [("book", made["id"]), ("move", moved["id"]), ("cancel", moved["id"])]
        )
        assert AHMED not in caplog.text and "Ahmed" not in json.dumps([made, moved, gone])

    def test_rules_hold_as_for_the_customer(self, ministry: Ministry) -> None:
        key = ministry.key("read", "book")
        slot = ministry.slots(key)[0]
        for cpr, status, code in (
            ("12345678X", 422, "CPR"),
            (CHILD, 403, "UNDER_AGE"),
            (NO_BIRTH, 422, "BIRTH_DATE"),
        ):
            answer = ministry.ask(key, "POST", PATH, {"cpr": cpr, "service": SERVICE, "slot_at": slot})
            assert (answer.status_code, answer.json()["code"]) == (status, code)
        declared = {"cpr": NO_BIRTH, "service": SERVICE, "slot_at": slot, "born": "1980-02-01"}
        assert ministry.ask(key, "POST", PATH, declared).status_code == 200
        nowhen = {"cpr": SARA, "service": SERVICE, "slot_at": "2026-11-23T03:17:00Z"}
        assert ministry.ask(key, "POST", PATH, nowhen).json()["code"] == "NO_SUCH_SLOT"
        assert ministry.ask(key, "GET", f"{PATH}/nothing").status_code == 404


class TestOnce:
    def test_the_same_answer_again_and_nothing_twice(self, ministry: Ministry) -> None:
        key = ministry.key("read", "book")
        slots = ministry.slots(key, SECOND)
        wanted = {"cpr": SARA, "service": SECOND, "slot_at": slots[0]}
        first = ministry.ask(key, "POST", PATH, wanted, **{"Idempotency-Key": "one"})
        acts = len(ministry.acts())
        moved = ministry.ask(key, "POST", f"{PATH}/{first.json()['id']}/move", {"cpr": SARA, "slot_at": slots[1]})
        assert moved.status_code == 200
        # It stands elsewhere by now: asked without a key this would be another booking, and refused as one.
        again = ministry.ask(key, "POST", PATH, wanted, **{"Idempotency-Key": "one"})
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert len(ministry.acts()) == acts + 1
        assert ministry.ask(key, "POST", PATH, wanted).json()["code"] == "ONE_ALREADY"

        other = ministry.ask(key, "POST", PATH, wanted | {"slot_at": slots[2]}, **{"Idempotency-Key": "one"})
        assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY")
        theirs = ministry.ask(ministry.key("book"), "POST", PATH, wanted, **{"Idempotency-Key": "one"})
        assert theirs.json()["code"] == "ONE_ALREADY"

        ministry.site.clock.pass_time(24 * 3600 + 1)
        late = ministry.ask(key, "POST", PATH, wanted, **{"Idempotency-Key": "one"})
        ministry.site.clock.pass_time(-(24 * 3600 + 1))
        assert late.status_code == 409

    def test_a_refusal_is_looked_at_anew(self, ministry: Ministry) -> None:
        key = ministry.key("read", "book")
        full = {"cpr": SARA, "service": SERVICE, "slot_at": "2026-11-23T03:17:00Z"}
        for _ in range(2):
            answer = ministry.ask(key, "POST", PATH, full, **{"Idempotency-Key": "refused"})
            assert answer.json()["code"] == "NO_SUCH_SLOT"
        kept = ministry.look(lambda session: [row.key for row in session.exec(select(AnsweredRow))])
        assert "refused" not in kept

    def test_what_is_kept_says_no_cpr(self, ministry: Ministry) -> None:
        rows = ministry.look(lambda session: [row.model_dump_json() for row in session.exec(select(AnsweredRow))])
        assert rows and not any(cpr in row for row in rows for cpr in (AHMED, SARA))

    @pytest.mark.parametrize("key", ["", "x" * 129, "a b", "é"])
    def test_a_key_has_a_form(self, ministry: Ministry, key: str) -> None:
        answer = ministry.ask(
            ministry.key("book"),
            "POST",
            PATH,
            {"cpr": SARA},
            **{"Idempotency-Key": key.encode("latin-1").decode("latin-1")},
        )
        assert answer.status_code == 422


class TestPages:
    def test_every_appointment_once_whatever_comes_and_goes_meanwhile(self, ministry: Ministry) -> None:
        def plant(session: Session) -> None:
            booked = session.exec(select(AppointmentRow)).first()
            assert booked is not None
            for n in range(25):
                row = booked.model_dump() | {"id": f"page-{n:02}", "link": None, "status": "kept"}
                session.add(AppointmentRow(**row))

        ministry.look(plant)
        key = ministry.key("read")
        seen: list[str] = []
        path = f"{PATH}?limit=7"
        while path:
            answer = ministry.ask(key, "GET", path)
            said = answer.json()
            seen += [item["id"] for item in said["items"]]
            if len(seen) == 7:
                gone = next(name for name in seen if name.startswith("page-"))
                ministry.look(
                    lambda session, gone=gone: session.delete(session.get_one(AppointmentRow, (CENTRE, gone)))
                )
            link = answer.links.get("next")
            assert bool(link) == bool(said["next"])
            path = link["url"] if link else ""
        assert len(seen) == len(set(seen)) and {f"page-{n:02}" for n in range(25)} <= set(seen)

    @pytest.mark.parametrize(
        "after", ["x", "W10", "WyJ4Il0", "WyJ4IiwieSJd", "WyIyMDI2LTExLTIyVDA0OjAwOjAwIiwieCJd", "_-_-"]
    )
    def test_what_is_no_cursor(self, ministry: Ministry, after: str) -> None:
        answer = ministry.ask(ministry.key("read"), "GET", f"{PATH}?after={after}")
        assert (answer.status_code, answer.json()["code"]) == (422, "CURSOR")

    def test_between_two_instants(self, ministry: Ministry) -> None:
        key = ministry.key("read")
        every = ministry.ask(key, "GET", f"{PATH}?limit=200").json()["items"]
        middle = every[-1]["slot_at"]
        before = ministry.ask(key, "GET", f"{PATH}?limit=200&until={middle}").json()["items"]
        since = ministry.ask(key, "GET", f"{PATH}?limit=200&since={middle}").json()["items"]
        assert [each["id"] for each in before + since] == [each["id"] for each in every]
        assert ministry.ask(key, "GET", f"{PATH}?since=2026-11-23T06:00:00").status_code == 422

    def test_the_centres_by_their_ids(self, ministry: Ministry) -> None:
        first = requests.get(f"{ministry.url}/v1/centres?limit=1", timeout=10)
        second = requests.get(ministry.url + first.links["next"]["url"], timeout=10)
        assert [each["id"] for each in first.json() + second.json()] == sorted([CENTRE, OTHER])
        assert "next" not in second.links
        assert len(requests.get(f"{ministry.url}/v1/centres", timeout=10).json()) == 2


class TestNul:
    """No text in PostgreSQL has one: it is refused before that is asked."""

    @pytest.mark.parametrize("path", ["/v1/centres/%00/appointments", "/en/centres/%00", "/v1/centres?after=%00"])
    def test_in_an_address(self, ministry: Ministry, path: str) -> None:
        answer = requests.get(ministry.url + path, timeout=10)
        assert (answer.status_code, answer.json()["code"]) == (422, "INVALID")

    def test_in_a_cursor_and_in_a_body(self, ministry: Ministry) -> None:
        key = ministry.key("read", "book")
        after = paging.cursor("2026-11-23T06:00:00+00:00", "\0")
        assert ministry.ask(key, "GET", f"{PATH}?after={after}").json()["code"] == "CURSOR"
        wanted = {"cpr": AHMED, "service": "a\0", "slot_at": "2026-11-23T06:00:00Z"}
        assert ministry.ask(key, "POST", PATH, wanted).json()["code"] == "INVALID"
