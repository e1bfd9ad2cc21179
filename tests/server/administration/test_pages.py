"""The staff's pages over HTTP: who gets in, who may what, forms and their locks, what holds for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

import pytest
import requests
from starlette.routing import Route

from server.administration.pages.room import SESSION
from tests.server.administration.office import PASSWORD
from tests.server.administration.workplace import PEOPLE, TRAFFIC, Worker, Workplace, typed_in
from tests.server.pages.ministry import SERVICE, forms
from tests.server.site import CENTRE, OTHER

HERE = f"/staff/centres/{CENTRE}"
PAGES = (
    "",
    "/password",
    "/help",
    "/bodies",
    "/bodies/traffic",
    "/bodies/new",
    "/bodies/new-centre",
    f"/bodies/{CENTRE}",
    "/accounts",
    "/accounts/new",
    "/audit",
    "/figures",
    *(f"/centres/{CENTRE}{path}" for path in (
        "", "/slots", "/days", "/days/close", "/days/open", "/days/import", "/hours", "/rules", "/contact",
        "/ratings", "/turns", "/messages", "/phones", "/phones/new", "/pauses", "/pauses/new",
        "/services", f"/services/{SERVICE}", "/services/new", "/counters", "/counters/1", "/counters/new",
        "/notices", "/notices/new", "/questions", "/questions/new", "/crew", "/crew/new", "/devices",
        "/devices/kiosk-1", "/complaints",
    )),
)  # fmt: skip
CHANGING = ("/days/close", "/days/open", "/days/import", "/crew/new", "/devices/kiosk-1")
"""Pages of a centre that are nothing but an act."""


class TestGettingIn:
    def test_who_is_not_signed_in_is_asked_to_and_comes_back(self, workplace: Workplace) -> None:
        stranger = Worker(workplace, "")
        answer = stranger.get(f"/en{HERE}/slots?first=2026-11-23")
        assert answer.url.startswith(f"{workplace.url}/en/staff/sign-in?to=")
        answer = stranger.send("/en/staff/sign-in", name="huda", password=PASSWORD)
        assert answer.url == f"{workplace.url}/en{HERE}/slots?first=2026-11-23"

    def test_every_page_wants_somebody(self, workplace: Workplace) -> None:
        for path in PAGES:
            answer = requests.get(f"{workplace.url}/ar/staff{path}", timeout=10, allow_redirects=False)
            assert (answer.status_code, answer.headers["location"][:17]) == (303, "/ar/staff/sign-in"), path
            answer = requests.post(f"{workplace.url}/ar/staff{path}", {"a": "b"}, timeout=10, allow_redirects=False)
            assert answer.status_code in (303, 403, 404, 405), path

    def test_a_wrong_password_and_a_name_that_nobody_has_are_told_alike(self, workplace: Workplace) -> None:
        said = []
        for name in ("zain", "nobody"):
            stranger = Worker(workplace, "")
            answer = stranger.enter(name, "wrong")
            assert answer.status_code == 422 and SESSION not in stranger.session.cookies
            said.append(re.sub(r'value="[^"]*"', "", answer.text))
        assert said[0] == said[1]

    @pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/en/mine", "/en/staff//evil.example"])
    def test_it_leads_nowhere_else(self, workplace: Workplace, to: str) -> None:
        stranger = Worker(workplace, "")
        stranger.get(f"/en/staff/sign-in?to={to}")
        assert '<input type="hidden" name="to" value="/en/staff">' in stranger.html

    def test_who_signs_out_is_out_in_every_window(self, workplace: Workplace) -> None:
        leaving = Worker(workplace, "")
        leaving.enter("zain", PASSWORD)
        token = leaving.session.cookies[SESSION]
        leaving.send("/en/staff/sign-out")
        answer = requests.get(f"{workplace.url}/en/staff", cookies={SESSION: token}, timeout=10, allow_redirects=False)
        assert answer.status_code == 303

    def test_no_page_is_kept_found_or_scripted(self, amal: Worker) -> None:
        answer = amal.get("/en/staff")
        assert answer.headers["cache-control"] == "no-store" and "noindex" in answer.headers["x-robots-tag"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "script-src" not in answer.headers["content-security-policy"] and "<script" not in answer.text
        assert "/staff" not in amal.get("/en").text


class TestPages:
    @pytest.mark.parametrize("language", ["ar", "en"])
    def test_every_page_is_there_in_each_language(self, workplace: Workplace, amal: Worker, language: str) -> None:
        for path in (*PAGES, f"/accounts/{workplace.account('huda')}"):
            answer = amal.get(f"/{language}/staff{path}")
            assert answer.status_code == 200, (path, answer.text)
            assert f'<html lang="{language}"' in answer.text and amal.path == f"/{language}/staff{path}"
            # Each of its forms holds this browser's mark.
            found = forms(answer.text)
            assert len(found) == answer.text.count("<form ") - answer.text.count('<form method="get"'), path
            assert {form["fields"]["form"] for form in found} == {amal.session.cookies["dawr_form"]}, path

    def test_no_page_is_forgotten_here(self, workplace: Workplace) -> None:
        routes = walk(workplace.ministry.client.service.app.router.routes)
        paths = {
            route.path.removeprefix("/en/staff")
            for route in routes
            if route.path.startswith("/en/staff") and "GET" in (route.methods or ())
        }
        seen = {path for path in paths if any(re.fullmatch(re.sub(r"{\w+}", "[^/]+", path), page) for page in PAGES)}
        assert paths - seen == {
            "/sign-in",
            "/centres/{centre}/changes/{change}",
            "/centres/{centre}/complaints/{reference}",
        }

    def test_what_is_not_there_says_so(self, amal: Worker) -> None:
        for path in ("/centres/nowhere", f"/centres/{CENTRE}/services/nothing", "/bodies/nothing", "/accounts/nobody"):
            assert amal.get(f"/en/staff{path}").status_code == 404, path


class TestRoles:
    """Who may not, gets no button, and 403 for the act all the same."""

    MAY: ClassVar[dict[str, set[str]]] = {
        "amal": {"help", "bodies", "accounts", "audit", "change", "crew"},
        "huda": {"help", "audit", "change", "crew"},
        "omar": {"help"},
        "noor": {"audit"},
        "zain": set(),
    }

    @pytest.mark.parametrize("name", list(MAY))
    def test_each_sees_what_the_role_may(self, workplace: Workplace, name: str) -> None:
        worker, may = Worker(workplace, name), self.MAY[name]
        for place in ("help", "bodies", "accounts", "audit"):
            assert (f'href="/en/staff/{place}"' in worker.html) == (place in may), place
            assert worker.get(f"/en/staff/{place}").status_code == (200 if place in may else 403), place
            worker.get("/en/staff")
        for section in ("", "/slots", "/days", "/hours", "/rules", "/services", "/crew", "/devices"):
            assert worker.get(f"/en{HERE}{section}").status_code == 200
            offers = f'action="{worker.here}' in worker.html and '<button class="act main">' in worker.html
            offers = offers or "/days/close" in worker.html or f'{worker.here}/crew/new"' in worker.html
            acts = section in ("/slots", "/days", "", "/hours", "/rules", "/crew", "/devices", "/services")
            assert not offers or (acts and "change" in may), (name, section)
        for path in CHANGING:
            assert worker.get(f"/en{HERE}{path}").status_code == (200 if "change" in may else 403), (name, path)

    @pytest.mark.parametrize("name", ["omar", "noor", "zain", "riffa"])
    def test_and_the_act_is_refused_whatever_is_sent(self, workplace: Workplace, name: str) -> None:
        worker = Worker(workplace, name)
        mark = typed_in(worker.html, "/en/staff/sign-out")["form"]
        for path, fields in ACTS.items():
            answer = worker.post(f"/en/staff{path}", {"form": mark, **fields})
            assert answer.status_code == 403, (name, path, answer.status_code)
            assert "may not do this" in answer.text, (name, path)

    def test_the_other_centres_manager_sees_nothing_here(self, workplace: Workplace) -> None:
        riffa = Worker(workplace, "riffa")
        assert f"/centres/{OTHER}" in riffa.html and CENTRE not in riffa.html
        assert riffa.get(f"/en{HERE}/rules").status_code == 403


def walk(routes: Iterable[object]) -> Iterator[Route]:
    """Give the pages' routes, those of mounted routers too."""
    for route in routes:
        if isinstance(route, Route):
            yield route
        elif (below := getattr(route, "original_router", None)) is not None:
            yield from walk(below.routes)


ACTS = {
    f"/centres/{CENTRE}/hours": {"base": "x", "sun.0.begins": "7", "sun.0.ends": "8"},
    f"/centres/{CENTRE}/rules": {"base": "x"},
    f"/centres/{CENTRE}/contact": {"base": "x"},
    f"/centres/{CENTRE}/services/{SERVICE}": {"base": "x"},
    f"/centres/{CENTRE}/services/{SERVICE}/remove": {"sure": "on", "base": "x"},
    f"/centres/{CENTRE}/notices/new": {"base": "", "text.ar": "a", "text.en": "b"},
    f"/centres/{CENTRE}/days/close": {"day": "2026-11-24", "service": "", "sure": "on"},
    f"/centres/{CENTRE}/days/open": {"day": "2026-11-27", "begins": "8", "ends": "12"},
    f"/centres/{CENTRE}/days/import/now": {"calendar": "BEGIN:VCALENDAR", "body": CENTRE},
    f"/centres/{CENTRE}/crew/new": {"id": "eve", "name.ar": "a", "name.en": "b", "role": "clerk", "pin": "1234"},
    f"/centres/{CENTRE}/devices": {"role": "kiosk"},
    f"/centres/{CENTRE}/devices/kiosk-1/revoke": {},
    "/bodies/new": {"id": "mine", "name.ar": "a", "name.en": "b", "above": ""},
    "/bodies/traffic": {"name.ar": "a", "name.en": "b"},
    "/bodies/traffic/remove": {},
    "/accounts/new": {"name": "eve", "shown": "Eve", "role": "viewer", "body": ""},
    "/accounts/nobody/disable": {},
}
"""An act of each kind that a desk, an auditor, a viewer and another centre's manager may not do here."""


class TestLocks:
    def test_nothing_is_done_for_a_form_of_another_site_or_browser(self, workplace: Workplace, amal: Worker) -> None:
        values = {"centre": CENTRE, "member": "new", "device": "kiosk-1", "body": TRAFFIC, "entry": "new"}
        values |= {"account": workplace.account("huda"), "reference": "C-1"}
        routes = workplace.ministry.client.service.app.router.routes
        paths = {
            route.path
            for route in walk(routes)
            if route.path.startswith("/en/staff/") and route.methods is not None and "POST" in route.methods
        }
        assert len(paths) > 35
        mark = amal.session.cookies["dawr_form"]
        for path in sorted(each.format(**values) for each in paths):
            for fields, headers in (
                ({"form": "x" * 22}, {}),
                ({"form": mark}, {"Origin": "https://evil.example"}),
            ):
                told = {"Origin": workplace.url, **headers}
                as_file = {"calendar": b""} if path.endswith("/import") else None
                answer = amal.session.post(workplace.url + path, fields, files=as_file, headers=told, timeout=10)
                assert answer.status_code == 403 and "could not accept" in answer.text, path


def test_everybody_of_the_staff_can_be_signed_in(workplace: Workplace) -> None:
    for name, (shown, _) in PEOPLE.items():
        assert shown in Worker(workplace, name, "ar").html
