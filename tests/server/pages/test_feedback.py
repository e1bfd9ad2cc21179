"""What a customer says on the own page: rating a visit once, a complaint with its number, and whose they are."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlmodel import Session, select, update

from server.feedback import complaints
from server.feedback.tables import ComplaintRow
from server.tables import AppointmentRow
from tests.server.pages.ministry import AHMED, SARA, SLOT, Ministry, Visitor
from tests.server.site import CENTRE


@pytest.fixture
def came(ahmed: Visitor) -> Visitor:
    """Somebody who booked and came, the day after."""
    ahmed.book(SLOT)
    kept(ahmed.ministry)
    ahmed.ministry.clock.pass_time(timedelta(days=2).total_seconds())
    ahmed.sign_in(AHMED)
    return ahmed


def kept(ministry: Ministry) -> None:
    def settle(session: Session) -> None:
        session.execute(update(AppointmentRow).values(status="kept"))

    ministry.client.service.store.call(settle)


def rating_page(visitor: Visitor) -> str:
    found = re.search(r'href="(/en/rate/[^"]+)"', visitor.get("/en/mine").text)
    assert found is not None
    return found[1]


class TestRating:
    def test_it_is_asked_given_and_shown_once(self, came: Visitor) -> None:
        page = rating_page(came)
        assert "How was your visit?" in came.get(page).text
        answer = came.send(page, score="4", words="quick")
        assert came.path == "/en/mine?rated=1" and "We have your rating" in answer.text
        assert "Your rating: Good" in answer.text and "/en/rate/" not in answer.text
        answer = came.get(page)
        assert answer.status_code == 409 and "rated this visit already" in answer.text

    def test_a_form_that_is_sent_twice_is_no_fault_and_another_score_is(self, came: Visitor) -> None:
        page = rating_page(came)
        came.get(page)
        fields = {"form": came.session.cookies["dawr_form"], "score": "5"}
        assert [came.post(page, fields).status_code for _ in range(2)] == [200, 200]
        answer = came.post(page, {**fields, "score": "1"})
        assert answer.status_code == 409 and "The first rating stands" in answer.text

    @pytest.mark.parametrize("score", ["", "0", "6", "٥", "x"])
    def test_what_is_no_face_is_asked_again_and_keeps_the_words(self, came: Visitor, score: str) -> None:
        page = rating_page(came)
        came.get(page)
        answer = came.send(page, score=score, words="very <quick>")
        assert answer.status_code == 422 and "choose one of the five faces" in answer.text
        assert "very &lt;quick&gt;" in answer.text

    def test_after_two_weeks_it_is_too_late(self, came: Visitor) -> None:
        page = rating_page(came)
        came.ministry.clock.pass_time(timedelta(days=13, hours=2).total_seconds())
        came.sign_in(AHMED)
        assert "/en/rate/" not in came.get("/en/mine").text
        answer = came.get(page)
        assert answer.status_code == 409 and "cannot be rated" in answer.text

    def test_nobody_rates_anothers(self, came: Visitor) -> None:
        page = rating_page(came)
        sara = Visitor(came.ministry)
        assert "/sign-in" in sara.get(page).url
        sara.sign_in(SARA)
        assert sara.get(page).status_code == 409
        fields = {"form": sara.session.cookies["dawr_form"], "score": "1"}
        assert sara.post(page, fields).status_code == 404
        assert "Your rating" not in came.get("/en/mine").text


class TestComplaints:
    def test_it_is_filed_numbered_and_answered_on_the_page(self, came: Visitor) -> None:
        came.get("/en/complain")
        visit = re.search(rf'value="({CENTRE}/[^"]+)"', came.html)
        assert visit is not None
        words = "I waited for an hour.\r\nNobody said why."
        answer = came.send("/en/complain", about=visit[1], kind="waiting", words=words)
        number = re.search(r"26-\d{4}-\d{4}", answer.text)
        assert number is not None and "keep its number" in answer.text and "Received" in answer.text
        assert "Nobody said why." in answer.text
        page = came.path.partition("?")[0]
        assert number[0] in came.get("/en/mine").text
        feedback = came.ministry.client.service
        row = feedback.store.call(lambda session: session.exec(select(ComplaintRow)).one())
        assert b"waited" not in (row.words or b""), "sealed"
        answered(came.ministry, row, "We are sorry: two counters were closed.")
        answer = came.get(page)
        assert "Answered" in answer.text and "two counters were closed" in answer.text

    def test_what_is_missing_is_said_and_what_was_typed_is_kept(self, ahmed: Visitor) -> None:
        ahmed.get("/en/complain")
        answer = ahmed.send("/en/complain", about="", words="<b>slow</b>")
        assert answer.status_code == 422
        assert "choose a visit or a centre" in answer.text and "choose what it is about" in answer.text
        assert "&lt;b&gt;slow&lt;/b&gt;" in answer.text
        answer = ahmed.send("/en/complain", about=CENTRE, kind="place", words="  ")
        assert answer.status_code == 422 and "in 2000 characters at most" in answer.text

    def test_two_thousand_characters_of_arabic_fit_and_one_more_does_not(self, ahmed: Visitor) -> None:
        for count, status in ((2001, 422), (2000, 200)):
            ahmed.get("/en/complain")
            answer = ahmed.send("/en/complain", about=CENTRE, kind="staff", words="ش" * count)
            assert answer.status_code == status

    def test_a_form_sent_twice_files_one(self, ahmed: Visitor) -> None:
        ahmed.get("/en/complain")
        html = ahmed.html
        pages = []
        for _ in range(2):
            ahmed.html = html
            ahmed.send("/en/complain", about=CENTRE, kind="other", words="twice")
            pages.append(ahmed.path)
        assert pages[0] == pages[1]

    def test_five_a_day(self, ahmed: Visitor) -> None:
        for n in range(6):
            ahmed.get("/en/complain")
            answer = ahmed.send("/en/complain", about=CENTRE, kind="other", words=f"{n}")
        assert answer.status_code == 429 and "write again tomorrow" in answer.text

    def test_nobody_reads_anothers(self, ahmed: Visitor) -> None:
        ahmed.get("/en/complain")
        ahmed.send("/en/complain", about=CENTRE, kind="other", words="mine alone")
        page = ahmed.path.partition("?")[0]
        sara = Visitor(ahmed.ministry)
        assert "/sign-in" in sara.get(page).url
        sara.sign_in(SARA)
        assert sara.get(page).status_code == 404
        assert "mine alone" not in sara.get("/en/mine").text


def answered(ministry: Ministry, row: ComplaintRow, text: str) -> None:
    store, now = ministry.client.service.store, ministry.clock.now()
    store.call(lambda session: complaints.answer(session, store.vault, row.centre, row.reference, "staff-1", text, now))
