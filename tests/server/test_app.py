"""The server's endpoints on a real port: who may ask what, what is answered, and that OpenAPI tells the truth."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from sqlalchemy import event
from sqlmodel import Session

from queueing.centre import Centre
from queueing.wire import Stream
from server import bookings
from server.registers import Registers
from sync.rights import Role
from tests.server.schema import faults
from tests.server.site import BOOKED, CENTRE, CHILD, NOBODY, OLDER, OTHER, STAFF, WALK_IN, Client, Site
from tests.sync.fakes import chain

TODAY = "2026-11-22"
SOMEBODY = {"customer": "0" * 32}
KIOSK_LOG, OTHER_LOG = chain(Stream("kiosk-1", 1), 3), chain(Stream("kiosk-2", 1), 3)


def push(events: list[Any]) -> dict[str, Any]:
    first = events[0]
    wires = [event.to_wire() for event in events]
    return {"dev": first.device, "inc": first.incarnation, "first_seq": first.seq, "events": wires}


def hello(device: str) -> dict[str, Any]:
    return {"dev": device, "inc": 1, "next_seq": 1, "head_hash": "0" * 64, "schema": 1}


MESSAGE = {
    "messages": [{"id": "kiosk-1.1.1:eticket", "to": "+97336001234", "lang": "en", "kind": "eticket", "text": "A047"}]
}
ENROLMENT = {"code": "0000000000", "role": "kiosk", "public_key": f"{'A' * 43}=", "proof": "none"}
ASKS: dict[str, tuple[str, str, Callable[[str], object]]] = {
    "hello": ("POST", "/v1/hello", hello),
    "push": ("POST", "/v1/events", lambda device: push(chain(Stream(device, 1), 1))),
    "pull": ("GET", "/v1/events", lambda device: None),
    "settings": ("GET", "/v1/settings", lambda device: None),
    "appointments": ("GET", f"/v1/day-appointments?day={TODAY}", lambda device: None),
    "lookup": ("POST", "/v1/lookup", lambda device: SOMEBODY),
    "centres": ("GET", "/v1/centres", lambda device: None),
    "health": ("GET", "/v1/health", lambda device: None),
    "send": ("POST", "/v1/messages", lambda device: MESSAGE),
    "messages": ("GET", "/v1/messages?ids=kiosk-1.1.1:eticket", lambda device: None),
    "wishes": ("GET", "/v1/wishes?after=0", lambda device: None),
    "enrol": ("POST", "/v1/enrol", lambda device: ENROLMENT),
    "devices": ("GET", "/v1/devices", lambda device: None),
    "code": ("POST", "/v1/devices/codes", lambda device: {"role": "display", "by": "boss"}),
    # Only what is revoked already: the site is shared by all tests of this module.
    "revoke": ("POST", "/v1/devices/kiosk-old/revoke", lambda device: {"by": "boss"}),
    "snapshot": ("GET", "/v1/snapshot?view=board", lambda device: None),
    "live": ("GET", "/v1/live?view=board", lambda device: None),
}
EVERYBODY = {"centres": 200, "health": 200, "enrol": 403, "snapshot": 404, "live": 404}
ANSWERS: dict[str | None, dict[str, int]] = {
    "hub-1": {"hello": 200, "push": 200, "pull": 200, "settings": 200, "appointments": 200, "lookup": 200}
    | {
        "send": 503,
        "messages": 200,
        "wishes": 200,
        "devices": 200,
        "code": 200,
        "revoke": 200,
    },  # this server has no gateway: see test_messages.py
    "kiosk-1": {"hello": 200, "push": 200, "pull": 403, "settings": 200, "appointments": 403, "lookup": 200},
    "display-1": {"hello": 403, "push": 403, "pull": 403, "settings": 403, "appointments": 403, "lookup": 403},
    "kiosk-old": {"hello": 401, "push": 401, "pull": 401, "settings": 401, "appointments": 401, "lookup": 401},
    None: {"hello": 401, "push": 401, "pull": 401, "settings": 401, "appointments": 401, "lookup": 401},
}
for device, status in {"kiosk-1": 403, "display-1": 403, "kiosk-old": 401, None: 401}.items():
    ANSWERS[device] |= dict.fromkeys(("send", "messages", "wishes", "devices", "code", "revoke"), status)


@pytest.mark.parametrize("device", ANSWERS, ids=str)
@pytest.mark.parametrize("ask", ASKS)
def test_each_role_may_do_what_it_is_for_and_nothing_else(client: Client, device: str | None, ask: str) -> None:
    method, target, content = ASKS[ask]
    response = client.send(device, method, target, content(device or "kiosk-1"))
    assert response.status_code == (ANSWERS[device] | EVERYBODY)[ask], response.text
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json"


def test_a_signature_of_another_device_opens_nothing(client: Client) -> None:
    client.site.keys["display-1"], own = client.site.keys["kiosk-1"], client.site.keys["display-1"]
    try:
        response = client.send("display-1", "GET", "/v1/settings")
    finally:
        client.site.keys["display-1"] = own
    assert (response.status_code, response.json()["code"]) == (401, "SIGNATURE")


class TestSettings:
    def test_a_kiosk_gets_its_centre_and_the_key_of_the_hashes(self, client: Client) -> None:
        answer = client.send("kiosk-1", "GET", "/v1/settings").json()
        assert set(answer) == {"version", "centre", "lookup_key", "booking_key"}
        centre = Centre.from_json(answer["centre"])
        assert (centre.id, len(centre.services), len(centre.counters)) == (CENTRE, 8, 6)

    def test_a_hub_gets_staff_and_devices_of_its_centre_alone(self, client: Client) -> None:
        answer = client.send("hub-1", "GET", "/v1/settings").json()
        assert [device["id"] for device in answer["devices"]] == ["display-1", "hub-1", "kiosk-1"]
        assert len(answer["staff"]) == STAFF
        assert all(member["pin_hash"].startswith("$argon2id$") for member in answer["staff"])
        other = client.send("hub-2", "GET", "/v1/settings").json()
        assert other["centre"]["id"] == OTHER
        assert [device["id"] for device in other["devices"]] == ["hub-2", "kiosk-2"]
        assert other["staff"] == []

    def test_both_get_the_key_that_bookings_are_signed_with(self, client: Client) -> None:
        keys = {client.send(each, "GET", "/v1/settings").json()["booking_key"] for each in ("kiosk-1", "hub-1")}
        assert len(base64.b64decode(keys.pop())) == 32 and not keys

    def test_hello_tells_the_version_that_settings_have(self, site: Site) -> None:
        with site.served() as client:
            version = client.send("hub-1", "GET", "/v1/settings").json()["version"]
            assert client.send("hub-1", "POST", "/v1/hello", hello("hub-1")).json()["settings_version"] == version

    def test_secrets_are_kept_by_no_cache(self, client: Client) -> None:
        assert client.send("hub-1", "GET", "/v1/settings").headers["cache-control"] == "no-store"
        assert client.look_up(BOOKED).headers["cache-control"] == "no-store"


class TestAppointments:
    def test_the_days_bookings_are_of_the_hubs_own_centre(self, client: Client) -> None:
        mine = client.send("hub-1", "GET", f"/v1/day-appointments?day={TODAY}").json()
        theirs = client.send("hub-2", "GET", f"/v1/day-appointments?day={TODAY}").json()
        assert len(mine) == 14
        assert [each["customer"] for each in theirs] == [client.customer(WALK_IN)]
        assert client.customer(WALK_IN) not in {each["customer"] for each in mine}
        assert mine == sorted(mine, key=lambda each: each["slot_at"])

    def test_another_day_has_none(self, client: Client) -> None:
        assert client.send("hub-1", "GET", "/v1/day-appointments?day=2026-11-23").json() == []

    def test_a_day_that_is_no_day_is_refused(self, client: Client) -> None:
        response = client.send("hub-1", "GET", "/v1/day-appointments?day=tomorrow")
        assert (response.status_code, response.json()["code"]) == (422, "INVALID")


class TestLookUp:
    @pytest.mark.parametrize(
        ("cpr", "result", "services", "priority"),
        [
            (BOOKED, "appointment", ["licence-renewal"], None),
            (OLDER, "appointment", ["licence-renewal"], "older"),
            (WALK_IN, "none", [], None),
            (CHILD, "under_age", [], None),
            (NOBODY, "unknown", [], None),
        ],
    )
    def test_what_is_known_of_a_customer(
        self, client: Client, cpr: str, result: str, services: list[str], priority: str | None
    ) -> None:
        answer = client.look_up(cpr).json()
        assert set(answer) == {"result", "appointments", "ticket", "priority"}
        assert (answer["result"], answer["priority"], answer["ticket"]) == (result, priority, None)
        assert [each["service"] for each in answer["appointments"]] == services

    def test_a_booking_at_another_centre_is_not_told(self, client: Client) -> None:
        assert client.look_up(WALK_IN, "hub-1").json()["result"] == "none"
        assert client.look_up(WALK_IN, "hub-2").json()["result"] == "appointment"

    def test_known_and_unknown_cost_the_same_work(self, client: Client) -> None:
        asked = {cpr: client.customer(cpr) for cpr in (WALK_IN, NOBODY, CHILD)}
        store = client.service.store
        centre = store.call(Registers.read).centres[CENTRE]
        registry = bookings.Registry(store.vault)

        def statements(customer: str) -> list[str]:
            """Return what a look-up asks of the database; listened to within its job, for others have theirs."""
            said: list[str] = []

            def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
                said.append(statement)

            def job(session: Session) -> None:
                event.listen(store.engine, "before_cursor_execute", note)
                try:
                    registry.look_up(session, centre, customer, client.site.clock.now())
                finally:
                    event.remove(store.engine, "before_cursor_execute", note)

            store.call(job)
            return said

        work = [statements(customer) for customer in asked.values()]
        assert work[0] == work[1] == work[2] != []

    def test_a_plain_cpr_is_refused_and_not_repeated(self, client: Client) -> None:
        response = client.send("kiosk-1", "POST", "/v1/lookup", {"customer": BOOKED})
        assert response.status_code == 422
        assert BOOKED not in response.text

    def test_a_device_may_not_ask_without_end(self, site: Site) -> None:
        with site.served(lookups_per_minute=3) as client:
            statuses = [
                client.send("kiosk-1", "POST", "/v1/lookup", {"customer": f"{n:032x}"}).status_code for n in range(4)
            ]
            assert statuses == [200, 200, 200, 429]
            assert client.send("hub-1", "POST", "/v1/lookup", SOMEBODY).status_code == 200
            refused = client.send("kiosk-1", "POST", "/v1/lookup", SOMEBODY)
            assert 1 <= int(refused.headers["retry-after"]) <= 60
            site.clock.pass_time(60)
            assert client.send("kiosk-1", "POST", "/v1/lookup", SOMEBODY).status_code == 200

    def test_nor_may_a_centre_ask_for_one_customer_without_end(self, site: Site) -> None:
        with site.served(lookups_per_customer=2) as client:
            asks = [("kiosk-1", 200), ("hub-1", 200), ("kiosk-1", 429), ("hub-2", 200)]
            for device, status in asks:
                assert client.send(device, "POST", "/v1/lookup", SOMEBODY).status_code == status


class TestLogs:
    def test_a_hub_hands_in_its_kiosks_logs_and_reads_its_own_centres_only(self, site: Site) -> None:
        with site.served() as client:
            assert client.send("hub-1", "POST", "/v1/events", push(KIOSK_LOG)).json() == {"ack_seq": 3}
            assert client.send("hub-2", "POST", "/v1/events", push(OTHER_LOG)).json() == {"ack_seq": 3}
            mine = client.send("hub-1", "GET", "/v1/events").json()["events"]
            theirs = client.send("hub-2", "GET", "/v1/events").json()["events"]
            assert {each["dev"] for each in mine} == {"kiosk-1"}
            assert {each["dev"] for each in theirs} == {"kiosk-2"}

    @pytest.mark.parametrize("stream", [Stream("kiosk-2", 1), Stream("kiosk-1", 2), Stream("server", 1)], ids=str)
    def test_a_hub_hands_in_no_other_stream(self, client: Client, stream: Stream) -> None:
        response = client.send("hub-1", "POST", "/v1/events", push(chain(stream, 1)))
        assert (response.status_code, response.json()["code"]) == (403, "FORBIDDEN")

    def test_a_kiosk_hands_in_no_log_but_its_own(self, site: Site) -> None:
        with site.served() as client:
            assert client.send("kiosk-1", "POST", "/v1/events", push(chain(Stream("hub-1", 1), 1))).status_code == 403

    def test_a_revoked_kiosks_log_still_comes_through_its_hub(self, site: Site) -> None:
        with site.served() as client:
            old = push(chain(Stream("kiosk-old", 1), 2))
            assert client.send("kiosk-old", "POST", "/v1/events", old).status_code == 401
            assert client.send("hub-1", "POST", "/v1/events", old).json() == {"ack_seq": 2}

    def test_what_was_acknowledged_is_there_after_a_restart(self, site: Site) -> None:
        with site.served() as client:
            client.send("hub-1", "POST", "/v1/events", push(KIOSK_LOG))
        site.clock.pass_time(1)
        with site.served() as client:
            again = client.send("hub-1", "GET", "/v1/events").json()["events"]
        assert again == [event.to_wire() for event in KIOSK_LOG]


class TestPublic:
    def test_centres_tell_hours_and_services_and_nothing_of_staff_or_devices(self, client: Client) -> None:
        centres = client.send(None, "GET", "/v1/centres").json()
        assert [centre["id"] for centre in centres] == [CENTRE, OTHER]
        assert centres[0]["open"] is True
        assert centres[0]["changes_at"] == "2026-11-22T11:15:00Z"
        text = json.dumps(centres)
        assert all(word not in text for word in ("kiosk", "pin", "counters", "key", "rates"))

    def test_health_needs_the_log_too(self, site: Site) -> None:
        with site.served() as client:
            client.service.writer.close()
            response = client.send(None, "GET", "/v1/health")
            assert (response.status_code, response.json()["code"]) == (503, "UNAVAILABLE")


@pytest.fixture(scope="module")
def document(client: Client) -> dict[str, Any]:
    document: dict[str, Any] = requests.get(f"{client.url}/openapi.json", timeout=10).json()
    return document


class TestOpenApi:
    def test_every_route_is_described(self, client: Client, document: dict[str, Any]) -> None:
        assert document["openapi"].startswith("3.1")
        # What is asked with a key, an account or a session is held against the description where that is tried.
        described = {
            (method.upper(), path)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if not set(operation["tags"]) & {"systems", "administration"}
        }
        served = {(method, target.split("?")[0].replace("kiosk-old", "{name}")) for method, target, _ in ASKS.values()}
        assert described == served - {("GET", "/v1/snapshot"), ("GET", "/v1/live")}
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                assert operation.get("description"), (method, path)
                assert "200" in operation["responses"], (method, path)

    def test_what_needs_a_signature_says_so(self, document: dict[str, Any]) -> None:
        for path, methods in document["paths"].items():
            for operation in methods.values():
                signed = path not in ("/v1/centres", "/v1/health", "/v1/enrol", "/v1/administration/sessions")
                assert bool(operation.get("security")) == signed, path
                assert ("401" in operation["responses"]) == signed, path

    @pytest.mark.parametrize("device", ANSWERS, ids=str)
    @pytest.mark.parametrize("ask", [ask for ask in ASKS if ask not in ("snapshot", "live")])
    def test_every_answer_is_as_described(
        self, client: Client, document: dict[str, Any], device: str | None, ask: str
    ) -> None:
        method, target, content = ASKS[ask]
        self._check(client.send(device, method, target, content(device or "kiosk-1")), document)

    @pytest.mark.parametrize(
        ("method", "target", "content"),
        [
            ("POST", "/v1/lookup", {"customer": "x"}),
            ("POST", "/v1/hello", {}),
            ("POST", "/v1/hello", hello("kiosk-2")),
            ("POST", "/v1/events", {"dev": "hub-1", "inc": 1, "first_seq": 1, "events": []}),
            ("POST", "/v1/events", push(chain(Stream("hub-1", 1), 3)[2:])),
            ("POST", "/v1/events", push(chain(Stream("hub-1", 1), 1, salt="other"))),
            ("GET", "/v1/events?after=elsewhere:9", None),
            ("GET", "/v1/events?limit=0", None),
            ("GET", "/v1/day-appointments", None),
        ],
    )
    def test_so_is_every_refusal(
        self, client: Client, document: dict[str, Any], method: str, target: str, content: object
    ) -> None:
        client.send("hub-1", "POST", "/v1/events", push(chain(Stream("hub-1", 1), 1)))
        response = client.send("hub-1", method, target, content)
        assert response.status_code >= 400
        self._check(response, document)

    def test_so_are_full_look_ups(self, client: Client, document: dict[str, Any]) -> None:
        for cpr in (BOOKED, OLDER, CHILD, NOBODY):
            self._check(client.look_up(cpr), document)

    def test_so_are_too_many_and_unavailable(self, site: Site, document: dict[str, Any]) -> None:
        with site.served(lookups_per_minute=1) as client:
            asks = [client.send("kiosk-1", "POST", "/v1/lookup", SOMEBODY) for _ in range(2)]
            client.service.writer.close()
            asks += [client.send(None, "GET", "/v1/health"), client.send("hub-1", "POST", "/v1/hello", hello("hub-1"))]
        assert [ask.status_code for ask in asks] == [200, 429, 503, 503]
        for ask in asks:
            self._check(ask, document)

    @staticmethod
    def _check(response: requests.Response, document: dict[str, Any]) -> None:
        path = response.request.path_url.split("?")[0].replace("kiosk-old", "{name}")
        operation = document["paths"][path][str(response.request.method).lower()]
        described = operation["responses"].get(str(response.status_code))
        assert described, f"{path} answers {response.status_code}, which is not described"
        kind = response.headers["content-type"].split(";")[0]
        assert kind in described["content"], kind
        schema = described["content"][kind]["schema"]
        if kind == "application/problem+json":
            # A problem may carry more, by its code.
            schema = schema | {"additionalProperties": True}
        assert faults(response.json(), schema, document) == []


def test_every_role_of_the_house_stands_in_the_table() -> None:
    roles = {str(name).partition("-")[0] for name in ANSWERS if name is not None}
    assert roles == {role.value for role in Role}
