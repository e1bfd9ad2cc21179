"""Messages: each decided on once, handed over once, true when it goes out; whatever restarts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from server.booking import notices as made_notices
from server.booking import reminders
from server.booking.answers import Customer
from server.booking.notices import decide
from server.booking.reminders import remind
from server.booking.tables import NoticeRow
from sms.message import Kind
from sms.outbox import Outbox
from tests.server.booking import house as made
from tests.server.booking.dying import RealOutlet, outlet_of
from tests.server.booking.house import AMNA, BADER, CENTRE, NOW, PHONES, House


def notices(home: House) -> list[tuple[str, str]]:
    rows = home.store.call(lambda session: session.exec(select(NoticeRow).order_by(col(NoticeRow.made_at))).all())
    return [(row.kind, row.state) for row in rows if row.kind != "one_time_code"]


def test_reminders_come_the_day_before_and_two_hours_before(home: House) -> None:
    amna = home.sign_in()
    booked = home.book(amna, next(at for at in home.slots() if at > NOW + timedelta(days=2)))
    for before, kinds in (
        (timedelta(days=1, minutes=1), []),
        (timedelta(days=1), ["reminder_day"]),
        (timedelta(hours=23), ["reminder_day"]),
        (timedelta(hours=2, minutes=1), ["reminder_day"]),
        (timedelta(hours=2), ["reminder_day", "reminder_hours"]),
        (timedelta(hours=1), ["reminder_day", "reminder_hours"]),
        (timedelta(), ["reminder_day", "reminder_hours"]),
    ):
        home.to(booked.slot_at - before)
        home.rounds.go()
        home.begin_again()
        home.rounds.go()
        assert [kind for kind, _ in notices(home) if kind.startswith("reminder")] == kinds
    assert [message.kind for message in home.outlet.taken.values() if message.kind.startswith("reminder")] == kinds
    assert "Licence Renewal" in home.outlet.of("reminder_hours")[0].text


def test_a_message_is_decided_on_once(home: House) -> None:
    def decided() -> bool:
        return home.store.call(lambda session: decide(session, Kind.REMINDER_DAY, CENTRE, "one", home.clock.now()))

    assert decided()
    home.clock.pass_time(60)
    assert not decided()
    assert len(notices(home)) == 1


def test_a_server_that_was_down_reminds_late_or_not_at_all(home: House) -> None:
    amna = home.sign_in()
    booked = home.book(amna, next(at for at in home.slots() if at > NOW + timedelta(days=2)))
    home.to(booked.slot_at - timedelta(hours=19))
    home.rounds.go()
    assert len(home.outlet.of("reminder_day")) == 1, "within six hours"
    home.to(booked.slot_at - timedelta(minutes=59))
    home.rounds.go()
    assert home.outlet.of("reminder_hours") == [], "the customer is on the way"


def test_who_has_just_booked_is_not_reminded(home: House) -> None:
    amna = home.sign_in()
    near = home.book(amna, home.slots()[9])
    home.to(near.slot_at - timedelta(hours=1, minutes=30))
    home.rounds.go()
    assert home.outlet.of("reminder_hours") == []


def test_many_who_have_just_booked_keep_no_reminder_back(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "AT_ONCE", 1)
    first, second = [at for at in home.slots() if at > NOW + timedelta(hours=26)][:2]
    home.book(home.sign_in(BADER), second)
    home.to(first - timedelta(hours=2, minutes=30))
    home.book(home.sign_in(AMNA), first)
    home.to(second - timedelta(hours=2))
    home.rounds.go()
    assert [message.to for message in home.outlet.of("reminder_hours")] == [PHONES[BADER]]


def test_of_what_is_cancelled_nobody_is_reminded(home: House) -> None:
    amna = home.sign_in()
    booked = home.book(amna, next(at for at in home.slots() if at > NOW + timedelta(days=2)))
    home.to(booked.slot_at - timedelta(days=1))
    home.store.call(lambda session: remind(session, home.clock.now()))
    home.do(home.booking.cancel(amna, CENTRE, booked.id))
    home.rounds.go()
    assert home.outlet.of("reminder_day") == []
    assert ("reminder_day", "not_true_any_more") in notices(home)


def test_one_that_waited_too_long_lapses(home: House) -> None:
    amna = home.sign_in()
    home.book(amna, home.slots()[200])
    home.clock.pass_time(13 * 3600)
    home.rounds.go()
    assert home.outlet.of("booking_confirmed") == []
    assert notices(home) == [("booking_confirmed", "too_late")]


def test_without_a_gateway_they_lapse_and_nothing_stops(home: House) -> None:
    amna = home.sign_in()
    home.rounds._outlet = None
    home.book(amna, home.slots()[200])
    home.rounds.go()
    assert notices(home) == [("booking_confirmed", "")]
    home.clock.pass_time(13 * 3600)
    home.rounds.go()
    assert notices(home) == [("booking_confirmed", "too_late")]


def test_a_number_that_may_get_none_is_noted(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.booking.notices.phone_of", lambda row, vault: "+12025550123")
    amna = home.sign_in()
    home.book(amna)
    home.rounds.go()
    assert notices(home) == [("booking_confirmed", "country")]


def blocked_after_a_flurry(home: House, outlet: RealOutlet) -> Customer:
    """Book, move and cancel until booking is blocked, each with its message: more than a number gets in ten minutes."""
    amna = home.sign_in()
    home.rounds._outlet = outlet
    far = home.slots()[200:208]
    for at, other in zip(far[::2], far[1::2], strict=True):
        made = home.book(amna, at)
        home.rounds.hand_over()
        moved = home.do(home.booking.move(amna, CENTRE, made.id, other))
        home.rounds.hand_over()
        home.do(home.booking.cancel(amna, CENTRE, moved.id))
        home.rounds.hand_over()
    return amna


def of_blocks(home: House) -> list[str]:
    return [state for kind, state in notices(home) if kind == "blocked"]


def test_the_word_of_a_block_waits_until_its_number_may_get_a_message(home: House) -> None:
    outlet = outlet_of(home)
    amna = blocked_after_a_flurry(home, outlet)
    assert of_blocks(home) == ["limit"]
    assert sum(state == "limit" for _, state in notices(home)) > 1, "what need not be told is refused as before"
    home.clock.pass_time(599)
    home.rounds.hand_over()
    assert of_blocks(home) == ["limit"]
    home.begin_again()
    home.rounds._outlet = outlet
    home.clock.pass_time(2)
    home.rounds.hand_over()
    home.rounds.hand_over()
    assert of_blocks(home) == ["accepted"]
    assert home.do(home.booking.mine(amna)).block is not None


def test_of_a_block_that_was_lifted_meanwhile_nobody_is_told(home: House) -> None:
    amna = blocked_after_a_flurry(home, outlet_of(home))
    home.do(home.booking.lift_block(amna.id, "staff-1", "hospital"))
    home.clock.pass_time(601)
    home.rounds.hand_over()
    assert of_blocks(home) == ["not_true_any_more"]


def test_many_that_wait_for_their_limit_keep_nobody_back(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_notices, "MOST", 1)
    bader = home.sign_in(BADER)
    blocked_after_a_flurry(home, outlet_of(home))
    booked = home.book(bader, home.slots()[9])
    home.rounds.hand_over()
    assert of_blocks(home) == ["limit"]
    confirmed = made_notices.notice_id(booked.centre, booked.id, Kind.BOOKING_CONFIRMED)
    assert home.store.call(lambda session: session.get_one(NoticeRow, confirmed).state) == "accepted"


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_every_message_is_one_part_or_has_its_link(home: House, lang: str) -> None:
    amna = home.sign_in(lang=lang)
    home.book(amna)
    home.rounds.go()
    (message,) = home.outlet.of("booking_confirmed")
    assert message.lang == lang
    assert ("تجديد" in message.text) is (lang == "ar")


DIES = """
import os, signal, sys
from pathlib import Path
from tests.server.booking.house import House
from tests.server.booking.dying import outlet_of
home = House(Path(sys.argv[1]))
home.outlet = outlet_of(home)
home.rounds._outlet = home.outlet
at = sys.argv[2]
if at == "after":
    submit = home.outlet.submit
    def gone(*arguments):
        submit(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)
    home.outlet.submit = gone
home.to(__import__("datetime").datetime.fromisoformat(sys.argv[3]))
if at == "before":
    home.rounds.hand_over = lambda: None
    home.rounds.go()
    os.kill(os.getpid(), signal.SIGKILL)
home.rounds.go()
home.close()
"""


@pytest.mark.parametrize("at", ["before", pytest.param("after", marks=pytest.mark.long)])
def test_killed_around_the_handing_over_each_reminder_is_taken_once(tmp_path: Path, at: str) -> None:
    """Kill a process after the reminder was decided on, or after the outbox took it, three times; then let one live."""
    with made.house(tmp_path / "data") as home:
        amna = home.sign_in()
        booked = home.book(amna, next(each for each in home.slots() if each > NOW + timedelta(days=2)))
        home.rounds.go()
        due_at = booked.slot_at - timedelta(hours=20)
    for dies in (True, True, True, False):
        ended = subprocess.run(
            [sys.executable, "-c", DIES, str(tmp_path / "data"), at if dies else "never", due_at.isoformat()],
            env=os.environ | {"PYTHONPATH": str(Path.cwd())},
            timeout=60,
            check=False,
        )
        assert ended.returncode == (-signal.SIGKILL if dies else 0)
    outbox = Outbox(tmp_path / "data" / "outbox.sqlite", wall=due_at.timestamp, chance=lambda: 0.5)
    told = outbox._shelf.execute("SELECT id, kind FROM message WHERE kind LIKE 'reminder%'").fetchall()
    outbox.close()
    assert [kind for _, kind in told] == ["reminder_day"]
    with made.house(tmp_path / "data") as home:
        assert ("reminder_day", "accepted") in notices(home)
