"""A customer's pages over real sockets: signing in, booking, moving, cancelling, and who may not."""

from __future__ import annotations

import html
import logging
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from icalendar import Calendar
from playwright.sync_api import sync_playwright
from sqlmodel import Session, update

from follow.router import MISSES
from server.booking.answers import Why
from server.booking.registry import RegistryUnavailable
from server.tables import AppointmentRow
from sync.storage import StorageReason, StorageUnavailable
from tests.server.pages.ministry import AHMED, CHILD, NO_BIRTH, NOBODY, SARA, SERVICE, Ministry, Visitor, forms
from tests.server.site import CENTRE
from tests.waiting import until

CONFIRM = f"/en/book/{CENTRE}/{SERVICE}/confirm"
SLOT, LATER = "20261123T0600Z", "20261124T0615Z"  # nine o'clock on Monday, a quarter past on Tuesday


@pytest.fixture
def ahmed(ministry: Ministry) -> Visitor:
    visitor = Visitor(ministry)
    visitor.sign_in(AHMED)
    return visitor


class TestSigningIn:
    def test_a_number_that_is_none_is_told_kindly(self, ministry: Ministry) -> None:
        visitor = Visitor(ministry)
        visitor.get("/en/sign-in")
        answer = visitor.send("/en/sign-in", cpr="12345")
        assert answer.status_code == 422
        assert "has nine digits" in answer.text and 'aria-invalid="true"' in answer.text
        assert "12345" not in answer.text

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
        fresh = Visitor(ministry)
        fresh.get("/en/sign-in")
        answer = fresh.send("/en/sign-in", cpr=AHMED)
        assert answer.status_code == 429 and "Too many tries" in answer.text and answer.headers["Retry-After"]

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
        wrong = visitor.send("/en/sign-in/code", day="31", month="2", year="1970")
        assert "for example 14 3 1985" in wrong.text
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


class TestForms:
    FIELDS = ("/en/sign-in", {"cpr": AHMED, "to": ""})

    def refused(self, answer: requests.Response) -> None:
        assert answer.status_code == 403 and "could not accept" in answer.text

    def test_a_foreign_origin_is_refused(self, ministry: Ministry) -> None:
        visitor = Visitor(ministry)
        visitor.get("/en/sign-in")
        fields = forms(visitor.html)[0]["fields"] | {"cpr": AHMED}
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "", "Referer": "https://evil.example/x"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ):
            self.refused(visitor.post("/en/sign-in", fields, **headers))
        assert ministry.messages(AHMED, "one_time_code") == []

    def test_so_is_a_form_that_this_browser_was_not_given(self, ministry: Ministry) -> None:
        visitor, other = Visitor(ministry), Visitor(ministry)
        other.get("/en/sign-in")
        fields = forms(other.html)[0]["fields"] | {"cpr": AHMED}
        self.refused(visitor.post("/en/sign-in", fields))
        visitor.get("/en/sign-in")
        self.refused(visitor.post("/en/sign-in", fields))
        self.refused(visitor.post("/en/sign-in", {"cpr": AHMED}))
        self.refused(visitor.post("/en/sign-in", fields | {"form": ""}))

    def test_so_is_what_is_no_form(self, ministry: Ministry) -> None:
        visitor = Visitor(ministry)
        visitor.get("/en/sign-in")
        fields = forms(visitor.html)[0]["fields"]
        self.refused(visitor.post("/en/sign-in", fields | {"cpr": "1" * 5000}))
        url, told = f"{ministry.url}/en/sign-in", {"Origin": ministry.url}
        self.refused(visitor.session.post(url, json=fields | {"cpr": AHMED}, headers=told, timeout=10))

    def test_an_old_browser_that_names_no_origin_gets_through(self, ministry: Ministry) -> None:
        visitor = Visitor(ministry)
        visitor.get("/en/sign-in")
        fields = forms(visitor.html)[0]["fields"] | {"cpr": AHMED}
        answer = visitor.session.post(f"{ministry.url}/en/sign-in", fields, timeout=10)
        assert answer.status_code == 200 and "Enter the code" in answer.text


class TestBooking:
    def test_times_can_be_seen_by_everybody_and_no_cache_keeps_them(self, ministry: Ministry) -> None:
        answer = Visitor(ministry).get(f"/en/book/{CENTRE}/{SERVICE}?day=2026-11-23")
        assert answer.headers["Cache-Control"] == "no-store"
        assert f"{CONFIRM}?at={SLOT}" in answer.text and "Insurance for 13 months" in answer.text
        assert "20261123T0600Z" in answer.text and "20261124" not in answer.text.partition('id="times"')[2]

    def test_who_is_not_signed_in_comes_back_to_where_it_was(self, ministry: Ministry) -> None:
        visitor = Visitor(ministry)
        visitor.get(f"{CONFIRM}?at={SLOT}")
        found = re.search(r'class="act main" href="([^"]+)"', visitor.html)
        assert found is not None
        visitor.get(html.unescape(found[1]))
        visitor.send("/en/sign-in", cpr=AHMED)
        visitor.send("/en/sign-in/code", code=ministry.code(AHMED))
        assert visitor.path == f"{CONFIRM}?at={SLOT}"
        answer = visitor.send(CONFIRM)
        assert "Booked." in answer.text and "Monday 23 November" in answer.text and "09:00" in answer.text

    def test_the_message_has_the_link_of_the_page(self, ahmed: Visitor) -> None:
        ahmed.book(SLOT)
        link = ahmed.path.split("/")[3].partition("?")[0]
        (message,) = ahmed.ministry.gateway.wait_for(2)[1:]
        assert f"https://booking.example.bh/b/{link}" in message.message.text
        answer = Visitor(ahmed.ministry).get(f"/b/{link}")
        assert f"/b/{link}" in answer.url and "09:00" in answer.text
        for secret in ("Ahmed", "الحداد", AHMED):
            assert secret not in answer.text
        assert "Change the time" not in answer.text

    def test_the_picture_is_the_signed_text(self, ahmed: Visitor, tmp_path: Path) -> None:
        ahmed.book(SLOT)
        picture = re.search(r"<svg viewBox.*?</svg>", ahmed.html)
        assert picture is not None
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            page = chromium.new_page(viewport={"width": 320, "height": 320})
            page.set_content(f"<body style='margin:0;width:300px'>{picture[0]}")
            page.screenshot(path=tmp_path / "qr.png")
            chromium.close()
        read = subprocess.run(
            ["zbarimg", "--raw", "-q", str(tmp_path / "qr.png")],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        ).stdout.strip()
        assert read.startswith(f"B1.{CENTRE}.") and SERVICE in read and AHMED not in read

    def test_the_calendar_file_says_when_where_and_what_to_bring(self, ahmed: Visitor) -> None:
        ahmed.book(SLOT)
        answer = ahmed.get(f"{ahmed.path.partition('?')[0]}/calendar")
        assert answer.headers["Content-Type"].startswith("text/calendar")
        (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
        assert event.decoded("DTSTART") == datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
        assert event.decoded("DTEND") == datetime(2026, 11, 23, 6, 15, tzinfo=UTC)
        assert "Insurance for 13 months" in str(event["DESCRIPTION"])
        assert str(event["SUMMARY"]).startswith("Vehicle Registration Renewal")
        assert "Ahmed" not in answer.text
        assert len(list(event.walk("VALARM"))) == 1

    def test_a_time_that_is_gone_is_told_with_others(self, ahmed: Visitor) -> None:
        sara = Visitor(ahmed.ministry)
        sara.sign_in(SARA)
        sara.get(f"{CONFIRM}?at={SLOT}")
        ahmed.book(SLOT)
        answer = sara.send(CONFIRM)
        assert answer.status_code == 409 and "no longer free" in answer.text
        assert SLOT not in answer.text and "Free times: Monday 23 November" in answer.text
        sara.book(LATER)
        page = sara.path.partition("?")[0]
        sara.get(f"{page}/move?at={SLOT}")
        answer = sara.send(f"{page}/move")
        assert answer.status_code == 409 and "no longer free" in answer.text and "Tuesday 24" in answer.text
        assert SLOT not in answer.text and "Free times: Monday 23 November" in answer.text

    @pytest.mark.parametrize("slot", ["20261123T0601Z", "20261122T0300Z", "20271123T0600Z", "soon", ""])
    def test_so_is_one_that_is_none(self, ahmed: Visitor, slot: str) -> None:
        ahmed.get(f"{CONFIRM}?at={SLOT}")
        answer = ahmed.send(CONFIRM, at=slot)
        assert "Free times" in answer.text and "Booked" not in answer.text

    def test_one_for_a_service_and_it_leads_there(self, ahmed: Visitor) -> None:
        ahmed.book(SLOT)
        link = ahmed.path.partition("?")[0]
        answer = ahmed.book(LATER)
        assert answer.status_code == 409 and "already have an appointment" in answer.text
        assert f'href="{link}"' in answer.text

    def test_one_from_before_there_were_links_is_shown_without_one(self, ahmed: Visitor) -> None:
        ahmed.book(SLOT)

        def unlink(session: Session) -> None:
            session.execute(update(AppointmentRow).values(link=None))

        ahmed.ministry.client.service.store.call(unlink)
        answer = ahmed.get("/en/mine")
        assert "Monday 23 November · 09:00" in answer.text and "/en/b/" not in answer.text
        answer = ahmed.book(LATER)
        assert answer.status_code == 409 and 'href="/en/mine"' in answer.text and "/en/b/" not in answer.text

    def test_pressed_twice_it_is_booked_once(self, ahmed: Visitor) -> None:
        ahmed.get(f"{CONFIRM}?at={SLOT}")
        fields = next(each for each in forms(ahmed.html) if each["action"] == CONFIRM)["fields"]
        paths = []
        for _ in range(2):
            ahmed.post(CONFIRM, fields)
            paths.append(ahmed.path)
        assert paths[0] == paths[1] and "/b/" in paths[0]
        assert ahmed.get("/en/mine").text.count("/en/b/") == 1

    def test_what_is_not_booked_or_not_there_has_no_page(self, ministry: Ministry) -> None:
        visitor = Visitor(ministry)
        for path in (
            f"/book/{CENTRE}/traffic-fines",
            f"/book/{CENTRE}/none",
            "/book/none",
            "/b/none",
            "/b/none/cancel",
        ):
            answer = visitor.get(f"/en{path}")
            assert answer.status_code == 404 or "/sign-in" in answer.url, path

    def test_who_guesses_links_is_slowed_down_and_who_has_one_is_not(self, ahmed: Visitor) -> None:
        ahmed.book(SLOT)
        page = ahmed.path.partition("?")[0]
        guesser = Visitor(ahmed.ministry)
        seen = [guesser.get(f"/en/b/guess{n}").status_code for n in range(MISSES + 2)]
        assert seen == [404] * MISSES + [429] * 2
        assert guesser.get(page).status_code == 200


class TestChanging:
    def test_moving_keeps_the_page(self, ahmed: Visitor) -> None:
        ahmed.book(SLOT)
        page = ahmed.path.partition("?")[0]
        assert "does not count against you" in ahmed.get(f"{page}/move").text
        ahmed.get(f"{page}/move?at={LATER}")
        answer = ahmed.send(f"{page}/move")
        assert "has been moved" in answer.text and "Tuesday 24 November" in answer.text
        assert ahmed.path == f"{page}?moved=1"

    def test_cancelling_asks_says_what_counts_and_frees_the_time(self, ahmed: Visitor) -> None:
        ahmed.book(SLOT)
        page = ahmed.path.partition("?")[0]
        answer = ahmed.get(f"{page}/cancel")
        assert "This cancellation counts" in answer.text and "Change the time instead" in answer.text
        assert "now is late" not in answer.text
        answer = ahmed.send(f"{page}/cancel")
        assert "has been cancelled" in answer.text and "no appointments to come" in answer.text
        assert SLOT in Visitor(ahmed.ministry).get(f"/en/book/{CENTRE}/{SERVICE}?day=2026-11-23").text
        gone = Visitor(ahmed.ministry).get(page).text
        assert "Cancelled" in gone and "<figure>" not in gone

    def test_a_late_one_is_called_late(self, ahmed: Visitor) -> None:
        ahmed.book("20261122T0430Z")
        page = ahmed.path.partition("?")[0]
        answer = ahmed.get(f"{page}/cancel")
        assert "Cancelling now is late: the time for it was until today at 06:30" in answer.text
        assert "Cancelled late" in ahmed.send(f"{page}/cancel").text

    def test_nobody_changes_anothers(self, ahmed: Visitor) -> None:
        ahmed.book(SLOT)
        page = ahmed.path.partition("?")[0]
        sara = Visitor(ahmed.ministry)
        sara.sign_in(SARA)
        for path in (f"{page}/move", f"{page}/cancel"):
            assert sara.get(path).status_code == 404
            fields = {"form": sara.session.cookies["dawr_form"], "at": LATER}
            assert sara.post(path, fields).status_code == 404
        nobody = Visitor(ahmed.ministry)
        assert "/sign-in" in nobody.get(f"{page}/cancel").url
        assert "Monday 23 November" in ahmed.get("/en/mine").text

    def test_one_that_has_begun_stays(self, ahmed: Visitor) -> None:
        ahmed.book("20261122T0430Z")
        page = ahmed.path.partition("?")[0]
        ahmed.get(f"{page}/cancel")
        ahmed.ministry.clock.pass_time(1700)
        ahmed.get(f"{page}/cancel")
        ahmed.ministry.clock.pass_time(101)
        answer = ahmed.send(f"{page}/cancel")
        assert answer.status_code == 409 and "can no longer be changed" in answer.text
        assert ahmed.get(f"{page}/move").status_code == 409

    def test_who_wastes_four_is_blocked_and_told_why_and_until_when(self, ahmed: Visitor) -> None:
        for _ in range(4):
            ahmed.book(SLOT)
            page = ahmed.path.partition("?")[0]
            ahmed.get(f"{page}/cancel")
            ahmed.send(f"{page}/cancel")
        for answer in (ahmed.get("/en/mine"), ahmed.book(SLOT)):
            assert "You cannot book for now" in answer.text
            assert "4 appointments in a row" in answer.text
            assert "You can book again on Sunday 29 November." in answer.text
            assert "always come without an appointment" in answer.text
        assert ahmed.get("/en/mine").text.count("<em>Cancelled</em>") == 4
        ahmed.ministry.clock.pass_time(7 * 86400)
        ahmed.sign_in(AHMED)
        answer = ahmed.get("/en/mine")
        assert "You cannot book for now" not in answer.text and "Earlier blocks" in answer.text


class TestUnavailable:
    def test_the_registry(self, ministry: Ministry, monkeypatch: pytest.MonkeyPatch) -> None:
        visitor = Visitor(ministry)
        visitor.get("/en/sign-in")

        def away(cpr: str) -> None:
            raise RegistryUnavailable

        monkeypatch.setattr(ministry.client.service.booking._registry, "person", away)
        answer = visitor.send("/en/sign-in", cpr=AHMED)
        assert answer.status_code == 503 and "not available right now" in answer.text
        assert answer.headers["Retry-After"]

    def test_the_storage(self, ministry: Ministry, monkeypatch: pytest.MonkeyPatch) -> None:
        async def away(*_: object) -> None:
            raise StorageUnavailable(StorageReason.BUSY)

        monkeypatch.setattr(ministry.client.service.store, "run", away)
        answer = Visitor(ministry, "ar").get(f"/ar/book/{CENTRE}/{SERVICE}")
        assert answer.status_code == 503 and "الخدمة متوقفة مؤقتًا" in answer.text

    def test_a_bug_has_a_face_and_goes_to_the_log(
        self, ministry: Ministry, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def wrong(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(ministry.client.service.booking, "free", wrong)
        logging.getLogger("uvicorn.error").addHandler(caplog.handler)
        answer = Visitor(ministry).get(f"/en/book/{CENTRE}/{SERVICE}")
        assert answer.status_code == 500 and "wrong on our side" in answer.text
        until(lambda: "ZeroDivisionError" in caplog.text, "the bug in the log")
        logging.getLogger("uvicorn.error").removeHandler(caplog.handler)


def test_every_refusal_has_words_somewhere() -> None:
    """A new reason has to be given a face before it can come up: an unknown one would be a bug's page."""
    faced = {
        *("CPR", "TOO_MANY_CODES", "TOO_MANY", "WRONG_CODE", "CODE_EXPIRED", "CODE_EXHAUSTED", "BIRTH_DATE"),
        *("UNDER_AGE", "SIGNED_OUT", "NO_SUCH_CENTRE", "NO_SUCH_SERVICE", "NO_SUCH_SLOT", "TAKEN", "ONE_ALREADY"),
        *("BLOCKED", "NO_SUCH_APPOINTMENT", "NOT_OPEN"),
    }
    not_asked_for_here = {"NOT_VIRTUAL", "NO_SUCH_BLOCK", "NO_REASON"}
    assert {why.name for why in Why} == faced | not_asked_for_here


def test_without_messages_nobody_can_sign_in_so_booking_is_not_offered(site_without_messages: str) -> None:
    page = requests.get(f"{site_without_messages}/en", timeout=10).text
    assert "/en/book" not in page and "/en/mine" not in page
    assert requests.get(f"{site_without_messages}/en/sign-in", timeout=10).status_code == 404
