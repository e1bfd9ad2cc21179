"""Every endpoint of hub and server, tried by everybody: a new one that nobody has declared fails here.

The endpoints are found in the running applications; who may use each is said in one table for each of the two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

import pytest
import requests
from starlette.routing import BaseRoute

from hub.settings import Settings
from server.messages import SmsConfig
from sync.identity import DeviceKey, Signer
from tests.hub.house import House, Web, settings_json
from tests.server.site import Client, Site

Endpoint = tuple[str, str]
Allowed = Mapping[Endpoint, set[str]]

DEVICES = {"kiosk", "display", "hub"}
STAFF = {"clerk", "supervisor"}
EVERYBODY = {"nobody", "revoked", *DEVICES, *STAFF}
FILLED = {"{name}": "nothing", "{language}": "en", "{identity}": "A" * 16}
VIEWS = {"board": {"kiosk", "display", *STAFF}, "kiosk": {"kiosk", *STAFF}, "counter": STAFF}

# Whoever has a ticket's id: the pages themselves limit who guesses.
FOLLOW: Allowed = {
    (method, path): EVERYBODY
    for letter in "tT"
    for method, path in (
        ("GET", f"/{letter}/{{identity}}"),
        ("GET", f"/{letter}/{{identity}}/now"),
        ("GET", f"/{letter}/{{identity}}/live"),
        ("POST", f"/{letter}/{{identity}}/wish"),
    )
} | {("GET", "/follow/{version}/{name}"): EVERYBODY, ("GET", "/robots.txt"): EVERYBODY}
HUB: Allowed = {
    ("GET", "/v1/openapi.json"): EVERYBODY,
    ("GET", "/"): EVERYBODY,
    ("GET", "/devices"): EVERYBODY,  # the page; what it shows is asked for
    ("GET", "/theme.css"): EVERYBODY,
    ("GET", "/v1/texts"): EVERYBODY,
    ("GET", "/v1/texts/{language}"): EVERYBODY,
    ("GET", "/v1/staff"): EVERYBODY,
    ("POST", "/v1/staff/sign-in"): EVERYBODY,
    ("GET", "/v1/staff/me"): STAFF,
    ("POST", "/v1/staff/sign-out"): STAFF,
    ("POST", "/v1/claims"): STAFF,
    ("POST", "/v1/hello"): {"kiosk", "hub"},
    ("POST", "/v1/events"): {"kiosk", "hub"},
    ("GET", "/v1/events"): {"hub"},
    ("POST", "/v1/contacts"): {"kiosk"},
    ("POST", "/v1/health"): {"kiosk"},
    ("GET", "/v1/settings"): {"kiosk", "hub"},
    ("POST", "/v1/lookup"): {"kiosk", "hub"},
    ("POST", "/v1/followed"): {"kiosk", "hub"},
    ("POST", "/v1/enrol"): EVERYBODY,  # with a code
    ("GET", "/v1/figures"): {"supervisor"},
    ("GET", "/v1/devices"): {"supervisor"},
    ("POST", "/v1/devices/codes"): {"supervisor"},
    ("POST", "/v1/devices/revoke"): {"supervisor"},
    **FOLLOW,
}
# The public pages, in each language.
PAGES: Allowed = {
    ("GET", "/"): EVERYBODY,
    ("GET", "/pages/{version}/{name}"): EVERYBODY,
    ("GET", "/staff-look/{version}/{name}"): EVERYBODY,
    **{
        ("GET", f"/{language}{path}"): EVERYBODY
        for language in ("ar", "en")
        for path in ("", "/centres", "/centres/{centre}", "/questions")
    },
}
# A customer's pages: who is not signed in is sent to the sign-in; a form counts only from its own page (tests/server/
# pages), so that nobody here gets through with one.
OWN_PAGES = (
    *("/mine", "/sign-in", "/book", "/book/{centre}", "/book/{centre}/{service}", "/b/{link}"),
    *("/complaints/{reference}", "/c/{reference}"),
)
FORMS = (
    *("/sign-in", "/sign-in/code", "/sign-out", "/book/{centre}/{service}/confirm"),
    *("/b/{link}/move", "/b/{link}/cancel", "/rate/{centre}/{visit}", "/complain"),
)
CUSTOMERS: Allowed = {
    ("GET", "/b/{link}"): EVERYBODY,
    ("GET", "/b/{link}/live"): EVERYBODY,
    **{
        ("GET", f"/{language}{path}"): EVERYBODY
        for language in ("ar", "en")
        for path in (*OWN_PAGES, *FORMS[3:], "/b/{link}/calendar", "/b/{link}/turn")
    },
    **{("POST", f"/{language}{path}"): set() for language in ("ar", "en") for path in (*FORMS, "/b/{link}/wish")},
}
# A customer is who has a session's token; none of these has one.
BOOKING: Allowed = {
    ("POST", "/v1/booking/codes"): EVERYBODY,
    ("POST", "/v1/booking/sessions"): EVERYBODY,  # with a code
    ("GET", "/v1/booking/centres/{centre}/services/{service}/slots"): EVERYBODY,
    ("GET", "/v1/booking/tickets/{link}"): EVERYBODY,  # the link is the secret
    ("POST", "/v1/booking/sessions/end"): set(),
    ("GET", "/v1/booking/appointments"): set(),
    ("GET", "/v1/booking/history"): set(),
    ("POST", "/v1/booking/appointments"): set(),
    ("POST", "/v1/booking/appointments/{centre}/{appointment}/move"): set(),
    ("POST", "/v1/booking/appointments/{centre}/{appointment}/cancel"): set(),
    ("GET", "/v1/feedback"): set(),
    ("POST", "/v1/feedback/ratings"): set(),
    ("POST", "/v1/feedback/complaints"): set(),
}
# Other systems have keys; none of these has one. What a key may is in tests/server/api/test_systems.py.
SYSTEMS: Allowed = {
    ("GET", "/v1/key"): set(),
    ("GET", "/v1/centres/{centre}/services/{service}/slots"): set(),
    ("GET", "/v1/centres/{centre}/appointments"): set(),
    ("POST", "/v1/centres/{centre}/appointments"): set(),
    ("GET", "/v1/centres/{centre}/appointments/{appointment}"): set(),
    ("POST", "/v1/centres/{centre}/appointments/{appointment}/move"): set(),
    ("POST", "/v1/centres/{centre}/appointments/{appointment}/cancel"): set(),
}
# Who books is found out in the booking's own transaction, after what is wanted was read.
WANTED = {
    ("POST", "/v1/booking/appointments"): {
        "centre": "muharraq-traffic", "service": "licence-renewal", "slot_at": "2026-11-22T06:00:00Z"
    }
}  # fmt: skip
SERVER: Allowed = {
    ("GET", "/openapi.json"): EVERYBODY,
    ("GET", "/v1/centres"): EVERYBODY,
    ("GET", "/v1/health"): EVERYBODY,
    ("POST", "/v1/hello"): {"kiosk", "hub"},
    ("POST", "/v1/events"): {"kiosk", "hub"},
    ("GET", "/v1/events"): {"hub"},
    ("GET", "/v1/settings"): {"kiosk", "hub"},
    ("GET", "/v1/day-appointments"): {"hub"},
    ("POST", "/v1/lookup"): {"kiosk", "hub"},
    ("POST", "/v1/messages"): {"hub"},
    ("GET", "/v1/messages"): {"hub"},
    ("GET", "/v1/wishes"): {"hub"},
    ("POST", "/v1/enrol"): EVERYBODY,  # with a code
    ("GET", "/v1/devices"): {"hub"},
    ("POST", "/v1/devices/codes"): {"hub"},
    ("POST", "/v1/devices/{name}/revoke"): {"hub"},
    ("GET", "/v1/reports/{token}"): EVERYBODY,  # the token is Kannel's
    **FOLLOW,
    **PAGES,
    **CUSTOMERS,
    **BOOKING,
    **SYSTEMS,
}


# Staff with accounts have doors of their own, where each role is tried at each (tests/server/administration): no device
# and no session of a hub opens one of them.
STAFF_PAGES = ("/ar/staff", "/en/staff")


def of_accounts(found: Iterable[Endpoint]) -> Allowed:
    """Return the administration's endpoints: whoever has no account may at most sign in there."""
    return {
        (method, path): EVERYBODY if path.endswith("/administration/sessions") else set()
        for method, path in found
        if path.startswith("/v1/administration/")
    }


def endpoints(routes: Iterable[BaseRoute]) -> Iterator[Endpoint]:
    """Give every method and path of an application, those of the routers in it too."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from endpoints(inner.routes)
            continue
        path: str = getattr(route, "path")  # noqa: B009  # BaseRoute does not declare it
        methods: set[str] | None = getattr(route, "methods", None)
        for method in sorted((methods or {"GET"}) - {"HEAD"}):
            yield method, path


class Everybody:
    """The callers: devices by their signatures, staff by their cookies."""

    def __init__(self, url: str, signers: Mapping[str, Signer], staff: Mapping[str, requests.Session]) -> None:
        self.url = url
        self.signers = signers
        self.staff = staff

    def names(self) -> set[str]:
        return {"nobody", *self.signers, *self.staff}

    def is_let_in(self, who: str, method: str, target: str) -> bool:
        """Send an empty question: who may not ask is told so before it is looked at (but for those of WANTED)."""
        body = b"" if method == "GET" else json.dumps(WANTED.get((method, target), {})).encode()
        headers = {"Content-Type": "application/json"} if body else {}
        if who in self.signers:
            headers["Authorization"] = self.signers[who].authorization(method, target, body)
        session = self.staff.get(who) or requests.Session()
        with session.request(
            method, self.url + target, data=body, headers=headers, timeout=10, stream=True, allow_redirects=False
        ) as answer:
            assert answer.status_code < 500 or answer.status_code == 503, (who, method, target, answer.text)
            return answer.status_code not in (401, 403)

    def who_may(self, method: str, path: str) -> set[str]:
        target = re.sub(r"\{\w+\}", lambda place: FILLED.get(place[0], "x"), path)
        return {who for who in self.names() if self.is_let_in(who, method, target)}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Web, Everybody]]:
    house = House(tmp_path_factory.mktemp("hub"))
    house.devices.append(house._enrol("hub", "hub"))
    gone = DeviceKey.make(house.data / "keys" / "gone")
    told = settings_json(house.devices, retired=[{"id": "kiosk-9", "public_key": gone.public}])
    house.settings_json, house.settings = told, Settings.from_json(told)
    with house.serving() as web:
        signers = {
            "kiosk": house.signers["kiosk-1"],
            "display": house.signers["display-1"],
            "hub": house.signers["hub"],
        }
        signers["revoked"] = Signer(gone, "kiosk-9", 1, house.clock)
        yield web, Everybody(web.url, signers, {"clerk": web.clerk("clerk-1"), "supervisor": web.clerk("boss")})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Everybody]]:
    site = Site(tmp_path_factory.mktemp("site"))
    with site.served(sms=SmsConfig("http://127.0.0.1:9/send", "dawr", "secret", "http://127.0.0.1:9")) as client:
        names = {"kiosk": "kiosk-1", "display": "display-1", "hub": "hub-1", "revoked": "kiosk-old"}
        signers = {who: Signer(site.keys[name], name, 1, site.clock) for who, name in names.items()}
        yield client, Everybody(client.url, signers, {})


def _check(everybody: Everybody, found: Iterable[Endpoint], allowed: Allowed) -> None:
    # The one that ends a session is tried last.
    for method, path in sorted(found, key=lambda each: each[1].endswith("sign-out")):
        assert everybody.who_may(method, path) == allowed[method, path] & everybody.names(), (method, path)


def test_the_hub_s_endpoints_are_for_whom_they_are_for(hub: tuple[Web, Everybody]) -> None:
    web, everybody = hub
    found = set(endpoints(web.house.hub.app.app.routes))
    views = {(method, path) for method, path in found if path in ("/v1/snapshot", "/v1/live")}
    mounted = {("GET", path) for path in ("/counter", "/fonts")}
    assert len(views) == 2
    assert found - views - mounted == set(HUB), "whoever adds an endpoint says here who may use it"
    for view, who in VIEWS.items():
        for _, path in sorted(views):
            assert everybody.who_may("GET", f"{path}?view={view}") == who, (path, view)
    _check(everybody, found - views - mounted, HUB)


def test_the_server_s_endpoints_are_for_whom_they_are_for(server: tuple[Client, Everybody]) -> None:
    client, everybody = server
    found = {each for each in endpoints(client.service.app.routes) if not each[1].startswith(STAFF_PAGES)}
    allowed = {**SERVER, **of_accounts(found)}
    assert found == set(allowed), "whoever adds an endpoint says here who may use it"
    _check(everybody, found, allowed)
