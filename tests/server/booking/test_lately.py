from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from queueing.centre import Centre
from queueing.slots import slots_of
from server.booking.answers import Why
from server.booking.lately import HOLDS_S, Lately
from tests.server.booking.house import AMNA, BADER, CENTRE, NO_BIRTH, NOW, SERVICE, House, centre
from tests.sync.fakes import FakeClock

HOUSE = Centre.from_json(centre(CENTRE))
(RENEW, *_) = HOUSE.services
AT = next(slot.at for slot in slots_of(HOUSE, RENEW, NOW.date()) if slot.at > NOW)


def left(lately: Lately, at: datetime = AT, now: datetime = NOW) -> int | None:
    free = lately.free(HOUSE, RENEW, now)
    return None if free is None else next(slot.left for day in free for slot in day.slots if slot.at == at)


def test_what_was_read_holds_for_a_second() -> None:
    clock = FakeClock(NOW)
    lately = Lately(clock.monotonic)
    assert left(lately) is None
    lately.read(CENTRE, SERVICE, {})
    assert left(lately) == RENEW.places == 2
    clock.pass_time(HOLDS_S)
    assert left(lately) is None


def test_what_is_booked_here_counts_at_once_and_what_is_given_back_is_read_again() -> None:
    lately = Lately(FakeClock(NOW).monotonic)
    lately.read(CENTRE, SERVICE, {AT: 1})
    assert (left(lately), lately.is_full(HOUSE, RENEW, AT, NOW)) == (1, False)
    lately.booked(CENTRE, SERVICE, AT)
    assert (left(lately), lately.is_full(HOUSE, RENEW, AT, NOW)) == (0, True)
    lately.forget(CENTRE, SERVICE)
    assert (left(lately), lately.is_full(HOUSE, RENEW, AT, NOW)) == (None, False)


def test_a_slot_that_was_found_full_is_full_for_a_second() -> None:
    clock = FakeClock(NOW)
    lately = Lately(clock.monotonic)
    lately.full(CENTRE, SERVICE, AT)
    assert lately.is_full(HOUSE, RENEW, AT, NOW)
    assert not lately.is_full(HOUSE, RENEW, AT + timedelta(days=1), NOW)
    clock.pass_time(HOLDS_S)
    assert not lately.is_full(HOUSE, RENEW, AT, NOW)


def test_slots_that_begin_go_and_new_settings_are_seen() -> None:
    lately = Lately(FakeClock(NOW).monotonic)
    lately.read(CENTRE, SERVICE, {})
    left(lately)
    free = lately.free(HOUSE, RENEW, AT)
    assert free is not None and AT not in {slot.at for day in free for slot in day.slots}
    changed = Centre.from_json(centre(CENTRE, hours={}, extra_days=[]))
    assert lately.free(changed, changed.services[0], NOW) is None
    lately.read(CENTRE, SERVICE, {})
    assert not any(day.slots for day in lately.free(changed, changed.services[0], NOW) or ())
    assert lately.times(HOUSE, RENEW, datetime(2026, 11, 23, 4, tzinfo=UTC))[0][0].day == 23


def test_what_is_told_of_a_full_slot_from_memory_is_what_its_row_would_say(home: House) -> None:
    amna, bader, john = home.sign_in(AMNA), home.sign_in(BADER), home.sign_in(NO_BIRTH, born=date(1990, 1, 1))
    at, later, *_ = home.slots()
    made, other = home.book(amna, at), home.book(bader, at)
    assert at not in home.slots()
    assert home.book(amna, at) == made
    assert home.refused(home.booking.book(john, CENTRE, SERVICE, at)).why is Why.TAKEN
    home.do(home.booking.move(bader, CENTRE, other.id, later))
    assert home.book(john, at).slot_at == at
    assert home.refused(home.booking.book(bader, CENTRE, SERVICE, at)).why is Why.ONE_ALREADY
