"""The hub over HTTP: who may ask what, pages and their policy, claims, streams, and a description that is true."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from assets.texts import compile_all
from hub.pages import POLICY
from queueing.following import follow_id
from sync.clock import SystemClock
from tests.hub.house import CUSTOMER, House, Web
from tests.server.schema import faults
from tests.sync.fakes import FakeClock
from tests.sync.node import serving


def _send_events(web: Web, device: str, events: list[Any]) -> requests.Response:
    first = events[0]
    content = {
        "dev": first.device,
        "inc": 1,
        "first_seq": first.seq,
        "events": [event.to_wire() for event in events],
    }
    return web.device(device, "POST", "/v1/events", content)


class TestClaims:
    def test_a_visit_over_http(self, web: Web) -> None:
        events = web.house.kiosk.tickets(2, web.house.clock.now())
        assert _send_events(web, "kiosk-1", events).json() == {"ack_seq": 2}
        clerk = web.clerk()
        assert web.press(clerk, "3", "open").status_code == 200
        called = web.press(clerk, "3", "call_next")
        assert called.status_code == 200
        assert called.headers["cache-control"] == "no-store"
        assert called.json()["ticket"]["number"] == "A0001"
        assert called.json()["counter"]["current"] == called.json()["ticket"]
        assert web.press(clerk, "3", "start_serving").json()["ticket"]["status"] == "serving"
        assert web.press(clerk, "3", "finish").json()["counter"]["current"] is None
        assert web.press(clerk, "3", "call_next").json()["ticket"]["number"] == "A0002"
        assert web.press(clerk, "3", "mark_no_show").status_code == 200
        nobody = web.press(clerk, "3", "call_next")
        assert (nobody.status_code, nobody.content) == (204, b"")

    def test_a_refusal_is_a_problem_with_its_context(self, web: Web) -> None:
        web.house.take()
        one, other = web.clerk("clerk-1"), web.clerk("clerk-2")
        for session, counter in ((one, "1"), (other, "2")):
            web.press(session, counter, "open")
        web.press(one, "1", "call_next")
        refused = web.press(other, "2", "call", number="A0001")
        assert refused.status_code == 409
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json() == {
            "type": "about:blank",
            "title": "Taken",
            "status": 409,
            "code": "TAKEN",
            "number": "A0001",
            "counter": "1",
            "context": {"number": "A0001", "counter": "1"},
        }

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[]",
            b"{",
            b"[" * 9000,
            b'{"claim_id":"short","counter":"1","what":{"verb":"call_next"}}',
            b'{"claim_id":"claim-0001","counter":1,"what":{"verb":"call_next"}}',
            b'{"claim_id":"claim-0001","counter":"1","what":{"verb":"dance"}}',
            b'{"claim_id":"claim-0001","counter":"1","what":{"verb":"call"}}',
            b'{"claim_id":"claim-0001","counter":"1","what":{"verb":"call","ticket":{}}}',
            b'{"claim_id":"claim-0001","counter":"1","what":{"verb":"open","services":"renew"}}',
            b'{"claim_id":"claim-0001","counter":"1","what":{"verb":"transfer","to_service":["a"]}}',
            b'{"claim_id":"claim-0001","counter":"","what":{"verb":"call_next"}}',
        ],
    )
    def test_what_is_no_claim_is_told_and_kept_nowhere(self, web: Web, body: bytes) -> None:
        clerk = web.clerk()
        web.press(clerk, "1", "open")
        answer = clerk.post(f"{web.url}/v1/claims", data=body, timeout=10)
        assert (answer.status_code, answer.json()["code"]) == (422, "INVALID")
        assert web.press(clerk, "1", "call_next", "claim-0001").status_code == 204

    def test_a_claim_is_bounded(self, web: Web) -> None:
        clerk = web.clerk()
        assert clerk.post(f"{web.url}/v1/claims", data=b" " * 20_000, timeout=10).status_code == 413
        chunks: Iterator[bytes] = iter([b"{}"])
        assert clerk.post(f"{web.url}/v1/claims", data=chunks, timeout=10).status_code == 411

    def test_only_signed_in_staff_claims_and_only_from_our_page(self, web: Web) -> None:
        claim = {"claim_id": "claim-0001", "counter": "1", "what": {"verb": "open"}}
        assert requests.post(f"{web.url}/v1/claims", json=claim, timeout=10).status_code == 401
        for device in ("kiosk-1", "display-1"):
            assert web.device(device, "POST", "/v1/claims", claim).status_code == 401
        clerk = web.clerk()
        for headers in (
            {"Origin": "http://elsewhere.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
        ):
            refused = clerk.post(f"{web.url}/v1/claims", json=claim, headers=headers, timeout=10)
            assert (refused.status_code, refused.json()["code"]) == (403, "ORIGIN")
        ours = clerk.post(f"{web.url}/v1/claims", json=claim, headers={"Origin": web.url}, timeout=10)
        assert ours.status_code == 200

    def test_a_service_is_closed_by_a_supervisor_alone(self, web: Web) -> None:
        refused = web.press(web.clerk(), "1", "close_service", service="renew")
        assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
        assert web.press(web.clerk("boss"), "", "close_service", service="renew").status_code == 200


class TestStaff:
    def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(self, web: Web) -> None:
        answer = requests.post(f"{web.url}/v1/staff/sign-in", json={"clerk": "clerk-1", "pin": "1234"}, timeout=10)
        parts = [part.strip().lower() for part in answer.headers["set-cookie"].split(";")]
        assert {"httponly", "samesite=strict", "path=/"} <= set(parts)
        assert answer.json() == {"id": "clerk-1", "name": {"ar": "كاتب 1", "en": "Clerk 1"}, "role": "clerk"}

    def test_names_are_given_and_hashes_are_not(self, web: Web) -> None:
        answer = requests.get(f"{web.url}/v1/staff", timeout=10)
        assert {"id", "name", "role"} == set(answer.json()["staff"][0])
        assert "argon2" not in answer.text

    def test_a_wrong_pin_an_unknown_name_and_too_many(self, web: Web) -> None:
        def sign_in(clerk: str) -> requests.Response:
            return requests.post(f"{web.url}/v1/staff/sign-in", json={"clerk": clerk, "pin": "9"}, timeout=10)

        wrong, unknown = sign_in("clerk-1"), sign_in("nobody")
        assert wrong.status_code == unknown.status_code == 401
        assert wrong.json() == unknown.json()
        for _ in range(4):
            sign_in("clerk-1")
        limited = sign_in("clerk-1")
        assert (limited.status_code, limited.headers["retry-after"]) == (429, "600")

    def test_signing_in_and_out(self, web: Web) -> None:
        clerk = web.clerk()
        assert clerk.get(f"{web.url}/v1/staff/me", timeout=10).json()["id"] == "clerk-1"
        assert clerk.post(f"{web.url}/v1/staff/sign-out", json={}, timeout=10).status_code == 204
        assert clerk.get(f"{web.url}/v1/staff/me", timeout=10).status_code == 401
        refused = requests.post(
            f"{web.url}/v1/staff/sign-in",
            json={"clerk": "clerk-1", "pin": "1234"},
            headers={"Origin": "http://elsewhere.example"},
            timeout=10,
        )
        assert refused.status_code == 403


class TestDevices:
    def test_a_kiosk_is_told_how_a_ticket_stands_that_was_shown_to_it(self, web: Web) -> None:
        (event,) = web.house.kiosk.tickets(1, web.house.clock.now())
        assert _send_events(web, "kiosk-1", [event]).status_code == 200

        def asked() -> Any:
            told = web.device("kiosk-1", "POST", "/v1/followed", {"follow": follow_id(event)})
            assert told.status_code == 200
            return told.json()["ticket"]

        waits = asked()
        assert (waits["id"], waits["number"], waits["ahead"], waits["counter"]) == (event.id, "A0001", 0, "")
        web.house.press(3, "open")
        web.house.press(3, "call_next")
        assert asked()["counter"] == "3"
        web.house.press(3, "start_serving")
        web.house.press(3, "finish")
        assert asked() is None
        assert web.device("kiosk-1", "POST", "/v1/followed", {"follow": "A" * 16}).json() == {"ticket": None}
        assert web.device("kiosk-1", "POST", "/v1/followed", {"follow": "a"}).status_code == 422

    @pytest.mark.parametrize(
        ("method", "target", "content", "kiosk", "display"),
        [
            ("GET", "/v1/settings", None, 200, 403),
            ("POST", "/v1/lookup", {"customer": CUSTOMER}, 200, 403),
            ("POST", "/v1/followed", {"follow": "A" * 16}, 200, 403),
            ("GET", "/v1/snapshot?view=kiosk", None, 200, 403),
            ("GET", "/v1/snapshot?view=board", None, 200, 200),
            ("GET", "/v1/snapshot?view=counter", None, 403, 403),
            ("GET", "/v1/snapshot?view=nothing", None, 404, 404),
            ("GET", "/v1/events", None, 403, 403),
        ],
    )
    def test_a_device_does_only_what_its_role_allows(
        self, web: Web, method: str, target: str, content: object, kiosk: int, display: int
    ) -> None:
        assert web.device("kiosk-1", method, target, content).status_code == kiosk
        assert web.device("display-1", method, target, content).status_code == display
        body = None if content is None else json.dumps(content)
        expected = 404 if "nothing" in target else 401
        assert requests.request(method, web.url + target, data=body, timeout=10).status_code == expected

    def test_a_kiosk_sends_its_own_events_and_no_others(self, web: Web) -> None:
        events = web.house.kiosk.tickets(1, web.house.clock.now())
        assert _send_events(web, "display-1", events).status_code == 403
        assert _send_events(web, "kiosk-1", events).status_code == 200
        forged = type(web.house.kiosk)("hub").tickets(1, web.house.clock.now())
        assert _send_events(web, "kiosk-1", forged).status_code == 403

    def test_a_kiosk_is_given_the_centre_and_who_may_open_its_menu(self, web: Web) -> None:
        answer = web.device("kiosk-1", "GET", "/v1/settings")
        assert {"version", "centre", "lookup_key", "booking_key", "staff"} <= set(answer.json())
        assert {key for each in answer.json()["staff"] for key in each} == {"id", "name", "pin_hash"}
        assert answer.json()["centre"] == web.house.settings.centre.to_json()

    def test_look_ups_are_limited(self, web: Web) -> None:
        clock = web.house.clock
        assert isinstance(clock, FakeClock)
        limit = web.house.config.lookups_per_customer
        for _ in range(limit):
            assert web.device("kiosk-1", "POST", "/v1/lookup", {"customer": CUSTOMER}).status_code == 200
        refused = web.device("kiosk-1", "POST", "/v1/lookup", {"customer": CUSTOMER})
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
        for n in range(web.house.config.lookups_per_minute - limit - 1):
            assert web.device("kiosk-1", "POST", "/v1/lookup", {"customer": f"{n:032x}"}).status_code == 200
        assert web.device("kiosk-1", "POST", "/v1/lookup", {"customer": "ef" * 16}).status_code == 429

    def test_a_customer_is_a_hash_and_never_a_number(self, web: Web) -> None:
        refused = web.device("kiosk-1", "POST", "/v1/lookup", {"customer": "990101234"})
        assert refused.status_code == 422
        assert "990101234" not in refused.text


class TestPages:
    def test_the_page_and_what_it_needs(self, web: Web) -> None:
        compile_all()
        for path, kind in {
            "/": "text/html",
            "/counter/js/main.js": "text/javascript",
            "/counter/css/base.css": "text/css",
            "/theme.css": "text/css",
            "/fonts/IBMPlexSansArabic-Regular.woff2": "font/woff2",
            "/v1/texts": "application/json",
            "/v1/texts/ar?prefix=counter": "application/json",
        }.items():
            answer = requests.get(web.url + path, timeout=10)
            assert answer.status_code == 200, path
            assert answer.headers["content-type"].startswith(kind)
            assert answer.headers["content-security-policy"] == POLICY
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "cache-control" in answer.headers
            again = requests.get(web.url + path, headers={"If-None-Match": answer.headers["etag"]}, timeout=10)
            assert again.status_code == 304, path

    def test_the_policy_allows_nothing_inline_and_no_other_place(self) -> None:
        assert POLICY.startswith("default-src 'none'")
        assert "unsafe" not in POLICY
        assert "http" not in POLICY

    def test_texts_are_the_catalogues(self, web: Web) -> None:
        compile_all()
        told = requests.get(f"{web.url}/v1/texts/ar?prefix=counter", timeout=10).json()
        assert (told["language"], told["direction"]) == ("ar", "rtl")
        assert told["texts"]
        assert all(key.startswith("counter.") for key in told["texts"])
        assert requests.get(f"{web.url}/v1/texts/xx", timeout=10).status_code == 404

    @pytest.mark.parametrize("path", ["/counter/../hub.toml", "/counter/%2e%2e/hub/app.py", "/fonts/../theme.json"])
    def test_nothing_outside_the_folders_is_served(self, web: Web, path: str) -> None:
        with requests.Session() as session:
            asked = requests.Request("GET", web.url + path).prepare()
            asked.url = web.url + path
            assert session.send(asked, timeout=10).status_code == 404


def _stream(response: requests.Response) -> Iterator[tuple[str, Any]]:
    kind = ""
    for line in response.iter_lines(decode_unicode=True):
        if line.startswith("event: "):
            kind = line[7:]
        elif line.startswith("data: "):
            yield kind, json.loads(line[6:])


def test_the_live_stream_begins_with_a_snapshot_and_follows_calls(tmp_path: Path) -> None:
    with House(tmp_path, SystemClock()).serving() as web:
        _follow(web)


def _follow(web: Web) -> None:
    web.house.take(3, day=web.house.state.day)
    clerk = web.clerk()
    web.press(clerk, "1", "open")
    target = "/v1/live?view=board"
    headers = {"Authorization": web.house.signers["display-1"].authorization("GET", target)}
    with (
        requests.get(web.url + target, headers=headers, stream=True, timeout=10) as board,
        clerk.get(f"{web.url}/v1/live?view=counter", stream=True, timeout=10) as counter,
    ):
        boards, counters = _stream(board), _stream(counter)
        assert next(boards)[0] == "snapshot"
        assert next(counters)[1]["state"]["counters"][0]["status"] in ("closed", "open")
        pressed = threading.Thread(target=web.press, args=(clerk, "1", "call_next"))
        pressed.start()
        told = next(each["state"] for kind, each in boards if kind == "snapshot" and each["state"]["calls"])
        assert told["calls"][0]["number"] == "A0001"
        current = (each["state"]["counters"][0]["current"] for kind, each in counters if kind == "snapshot")
        assert next(card for card in current if card)["number"] == "A0001"
        pressed.join(10)


class TestDescription:
    def test_it_names_every_route_and_the_errors(self, web: Web) -> None:
        told = requests.get(f"{web.url}/v1/openapi.json", timeout=10).json()
        assert {
            "/v1/hello",
            "/v1/events",
            "/v1/snapshot",
            "/v1/live",
            "/v1/claims",
            "/v1/staff",
            "/v1/staff/sign-in",
            "/v1/staff/sign-out",
            "/v1/staff/me",
            "/v1/settings",
            "/v1/lookup",
            "/v1/health",
            "/v1/texts",
            "/v1/texts/{language}",
            "/theme.css",
        } <= set(told["paths"])
        claims = told["paths"]["/v1/claims"]["post"]
        assert set(claims["responses"]) == {"200", "204", "401", "403", "409", "411", "413", "422", "503"}
        assert told["components"]["securitySchemes"]["StaffSession"]["in"] == "cookie"
        assert claims["security"] == [{"StaffSession": []}]

    def test_answers_are_as_described(self, web: Web) -> None:
        told = requests.get(f"{web.url}/v1/openapi.json", timeout=10).json()

        def check(path: str, method: str, answer: requests.Response) -> None:
            responses = told["paths"][path][method]["responses"]
            kind = answer.headers["content-type"].split(";")[0]
            schema = responses[str(answer.status_code)]["content"][kind]["schema"]
            assert faults(answer.json(), schema, told) == []

        web.house.take(2, priority="older")
        clerk = web.clerk()
        for verb in ("open", "call_next", "start_serving", "park"):
            check("/v1/claims", "post", web.press(clerk, "1", verb))
        check("/v1/claims", "post", web.press(clerk, "1", "recall"))
        check("/v1/claims", "post", requests.post(f"{web.url}/v1/claims", json={}, timeout=10))
        check("/v1/staff", "get", requests.get(f"{web.url}/v1/staff", timeout=10))
        check("/v1/staff/me", "get", clerk.get(f"{web.url}/v1/staff/me", timeout=10))
        check("/v1/lookup", "post", web.device("kiosk-1", "POST", "/v1/lookup", {"customer": CUSTOMER}))
        check("/v1/settings", "get", web.device("kiosk-1", "GET", "/v1/settings"))
        health = {"now": "2026-11-22T06:00:00Z", "trouble": "", "paper": "ok"}
        check("/v1/health", "post", web.device("kiosk-1", "POST", "/v1/health", health))
        check("/v1/texts/{language}", "get", requests.get(f"{web.url}/v1/texts/en", timeout=10))


class TestTheShortWay:
    """Claims and events go past the framework; its own routes document them and answer alike."""

    def test_claims(self, web: Web) -> None:
        web.house.take()
        clerk = web.clerk()
        with serving(web.house.hub.app.app) as documented:
            for body, headers in (
                (_claim("open"), {}),
                (_claim("open", claim_id="claim-0009"), {}),  # refused: it is open
                (_claim("call_next"), {}),
                (_claim("start_serving"), {}),
                (_claim("finish"), {}),
                (_claim("call_next", claim_id="claim-0010"), {}),  # nobody waits
                (_claim("finish", claim_id="claim-0010"), {}),  # an id used twice
                (_claim("dance"), {}),
                (_claim("close_service"), {}),
                (b"{", {}),
                (b"x" * 20_000, {}),
                ([b"chunked"], {}),
                (_claim("finish"), {"Origin": "http://elsewhere"}),
                (_claim("finish"), {"Sec-Fetch-Site": "cross-site"}),
                (_claim("finish"), {"Cookie": "dawr_session=nobody"}),
                (_claim("finish"), {"Cookie": f"a=b; dawr_session={clerk.cookies['dawr_session']};c"}),
            ):
                told = [
                    _told(clerk.post(f"{url}/v1/claims", data=_again(body), headers=headers, timeout=10))
                    for url in (web.url, documented)
                ]
                assert told[0] == told[1]

    def test_events(self, web: Web) -> None:
        events = web.house.kiosk.tickets(3, web.house.clock.now())
        with serving(web.house.hub.app.app) as documented:
            for name, part in (("kiosk-1", events[:1]), ("kiosk-1", events[2:]), ("display-1", events[:1])):
                told = [_told(_send_events(Web(web.house, url), name, part)) for url in (web.url, documented)]
                assert told[0] == told[1]
            unsigned = [requests.post(f"{url}/v1/events", json={}, timeout=10) for url in (web.url, documented)]
            assert _told(unsigned[0]) == _told(unsigned[1])

    def test_each_is_documented(self, house: House) -> None:
        front = house.hub.app
        assert front._posts.keys() == {"/v1/claims", "/v1/events"}
        assert all("post" in front.app.openapi()["paths"][path] for path in front._posts)


def _claim(verb: str, claim_id: str = "") -> bytes:
    said = {"claim_id": claim_id or f"claim-{verb:>8}".replace(" ", "0").replace("_", "-"), "counter": "1"}
    return json.dumps(said | {"what": {"verb": verb}}).encode()


def _again(body: bytes | list[bytes]) -> bytes | Iterator[bytes]:
    """Return a body to send; a list is sent in pieces, without a length."""
    return body if isinstance(body, bytes) else iter(body)


def _told(answer: requests.Response) -> tuple[int, bytes, dict[str, str]]:
    return answer.status_code, answer.content, {k.lower(): v for k, v in answer.headers.items() if k.lower() != "date"}
