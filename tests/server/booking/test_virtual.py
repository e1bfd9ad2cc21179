"""Appointments by video as the hub's log tells of them: the word that it is their turn, and how they end."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from queueing import facts
from queueing.facts import Fact
from queueing.following import follow_id
from queueing.wire import Event, Stream
from server.booking import virtual
from server.booking.answers import Appointment, Customer, RefusedError, Why
from server.booking.tables import BlockRow, VirtualTicketRow
from sync.log import DeviceLog
from sync.writer import LogWriter
from tests.server.booking.house import AMNA, BADER, CENTRE, HUB, KIOSK, SECOND, SERVICE, House
from tests.sync.fakes import BOOT

MINUTE = timedelta(minutes=1)


class Desk:
    """A customer's appointment by video, and what the hub does with it."""

    def __init__(self, home: House, who: str = AMNA, lang: str = "en", n: int = 2) -> None:
        self.home = home
        self.customer: Customer = home.sign_in(who, lang)
        at = home.slots(SECOND)[n]
        self.made: Appointment = home.do(home.booking.book(self.customer, CENTRE, SECOND, at, "virtual"))

    @property
    def slot_at(self) -> datetime:
        return self.made.slot_at

    def take(self, after: timedelta = timedelta(0)) -> Event:
        self.home.to(self.slot_at + after)
        day = f"{self.slot_at:%Y-%m-%d}"
        self.taken = self.home.write(
            HUB,
            facts.TicketTaken(
                "VB001", SECOND, day, "en", appointment=self.made.id, slot_at=self.slot_at, channel="virtual"
            ),
        )
        return self.taken

    def step(self, kind: type[Fact], after: timedelta = MINUTE, claim: str = "claim", **more: object) -> None:
        self.home.clock.pass_time(after.total_seconds())
        self.home.write(HUB, kind(self.taken.id, "1", claim, **more))  # type: ignore[call-arg]

    def called(self) -> None:
        self.step(facts.TicketCalled, turn=1, why="appointment")

    @property
    def status(self) -> str:
        self.home.rounds.go()
        return self.home.status(self.made, self.customer)


@pytest.fixture
def desk(home: House) -> Desk:
    return Desk(home)


def test_the_ticket_alone_is_no_coming_and_served_is_kept(desk: Desk) -> None:
    assert desk.home.do(desk.home.booking.by_link(desk.made.link)).code == "", "there is no kiosk to show it to"
    desk.take()
    assert desk.status == "booked"
    desk.called()
    # What no hub says, and what is said of another ticket, says nothing of it.
    desk.home.write(KIOSK, facts.ServingStarted(desk.taken.id, "1", "claim"))
    desk.home.write(HUB, facts.ServingStarted("kiosk-1.1.1", "1", "claim"))
    assert desk.status == "booked"
    desk.step(facts.ServingStarted)
    assert desk.status == "kept"


def test_a_clerks_no_show_counts_once_it_cannot_be_taken_back_and_may_be_made_good(desk: Desk) -> None:
    desk.take()
    desk.called()
    desk.step(facts.NoShowMarked)
    assert desk.status == "booked"
    desk.home.clock.pass_time(31)
    assert desk.status == "no_show"
    desk.step(facts.TicketCalled, turn=2, why="called_by_number")
    assert desk.status == "booked"
    desk.step(facts.ServingStarted)
    assert desk.status == "kept"


def test_four_in_a_row_block_and_one_that_was_kept_after_all_lifts(home: House) -> None:
    desks = []
    for _ in range(4):
        desk = Desk(home, n=0)
        desk.take()
        desk.called()
        desk.step(facts.NoShowMarked)
        home.clock.pass_time(31)
        assert desk.status == "no_show"
        desks.append(desk)
    assert home.do(home.booking.mine(desks[0].customer)).block is not None
    desks[-1].step(facts.TicketCalled, turn=2, why="called_by_number")
    desks[-1].step(facts.ServingStarted)
    assert desks[-1].status == "kept"
    assert home.do(home.booking.mine(desks[0].customer)).block is None


@pytest.mark.parametrize("what", ["no ticket", "waiting", "called"])
def test_nobody_misses_what_we_did_not_hold(desk: Desk, what: str) -> None:
    if what != "no ticket":
        desk.take()
    if what == "called":
        desk.called()
        desk.step(facts.NoShowMarked, claim="day-2026-11-23", after=timedelta(hours=20))
    desk.home.to(max(desk.home.clock.now(), desk.slot_at + timedelta(hours=1)))
    if what != "called":
        assert desk.status == "booked", "the day is not over"
    desk.home.to(max(desk.home.clock.now(), desk.slot_at + timedelta(hours=20)))
    desk.home.opened()
    assert desk.status == "excused"
    assert desk.home.store.call(lambda session: session.exec(select(col(BlockRow.id))).all()) == []


def test_a_log_that_comes_after_all_says_who_was_served(desk: Desk) -> None:
    """A hub that was cut off for longer than anybody waits for it."""
    desk.home.to(desk.slot_at + timedelta(days=7))
    assert desk.status == "excused"
    desk.taken = desk.home.write(
        HUB,
        facts.TicketTaken("VB001", SECOND, "2026-11-22", "en", appointment=desk.made.id, channel="virtual"),
        desk.slot_at,
    )
    desk.home.write(HUB, facts.TicketCalled(desk.taken.id, "1", "claim", 1, "appointment"), desk.slot_at)
    desk.home.write(HUB, facts.ServingStarted(desk.taken.id, "1", "claim"), desk.slot_at + MINUTE)
    assert desk.status == "kept"
    assert desk.home.outlet.of("video_called") == []


def test_who_leaves_is_excused_once_it_cannot_be_taken_back_and_so_is_what_is_called_off(home: House) -> None:
    given_up, called_off = Desk(home), Desk(home, BADER)
    for desk, by in ((given_up, "customer"), (called_off, "staff")):
        desk.take()
        home.write(HUB, facts.TicketCancelled(desk.taken.id, by))  # type: ignore[arg-type]
    assert (given_up.status, called_off.status) == ("booked", "excused")
    home.clock.pass_time(143)
    assert given_up.status == "excused"


def test_who_takes_the_leaving_back_may_still_be_served_or_miss_it(home: House) -> None:
    served, absent = Desk(home), Desk(home, BADER)
    for desk, end in ((served, facts.ServingStarted), (absent, facts.NoShowMarked)):
        desk.take()
        home.write(HUB, facts.TicketCancelled(desk.taken.id, "customer"))
        home.rounds.go()
        home.clock.pass_time(60)
        home.write(HUB, facts.TicketRejoined(desk.taken.id))
        home.clock.pass_time(300)
        assert desk.status == "booked"
        desk.called()
        desk.step(end)
        home.clock.pass_time(30)
    assert (served.status, absent.status) == ("kept", "no_show")


def test_a_virtual_ticket_is_no_witness_that_the_hall_took_people_in(home: House) -> None:
    by_video = Desk(home)
    walk_in = home.sign_in(BADER)
    made = home.do(home.booking.book(walk_in, CENTRE, SERVICE, by_video.slot_at))
    by_video.take()
    home.to(made.slot_at + timedelta(hours=2))
    home.write(HUB, facts.CounterClosed("1", "claim"))
    home.rounds.go()
    assert home.status(made, walk_in) != "no_show", "the kiosks may have been out"


class TestTold:
    """The word that it is the customer's turn."""

    @pytest.mark.parametrize(
        ("lang", "said"), [("en", "It is your turn by video. Join now: "), ("ar", "حان دورك بالفيديو")]
    )
    def test_once_in_the_customers_language_with_the_link(self, home: House, lang: str, said: str) -> None:
        desk = Desk(home, lang=lang)
        desk.take()
        assert home.outlet.of("video_called") == []
        for _ in range(2):
            desk.called()
            desk.step(facts.TicketRecalled)
            home.rounds.go()
        (message,) = home.outlet.of("video_called")
        assert message.text.startswith(said) and message.text.endswith(f"/b/{desk.made.link}")
        assert message.lang == lang

    def test_not_when_it_is_not_true_any_more(self, desk: Desk) -> None:
        desk.take()
        desk.called()
        desk.step(facts.TicketParked)
        desk.home.rounds.go()
        assert desk.home.outlet.of("video_called") == []

    def test_not_when_the_news_is_old(self, desk: Desk) -> None:
        desk.take()
        desk.called()
        desk.home.clock.pass_time(301)
        desk.home.rounds.go()
        assert desk.home.outlet.of("video_called") == []

    def test_a_call_that_is_heard_of_too_late_takes_no_later_ones_message(self, desk: Desk) -> None:
        desk.take()
        desk.called()
        desk.home.clock.pass_time(301)
        desk.home.rounds.go()
        desk.step(facts.TicketRecalled)
        desk.home.rounds.go()
        assert len(desk.home.outlet.of("video_called")) == 1

    @pytest.mark.parametrize(
        ("lang", "words"), [("en", ["Booked by video", "by video"]), ("ar", ["حجزك بالفيديو", "بالفيديو"])]
    )
    def test_confirmation_and_reminder_say_that_it_is_by_video(self, home: House, lang: str, words: list[str]) -> None:
        desk = Desk(home, lang=lang, n=10)
        home.rounds.go()
        home.to(desk.slot_at - timedelta(hours=2))
        home.rounds.go()
        (confirmed,), (reminder,) = home.outlet.of("booking_confirmed"), home.outlet.of("reminder_hours")
        assert words[0] in confirmed.text and words[1] in reminder.text


class TestTicket:
    def row(self, desk: Desk) -> VirtualTicketRow:
        def look(session: Session) -> VirtualTicketRow:
            row = session.get_one(VirtualTicketRow, (CENTRE, desk.made.id))
            session.expunge(row)
            return row

        return desk.home.store.call(look)

    def test_its_follow_id_and_calls_are_known(self, desk: Desk) -> None:
        taken = desk.take()
        desk.called()
        desk.step(facts.TicketRecalled)
        desk.home.rounds.go()
        found = desk.home.store.call(lambda session: virtual.turn_of(session, CENTRE, desk.made.id))
        assert found == virtual.VideoTurn(follow_id(taken), "called", 2)

    def test_to_read_the_log_again_changes_nothing(self, desk: Desk) -> None:
        home = desk.home
        desk.take()
        desk.called()
        desk.step(facts.NoShowMarked)
        home.clock.pass_time(31)
        assert desk.status == "no_show"
        before = self.row(desk).model_dump()
        home.writer.close()
        (home.folder / "log.sqlite").unlink()
        home.writer = LogWriter(
            lambda: DeviceLog.open(home.folder / "log.sqlite", Stream("server", 1), home.clock, BOOT)
        )
        home.writer.start()
        home.rounds._writer = home.writer
        home.writer.submit(lambda tx: tx.store(home.logs[HUB])).result()
        assert desk.status == "no_show"
        assert self.row(desk).model_dump() == before
        assert len(home.outlet.of("video_called")) <= 1

    def test_a_hub_that_lost_its_log_has_another_for_it(self, desk: Desk) -> None:
        desk.take()
        desk.home.rounds.go()
        old = self.row(desk).ticket
        first = desk.home.logs.pop(HUB)
        again = Event(HUB, 2, 1, "TicketTaken", 1, desk.home.clock.now(), BOOT, 0.0, "0" * 64, first[-1].body)
        desk.home.writer.submit(lambda tx: tx.store([again])).result()
        desk.home.rounds.go()
        assert (old, self.row(desk).ticket) == (f"{HUB}.1.1", f"{HUB}.2.1")


def test_without_rooms_nothing_is_booked_by_video(home: House) -> None:
    amna = home.sign_in()
    home.booking.has_rooms = False
    with pytest.raises(RefusedError) as caught:
        home.do(home.booking.book(amna, CENTRE, SECOND, home.slots(SECOND)[0], "virtual"))
    assert caught.value.why is Why.NOT_VIRTUAL
