"""Signing in over real sockets: the number, the code, the date of birth, and what strangers learn."""

from __future__ import annotations

import html
import logging
import re

import pytest
import requests

from tests.server.pages.ministry import (
    AHMED,
    CHILD,
    CONFIRM,
    NO_BIRTH,
    NOBODY,
    SLOT,
    Ministry,
    Visitor,
    forms,
)


class TestSigningIn:
    def test_a_number_that_is_none_is_told_kindly(self, ministry: Ministry) -> None:
        visitor = Visitor(ministry)
        visitor.get("/en/sign-in")
        answer = visitor.send("/en/sign-in", cpr="12345")
        assert answer.status_code == 422
        assert "has nine digits" in answer.text and 'aria-invalid="true"' in answer.text
        # It comes back, so that one digit can be put right; as a text, and no more of it than a number has.
        assert 'value="12345"' in answer.text
        answer = visitor.send("/en/sign-in", cpr='"><b>' + "1" * 99)
        assert 'value="&#34;&gt;&lt;b&gt;111111111"' in answer.text

    def test_arabic_digits_and_spaces_are_fine(self, ministry: Ministry) -> None:
        visitor = Visitor(ministry, "ar")
        visitor.get("/ar/sign-in")
        visitor.send("/ar/sign-in", cpr="٨٥٠٠٠٠٠٠١")
        code = ministry.code(AHMED).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
        answer = visitor.send("/ar/sign-in/code", code=f"{code[:3]} {code[3:]}")
        assert answer.url.endswith("/ar/mine") and "أحمد الحداد" in answer.text

    def test_known_and_unknown_see_the_same(self, ministry: Ministry) -> None:
        seen = []
        for cpr in (AHMED, NOBODY, CHILD):
            visitor = Visitor(ministry)
            visitor.get("/en/sign-in")
            first = visitor.send("/en/sign-in", cpr=cpr)
            wrong = visitor.send("/en/sign-in/code", code="000000")
            mark = visitor.session.cookies["dawr_form"]
            seen.append(
                tuple(
                    (each.status_code, each.text.replace(cpr, "CPR").replace(mark, "MARK")) for each in (first, wrong)
                )
            )
        assert seen[0] == seen[1] == seen[2]

    def test_a_wrong_code_can_be_put_right_and_too_many_cannot(self, ministry: Ministry) -> None:
        visitor = Visitor(ministry)
        visitor.get("/en/sign-in")
        visitor.send("/en/sign-in", cpr=AHMED)
        code = ministry.code(AHMED)
        for _ in range(5):
            answer = visitor.send("/en/sign-in/code", code="0" if code == "000000" else "000000")
            assert "That code is not right" in answer.text
        answer = visitor.send("/en/sign-in/code", code=code)
        assert "ask for a new one" in answer.text and 'name="code"' not in answer.text
        visitor.send("/en/sign-in", again="1")
        assert visitor.send("/en/sign-in/code", code=ministry.code(AHMED, 2)).url.endswith("/en/mine")

    def test_a_code_that_has_expired_is_asked_for_again(self, ministry: Ministry) -> None:
        visitor = Visitor(ministry)
        visitor.get("/en/sign-in")
        visitor.send("/en/sign-in", cpr=AHMED)
        code = ministry.code(AHMED)
        ministry.clock.pass_time(400)
        assert "has expired" in visitor.send("/en/sign-in/code", code=code).text

    def test_too_many_codes_are_refused_with_what_to_do(self, ministry: Ministry) -> None:
        visitor = Visitor(ministry)
        visitor.get("/en/sign-in")
        visitor.send("/en/sign-in", cpr=AHMED)
        for _ in range(2):
            visitor.send("/en/sign-in", again="1")
        answer = visitor.send("/en/sign-in", again="1")
        assert answer.status_code == 429 and "wait ten minutes" in answer.text
        assert "will arrive" not in answer.text and 'name="again"' not in answer.text
        fresh = Visitor(ministry)
        fresh.get("/en/sign-in")
        answer = fresh.send("/en/sign-in", cpr=AHMED)
        assert answer.status_code == 429 and "Use the last one" in answer.text
        assert fresh.send("/en/sign-in/code", code=ministry.code(AHMED, 3)).url.endswith("/en/mine")

    def test_who_is_too_young_is_told_what_to_do(self, ministry: Ministry) -> None:
        visitor = Visitor(ministry)
        visitor.get("/en/sign-in")
        visitor.send("/en/sign-in", cpr=CHILD)
        answer = visitor.send("/en/sign-in/code", code=ministry.code(CHILD))
        assert "aged 17 or older" in answer.text and "guardian" in answer.text
        assert "dawr_session" not in visitor.session.cookies

    def test_where_the_registry_has_no_date_of_birth_it_is_asked_for_once(self, ministry: Ministry) -> None:
        visitor = Visitor(ministry)
        visitor.get("/en/sign-in")
        visitor.send("/en/sign-in", cpr=NO_BIRTH)
        visitor.send("/en/sign-in/code", code=ministry.code(NO_BIRTH))
        assert "Your date of birth" in visitor.html
        for day, month, year in (("31", "2", "1970"), ("25", "8", "70"), ("25", "8", "9999999999"), ("", "", "")):
            wrong = visitor.send("/en/sign-in/code", day=day, month=month, year=year)
            assert wrong.status_code == 422 and "for example 14 3 1985" in wrong.text
        answer = visitor.send("/en/sign-in/code", day="25", month="8", year="١٩٧٠")
        assert answer.url.endswith("/en/mine") and "John" in answer.text

    def test_the_cookie_is_for_this_site_alone_and_no_script_reads_it(self, ministry: Ministry) -> None:
        visitor = Visitor(ministry)
        visitor.get("/en/sign-in")
        visitor.send("/en/sign-in", cpr=AHMED)
        form = next(each for each in forms(visitor.html) if each["action"].endswith("/code"))
        fields = {**form["fields"], "code": ministry.code(AHMED)}
        told = {"Origin": ministry.url, "X-Forwarded-Proto": "https"}
        answer = visitor.session.post(
            f"{ministry.url}/en/sign-in/code", fields, headers=told, timeout=10, allow_redirects=False
        )
        assert answer.status_code == 303
        (cookie,) = [value for value in answer.headers["Set-Cookie"].split(", dawr") if "session" in value]
        for part in ("HttpOnly", "SameSite=strict", "Secure", "Path=/", "Max-Age=43200"):
            assert part in cookie, part

    @pytest.mark.parametrize(
        "to",
        ["https://evil.example", "//evil.example", "/en//evil.example", "/xx/mine", "/en/mine\r\nX: y", "javascript:x"],
    )
    def test_nobody_is_led_elsewhere_afterwards(self, ministry: Ministry, to: str) -> None:
        visitor = Visitor(ministry)
        visitor.session.get(f"{ministry.url}/en/sign-in", params={"to": to}, timeout=10)
        visitor.html = visitor.session.get(f"{ministry.url}/en/sign-in", params={"to": to}, timeout=10).text
        assert forms(visitor.html)[0]["fields"]["to"] == "/en/mine"

    def test_another_language_leads_back_to_the_same(self, ministry: Ministry) -> None:
        visitor = Visitor(ministry)
        visitor.get(f"/en/sign-in?to={CONFIRM}%3Fat%3D{SLOT}")
        found = re.search(r'<p class="switch"><a href="([^"]+)"', visitor.html)
        assert found is not None
        visitor.get(html.unescape(found[1]))
        there = CONFIRM.replace("/en/", "/ar/")
        assert forms(visitor.html)[0]["fields"]["to"] == f"{there}?at={SLOT}"

    def test_signing_out_ends_the_session_also_for_a_copied_cookie(self, ahmed: Visitor) -> None:
        copied = dict(ahmed.session.cookies)
        ahmed.get("/en/mine")
        ahmed.send("/en/sign-out")
        assert "dawr_session" not in ahmed.session.cookies
        answer = requests.get(f"{ahmed.ministry.url}/en/mine", cookies=copied, timeout=10)
        assert "/en/sign-in" in answer.url

    def test_nothing_personal_is_in_addresses_or_logs(
        self, ministry: Ministry, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        visitor, asked = Visitor(ministry), []
        visitor.session.hooks["response"].append(lambda answer, **_: asked.append(answer.url))
        visitor.sign_in(AHMED)
        visitor.book(SLOT)
        ours = [record.getMessage() for record in caplog.records if not record.name.startswith("urllib3")]
        link = visitor.path.split("/")[3].partition("?")[0]
        for text in (*asked, *ours):
            for secret in (AHMED, "36000001", "Haddad", "الحداد", "1985-03-14", ministry.code(AHMED)):
                assert secret not in text, text
        assert not any(link in text or visitor.session.cookies["dawr_session"] in text for text in ours)
