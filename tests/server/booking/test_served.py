"""How many were served, by day, service and channel: counted once, in whatever order logs come, taken off if undone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import select

from queueing import facts
from queueing.shares import Share
from queueing.wire import Event
from server.booking import served
from server.booking.tables import CountedTicketRow, ReadingRow
from tests.server.booking.house import CENTRE, HUB, KIOSK, KIOSK_2, OTHER, SECOND, SERVICE, House

SUNDAY, MONDAY = date(2026, 11, 22), date(2026, 11, 23)


def told(home: House, first: date = SUNDAY, last: date = MONDAY) -> list[tuple[str, str, Share]]:
    """Return what a centre served: day, service and share."""
    home.rounds.read_logs()
    found = home.store.call(lambda session: served.of_period(session, [CENTRE, OTHER], first, last))
    assert {centre for centre, _ in found.by_centre} <= {CENTRE}
    for service in (SERVICE, SECOND):
        of_days = [share for (_, each), share in found.by_day.items() if each == service]
        assert sum(each.served for each in of_days) == found.by_centre.get((CENTRE, service), Share()).served
    return [(f"{day:%a}", service, share) for (day, service), share in found.by_day.items()]


def finish(home: House, ticket: Event | str, device: str = HUB) -> None:
    home.write(device, facts.TicketFinished(ticket if isinstance(ticket, str) else ticket.id, "1", "claim"))


def by_video(home: House) -> Event:
    day = f"{home.clock.now():%Y-%m-%d}"
    return home.write(HUB, facts.TicketTaken("VB001", SECOND, day, "en", appointment="x", channel="virtual"))


def test_who_was_served_counts_by_day_and_service_and_how(home: House) -> None:
    for ticket in (home.ticket(), home.ticket(KIOSK_2), home.ticket(service=SECOND), by_video(home)):
        finish(home, ticket)
    home.ticket()  # waits yet
    finish(home, home.ticket(), KIOSK)  # which is no kiosk's word
    home.clock.pass_time(86_400)
    finish(home, by_video(home))
    whole = [("Sun", SERVICE, Share(2, 0)), ("Sun", SECOND, Share(2, 1)), ("Mon", SECOND, Share(1, 1))]
    assert told(home) == whole
    assert told(home, MONDAY, MONDAY) == whole[2:]
    assert told(home, date(2026, 11, 1), date(2026, 11, 21)) == []


def test_what_a_clerk_takes_back_is_taken_off_and_may_come_again(home: House) -> None:
    ticket = home.ticket()
    finish(home, ticket)
    assert told(home) == [("Sun", SERVICE, Share(1, 0))]
    home.write(HUB, facts.TurnRestored(ticket.id, "1", "claim", "NoShowMarked"))
    assert told(home) == [("Sun", SERVICE, Share(1, 0))], "another step was taken back"
    home.write(HUB, facts.TurnRestored(ticket.id, "1", "claim", "TicketFinished"))
    assert told(home) == [("Sun", SERVICE, Share(0, 0))]
    finish(home, ticket)
    assert told(home) == [("Sun", SERVICE, Share(1, 0))]


@pytest.mark.parametrize("at_once", [True, False])
def test_the_end_may_be_heard_of_before_the_beginning(home: House, at_once: bool) -> None:
    finish(home, f"{KIOSK}.1.1")
    if not at_once:
        assert told(home) == []
    home.ticket(KIOSK)
    assert told(home) == [("Sun", SERVICE, Share(1, 0))]


def test_it_belongs_to_the_day_on_which_it_was_taken(home: House) -> None:
    ticket = home.ticket()
    home.clock.pass_time(86_400)
    finish(home, ticket)
    assert told(home) == [("Sun", SERVICE, Share(1, 0))]


def test_what_is_read_again_is_counted_once_even_when_the_tickets_are_forgotten(home: House) -> None:
    finish(home, home.ticket())
    first = home.ticket()
    finish(home, first)
    home.write(HUB, facts.TurnRestored(first.id, "1", "claim", "TicketFinished"))
    assert told(home) == [("Sun", SERVICE, Share(1, 0))]

    def unread() -> None:
        home.store.call(lambda session: session.delete(session.get_one(ReadingRow, 1)))

    unread()
    assert told(home) == [("Sun", SERVICE, Share(1, 0))]
    home.clock.pass_time(31 * 86_400)
    home.store.call(lambda session: served.forget_old(session, home.clock.now()))
    assert home.store.call(lambda session: session.exec(select(CountedTicketRow)).all()) == []
    unread()
    assert told(home) == [("Sun", SERVICE, Share(1, 0))]


@pytest.mark.parametrize("day", ["2026-10-22", "2026-11-25", "tomorrow", ""])
def test_a_day_that_cannot_be_is_not_counted(home: House, day: str) -> None:
    finish(home, home.ticket(day=day))
    assert told(home, date(2026, 1, 1), date(2027, 1, 1)) == []


def test_a_late_log_is_counted_for_a_month(home: House) -> None:
    taken_at = home.clock.now()
    home.clock.pass_time(timedelta(days=30).total_seconds())
    finish(home, home.ticket(at=taken_at))
    assert told(home) == [("Sun", SERVICE, Share(1, 0))]
