"""The help desk's pages: a customer by the CPR, which is in no address."""

from __future__ import annotations

import re

from tests.server.administration.workplace import Worker, Workplace
from tests.server.pages.ministry import AHMED, LATER, NOBODY, SLOT


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
