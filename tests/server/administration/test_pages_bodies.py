"""The overview, ministries and departments, new centres, and accounts, as their pages have them."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlmodel import Session

from server.administration.accounts import DOOR, Accounts, add
from server.administration.answers import Grant, RefusedError, Why
from server.administration.pages import crew, overview
from server.administration.roles import Role
from sync.lateness import Behind
from tests.server.administration.office import HASH
from tests.server.administration.workplace import INTERIOR, TRAFFIC, Worker, Workplace
from tests.server.pages.ministry import forms
from tests.server.site import CENTRE, OTHER

HERE = f"/staff/centres/{CENTRE}"


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


@pytest.mark.parametrize(("language", "said"), [("en", "Something stands below it still"), ("ar", "ما زال تحته شيء")])
def test_a_reason_that_a_page_has_not_foreseen_is_said_in_the_readers_words(
    workplace: Workplace, amal: Worker, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    async def refuse(*asked: object) -> None:
        raise RefusedError(Why.NOT_EMPTY)

    monkeypatch.setattr(Accounts, "enable", refuse)
    path = f"/{language}/staff/accounts/{workplace.account('zain')}/enable"
    answer = amal.post(path, {"form": amal.session.cookies["dawr_form"]})
    assert answer.status_code == 409 and said in answer.text


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
        answer = amal.fill("/en/staff/bodies/new", above=INTERIOR, id="customs", **names)
        assert answer.url.endswith("/bodies?done=added") and "Customs" in answer.text
        amal.fill("/en/staff/bodies/customs", **{"name.en": "Customs Affairs"})
        assert "Customs Affairs" in amal.html
        amal.get(f"/en/staff/bodies/{TRAFFIC}")
        answer = amal.send(f"/en/staff/bodies/{TRAFFIC}/remove")
        assert answer.status_code == 409 and "still" in answer.text
        amal.get("/en/staff/bodies/customs")
        assert amal.send("/en/staff/bodies/customs/remove").url.endswith("/bodies?done=removed")


class TestAccounts:
    def test_a_new_account_gets_a_password_once_and_has_to_change_it(self, workplace: Workplace, amal: Worker) -> None:
        answer = amal.fill("/en/staff/accounts/new", name="salma", shown="Salma", role="viewer", body=CENTRE)
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


class TestManyOfThem:
    def test_the_overview_folds_many_centres_and_finds_one(
        self, workplace: Workplace, amal: Worker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        few = amal.get("/en/staff").text
        assert '<details class="fold level" open>' in few and 'name="q"' not in few
        monkeypatch.setattr(overview, "UNFOLDED", 1)
        standings = workplace.ministry.client.service.standings
        standings.hear(CENTRE, Behind())
        standings.hear(OTHER, Behind(40, workplace.clock.now(), late=True))
        many = amal.get("/en/staff").text
        assert '<details class="fold level" open>' not in many and '<details class="fold level">' in many
        # The one that wants somebody stands before them, and in its place.
        wanting = many.partition('id="wanting"')[2].partition("</section>")[0]
        assert "Riffa Branch" in wanting and "Traffic" in wanting and "Muharraq" not in wanting
        assert many.count(f"/en/staff/centres/{OTHER}") == 2
        found = amal.get("/en/staff?q=RIFFA").text
        assert '<details class="fold level" open>' in found and CENTRE not in found and OTHER in found
        assert "Nothing of this name." in amal.get("/en/staff?q=nowhere").text

    def test_accounts_come_in_pages_and_are_found_by_a_part_of_the_name(
        self, workplace: Workplace, amal: Worker
    ) -> None:
        def fill(session: Session) -> None:
            for n in range(60):
                grant = Grant(OTHER if n % 2 else CENTRE, Role.VIEWER)
                add(session, DOOR, f"person.{n:02}", f"شخص {n:02}", grant, HASH, workplace.clock.now())

        workplace.ministry.client.service.store.call(fill)
        seen, path = [], "/en/staff/accounts"
        while path:
            html = amal.get(path).text
            seen += re.findall(r'<bdi dir="ltr">(person\.[0-9]+)</bdi>', html)
            links = re.findall(r'href="([^"]+)" rel="next"', html)
            path = unescape(links[0]) if links else ""
        assert seen == [f"person.{n:02}" for n in range(60)]
        assert "To the beginning" in html
        found = re.findall(r">(person\.[0-9]+)<", amal.get("/en/staff/accounts?q=N.07").text)
        assert found == ["person.07"]
        assert len(re.findall(r">(person\.[0-9]+)<", amal.get(f"/en/staff/accounts?q=شخص&body={OTHER}").text)) == 30
        assert "Nothing of this name." in amal.get("/en/staff/accounts?q=nobody-of-that-name").text

    @pytest.mark.parametrize("name", ["new", "new-centre"])
    def test_no_body_takes_the_address_of_a_form(self, amal: Worker, name: str) -> None:
        names = {"name.ar": "جهة", "name.en": "Body"}
        for path, more in (("new", {"above": INTERIOR}), ("new-centre", {"above": TRAFFIC, "like": CENTRE})):
            answer = amal.fill(f"/en/staff/bodies/{path}", id=name, **names, **more)
            assert answer.status_code == 422 and 'id="fault-id">This name is taken already.' in answer.text, path

    def test_a_centres_staff_come_in_pages(
        self, workplace: Workplace, amal: Worker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(crew, "AT_ONCE", 1)
        where = f"/en/staff/centres/{CENTRE}/crew"
        for name in ("s-1", "s-2", "s-3"):
            amal.fill(f"{where}/new", id=name, role="clerk", pin="2468", **{"name.ar": name, "name.en": name})
        seen, path = [], where
        while path:
            html = amal.get(path).text
            seen += re.findall(rf'href="{where}/(s-[0-9])"', html)
            links = re.findall(r'href="([^"]+)" rel="next"', html)
            path = unescape(links[0]) if links else ""
        assert seen == ["s-1", "s-2", "s-3"]
