"""What a customer says on the own page: rating a visit once, a complaint with its number, and whose they are.

A server takes longer to start than all that is asked of it here: each test goes a long way with one.
"""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest
from sqlmodel import Session, select, update

from server.administration.roles import EVERYWHERE, Asker, Held, Role, Tree, rights_of
from server.feedback.tables import ComplaintRow
from server.tables import AppointmentRow
from tests.server.pages.ministry import AHMED, ORIGIN, SARA, SLOT, Ministry, Visitor
from tests.server.site import CENTRE
from tests.waiting import until

ROOT = Asker("account:r", "Root", (Held(EVERYWHERE, rights_of(Role.ADMINISTRATOR)),), tree=Tree({CENTRE: ""}))


@pytest.fixture
def came(ahmed: Visitor) -> Visitor:
    """Somebody who booked and came, the day after."""
    ahmed.book(SLOT)
    kept(ahmed.ministry)
    ahmed.ministry.clock.pass_time(timedelta(days=2).total_seconds())
    ahmed.sign_in(AHMED)
    return ahmed


@pytest.fixture
def sara(ministry: Ministry) -> Visitor:
    """Somebody else."""
    return Visitor(ministry)


def kept(ministry: Ministry) -> None:
    def settle(session: Session) -> None:
        session.execute(update(AppointmentRow).values(status="kept"))

    ministry.client.service.store.call(settle)


def rating_page(visitor: Visitor) -> str:
    found = re.search(r'href="(/en/rate/[^"]+)"', visitor.get("/en/mine").text)
    assert found is not None
    return found[1]


def test_a_visit_is_rated_once_by_who_came(came: Visitor, sara: Visitor) -> None:
    page = rating_page(came)
    # Nobody rates another's.
    assert "/sign-in" in sara.get(page).url
    sara.sign_in(SARA)
    assert sara.get(page).status_code == 409
    assert sara.post(page, {"form": sara.session.cookies["dawr_form"], "score": "1"}).status_code == 404
    # What is no face is asked again, and keeps the words.
    assert "How was your visit?" in came.get(page).text
    for score in ("", "0", "6", "٥", "x"):
        answer = came.send(page, score=score, words="very <quick>")
        assert answer.status_code == 422 and "choose one of the five faces" in answer.text
        assert "very &lt;quick&gt;" in answer.text
    answer = came.send(page, score="4", words="quick")
    assert came.path == "/en/mine?rated=1" and "We have your rating" in answer.text
    assert "Your rating: Good" in answer.text and "/en/rate/" not in answer.text
    # A form that is sent twice is no fault; another score is refused, and so is the page.
    fields = {"form": came.session.cookies["dawr_form"], "score": "4"}
    assert came.post(page, fields).status_code == 200
    answer = came.post(page, {**fields, "score": "1"})
    assert answer.status_code == 409 and "The first rating stands" in answer.text
    answer = came.get(page)
    assert answer.status_code == 409 and "rated this visit already" in answer.text
    assert "Your rating: Good" in came.get("/en/mine").text


def test_after_two_weeks_it_is_too_late_and_after_a_year_and_more_all_is_gone(came: Visitor) -> None:
    page = rating_page(came)
    store = came.ministry.client.service.store
    link = store.call(lambda session: session.exec(select(AppointmentRow.link)).one())
    assert came.get(f"/en/b/{link}").status_code == 200
    came.ministry.clock.pass_time(timedelta(days=13, hours=2).total_seconds())
    came.sign_in(AHMED)
    assert "/en/rate/" not in came.get("/en/mine").text
    answer = came.get(page)
    assert answer.status_code == 409 and "cannot be rated" in answer.text
    came.ministry.clock.pass_time(timedelta(days=400).total_seconds())
    came.ministry.client.service.booking._rounds.go()
    assert came.get(f"/en/b/{link}").status_code == 404
    came.sign_in(AHMED)
    assert "You came" not in came.html


def test_a_complaint_has_a_number_and_is_its_customers_own(came: Visitor, sara: Visitor) -> None:
    # What is missing is said, and what was typed is kept.
    came.get("/en/complain")
    answer = came.send("/en/complain", about="", words="<b>slow</b>")
    assert answer.status_code == 422
    assert "choose a visit or a centre" in answer.text and "choose what it is about" in answer.text
    assert "&lt;b&gt;slow&lt;/b&gt;" in answer.text
    for words, status in (("  ", 422), ("ش" * 2001, 422), ("ش\r\n" * 1000, 200)):
        came.get("/en/complain")
        answer = came.send("/en/complain", about=CENTRE, kind="staff", words=words)
        assert answer.status_code == status, len(words)
        assert status == 200 or "in 2000 characters at most" in answer.text
    # Filed for a visit, twice by the same form: it is one.
    html = came.get("/en/complain").text
    visit = re.search(rf'value="({CENTRE}/[^"]+)"', html)
    assert visit is not None
    pages = []
    for _ in range(2):
        came.html = html
        words = "I waited for an hour.\r\nNobody said why."
        answer = came.send("/en/complain", about=visit[1], kind="waiting", words=words)
        pages.append(came.path.partition("?")[0])
    assert pages[0] == pages[1]
    number = re.search(r"26-\d{4}-\d{4}", answer.text)
    assert number is not None and "keep its number" in answer.text and "Received" in answer.text
    assert "Nobody said why." in answer.text and number[0] in came.get("/en/mine").text
    rows = came.ministry.client.service.store.call(lambda session: session.exec(select(ComplaintRow)).all())
    assert len(rows) == 2 and all(b"waited" not in (row.words or b"") for row in rows), "sealed"
    # Nobody reads another's.
    assert "/sign-in" in sara.get(pages[0]).url
    sara.sign_in(SARA)
    assert sara.get(pages[0]).status_code == 404
    # Staff answer: a message says so, and its short address leads its customer there, and nobody else.
    answering = came.ministry.client.service.office.administration.complaints
    asyncio.run(answering.answer(ROOT, CENTRE, number[0].replace("-", ""), "We have <two> counters now."))
    until(lambda: came.ministry.messages(AHMED, "complaint_answered"), "the message")
    (message,) = came.ministry.messages(AHMED, "complaint_answered")
    short = message.text.partition(ORIGIN)[2]
    assert "We have &lt;two&gt; counters now." in came.get(short).text and came.path == pages[0]
    assert sara.get(short).status_code == 404
    for nothing in ("/en/c/0000000000", "/en/c/a%0d%0ab", "/en/complaints/%E0%A4%A"):
        assert came.get(nothing).status_code == 404
    assert number[0] not in sara.get("/en/mine").text
    # Five a day.
    for n in range(4):
        came.get("/en/complain")
        answer = came.send("/en/complain", about=CENTRE, kind="other", words=f"Slow & loud {n}")
    assert answer.status_code == 429 and "write again tomorrow" in answer.text
    assert ">Slow &amp; loud 3</textarea>" in answer.text
