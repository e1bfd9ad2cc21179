"""Paper, message or screen: who is asked, what is asked, and what is taken at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.delivery import ways
from kiosk.known import Known
from kiosk.moves import (
    Answer,
    Appointment,
    Begin,
    Choose,
    Confirm,
    Dial,
    LookedUp,
    NotIssued,
    Press,
    Reason,
    Speak,
    Take,
    Type,
)
from kiosk.visit import Page
from queueing.centre import PhonePlan
from tests.kiosk.conftest import NOW
from tests.kiosk.people import Customer

PHONE = "36001234"


def both(known: Known) -> Known:
    assert known.board is not None
    return replace(known, sms=True, line_up=True, board=replace(known.board, sms=True))


@pytest.fixture
def offered(known: Known) -> Known:
    """Know of a printer that prints and a hub that can send a message."""
    return both(known)


@pytest.fixture
def customer(offered: Known) -> Customer:
    """Bring somebody who has chosen a service and goes on."""
    return walk_in(offered)


def walk_in(known: Known) -> Customer:
    return Customer(known).does(Begin("ar"), Press.WITHOUT_CPR, Choose("licence-renewal"), Press.TAKE)


def test_who_has_two_ways_is_asked_and_paper_is_one_touch_more(customer: Customer) -> None:
    assert customer.visit.page is Page.DELIVERY and not customer.asked
    customer.does(Press.BY_PAPER)
    assert (customer.taken.draft.delivery, customer.taken.draft.phone, customer.touches) == ("paper", None, 5)


def test_a_message_takes_a_phone_and_nothing_else(customer: Customer) -> None:
    customer.does(Press.BY_SMS).types(PHONE).does(Press.SUBMIT)
    assert (customer.taken.draft.delivery, customer.taken.draft.phone) == ("sms", "+97336001234")
    customer.gets()
    assert customer.visit.phone == "" and customer.visit.ticket is not None
    assert customer.visit.ticket.sms_to == "1234"


def test_who_needs_neither_gets_the_number_on_the_screen(customer: Customer) -> None:
    assert customer.does(Press.BY_SCREEN).taken.draft.delivery == "screen"
    assert customer.gets().visit.ticket.sms_to == ""  # type: ignore[union-attr]


def test_a_booked_customer_is_asked_the_same_and_goes_back_to_the_booking(offered: Known) -> None:
    answer = Answer("appointment", "c" * 32, (Appointment("a-7", "licence-renewal", NOW),))
    customer = Customer(offered).does(Begin("ar")).types().does(Press.SUBMIT).hears(answer).does(Confirm("a-7"))
    assert customer.visit.page is Page.DELIVERY and customer.touches == 3
    assert customer.does(Press.BY_SMS, Press.BACK, Press.BACK).visit.page is Page.FOUND
    customer.does(Confirm("a-7"), Press.BY_PAPER)
    assert customer.taken.draft.appointment == "a-7"


def test_back_leads_the_way_one_came_and_the_phone_stays_for_the_visit(customer: Customer) -> None:
    customer.does(Press.BY_SMS).types("3600").does(Press.BACK)
    assert customer.visit.page is Page.DELIVERY
    assert customer.does(Press.BACK).visit.page is Page.DETAILS
    assert customer.does(Press.TAKE, Press.BY_SMS).visit.phone == "3600"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda known: known, ("paper", "sms")),
        (lambda known: replace(known, paper_ready=False), ("sms",)),
        (lambda known: replace(known, paper=False), ("sms",)),
        (lambda known: replace(known, sms=False), ("paper",)),
        (lambda known: replace(known, board=replace(known.board, sms=False)), ("paper",)),
        (lambda known: replace(known, board=None), ("paper",)),
        (lambda known: replace(known, paper_ready=False, sms=False), ()),
        (lambda known: replace(known, centre=replace(known.centre, sms_default=True)), ("sms", "paper")),
        (lambda known: known.with_line(False), ("paper", "sms")),
        (lambda known: replace(known.with_line(False), now=NOW + timedelta(minutes=14)), ("paper", "sms")),
        (lambda known: replace(known.with_line(False), now=NOW + timedelta(minutes=16)), ("paper",)),
    ],
)
def test_what_is_offered(offered: Known, change: Callable[[Known], Known], expected: tuple[str, ...]) -> None:
    assert ways(change(offered)) == expected


def test_the_line_s_loss_is_what_the_hub_s_word_is_as_old_as(offered: Known) -> None:
    # The hub says something new only now and then; until the line goes its last word is true.
    lately = replace(offered, now=NOW + timedelta(hours=2)).with_line(False)
    assert ways(lately) == ("paper", "sms")
    assert ways(replace(lately, now=NOW + timedelta(hours=2, minutes=16))) == ("paper",)


def test_with_paper_alone_nobody_is_asked(known: Known) -> None:
    assert walk_in(known).taken.draft.delivery == "paper"


def test_with_neither_nobody_is_asked(known: Known) -> None:
    assert walk_in(replace(known, paper_ready=False)).taken.draft.delivery == "screen"


def test_with_messages_alone_the_phone_is_asked_for_and_may_be_refused(offered: Known) -> None:
    customer = walk_in(replace(offered, paper_ready=False))
    assert customer.visit.page is Page.PHONE
    assert customer.does(Press.BACK).visit.page is Page.DETAILS
    assert customer.does(Press.TAKE, Press.BY_SCREEN).taken.draft.delivery == "screen"


def test_a_printer_that_stops_while_one_chooses_is_not_printed_on(customer: Customer) -> None:
    customer.known = replace(customer.known, paper_ready=False)
    assert customer.does(Press.BY_PAPER).visit.page is Page.DELIVERY
    assert not customer.asked
    assert customer.does(Press.BY_SCREEN).taken.draft.delivery == "screen"


def test_a_service_that_closes_while_one_types_refuses_and_the_phone_is_gone(customer: Customer) -> None:
    customer.does(Press.BY_SMS).types(PHONE)
    board = customer.known.board
    assert board is not None
    now = replace(board.services["licence-renewal"], open=False)
    customer.known = replace(customer.known, board=replace(board, services={"licence-renewal": now}))
    customer.does(Press.SUBMIT)
    assert (customer.visit.reason, customer.visit.phone) == (Reason.SERVICE_CLOSED, "")


@pytest.mark.parametrize("digits", [PHONE, "٣٦٠٠١٢٣٤", "۳۶۰۰۱۲۳۴"])
def test_a_phone_is_typed_in_any_digits(customer: Customer, digits: str) -> None:
    customer.does(Press.BY_SMS).types(digits).does(Press.SUBMIT)
    assert customer.taken.draft.phone == "+97336001234"


@pytest.mark.parametrize("digits", ["1", "17123456", "9"])
def test_what_cannot_become_a_mobile_number_is_told_at_the_first_digit(customer: Customer, digits: str) -> None:
    customer.does(Press.BY_SMS, Type(digits[0]))
    assert customer.visit.phone_trouble == "begin"
    assert customer.types(digits[1:]).does(Press.SUBMIT).visit.page is Page.PHONE
    assert not customer.asked
    assert customer.does(Press.CLEAR).visit.phone_trouble == ""


def test_too_few_digits_are_told_and_more_than_eight_are_not_taken(customer: Customer) -> None:
    customer.does(Press.BY_SMS).types("3600").does(Press.SUBMIT)
    assert (customer.visit.phone_trouble, customer.asked) == ("short", [])
    assert customer.types("123456").visit.phone == PHONE
    assert customer.visit.phone_trouble == ""
    assert customer.does(Press.ERASE).visit.phone == PHONE[:-1]


def test_another_country_only_where_the_centre_has_it(customer: Customer) -> None:
    customer.does(Press.BY_SMS).types("36").does(Dial(1))
    assert (customer.visit.country, customer.visit.phone) == (0, "36")
    assert customer.known.centre is not None
    plans = (PhonePlan(), PhonePlan("966", 9, ("5",)))
    customer.known = replace(customer.known, centre=replace(customer.known.centre, phones=plans))
    customer.does(Dial(1)).types("501234567").does(Press.SUBMIT)
    assert customer.taken.draft.phone == "+966501234567"


def test_the_language_changes_and_nothing_is_lost(customer: Customer) -> None:
    customer.does(Press.BY_SMS).types("3600").does(Speak("en"))
    assert (customer.visit.phone, customer.visit.page) == ("3600", Page.PHONE)
    assert customer.types("1234").does(Press.SUBMIT).taken.draft.lang == "en"


def test_who_walks_away_leaves_no_phone(customer: Customer) -> None:
    customer.does(Press.BY_SMS).types(PHONE)
    assert customer.waits(20.1).visit.warned_at is not None
    customer.waits(20)
    assert customer.visit.page is Page.START and customer.visit.phone == ""


def test_without_storage_there_is_no_phone_either(customer: Customer) -> None:
    customer.does(Press.BY_SMS).types(PHONE).does(Press.SUBMIT)
    customer.does(NotIssued(customer.visit.turn, Reason.STORAGE))
    assert (customer.visit.reason, customer.visit.phone) == (Reason.STORAGE, "")


def test_two_touches_take_one_ticket(customer: Customer) -> None:
    customer.does(Press.BY_SMS).types(PHONE).does(Press.SUBMIT, Press.SUBMIT, Press.BY_SCREEN, Press.BACK)
    assert customer.taken.draft.delivery == "sms"


def test_no_phone_in_what_a_traceback_would_print(customer: Customer) -> None:
    customer.does(Press.BY_SMS).types(PHONE).does(Press.SUBMIT)
    assert "3600" not in repr(customer.visit) + repr(customer.asked)
    customer.gets()
    assert "1234" not in repr(customer.visit)


_INPUTS = st.sampled_from(
    [
        *(
            Press.BY_PAPER,
            Press.BY_SMS,
            Press.BY_SCREEN,
            Press.SUBMIT,
            Press.BACK,
            Press.TAKE,
            Press.ERASE,
            Press.CLEAR,
        ),
        *(Type("3"), Type("1"), Dial(0), Dial(5), Choose("licence-renewal"), Press.START_OVER, Begin("ar")),
        *(Press.WITHOUT_CPR, Press.TICK, Press.CLEAR),
    ]
)


@given(inputs=st.lists(_INPUTS, max_size=40), paper=st.booleans(), sms=st.booleans())
def test_whatever_is_touched_a_message_has_a_whole_phone_and_paper_a_printer(
    known_once: Known, inputs: list[Press], paper: bool, sms: bool
) -> None:
    known = replace(both(known_once), paper_ready=paper, sms=sms)
    customer = walk_in(known)
    for given_ in inputs:
        customer.does(given_)
        customer.does(LookedUp(-1, Answer("none", "c")))
    for take in customer.asked:
        assert isinstance(take, Take)
        assert take.draft.delivery != "paper" or paper
        assert (take.draft.delivery == "sms") == (take.draft.phone is not None)
        if take.draft.phone is not None:
            assert sms and take.draft.phone.startswith("+9733") and len(take.draft.phone) == 12
