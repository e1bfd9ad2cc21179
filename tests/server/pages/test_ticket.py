"""An appointment's page: moving, cancelling, what counts, whose it is, and being blocked."""

from __future__ import annotations

import re

import pytest
from sqlmodel import Session, update

from server.tables import AppointmentRow
from tests.server.pages.ministry import (
    AHMED,
    LATER,
    SARA,
    SERVICE,
    SLOT,
    Ministry,
    Visitor,
)
from tests.server.site import CENTRE


class TestTheLink:
    @pytest.mark.parametrize("language", ["ar", "en"])
    def test_it_opens_in_the_customers_language_and_has_a_way_to_the_other(
        self, ministry: Ministry, language: str
    ) -> None:
        customer = Visitor(ministry, language)
        customer.sign_in(AHMED)
        customer.book(SLOT)
        link = customer.path.partition("?")[0].rpartition("/")[2]
        other = "en" if language == "ar" else "ar"
        phone = Visitor(ministry)
        phone.session.headers["Accept-Language"] = other
        page = phone.get(f"/b/{link}")
        assert phone.path == f"/{language}/b/{link}"
        assert f'href="/{other}/b/{link}"' in page.text


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

    @pytest.mark.parametrize(
        ("status", "said", "look"),
        [
            ("kept", "You came", "done"),
            ("excused", "it does not count against you", "done"),
            ("no_show", "You did not come", "fault"),
        ],
    )
    def test_what_became_of_it_is_said(self, ahmed: Visitor, status: str, said: str, look: str) -> None:
        ahmed.book(SLOT)
        page = ahmed.path.partition("?")[0]

        def settle(session: Session) -> None:
            session.execute(update(AppointmentRow).values(status=status))

        ahmed.ministry.client.service.store.call(settle)
        answer = ahmed.get(page)
        assert re.search(rf'<p class="{look}" role="status">[^<]*{said}', answer.text)
        assert "<figure>" not in answer.text and "Book another appointment" in answer.text
        assert said in ahmed.get("/en/mine").text
        assert ahmed.get(f"{page}/move").status_code == 409
