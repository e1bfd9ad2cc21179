"""Who is next: the claims grow by class, the early and the late appointment, nobody starves."""

from datetime import timedelta

import pytest

from queueing.centre import AppointmentRule, Centre
from queueing.commands import CallNext, Finish, StartServing
from queueing.priority import claim, next_for, of_appointment, ranking, standing
from tests.queueing.hall import NINE, Hall

RULE = AppointmentRule(early_lead_s=300, grace_s=900)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("came", "kind", "ready"),
    [
        (-60, "appointment", -5),  # an hour early: counts from the lead on
        (-5, "appointment", -5),
        (-2, "appointment", -2),
        (10, "appointment", 10),
        (15, "appointment", 15),  # the grace's last moment
        (16, "walk_in", 16),
    ],
)
def test_an_appointments_standing(came: int, kind: str, ready: int) -> None:
    stands = of_appointment(NINE, NINE + came * MINUTE, RULE)
    assert (stands.kind, stands.ready_at) == (kind, NINE + ready * MINUTE)


def test_rates_order_the_classes_and_waiting_outgrows_them(open_hall: Hall) -> None:
    walk_in = open_hall.take("A101")
    open_hall.later(minutes=10)
    booked = open_hall.take("A102", appointment="x", slot_at=open_hall.now)
    elder = open_hall.take("A103", priority="older")
    numbers = lambda: [r.ticket.number for r in ranking(open_hall.state, open_hall.centre, open_hall.now)]  # noqa: E731
    open_hall.later(minutes=1)
    assert numbers() == [walk_in.number, elder.number, booked.number]
    open_hall.later(minutes=5)  # 16 minutes x 1 against 6 x 3 and 6 x 2
    assert numbers() == [elder.number, walk_in.number, booked.number]
    open_hall.later(minutes=6)  # 22 x 1 against 12 x 2
    assert numbers() == [elder.number, booked.number, walk_in.number]


def test_why_is_the_class_of_the_larger_claim(open_hall: Hall) -> None:
    open_hall.take("A101", priority="pregnant", appointment="x", slot_at=open_hall.now)
    open_hall.later(minutes=1)
    (ranked,) = ranking(open_hall.state, open_hall.centre, open_hall.now)
    assert (ranked.why, ranked.score) == ("priority", pytest.approx(180.0))


def test_an_early_appointment_waits_behind_those_whose_time_it_is(open_hall: Hall) -> None:
    open_hall.take("A101", appointment="x", slot_at=open_hall.now + timedelta(hours=1))
    later = open_hall.take("A102")
    open_hall.later(minutes=1)
    found = next_for(open_hall.state, open_hall.centre, "1", ("renew",), open_hall.now)
    assert found is not None and found.ticket.number == later.number


def test_next_is_the_first_of_the_ranking(open_hall: Hall) -> None:
    for i in range(30):
        kind = (
            {"priority": "older"}
            if i % 7 == 0
            else {"appointment": f"a{i}", "slot_at": open_hall.now + i * MINUTE}
            if i % 3 == 0
            else {}
        )
        open_hall.take(f"A{101 + i}", "renew" if i % 2 else "test", **kind)
        open_hall.later(seconds=37)
    place = open_hall.centre.counters[0]
    for _ in range(30):
        open_hall.later(minutes=1)
        first = ranking(open_hall.state, open_hall.centre, open_hall.now, place)[0]
        called = open_hall.press(CallNext)
        assert called is not None and called.id == first.ticket.id
        open_hall.press(StartServing)
        open_hall.press(Finish)


def test_no_class_starves(open_hall: Hall) -> None:
    """A walk-in gets its turn though a priority customer comes every minute and each service takes a minute."""
    walk_in = open_hall.take("A101")
    for i in range(60):
        open_hall.take(f"A{102 + i}", priority="older")
        open_hall.later(minutes=1)
        called = open_hall.press(CallNext)
        assert called is not None
        if called.id == walk_in.id:
            return
        open_hall.press(StartServing)
        open_hall.press(Finish)
    pytest.fail("the walk-in was never called")


def test_claim_is_rate_times_seconds(centre: Centre, open_hall: Hall) -> None:
    ticket = open_hall.take("A101")
    assert claim(standing(ticket, centre, NINE), centre, NINE + MINUTE) == pytest.approx(60.0)
