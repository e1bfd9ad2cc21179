"""The visit as conversations: what is touched and heard, what is on the screen then, and what is asked backstage."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.known import Board, Known, ServiceNow
from kiosk.moves import (
    Answer,
    Appointment,
    Begin,
    Choose,
    Claim,
    Confirm,
    CprScan,
    CutOff,
    Held,
    Input,
    LookedUp,
    LookUp,
    NotIssued,
    OpenGroup,
    Press,
    PrintEnded,
    Reason,
    SayBooked,
    Speak,
    Take,
    Type,
)
from kiosk.visit import Page, Visit, group_shown
from queueing.centre import Centre
from tests.kiosk.conftest import NOW
from tests.kiosk.people import CPR, Customer


@pytest.fixture
def customer(known: Known) -> Customer:
    return Customer(known)


def booking(**other: object) -> Answer:
    appointment = Appointment("a-7", "licence-renewal", NOW + timedelta(minutes=30))
    return replace(Answer("appointment", "c" * 32, (appointment,)), **other)  # type: ignore[arg-type]


def test_a_booked_customer_needs_three_touches_beside_the_digits(customer: Customer) -> None:
    customer.does(Begin("ar")).types().does(Press.SUBMIT)
    assert customer.asked == [LookUp(customer.visit.turn, CPR)]
    customer.hears(booking())
    assert customer.visit.page is Page.FOUND
    customer.does(Confirm("a-7"))
    assert customer.touches == 3
    assert customer.taken.draft.appointment == "a-7"
    assert customer.taken.draft.slot_at == NOW + timedelta(minutes=30)
    assert customer.gets().visit.page is Page.TICKET


def test_a_walk_in_needs_four_touches_beside_the_digits(customer: Customer) -> None:
    customer.does(Begin("en")).types().does(Press.SUBMIT).hears(Answer("none", "c" * 32))
    assert customer.visit.page is Page.SERVICES
    customer.does(Choose("driving-test"), Press.TAKE)
    assert customer.touches == 4
    draft = customer.taken.draft
    assert (draft.service, draft.lang, draft.customer, draft.appointment) == ("driving-test", "en", "c" * 32, None)


def test_somebody_without_a_cpr_takes_a_ticket(customer: Customer) -> None:
    customer.does(Begin("ar"), Press.WITHOUT_CPR, Choose("traffic-fines"), Press.TAKE)
    assert customer.taken.draft.customer is None
    assert customer.asked == [customer.taken]


@pytest.mark.parametrize("digits", ["850112345", "٨٥٠١١٢٣٤٥", "۸۵۰۱۱۲۳۴۵"])
def test_a_cpr_is_typed_in_any_digits(customer: Customer, digits: str) -> None:
    customer.does(Begin("ar")).types(digits).does(Press.SUBMIT)
    assert customer.asked == [LookUp(customer.visit.turn, CPR)]


def test_too_few_digits_are_told_at_once_and_nothing_is_asked(customer: Customer) -> None:
    customer.does(Begin("ar")).types("8501").does(Press.SUBMIT)
    assert customer.visit.too_short
    assert not customer.asked
    assert not customer.types("1").visit.too_short


def test_more_than_nine_digits_are_not_taken(customer: Customer) -> None:
    assert customer.does(Begin("ar")).types(CPR + "99").visit.digits == CPR


def test_erase_and_clear(customer: Customer) -> None:
    assert customer.does(Begin("ar")).types("123").does(Press.ERASE).visit.digits == "12"
    assert customer.does(Press.CLEAR).visit.digits == ""


def test_an_unknown_number_can_be_typed_again_or_done_without(customer: Customer) -> None:
    customer.does(Begin("ar")).types().does(Press.SUBMIT).hears(Answer("unknown", "c" * 32))
    assert (customer.visit.page, customer.visit.reason) == (Page.REFUSED, Reason.UNKNOWN)
    before = customer.visit
    again = customer.does(Press.FIRST_STEP).visit
    assert (again.page, again.digits) == (Page.CPR, "")
    customer.visit = before
    assert customer.does(Press.SECOND_STEP).visit.page is Page.SERVICES


def test_who_is_too_young_to_book_may_walk_in(customer: Customer) -> None:
    customer.does(Begin("ar")).types().does(Press.SUBMIT).hears(Answer("under_age", "c" * 32))
    assert customer.visit.reason is Reason.UNDER_AGE
    assert customer.does(Press.FIRST_STEP).visit.page is Page.SERVICES


def test_a_ticket_that_is_held_is_shown_again_and_not_taken_twice(customer: Customer) -> None:
    held = Held("kiosk-1.1.3", "A003", "licence-renewal", NOW)
    customer.does(Begin("ar")).types().does(Press.SUBMIT).hears(Answer("holds_ticket", "c" * 32, held=held))
    ticket = customer.visit.ticket
    assert ticket is not None and ticket.again and ticket.number == "A003"
    customer.does(Press.ANOTHER_TICKET, Press.TAKE, Press.FIRST_STEP)
    assert customer.visit.page is Page.TICKET
    assert not [effect for effect in customer.asked if isinstance(effect, Take)]


def test_a_closed_centre_gives_no_ticket(known: Known) -> None:
    assert known.board is not None
    closed = replace(known, board=replace(known.board, open=False))
    assert Customer(closed).does(Begin("ar")).visit.reason is Reason.CLOSED
    at_night = replace(known, board=None, now=NOW - timedelta(hours=5))
    assert Customer(at_night).does(Begin("ar")).visit.reason is Reason.CLOSED


@pytest.mark.parametrize(
    ("now", "reason"),
    [(ServiceNow(open=False), Reason.SERVICE_CLOSED), (ServiceNow(full=True), Reason.SERVICE_FULL)],
)
def test_a_service_that_gives_no_tickets_refuses_kindly(known: Known, now: ServiceNow, reason: Reason) -> None:
    assert known.board is not None
    known = replace(known, board=replace(known.board, services={"licence-renewal": now}))
    customer = Customer(known).does(Begin("ar"), Press.WITHOUT_CPR, Choose("licence-renewal"))
    assert customer.visit.reason is reason
    assert customer.does(Press.FIRST_STEP).visit.page is Page.SERVICES


def test_a_service_that_closes_while_it_is_read_about_refuses(customer: Customer) -> None:
    customer.does(Begin("ar"), Press.WITHOUT_CPR, Choose("licence-renewal"))
    board = customer.known.board
    assert board is not None
    customer.known = replace(customer.known, board=replace(board, services={"licence-renewal": ServiceNow(open=False)}))
    assert customer.does(Press.TAKE).visit.reason is Reason.SERVICE_CLOSED
    assert not customer.asked


def test_a_full_service_does_not_refuse_who_is_booked(known: Known) -> None:
    assert known.board is not None
    known = replace(known, board=replace(known.board, services={"licence-renewal": ServiceNow(full=True)}))
    customer = Customer(known).does(Begin("ar")).types().does(Press.SUBMIT).hears(booking()).does(Confirm("a-7"))
    assert customer.taken.draft.appointment == "a-7"


def test_without_storage_there_is_no_ticket_and_a_person_is_named(customer: Customer) -> None:
    customer.does(Begin("ar"), Press.WITHOUT_CPR, Choose("licence-renewal"), Press.TAKE)
    customer.does(NotIssued(customer.visit.turn, Reason.STORAGE))
    assert customer.visit.reason is Reason.STORAGE
    assert customer.does(Press.FIRST_STEP).visit.page is Page.START


def test_cut_off_it_asks_and_takes_the_ticket_at_once(customer: Customer) -> None:
    customer.does(Begin("ar")).types().does(Press.SUBMIT)
    customer.does(CutOff(customer.visit.turn, "c" * 32))
    assert customer.visit.page is Page.ASK_BOOKED
    customer.does(SayBooked(True), Choose("licence-renewal"), Press.TAKE)
    draft = customer.taken.draft
    assert draft.says_booked and draft.customer == "c" * 32 and draft.appointment is None
    assert customer.touches == 5


def test_cut_off_a_ticket_of_this_kiosk_is_shown_again_but_another_can_be_had(customer: Customer) -> None:
    held = Held("kiosk-1.1.3", "A003", "licence-renewal", NOW)
    customer.does(Begin("ar")).types().does(Press.SUBMIT)
    customer.does(CutOff(customer.visit.turn, "c" * 32, held))
    assert customer.visit.ticket is not None and customer.visit.ticket.again
    assert customer.does(Press.ANOTHER_TICKET).visit.page is Page.ASK_BOOKED


def test_a_late_answer_to_an_earlier_number_is_not_taken_for_this_one(customer: Customer) -> None:
    customer.does(Begin("ar")).types().does(Press.SUBMIT)
    late = LookedUp(customer.visit.turn, booking())
    customer.does(CutOff(customer.visit.turn, "c" * 32), Press.BACK, Press.CLEAR)
    customer.types("900101111").does(Press.SUBMIT)
    assert customer.does(late).visit.page is Page.CPR
    customer.does(Press.START_OVER, late)
    assert customer.visit.page is Page.START


def test_two_touches_take_one_ticket(customer: Customer) -> None:
    customer.does(Begin("ar"), Press.WITHOUT_CPR, Choose("licence-renewal"), Press.TAKE, Press.TAKE, Press.BACK)
    assert customer.taken.draft.service == "licence-renewal"


def test_the_language_changes_on_every_screen_and_nothing_is_lost(customer: Customer) -> None:
    inputs: list[Input] = [Begin("ar"), *map(Type, CPR), Press.SUBMIT]
    for given in inputs:
        customer.does(given)
        before = customer.visit
        after = customer.does(Speak("en")).visit
        assert after == replace(before, language="en")
        customer.does(Speak("ar"))
    customer.hears(booking()).does(Speak("en"), Confirm("a-7"))
    assert customer.taken.draft.lang == "en"


def test_priority_is_one_or_none_and_the_registry_may_set_it(customer: Customer) -> None:
    customer.does(Begin("ar")).types().does(Press.SUBMIT).hears(Answer("none", "c" * 32, older=True))
    assert customer.visit.priority == "older"
    customer.does(Choose("licence-renewal"), Claim("pregnant"))
    assert customer.visit.priority == "pregnant"
    assert customer.does(Claim("pregnant")).visit.priority is None


def test_back_leads_the_way_one_came(customer: Customer) -> None:
    customer.does(Begin("ar")).types().does(Press.SUBMIT).hears(booking()).does(Press.OTHER_SERVICE)
    customer.does(Choose("licence-renewal"))
    pages = []
    for _ in range(4):
        pages.append(customer.does(Press.BACK).visit.page)
    assert pages == [Page.SERVICES, Page.FOUND, Page.CPR, Page.START]


def test_many_services_are_grouped_by_what_people_call_them(known: Known, centre: Centre) -> None:
    twins = tuple(
        replace(service, id=f"{service.id}-{n}", letter=chr(65 + 8 * n + index))
        for n in range(2)
        for index, service in enumerate(centre.services)
    )
    many = replace(known, centre=replace(centre, services=twins, counters=()))
    customer = Customer(many).does(Begin("ar"), Press.WITHOUT_CPR)
    assert len(many.groups) > 1 and group_shown(customer.visit, many) == ()
    customer.does(OpenGroup(many.groups[0]))
    shown = group_shown(customer.visit, many)
    assert shown and set(shown) < {service.id for service in twins}
    assert customer.does(Press.BACK).visit.page is Page.SERVICES
    assert customer.does(Press.BACK).visit.page is Page.CPR


def test_who_walks_away_is_warned_after_twenty_seconds_and_forgotten_after_twenty_more(customer: Customer) -> None:
    customer.does(Begin("en")).types()
    assert customer.waits(19.9).visit.warned_at is None
    assert customer.waits(0.2).visit.warned_at is not None
    assert customer.waits(19.7).visit.page is Page.CPR
    customer.waits(0.3)
    assert customer.visit == Visit(turn=customer.visit.turn, language="en")


def test_one_touch_goes_on_as_often_as_wished(customer: Customer) -> None:
    customer.does(Begin("ar")).types()
    for _ in range(12):
        assert customer.waits(39).visit.warned_at is not None
        customer.does(Press.STAY)
        assert customer.visit.warned_at is None and customer.visit.digits == CPR


def test_a_printed_ticket_goes_by_itself_and_one_without_paper_stays_longer(customer: Customer) -> None:
    customer.does(Begin("ar"), Press.WITHOUT_CPR, Choose("licence-renewal"), Press.TAKE).gets()
    before = customer.visit
    customer.does(PrintEnded("kiosk-1.1.1", "printed"))
    assert customer.waits(15).visit.page is Page.THANKS
    assert customer.waits(5).visit.page is Page.START
    customer.visit = replace(before, touched_at=customer.time)
    customer.does(PrintEnded("kiosk-1.1.1", "not printed"))
    assert customer.waits(39).visit.page is Page.TICKET


def test_a_ticket_leaves_no_digits_behind(customer: Customer) -> None:
    customer.does(Begin("ar")).types().does(Press.SUBMIT).hears(booking()).does(Confirm("a-7")).gets()
    assert CPR not in repr(customer.visit) and customer.visit.digits == ""
    assert customer.does(Press.DONE, Press.DONE).visit == Visit(turn=customer.visit.turn, language="ar")


def test_no_cpr_in_what_a_traceback_would_print(customer: Customer) -> None:
    customer.does(Begin("ar")).types().does(Press.SUBMIT)
    assert "8501" not in repr(customer.visit) + repr(customer.asked) + repr(Type("8"))
    assert "'8'" not in repr(Type("8"))


def test_what_was_made_larger_goes_back_with_the_customer(customer: Customer) -> None:
    customer.does(Press.LARGE, Press.CONTRAST)
    assert customer.waits(19).visit.large
    customer.does(Begin("ar"))
    assert customer.visit.large and customer.visit.contrast
    customer.does(Press.START_OVER)
    assert not customer.visit.large and not customer.visit.contrast
    customer.does(Press.LOW)
    assert not customer.waits(20).visit.low


def test_before_the_first_settings_nobody_begins_and_a_card_is_refused_kindly(known: Known) -> None:
    customer = Customer(Known(known.now))
    assert customer.does(Begin("ar")).visit.page is Page.START
    assert customer.does(CprScan("850112345")).visit.looking_up
    customer.does(NotIssued(customer.visit.turn, Reason.NOT_READY))
    assert customer.visit.reason is Reason.NOT_READY


def test_the_hub_s_old_word_is_not_taken_for_news(known: Known) -> None:
    assert known.board is not None
    services = {"licence-renewal": ServiceNow(open=False)}
    old = replace(known, board=replace(known.board, services=services, heard_at=NOW - timedelta(minutes=3)))
    choose = (Begin("ar"), Press.WITHOUT_CPR, Choose("licence-renewal"))
    assert Customer(old).does(*choose).visit.page is Page.DETAILS
    assert Customer(replace(old, line_up=True)).does(*choose).visit.reason is Reason.SERVICE_CLOSED


def test_a_board_with_nonsense_is_read_as_not_said() -> None:
    board = Board.from_json({"services": [{"id": 7}, "x", {"id": "a", "count": "many"}], "open": "yes"}, NOW)
    assert board.open is None and board.services == {"a": ServiceNow()}
