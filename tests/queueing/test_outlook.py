"""What each who waits may expect: as `waits` tells a new one, seen from every place in the line."""

from queueing.commands import CallNext, OpenCounter, StartServing, StepOut
from queueing.outlook import outlook
from queueing.priority import ranking
from queueing.waits import Wait, forecast
from tests.queueing.hall import Hall


def told(hall: Hall) -> list[tuple[str, Wait]]:
    found = outlook(hall.state, hall.centre, hall.now)
    ranked = ranking(hall.state, hall.centre, hall.now)
    assert {r.ticket.id for r in ranked} == set(found)
    return [(r.ticket.number, found[r.ticket.id]) for r in ranked]


def busy(hall: Hall) -> None:
    """Two counters serve, six wait for either service."""
    for n in range(8):
        hall.take(f"A10{n}" if n % 2 else f"B10{n}", "renew" if n % 2 else "test")
        hall.later(seconds=20)
    for counter in "12":
        hall.press(CallNext, counter)
        hall.press(StartServing, counter)
    hall.later(minutes=2)


def test_a_new_tickets_outlook_is_its_forecast(open_hall: Hall) -> None:
    busy(open_hall)
    for number, service in (("A108", "renew"), ("B109", "test")):
        expected = forecast(open_hall.state, open_hall.centre, open_hall.now)[service]
        ticket = open_hall.take(number, service)
        open_hall.later(seconds=1)
        found = outlook(open_hall.state, open_hall.centre, open_hall.now)[ticket.id]
        assert found.ahead == expected.ahead
        assert found.minutes == expected.minutes


def test_ahead_counts_ones_own_service_and_the_wait_grows_along_the_line(open_hall: Hall) -> None:
    busy(open_hall)
    of_renew = [wait for number, wait in told(open_hall) if number.startswith("A")]
    assert [wait.ahead for wait in of_renew] == list(range(len(of_renew)))
    lows = [wait.low_s or 0 for wait in of_renew]
    assert lows == sorted(lows) and lows[0] < lows[-1]


def test_a_free_counter_and_nobody_ahead_is_no_wait(open_hall: Hall) -> None:
    ticket = open_hall.take("A101")
    assert outlook(open_hall.state, open_hall.centre, open_hall.now)[ticket.id] == Wait(0, 0, 60)


def test_no_open_counter_is_no_range(hall: Hall) -> None:
    hall.take("A101")
    second = hall.take("A102")
    assert outlook(hall.state, hall.centre, hall.now)[second.id] == Wait(1, None, None)
    hall.press(OpenCounter, "2", clerk="amal")
    assert outlook(hall.state, hall.centre, hall.now)[second.id].minutes is not None


def test_who_stepped_out_is_not_ahead_of_others(open_hall: Hall) -> None:
    first = open_hall.take("A101")
    open_hall.later(seconds=1)
    second = open_hall.take("A102")
    assert outlook(open_hall.state, open_hall.centre, open_hall.now)[second.id].ahead == 1
    open_hall.do(StepOut(first.id))
    found = outlook(open_hall.state, open_hall.centre, open_hall.now)
    assert found[second.id].ahead == 0 and first.id not in found
    open_hall.later(minutes=30)
    assert outlook(open_hall.state, open_hall.centre, open_hall.now)[second.id].ahead == 1
