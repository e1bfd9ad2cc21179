"""The help desk's pages: a customer by the CPR, which is in no address."""

from __future__ import annotations

import re

import pytest
import requests

from tests.server.administration.workplace import Worker, Workplace
from tests.server.pages.ministry import AHMED, CHILD, LATER, NOBODY, SARA, SECOND, SERVICE, SLOT
from tests.server.site import CENTRE
from tests.waiting import until


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


class TestBookingForACustomer:
    """By CPR and date of birth, a page for each question, with the customer's own rules."""

    def begin(self, worker: Worker, cpr: str) -> None:
        worker.get("/en/staff/help")
        worker.send("/en/staff/help", cpr=cpr)
        worker.send("/en/staff/help/book")

    def who(self, worker: Worker, born: str) -> requests.Response:
        return worker.send("/en/staff/help/book/service", born=born, centre=CENTRE, lang="en")

    def test_who_has_never_booked_is_booked_for(self, workplace: Workplace) -> None:
        omar = Worker(workplace, "omar")
        self.begin(omar, SARA)
        for born in ("", "yesterday", "31 2 1992", "1 1 1990"):
            answer = self.who(omar, born)
            assert answer.status_code == 422 and 'id="fault-born"' in answer.text, born
            assert f'value="{born}"' in answer.text
        answer = self.who(omar, "٢/٧/١٩٩٢")
        assert "For which service?" in answer.text and "Sara Al Nuaimi" in answer.text
        omar.send("/en/staff/help/book/times", what=f"counter:{SECOND}")
        answer = omar.send("/en/staff/help/book/now", at=LATER)
        assert "Booked. The customer gets an SMS." in answer.text and "Tuesday 24 November" in answer.text
        assert SARA not in answer.url and SARA not in str(omar.session.cookies)
        assert until(lambda: workplace.ministry.messages(SARA, "booking_confirmed"), "the message of the booking")
        # Once more for the same service: the customer's own rule says no, in words, and the booking stands.
        omar.send("/en/staff/help/book")
        self.who(omar, "02071992")
        omar.send("/en/staff/help/book/times", what=f"counter:{SECOND}")
        answer = omar.send("/en/staff/help/book/now", at="20261124T0630Z")
        assert answer.status_code == 409 and "has an appointment for this service already" in answer.text
        assert answer.text.count("Tuesday 24 November") == 1
        log = Worker(workplace, "huda").get("/en/staff/audit?act=appointment_booked").text
        assert "Appointment booked" in log and "Sara" not in log and SARA not in log

    def test_a_time_that_was_taken_meanwhile_is_asked_for_again(self, workplace: Workplace) -> None:
        omar = Worker(workplace, "omar")
        self.begin(omar, AHMED)
        self.who(omar, "14 3 1985")
        omar.send("/en/staff/help/book/times", what=f"counter:{SECOND}")
        answer = omar.send("/en/staff/help/book/now", at=LATER)
        assert answer.status_code == 409 and "Please choose another." in answer.text
        assert answer.text.count('action="/en/staff/help/book/now"') >= 1

    def test_who_is_too_young_is_told_at_once(self, workplace: Workplace) -> None:
        omar = Worker(workplace, "omar")
        self.begin(omar, CHILD)
        answer = self.who(omar, "18 6 2012")
        assert answer.status_code == 409 and "younger than one has to be" in answer.text

    @pytest.mark.parametrize("name", ["zain", "riffa"])
    def test_only_where_one_may_help(self, workplace: Workplace, name: str) -> None:
        worker = Worker(workplace, name)
        fields = {"form": worker.session.cookies["dawr_form"], "cpr": SARA, "born": "2 7 1992", "centre": CENTRE}
        fields |= {"lang": "en", "what": f"counter:{SERVICE}", "at": SLOT}
        for step in ("service", "times", "now"):
            answer = worker.post(f"/en/staff/help/book/{step}", fields)
            assert answer.status_code in (403, 422) and "Sara" not in answer.text, step
