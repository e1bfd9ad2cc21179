"""The life of a booking: what is free, booking, moving, cancelling, the link, and every reason to say no."""

from __future__ import annotations

import base64
from datetime import date, timedelta
from pathlib import Path

from server.booking.answers import Why
from server.bookings import of_day
from server.signing import ServerKey
from sync.codes import read_booking
from tests.server.booking.house import AMNA, BADER, CENTRE, NOW, OTHER, SECOND, SERVICE, House, house


def test_the_week_is_free_to_begin_with(home: House) -> None:
    days = home.do(home.booking.free(CENTRE, SERVICE))
    assert [len(day.slots) for day in days] == [28, 29, 29, 29, 28, 0, 64, 29], "today from now on, Saturday is extra"
    first = days[0].slots[0]
    assert (first.at, first.places, first.left) == (NOW + timedelta(minutes=15), 2, 2)
    assert home.refused(home.booking.free(CENTRE, "fines")).why is Why.NO_SUCH_SERVICE
    assert home.refused(home.booking.free("nowhere", SERVICE)).why is Why.NO_SUCH_CENTRE


def test_a_booking_takes_a_place_and_tells_the_customer(home: House) -> None:
    amna = home.sign_in()
    made = home.book(amna)
    assert (made.status, made.channel, made.may_change) == ("booked", "counter", True)
    assert home.do(home.booking.free(CENTRE, SERVICE))[0].slots[0].left == 1
    home.rounds.go()
    (message,) = home.outlet.of("booking_confirmed")
    assert f"https://dawr.example.bh/b/{made.link}" in message.text
    assert "Licence Renewal" in message.text
    assert message.to == "+97336001234"


def test_asking_again_is_no_second_booking(home: House) -> None:
    amna, at = home.sign_in(), home.slots()[3]
    assert home.book(amna, at) == home.book(amna, at)
    assert home.do(home.booking.free(CENTRE, SERVICE))[0].slots[3].left == 1


def test_the_last_place_is_one_customers(home: House) -> None:
    at = home.slots()[0]
    amna, bader = home.sign_in(AMNA), home.sign_in(BADER)
    third = home.sign_in("700000030", born=date(1970, 8, 25))
    home.book(amna, at)
    home.book(bader, at)
    assert at not in home.slots()
    assert home.refused(home.booking.book(third, CENTRE, SERVICE, at)).why is Why.TAKEN
    home.do(home.booking.cancel(bader, CENTRE, home.do(home.booking.mine(bader)).coming[0].id))
    home.book(third, at)


def test_reasons_to_say_no(home: House) -> None:
    amna, at = home.sign_in(), home.slots()[0]
    for why, arguments in (
        (Why.NO_SUCH_CENTRE, ("nowhere", SERVICE, at)),
        (Why.NO_SUCH_SERVICE, (CENTRE, "nothing", at)),
        (Why.NO_SUCH_SERVICE, (CENTRE, "fines", at)),
        (Why.NO_SUCH_SLOT, (CENTRE, SERVICE, at + timedelta(minutes=1))),
        (Why.NO_SUCH_SLOT, (CENTRE, SERVICE, NOW)),
        (Why.NO_SUCH_SLOT, (CENTRE, SERVICE, at + timedelta(days=14))),
    ):
        assert home.refused(home.booking.book(amna, *arguments)).why is why
    assert home.refused(home.booking.book(amna, CENTRE, SERVICE, at, "virtual")).why is Why.NOT_VIRTUAL
    assert home.do(home.booking.book(amna, CENTRE, SECOND, home.slots(SECOND)[0], "virtual")).channel == "virtual"


def test_one_open_appointment_a_service(home: House) -> None:
    amna = home.sign_in()
    made = home.book(amna)
    refused = home.refused(home.booking.book(amna, CENTRE, SERVICE, home.slots()[5]))
    assert (refused.why, refused.appointment) == (Why.ONE_ALREADY, made)
    elsewhere = home.booking.book(amna, OTHER, SERVICE, home.slots(SERVICE, OTHER)[5])
    assert home.refused(elsewhere).why is Why.ONE_ALREADY, "one id is one service, wherever it is served"
    home.book(amna, service=SECOND)
    home.to(made.slot_at)
    home.book(amna, home.slots()[5])  # That time has come: it is not to come any more.


def test_a_centre_may_allow_two(tmp_path: Path) -> None:
    with house(tmp_path / "data", booking={"open_per_service": 2}) as home:
        amna = home.sign_in()
        for n in (0, 1):
            home.book(amna, home.slots()[n])
        assert home.refused(home.booking.book(amna, CENTRE, SERVICE, home.slots()[5])).why is Why.ONE_ALREADY


def test_moving_gives_the_place_back_and_keeps_the_link(home: House) -> None:
    amna = home.sign_in()
    made, at = home.book(amna, home.slots()[2]), home.slots()[7]
    moved = home.do(home.booking.move(amna, CENTRE, made.id, at))
    assert (moved.slot_at, moved.link, moved.status) == (at, made.link, "booked")
    assert moved.id != made.id, "the centre may have matched a ticket with the old one"
    slots = home.do(home.booking.free(CENTRE, SERVICE))[0].slots
    assert (slots[2].left, slots[7].left) == (2, 1)
    assert home.do(home.booking.move(amna, CENTRE, made.id, at)) == moved, "an answer that was lost comes again"
    assert home.do(home.booking.move(amna, CENTRE, moved.id, made.slot_at)).slot_at == made.slot_at, "and back"
    home.rounds.go()
    assert len(home.outlet.of("booking_moved")) == 1, "of the first the second made an untruth"
    mine = home.do(home.booking.mine(amna))
    assert ([each.slot_at for each in mine.coming], mine.past) == ([made.slot_at], ())


def test_a_move_to_a_full_slot_changes_nothing(home: House) -> None:
    at, later = home.slots()[0], home.slots()[4]
    for cpr in (AMNA, BADER):
        home.book(home.sign_in(cpr), later)
    john = home.sign_in("700000030", born=date(1970, 8, 25))
    made = home.book(john, at)
    assert home.refused(home.booking.move(john, CENTRE, made.id, later)).why is Why.TAKEN
    assert home.do(home.booking.mine(john)).coming == (made,)
    assert home.do(home.booking.free(CENTRE, SERVICE))[0].slots[0].left == 1


def test_cancelling_frees_the_place_until_the_slot_begins(home: House) -> None:
    amna = home.sign_in()
    made = home.book(amna, home.slots()[8])
    gone = home.do(home.booking.cancel(amna, CENTRE, made.id))
    assert (gone.status, gone.late, gone.ended_by) == ("cancelled", False, "customer")
    assert home.do(home.booking.cancel(amna, CENTRE, made.id)) == gone
    assert home.do(home.booking.free(CENTRE, SERVICE))[0].slots[8].left == 2
    home.rounds.go()
    assert len(home.outlet.of("booking_cancelled")) == 1
    assert not home.outlet.of("booking_confirmed"), "it would be untrue by now"
    late = home.book(amna, home.slots()[1])
    assert late.is_late
    assert home.do(home.booking.cancel(amna, CENTRE, late.id)).late
    begun = home.book(amna, home.slots()[2])
    home.to(begun.slot_at)
    assert home.refused(home.booking.cancel(amna, CENTRE, begun.id)).why is Why.NOT_OPEN
    assert home.refused(home.booking.move(amna, CENTRE, begun.id, home.slots()[9])).why is Why.NOT_OPEN


def test_nobody_touches_anothers(home: House) -> None:
    made, bader = home.book(home.sign_in(AMNA)), home.sign_in(BADER)
    for verb in (
        home.booking.cancel(bader, CENTRE, made.id),
        home.booking.move(bader, CENTRE, made.id, home.slots()[9]),
        home.booking.cancel(bader, OTHER, made.id),
    ):
        assert home.refused(verb).why is Why.NO_SUCH_APPOINTMENT
    assert home.do(home.booking.mine(bader)).coming == ()


def test_the_link_shows_the_ticket_with_its_signed_code(home: House) -> None:
    amna = home.sign_in()
    made = home.book(amna)
    ticket = home.do(home.booking.by_link(made.link))
    key = base64.b64decode(ServerKey.read(home.folder).public)
    code = read_booking(ticket.code, key)
    assert code is not None
    assert (code.centre, code.appointment, code.service, code.slot_at) == (CENTRE, made.id, SERVICE, made.slot_at)
    assert AMNA not in repr(ticket)
    moved = home.do(home.booking.move(amna, CENTRE, made.id, home.slots()[4]))
    assert home.do(home.booking.by_link(made.link)).appointment == moved, "the first message's link leads on"
    home.do(home.booking.cancel(amna, CENTRE, moved.id))
    assert home.do(home.booking.by_link(made.link)).code == ""
    for wrong in ("", "nothing", made.link.swapcase()):
        assert home.refused(home.booking.by_link(wrong)).why is Why.NO_SUCH_APPOINTMENT


def test_the_centre_hears_of_what_is_todays(home: House) -> None:
    def todays() -> list[str]:
        centre = home.registers.centres[CENTRE]
        return [each.id for each in home.store.call(lambda session: of_day(session, centre, NOW.date()))]

    amna, revision = home.sign_in(), home.registers.revisions[CENTRE]
    made = home.book(amna)
    assert home.registers.revisions[CENTRE] == revision + 1
    assert todays() == [made.id]
    later = home.do(home.booking.move(amna, CENTRE, made.id, home.slots()[70]))
    assert home.registers.revisions[CENTRE] == revision + 2, "it is gone from today"
    assert todays() == []
    home.do(home.booking.cancel(amna, CENTRE, later.id))
    assert home.registers.revisions[CENTRE] == revision + 2, "of a later day it is told when that begins"
