"""Scans as conversations: what begins or fills a visit, what disturbs nobody, what is told kindly."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.known import Known
from kiosk.moves import (
    Answer,
    Appointment,
    Begin,
    BookingScan,
    CheckIn,
    Choose,
    Confirm,
    CprScan,
    CutOff,
    FindTicket,
    Followed,
    Held,
    Issued,
    LookUp,
    NoScan,
    Press,
    Reason,
    SayBooked,
    Scan,
    Ticket,
    TicketScan,
    Type,
)
from kiosk.visit import Page
from sync.codes import BookingCode
from tests.kiosk.conftest import NOW
from tests.kiosk.people import CPR, Customer

CODE = BookingCode("muharraq-traffic", "a-7", "licence-renewal", NOW + timedelta(minutes=30), "c" * 32)
SCAN = BookingScan(CODE)
FOLLOW = "ABCDEFGHIJ234567"
TICKET = Ticket("kiosk-1.1.1", "A001", "licence-renewal")
SLOT = Appointment("a-7", "licence-renewal", CODE.slot_at)


@pytest.fixture
def customer(known: Known) -> Customer:
    return Customer(known)


def test_a_number_is_looked_up_as_if_typed_and_submitted(customer: Customer) -> None:
    customer.does(CprScan(CPR))
    assert customer.asked == [LookUp(customer.visit.turn, CPR)]
    assert (customer.visit.page, customer.visit.digits) == (Page.CPR, CPR)
    assert customer.hears(Answer("none", "c" * 32)).visit.page is Page.SERVICES


def test_a_number_fills_in_what_is_half_typed(customer: Customer) -> None:
    customer.does(Begin("en")).types("90").does(CprScan(CPR))
    assert customer.asked == [LookUp(customer.visit.turn, CPR)]
    assert customer.visit.language == "en"


def test_a_booking_checks_in_with_one_touch(customer: Customer) -> None:
    customer.does(SCAN)
    assert customer.asked == [CheckIn(customer.visit.turn, CODE)] and customer.visit.page is Page.LOOKING
    customer.hears(Answer("appointment", "c" * 32, (SLOT,), older=True, booking="good"))
    assert customer.visit.page is Page.FOUND and customer.visit.priority == "older"
    draft = customer.does(Confirm("a-7")).taken.draft
    assert (draft.appointment, draft.slot_at, draft.customer) == ("a-7", CODE.slot_at, "c" * 32)
    # The scan and the confirmation.
    assert customer.touches == 2


def test_of_several_bookings_the_one_that_was_shown_is_meant(customer: Customer) -> None:
    other = replace(SLOT, id="a-8")
    customer.does(SCAN).hears(Answer("appointment", "c" * 32, (other, SLOT), booking="good"))
    assert customer.visit.answer is not None
    assert [each.id for each in customer.visit.answer.appointments] == ["a-7"]


@pytest.mark.parametrize("booking", ["unknown", None])
def test_what_the_hub_cannot_know_the_code_says(customer: Customer, booking: str | None) -> None:
    customer.does(SCAN).hears(Answer("none", "c" * 32, booking=booking))  # type: ignore[arg-type]
    assert customer.visit.page is Page.FOUND
    assert customer.does(Confirm("a-7")).taken.draft.appointment == "a-7"


def test_cut_off_the_code_s_own_word_is_enough(customer: Customer) -> None:
    customer.does(SCAN, CutOff(customer.visit.turn + 1, "c" * 32))
    assert customer.visit.page is Page.FOUND
    draft = customer.does(Confirm("a-7")).taken.draft
    assert (draft.appointment, draft.customer, draft.says_booked) == ("a-7", "c" * 32, False)


def test_cut_off_from_asking_the_code_answers(customer: Customer) -> None:
    customer.does(Begin("ar")).types().does(Press.SUBMIT, CutOff(customer.visit.turn + 1, "c" * 32))
    assert customer.visit.page is Page.ASK_BOOKED
    customer.does(SCAN)
    customer.does(CutOff(customer.visit.turn, "c" * 32))
    assert customer.visit.page is Page.FOUND


@pytest.mark.parametrize("booking", ["used", "gone"])
def test_a_booking_that_does_not_hold_is_told_and_one_goes_on_without(customer: Customer, booking: str) -> None:
    customer.does(SCAN).hears(Answer("none", "c" * 32, booking=booking))  # type: ignore[arg-type]
    assert customer.visit.reason is Reason.BOOKING_GONE
    customer.does(Press.FIRST_STEP, Choose("driving-test"), Press.TAKE)
    draft = customer.taken.draft
    assert (draft.customer, draft.appointment) == ("c" * 32, None)


def test_another_centre_s_booking_is_told(customer: Customer) -> None:
    customer.does(BookingScan(replace(CODE, centre="riffa-traffic")))
    assert (customer.visit.reason, customer.asked) == (Reason.OTHER_CENTRE, [])
    assert customer.does(Press.FIRST_STEP).visit.page is Page.SERVICES


@pytest.mark.parametrize("days", [-1, 1])
def test_yesterday_s_and_tomorrow_s_bookings_are_told(customer: Customer, days: int) -> None:
    customer.does(BookingScan(replace(CODE, slot_at=CODE.slot_at + timedelta(days=days))))
    assert (customer.visit.reason, customer.asked) == (Reason.OTHER_DAY, [])
    assert customer.does(Press.SECOND_STEP).visit.page is Page.START


def test_a_booking_for_a_service_that_is_no_more_is_told(customer: Customer) -> None:
    assert customer.does(BookingScan(replace(CODE, service="gone"))).visit.reason is Reason.BOOKING_GONE


def test_who_holds_a_ticket_is_shown_it_whatever_is_scanned(customer: Customer) -> None:
    held = Held("kiosk-1.1.3", "A003", "licence-renewal", NOW)
    customer.does(SCAN).hears(Answer("holds_ticket", "c" * 32, held=held))
    assert customer.visit.page is Page.TICKET and customer.visit.ticket is not None and customer.visit.ticket.again
    customer.does(Press.DONE, Press.DONE, SCAN, CutOff(customer.visit.turn + 2, "c" * 32, held))
    assert customer.visit.ticket is not None and customer.visit.ticket.number == "A003"


def test_a_ticket_is_shown_in_its_own_language_as_it_stands(customer: Customer) -> None:
    customer.does(TicketScan(FOLLOW))
    assert customer.asked == [FindTicket(customer.visit.turn, FOLLOW)] and customer.visit.page is Page.LOOKING
    ticket = Ticket("kiosk-2.1.9", "A109", "licence-renewal", True, 3, 60, 240, "none")
    customer.does(Followed(customer.visit.turn, ticket, "en"))
    assert (customer.visit.page, customer.visit.language, customer.visit.ticket) == (Page.TICKET, "en", ticket)


@pytest.mark.parametrize(("is_sure", "reason"), [(True, Reason.TICKET_OVER), (False, Reason.TICKET_UNSEEN)])
def test_a_ticket_that_is_not_found_is_told(customer: Customer, is_sure: bool, reason: Reason) -> None:
    customer.does(TicketScan(FOLLOW), Followed(customer.visit.turn + 1, None, is_sure=is_sure))
    assert customer.visit.reason is reason
    assert customer.does(Press.FIRST_STEP).visit.page is (Page.CPR if is_sure else Page.START)


def test_what_means_nothing_is_told_with_a_next_step(customer: Customer) -> None:
    assert customer.does(NoScan()).visit.reason is Reason.UNREADABLE
    assert customer.does(Press.FIRST_STEP).visit.page is Page.CPR
    customer.types("8501").does(NoScan())
    assert (customer.visit.page, customer.visit.unread, customer.visit.digits) == (Page.CPR, True, "8501")
    assert not customer.does(Type("1")).visit.unread


def test_after_a_refusal_one_may_scan_again(customer: Customer) -> None:
    customer.does(NoScan(), SCAN)
    assert customer.asked == [CheckIn(customer.visit.turn, CODE)]


@pytest.mark.parametrize("scan", [CprScan(CPR), SCAN, TicketScan(FOLLOW), NoScan()])
def test_in_the_middle_of_a_choice_no_scan_disturbs(customer: Customer, scan: Scan) -> None:
    customer.does(Begin("ar"), Press.WITHOUT_CPR)
    for given in (Choose("licence-renewal"), Press.TAKE, Issued(customer.visit.turn, TICKET), Press.DONE):
        before = customer.visit
        assert customer.does(scan).visit == before and len(customer.asked) <= 1
        customer.does(given)


@pytest.mark.parametrize("scan", [CprScan(CPR), SCAN])
def test_while_one_scan_is_looked_up_another_is_left_aside(customer: Customer, scan: Scan) -> None:
    customer.does(CprScan("900101111"))
    before = customer.visit
    assert customer.does(scan).visit == before and len(customer.asked) == 1


def test_an_answer_to_an_earlier_scan_is_not_taken_for_one_to_this(customer: Customer) -> None:
    customer.does(SCAN)
    late = customer.visit.turn
    customer.does(Press.START_OVER, CprScan(CPR), CutOff(late, "c" * 32))
    assert customer.visit.looking_up
    customer.does(Followed(late, None))
    assert customer.visit.looking_up


def test_a_closed_centre_checks_nobody_in_but_shows_a_ticket(known: Known) -> None:
    assert known.board is not None
    closed = replace(known, board=replace(known.board, open=False))
    for scan in (CprScan(CPR), SCAN):
        assert Customer(closed).does(scan).visit.reason is Reason.CLOSED
    assert Customer(closed).does(TicketScan(FOLLOW)).visit.looking_up


def test_how_the_screen_was_set_stays_for_who_scans(customer: Customer) -> None:
    customer.does(Press.LARGE, Press.CONTRAST, SCAN)
    assert customer.visit.large and customer.visit.contrast


def test_cut_off_somebody_without_the_code_still_says_so(customer: Customer) -> None:
    customer.does(CprScan(CPR), CutOff(customer.visit.turn + 1, "c" * 32), SayBooked(True))
    assert customer.visit.page is Page.SERVICES


def test_nothing_of_a_scan_is_left_or_printed(customer: Customer) -> None:
    customer.does(CprScan(CPR))
    assert CPR not in repr(customer.visit) + repr(customer.asked)
    customer.does(Press.START_OVER, SCAN)
    assert "a-7" not in repr(customer.visit) + repr(customer.asked)
    customer.does(Press.START_OVER)
    assert customer.visit.code is None and customer.visit.digits == ""
