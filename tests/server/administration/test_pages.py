"""The staff's pages over HTTP: who gets in, who may what, forms and their locks, faults, two who change the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import ClassVar

import pytest
import requests
from starlette.routing import Route

from server.administration.pages.room import SESSION
from sync.lateness import Behind
from tests.server.administration.office import PASSWORD
from tests.server.administration.workplace import INTERIOR, PEOPLE, TRAFFIC, Worker, Workplace, typed_in, workplace_of
from tests.server.pages.ministry import AHMED, LATER, NOBODY, SERVICE, SLOT, forms
from tests.server.site import CENTRE, OTHER, Site

HERE = f"/staff/centres/{CENTRE}"
PAGES = (
    "",
    "/password",
    "/help",
    "/bodies",
    "/bodies/traffic",
    "/bodies/new-centre",
    f"/bodies/{CENTRE}",
    "/accounts",
    "/audit",
    *(f"/centres/{CENTRE}{path}" for path in (
        "", "/slots", "/days", "/days/close", "/days/open", "/days/import", "/hours", "/rules", "/contact",
        "/services", f"/services/{SERVICE}", "/services/new", "/counters", "/counters/1", "/counters/new",
        "/notices", "/notices/new", "/questions", "/questions/new", "/crew", "/crew/new", "/devices",
        "/devices/kiosk-1", "/complaints",
    )),
)  # fmt: skip
CHANGING = ("/days/close", "/days/open", "/days/import", "/crew/new", "/devices/kiosk-1")
"""Pages of a centre that are nothing but an act."""


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        site = Site(tmp_path_factory.mktemp("workplace"))
        with workplace_of(site, monkeypatch) as workplace:
            yield workplace


@pytest.fixture(scope="module")
def amal(workplace: Workplace) -> Worker:
    """Be the administrator of all."""
    return Worker(workplace, "amal")


@pytest.fixture(scope="module")
def huda(workplace: Workplace) -> Worker:
    """Be the manager of one centre."""
    return Worker(workplace, "huda")


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
            "/accounts/{account}",  # looked at with its id, which every site makes anew
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
    "/bodies": {"id": "mine", "name.ar": "a", "name.en": "b", "above": ""},
    "/bodies/traffic": {"name.ar": "a", "name.en": "b"},
    "/bodies/traffic/remove": {},
    "/accounts": {"name": "eve", "shown": "Eve", "role": "viewer", "body": ""},
    "/accounts/nobody/disable": {},
}
"""An act of each kind that a desk, an auditor, a viewer and another centre's manager may not do here."""


class TestForms:
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

    def test_a_fault_stands_beside_its_field_and_nothing_typed_is_lost(self, huda: Worker) -> None:
        answer = huda.fill(f"/en{HERE}/rules", **{"booking.horizon_days": "400", "booking.misses": "٥"})
        assert answer.status_code == 422
        assert 'id="fault-booking-horizon_days">From 1 to 365.' in answer.text and 'value="400"' in answer.text
        assert 'value="٥"' in answer.text and 'id="fault-booking-misses"' not in answer.text
        assert re.search(r'name="booking.horizon_days"[^>]*aria-invalid="true"[^>]*autofocus', answer.text)

    def test_what_the_core_refuses_stands_beside_its_field_too(self, huda: Worker) -> None:
        answer = huda.fill(f"/en{HERE}/contact", **{"contact.phone": "17000000"})
        assert answer.status_code == 422 and 'id="fault-contact-phone"' in answer.text

    def test_what_is_right_is_saved_and_public_at_once(self, huda: Worker) -> None:
        answer = huda.fill(f"/en{HERE}/contact", **{"contact.phone": "+97317000099"})
        assert answer.url.endswith("/contact?done=saved") and "Saved." in answer.text
        assert "+97317000099" in huda.get(f"/en/centres/{CENTRE}").text

    def test_a_service_is_added_served_and_removed(self, huda: Worker) -> None:
        fields = {"id": "test-thing", "name.ar": "شيء", "name.en": "A thing", "letter": "Z"}
        answer = huda.fill(f"/en{HERE}/services/new", **fields, letter2="")
        assert answer.url.endswith("/services?done=added"), answer.text
        answer = huda.fill(f"/en{HERE}/services/new", **fields)
        assert answer.status_code == 422 and "taken already" in answer.text
        answer = huda.fill(f"/en{HERE}/counters/1", **{"services.test-thing": "on"})
        assert answer.url.endswith("/counters?done=saved")
        assert "A thing" in huda.get(f"/en/centres/{CENTRE}").text
        huda.get(f"/en{HERE}/services/test-thing")
        answer = huda.send(f"/en{HERE}/services/test-thing/remove", sure="on")
        assert answer.url.endswith("/services?done=removed"), answer.text
        assert "A thing" not in huda.get(f"/en/centres/{CENTRE}").text

    def test_a_notice_is_looked_at_before_it_is_out(self, huda: Worker) -> None:
        fields = {"text.ar": "الصالة الثانية مغلقة", "text.en": "Hall two is closed <b>"}
        answer = huda.fill(f"/en{HERE}/notices/new", **fields, preview="on")
        assert answer.status_code == 200 and 'class="preview"' in answer.text
        assert "Hall two is closed &lt;b&gt;" in answer.text
        assert "Hall two" not in huda.get(f"/en/centres/{CENTRE}").text
        huda.fill(f"/en{HERE}/notices/new", **fields)
        assert "Hall two is closed &lt;b&gt;" in huda.get(f"/en/centres/{CENTRE}").text


class TestDays:
    """On Thursday the 26th and later: nobody has booked there."""

    def test_nothing_is_closed_before_somebody_has_seen_whom_it_touches(self, huda: Worker) -> None:
        answer = huda.fill(f"/en{HERE}/days/close", day="2026-11-26")
        assert answer.status_code == 200 and "Nobody has a booking then." in answer.text
        assert "Thursday 26 November" not in huda.get(f"/en/centres/{CENTRE}").text
        huda.fill(f"/en{HERE}/days/close", day="2026-11-26")
        answer = huda.send(f"/en{HERE}/days/close")
        assert answer.url.endswith("/days?done=closed"), answer.text
        assert "Thursday 26 November" in huda.get(f"/en/centres/{CENTRE}").text

    def test_what_cannot_be_closed_is_said_at_its_field(self, huda: Worker) -> None:
        for day, fault in (("2026-11-20", "passed"), ("2026-11-27", "Nothing is open then"), ("", "fill this in")):
            answer = huda.fill(f"/en{HERE}/days/close", day=day)
            assert answer.status_code == 422, day
            assert fault in answer.text.partition('id="fault-day"')[2][:60], (day, answer.text)
        answer = huda.fill(f"/en{HERE}/days/close", day="2026-11-25", begins="12", ends="9")
        assert 'id="fault-ends"' in answer.text

    def test_a_day_is_opened_and_announced(self, huda: Worker) -> None:
        answer = huda.fill(f"/en{HERE}/days/open", day="2026-11-27", begins="8", ends="12", places="3")
        assert answer.url.endswith("/days?done=opened"), answer.text
        public = huda.get(f"/en/centres/{CENTRE}").text
        assert "Friday 27 November" in public.partition("<section")[2].partition("</section>")[0]

    def test_a_calendar_is_looked_at_before_it_is_taken(self, huda: Worker) -> None:
        path = f"/en{HERE}/days/import"
        huda.get(path)
        event = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261203\r\nSUMMARY:Calendar Day\r\nEND:VEVENT\r\n"
        calendar = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n{event}END:VCALENDAR\r\n"
        told = {"Origin": huda.ministry.url}
        fields = typed_in(huda.html, path) | {"body": CENTRE}
        fields.pop("calendar", None)

        def chosen(text: str) -> requests.Response:
            return huda.session.post(
                huda.ministry.url + path, fields, files={"calendar": text.encode()}, headers=told, timeout=10
            )

        assert chosen("no calendar").status_code == 422
        answer = chosen(calendar)
        assert "1 day is added" in answer.text and "Calendar Day" not in huda.get(f"/en/centres/{CENTRE}").text
        answer = huda.post(f"{path}/now", typed_in(answer.text, f"{path}/now"))
        assert answer.url.endswith("/days?done=saved"), answer.text
        assert "Calendar Day" in huda.get(f"/en/centres/{CENTRE}").text


class TestTwoAtOnce:
    def test_who_changes_another_section_is_in_nobodys_way(
        self, workplace: Workplace, huda: Worker, amal: Worker
    ) -> None:
        huda.get(f"/en{HERE}/rules")
        amal.fill(f"/en{HERE}/contact", **{"contact.whatsapp": "+97336000001"})
        answer = huda.post(f"/en{HERE}/rules", {**typed_in(huda.html, f"/en{HERE}/rules"), "booking.block_days": "9"})
        assert answer.url.endswith("?done=saved")
        assert "+97336000001" in huda.get(f"/en{HERE}/contact").text

    def test_who_changes_the_same_is_told_and_both_are_shown(
        self, workplace: Workplace, huda: Worker, amal: Worker
    ) -> None:
        path = f"/en{HERE}/rules"
        huda.get(path)
        mine = {**typed_in(huda.html, path), "booking.within_days": "12"}
        amal.fill(path, **{"booking.within_days": "10"})
        answer = huda.post(path, mine)
        assert answer.status_code == 409 and "Somebody else has changed this meanwhile" in answer.text
        other = re.search(r'id="other-booking-within_days">(.*?)</p>', answer.text, re.S)
        assert other is not None and ">10<" in other[1] and 'value="12"' in answer.text
        assert 'value="10"' in amal.get(path).text  # nothing was overwritten
        answer = huda.post(path, typed_in(answer.text, path))
        assert answer.url.endswith("?done=saved") and 'value="12"' in huda.get(path).text

    def test_an_entry_that_was_changed_meanwhile_is_not_another_one(self, huda: Worker, amal: Worker) -> None:
        for text in ("One thing", "Other thing"):
            huda.fill(f"/en{HERE}/questions/new", **{
                "question.ar": text, "question.en": text, "answer.ar": text, "answer.en": text
            })  # fmt: skip
        huda.get(f"/en{HERE}/questions")
        entry = re.findall(rf'href="(/en{HERE}/questions/[0-9a-f]+)">One thing', huda.html)[0]
        huda.get(entry)
        mine = typed_in(huda.html, entry)
        amal.get(entry)
        amal.send(f"{entry}/remove", sure="on")
        answer = huda.post(entry, {**mine, "answer.en": "Mine"})
        assert answer.status_code == 409 and "not there any more" in answer.text
        assert "Mine" not in huda.get(f"/en/centres/{CENTRE}").text


class TestAccounts:
    def test_a_new_account_gets_a_password_once_and_has_to_change_it(self, workplace: Workplace, amal: Worker) -> None:
        answer = amal.fill("/en/staff/accounts", name="salma", shown="Salma", role="viewer", body=CENTRE)
        password = unescape(re.findall(r'<p class="code"><bdi dir="ltr">(.*?)</bdi>', answer.text)[0])
        assert password not in amal.get(f"/en/staff/accounts/{workplace.account('salma')}").text
        salma = Worker(workplace, "")
        answer = salma.enter("salma", password)
        assert answer.url.endswith("/en/staff/password") and salma.get(f"/en{HERE}").url.endswith("/en/staff/password")
        answer = salma.send("/en/staff/password", current=password, new="short", again="short")
        assert answer.status_code == 422 and 'id="fault-new"' in answer.text and password not in answer.text
        answer = salma.send("/en/staff/password", current=password, new="lamp river kite", again="lamp river kite")
        assert answer.url.endswith("/en/staff?done=password") and "Muharraq" in answer.text

    def test_roles_are_given_and_taken_back(self, workplace: Workplace, amal: Worker) -> None:
        where = f"/en/staff/accounts/{workplace.account('zain')}"
        amal.get(where)
        answer = amal.send(f"{where}/grant", role="desk", body=CENTRE)
        assert answer.url.endswith("?done=saved") and "Help desk" in answer.text
        form = next(
            each
            for each in forms(amal.html)
            if each["action"].endswith("take-back") and each["fields"]["role"] == "desk"
        )
        amal.post(form["action"], form["fields"])
        assert "Help desk –" not in amal.html

    def test_the_last_administrator_stays(self, workplace: Workplace, amal: Worker) -> None:
        where = f"/en/staff/accounts/{workplace.account('amal')}"
        amal.get(where)
        answer = amal.send(f"{where}/take-back")
        assert answer.status_code == 409 and "Nobody could administer" in answer.text


class TestTheOverview:
    def test_it_says_how_each_centres_hub_is_connected(self, workplace: Workplace, amal: Worker) -> None:
        standings = workplace.ministry.client.service.standings
        assert amal.get("/en/staff").text.count("Not heard of yet") >= 2
        standings.hear(CENTRE, Behind())
        standings.hear(OTHER, Behind(40, workplace.clock.now(), late=True))
        said = amal.get("/en/staff").text
        assert '"Connection">Connected</td>' in said and 'class="is-bad">Behind for long</td>' in said
        assert '<b class="is-bad">1</b>' in said


def test_what_is_refused_unforeseen_is_told_kindly(amal: Worker) -> None:
    amal.get(f"/en/staff/bodies/{CENTRE}")
    answer = amal.send(f"/en/staff/bodies/{CENTRE}/place", above="nowhere")
    assert answer.status_code == 404
    answer = amal.post("/en/staff/accounts/nobody/grant", {"form": amal.session.cookies["dawr_form"], "role": "viewer"})
    assert answer.status_code == 404
    answer = amal.post(f"/en{HERE}/days/import/now", {"form": amal.session.cookies["dawr_form"], "calendar": "x"})
    assert answer.status_code == 422 and "cannot be taken" in answer.text


class TestBodies:
    def test_a_new_centre_begins_like_one_that_there_is(self, workplace: Workplace, amal: Worker) -> None:
        names = {"name.ar": "فرع سترة", "name.en": "Sitra Branch"}
        answer = amal.fill("/en/staff/bodies/new-centre", like=CENTRE, above=TRAFFIC, id="Sitra!", **names)
        assert answer.status_code == 422 and 'id="fault-id"' in answer.text and "Sitra Branch" in answer.text
        answer = amal.fill("/en/staff/bodies/new-centre", like=CENTRE, above=TRAFFIC, id="sitra", **names)
        assert answer.url.endswith("/en/staff/centres/sitra/contact?done=added"), answer.text
        public = amal.get("/en/centres/sitra").text
        assert "Sitra Branch" in public and "Driving Licence Renewal" in public and "tel:" not in public
        assert "Sitra Branch" in amal.get("/en/staff").text

    def test_a_department_is_made_renamed_and_removed_once_empty(self, amal: Worker) -> None:
        names = {"name.ar": "إدارة الجمارك", "name.en": "Customs"}
        answer = amal.fill("/en/staff/bodies", above=INTERIOR, id="customs", **names)
        assert answer.url.endswith("/bodies?done=added") and "Customs" in answer.text
        amal.fill("/en/staff/bodies/customs", **{"name.en": "Customs Affairs"})
        assert "Customs Affairs" in amal.html
        amal.get(f"/en/staff/bodies/{TRAFFIC}")
        answer = amal.send(f"/en/staff/bodies/{TRAFFIC}/remove")
        assert answer.status_code == 409 and "still" in answer.text
        amal.get("/en/staff/bodies/customs")
        assert amal.send("/en/staff/bodies/customs/remove").url.endswith("/bodies?done=removed")


class TestTheHelpDesk:
    def test_the_cpr_is_in_no_address_and_no_cookie(self, workplace: Workplace) -> None:
        customer, omar = signed_in_customer(workplace), Worker(workplace, "omar")
        customer.book(SLOT)
        omar.get("/en/staff/help")
        answer = omar.send("/en/staff/help", cpr=AHMED)
        assert answer.status_code == 200 and "Ahmed Al Haddad" in answer.text
        assert AHMED not in answer.url and AHMED not in str(omar.session.cookies)
        assert AHMED not in re.sub(r'<input type="hidden" name="cpr" value="[0-9]+">', "", answer.text)
        # Moved, then cancelled, each with a message to the customer.
        answer = omar.send("/en/staff/help/times")
        answer = omar.send("/en/staff/help/move", at=LATER)
        assert "Moved." in answer.text and "Tuesday 24 November" in answer.text
        answer = omar.send("/en/staff/help/cancel")
        assert "Does the customer want" in answer.text
        answer = omar.send("/en/staff/help/cancel")
        assert "Cancelled. The customer gets an SMS." in answer.text

    def test_nobody_and_no_number_are_told_apart_by_who_may_see(self, workplace: Workplace) -> None:
        omar = Worker(workplace, "omar")
        omar.get("/en/staff/help")
        assert omar.send("/en/staff/help", cpr="12").status_code == 422
        assert omar.send("/en/staff/help", cpr=NOBODY).status_code == 404


def signed_in_customer(workplace: Workplace) -> Worker:
    """Return a customer who is signed in on the public pages."""
    customer = Worker(workplace, "")
    customer.sign_in(AHMED)
    return customer


def test_everybody_of_the_staff_can_be_signed_in(workplace: Workplace) -> None:
    for name, (shown, _) in PEOPLE.items():
        assert shown in Worker(workplace, name, "ar").html
