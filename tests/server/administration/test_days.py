"""Days opened and closed: who stood there is moved or told, once, whatever dies; nobody slips in meanwhile."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from queueing.hours import spans
from server.administration import displaced
from server.administration.answers import Closing, Opening, RefusedError, Why
from server.administration.tables import DisplacedRow
from server.booking import appointments
from server.booking.answers import RefusedError as BookingRefusedError
from server.booking.answers import Why as BookingWhy
from server.booking.appointments import Change
from server.tables import HolidayRow
from sync.storage import StorageReason, StorageUnavailable
from tests.clusters import copied_database, fresh_database
from tests.server.administration.home import MANAGER, ROOT, TUESDAY, Home, opened, phone
from tests.server.booking.house import CENTRE, NOW, SECOND, SERVICE
from tests.server.test_holidays import NATIONAL, calendar
from tests.waiting import until

FRIDAY = date(2026, 11, 27)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ground(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Make a home's folder and database once: migrating takes longer than most tests here."""
    folder, database = tmp_path_factory.mktemp("ground") / "data", ""
    if request.param == "postgresql":
        database = "days_ground"
    opened(folder, fresh_database(database) if database else "").close()
    return folder, database


@pytest.fixture
def home(ground: tuple[Path, str], tmp_path: Path) -> Iterator[Home]:
    folder, like = ground
    made = opened(Path(shutil.copytree(folder, tmp_path / "data")), copied_database("days", like) if like else "")
    yield made
    made.close()


def refusal(home: Home, verb: object) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        home.do(verb)  # type: ignore[arg-type]
    return caught.value


def test_a_day_with_bookings_is_not_closed_in_silence(home: Home) -> None:
    people = home.crowd(3)
    for n, person in enumerate(people):
        home.book(person, home.on()[n])
    told = refusal(home, home.it.days.close(MANAGER, CENTRE, Closing(TUESDAY)))
    assert told.why is Why.DISPLACES and told.displaced is not None
    assert (told.displaced.count, told.displaced.by_service, told.displaced.by_day) == (3, {SERVICE: 3}, {TUESDAY: 3})
    assert home.do(home.it.days.preview_close(MANAGER, CENTRE, Closing(TUESDAY))) == told.displaced
    assert len(home.standing()) == 3 and home.on(), "nothing half done"


def test_each_is_moved_to_the_nearest_free_slot_and_told_once_in_the_own_language(home: Home) -> None:
    people, wanted = home.crowd(4), home.on()[3]
    first, second = (home.book(people[n], wanted) for n in (0, 1))
    done = home.close_day("move")
    assert done.displaced.count == 2 and home.standing() == []
    assert home.do(home.it.centres.progress(MANAGER, CENTRE, done.change)).moved == 2
    links = {made.link for person in people[:2] for made in home.coming(person)}
    assert links == {first.link, second.link}, "the same links as before"
    monday_last = datetime(2026, 11, 23, 11, 0, tzinfo=first.slot_at.tzinfo)
    wednesday_first = datetime(2026, 11, 25, 4, 0, tzinfo=first.slot_at.tzinfo)
    nearest = min(monday_last, wednesday_first, key=lambda at: abs(at - wanted))
    assert {made.slot_at for person in people[:2] for made in home.coming(person)} == {nearest}
    home.rounds.go()
    home.rounds.go()
    assert home.told("centre_moved") == [phone(0), phone(1)]
    texts = {message.to: message.lang for message in home.outlet.of("centre_moved")}
    assert texts == {phone(0): "en", phone(1): "ar"}


def test_what_is_made_is_told_so_though_the_bookings_have_to_wait(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.book(home.crowd(1)[0], home.on()[0])

    def fails(within_s: float) -> None:
        raise StorageUnavailable(StorageReason.BUSY, "no connection is free")

    monkeypatch.setattr(home.displacements, "go", fails)
    assert home.close_day("cancel").displaced.count == 1 and home.standing()
    monkeypatch.undo()
    home.rounds.go()
    assert home.standing() == [] and home.told("centre_cancelled") == [phone(0)]


def test_what_the_centre_did_counts_for_nothing(home: Home) -> None:
    person = home.crowd(1)[0]
    for day in (TUESDAY, TUESDAY + timedelta(days=1), TUESDAY + timedelta(days=2)):
        made = home.book(person, home.on(day)[0])
        home.do(home.booking.cancel(person, CENTRE, made.id))  # three misses: one more would block
    home.book(person, home.on()[0])
    home.close_day("move")
    moved = home.coming(person)[0]
    home.to(moved.slot_at - timedelta(minutes=5))
    assert not home.coming(person)[0].is_late
    assert not home.do(home.booking.cancel(person, CENTRE, moved.id)).late
    assert home.do(home.booking.mine(person)).block is None


def test_who_cannot_be_moved_or_is_to_be_cancelled_is_told_so(home: Home) -> None:
    people = home.crowd(2)
    home.book(people[0], home.on()[0])
    home.close_day("cancel")
    assert home.coming(people[0]) == () and home.told("centre_cancelled") == [phone(0)]
    assert home.do(home.booking.mine(people[0])).past[0].ended_by == "centre"
    home.book(people[1], home.on(FRIDAY - timedelta(days=1))[0])
    shut = {"hours": {}, "extra_days": []}
    version = home.do(home.it.centres.document(MANAGER, CENTRE)).version
    assert home.do(home.it.centres.change(MANAGER, CENTRE, shut, version, "move")).displaced.count == 1
    assert home.told("centre_cancelled") == [phone(0), phone(1)], "there is no other slot any more"


def test_hours_of_a_day_and_one_service_are_closed_alone(home: Home) -> None:
    people = home.crowd(4)
    early, late, other = home.on()[0], home.on()[-1], home.on(service=SECOND)[0]
    home.book(people[0], early)
    home.book(people[1], late)
    home.book(people[2], other, SECOND)
    assert home.close_day("cancel", ends=time(9)).displaced.by_service == {SERVICE: 1, SECOND: 1}
    assert home.standing() == ["c1"] and early not in home.on() and late - timedelta(minutes=15) in home.on()
    assert home.close_day("cancel", begins=time(13), service=SERVICE).displaced.count == 1
    assert late not in home.on() and home.on(service=SECOND)
    assert home.close_day(service=SECOND).displaced.count == 0
    assert home.on(service=SECOND) == []
    notices = home.registers.centres[CENTRE].notices
    assert len(notices) == 3 and all({"ar", "en"} == set(each.text) for each in notices)
    assert "Test" in notices[-1].text["en"] and "فحص" in notices[-1].text["ar"]


def test_what_is_closed_or_past_cannot_be_closed(home: Home) -> None:
    for closing, why in (
        (Closing(FRIDAY), Why.NOTHING_THERE),
        (Closing(TUESDAY, time(18), time(20)), Why.NOTHING_THERE),
        (Closing(NOW.date() - timedelta(days=1)), Why.PAST),
        (Closing(NOW.date(), ends=time(6, 30)), Why.PAST),
        (Closing(TUESDAY, time(9), time(9)), Why.INVALID),
        (Closing(TUESDAY, service="nothing"), Why.INVALID),
    ):
        assert refusal(home, home.it.days.close(MANAGER, CENTRE, closing)).why is why


def test_an_extra_day_is_open_at_once_and_announced(home: Home) -> None:
    assert home.on(FRIDAY) == []
    home.do(home.it.days.open(MANAGER, CENTRE, Opening(FRIDAY, time(8), time(10), (SERVICE,), 5)))
    assert len(home.on(FRIDAY)) == 8 and home.on(FRIDAY, SECOND) == []
    days = home.do(home.it.days.week(MANAGER, CENTRE, FRIDAY, 1))
    assert {slot.places for slot in days[0].slots[SERVICE]} == {5} and days[0].slots[SECOND] == ()
    notice = home.registers.centres[CENTRE].notices[0]
    assert "Friday 27 November" in notice.text["en"] and "08:00" in notice.text["ar"]
    assert notice.until == datetime(2026, 11, 27, 21, tzinfo=NOW.tzinfo)
    home.do(home.it.days.open(MANAGER, CENTRE, Opening(FRIDAY, time(9), time(12))))
    assert home.on(FRIDAY, SECOND)[0].hour == 6, "for all from nine o'clock"
    assert len(spans(home.registers.centres[CENTRE], FRIDAY)) == 1, "hours that meet are one"
    assert home.close_day(day=FRIDAY).displaced.count == 0
    assert home.on(FRIDAY) == [] and len(home.registers.centres[CENTRE].notices) == 1, "the older ones are not true"


def test_a_closed_day_can_be_opened_again(home: Home) -> None:
    before = home.on()
    home.close_day()
    assert home.on() == [] and home.registers.centres[CENTRE].holidays[0].date == TUESDAY
    home.do(home.it.days.open(MANAGER, CENTRE, Opening(TUESDAY, time(7), time(14, 15))))
    assert home.on() == before, "and its slots are taken by whoever knows that"
    assert home.book(home.crowd(1)[0], before[0]).status == "booked"


def test_holidays_displace_as_a_closing_does_and_a_preview_changes_nothing(home: Home, tmp_path: Path) -> None:
    text = calendar(tmp_path, NATIONAL.replace("20261216", "20261124").replace("20261218", "20261125")).read_bytes()
    home.book(home.crowd(1)[0], home.on()[0])
    seen = home.do(home.it.days.preview_import(MANAGER, CENTRE, text))
    assert (seen.added, seen.displaced.count) == (1, 1) and home.on()
    assert home.store.call(lambda session: session.exec(select(HolidayRow)).all()) == []
    assert refusal(home, home.it.days.import_holidays(MANAGER, CENTRE, text)).why is Why.DISPLACES
    assert refusal(home, home.it.days.import_holidays(MANAGER, "", text)).why is Why.MAY_NOT
    assert refusal(home, home.it.days.import_holidays(MANAGER, CENTRE, b"none")).errors
    done = home.do(home.it.days.import_holidays(ROOT, "", text, "move"))
    assert done.displaced.count == 1 and home.on() == [] and home.standing() == []
    assert home.told("centre_moved") == [phone(0)]


def test_two_managers_never_overwrite_one_another(home: Home) -> None:
    version = home.do(home.it.centres.document(MANAGER, CENTRE)).version
    home.do(home.it.centres.change(MANAGER, CENTRE, {"priority_age": 65}, version))
    late = refusal(home, home.it.centres.change(MANAGER, CENTRE, {"priority_age": 70}, version))
    assert (late.why, late.version) == (Why.CHANGED, version + 1)
    assert home.registers.centres[CENTRE].priority_age == 65
    wrong = refusal(
        home, home.it.centres.change(MANAGER, CENTRE, {"hours": {"xyz": []}, "priority_age": 1}, version + 1)
    )
    assert wrong.why is Why.INVALID and wrong.errors == ("centre.hours: 'xyz' is no day",)
    assert home.registers.centres[CENTRE].priority_age == 65, "nothing half done"
    assert refusal(home, home.it.centres.change(MANAGER, CENTRE, {"id": "x"}, version + 1)).why is Why.INVALID


def test_who_read_the_day_before_it_closed_books_there_no_more(home: Home) -> None:
    known, person, at = home.registers.centres[CENTRE], home.crowd(1)[0], home.on()[0]
    home.close_day()
    change = Change(home.clock.now(), "late")
    with pytest.raises(BookingRefusedError) as caught:
        home.store.call(lambda session: appointments.book(session, change, known, SERVICE, at, person, "counter"))
    assert caught.value.why is BookingWhy.TAKEN


def test_many_book_while_the_day_is_closed_on_postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = opened(tmp_path / "data", fresh_database("closing"), booking={"walk_in_share": 0})
    try:
        people, slots = home.crowd(16), home.on()
        known = home.registers.centres[CENTRE]
        begin, is_shut, told = threading.Barrier(len(people) // 2 + 1), threading.Event(), []

        def want(n: int) -> None:
            # Half at the moment of the closing, half while it is between its mark and its commit.
            if n % 2:
                is_shut.wait(30)
            else:
                begin.wait(30)
            change = Change(home.clock.now(), f"a{n}")
            try:
                # By what was known before: what the slowest of several processes does.
                home.store.call(
                    lambda session: appointments.book(session, change, known, SERVICE, slots[n], people[n], "counter")
                )
                told.append("booked")
            except BookingRefusedError as error:
                told.append(error.why.name)

        really_shut = displaced.shut

        def shut(session: Session, *more: Any) -> None:
            really_shut(session, *more)
            is_shut.set()
            waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            until(lambda: session.execute(waiting).scalar_one() >= len(people) // 2, "who books waits for the closing")

        monkeypatch.setattr(displaced, "shut", shut)
        threads = [threading.Thread(target=want, args=(n,)) for n in range(len(people))]
        for thread in threads:
            thread.start()
        begin.wait(30)
        done = home.close_day("move")
        for thread in threads:
            thread.join(60)
        assert len(told) == len(people) and set(told) <= {"booked", "TAKEN"}
        assert told.count("TAKEN") >= len(people) // 2, "nobody slips in between"
        assert home.standing() == [], "nobody is left on the closed day"
        assert done.displaced.count == told.count("booked")
        assert len(home.told("centre_moved")) == told.count("booked")
    finally:
        home.close()


DIES = """
import os, signal, sys
from pathlib import Path
from tests.server.administration.home import opened
from server.administration import displaced
home = opened(Path(sys.argv[1]))
people = home.crowd(6)
for n, person in enumerate(people):
    home.book(person, home.on()[n])
settle, done = displaced.settle, []
def dying(session, change, centre, appointment, **more):
    if len(done) == 3 and sys.argv[2] == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    outcome = settle(session, change, centre, appointment, **more)
    done.append(appointment)
    if len(done) == 4:
        session.commit()  # on the disk, and nobody was told that it is
        os.kill(os.getpid(), signal.SIGKILL)
    return outcome
displaced.settle = dying
home.close_day("cancel")
"""


@pytest.mark.parametrize("when", ["before", pytest.param("after", marks=pytest.mark.long)])
def test_killed_half_way_each_is_told_once_all_the_same(tmp_path: Path, when: str) -> None:
    folder = tmp_path / "data"
    ended = subprocess.run(
        [sys.executable, "-c", DIES, str(folder), when],
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        timeout=60,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL
    home = opened(folder)
    try:
        waiting = home.store.call(
            lambda session: session.exec(select(DisplacedRow).where(col(DisplacedRow.done_at).is_(None))).all()
        )
        assert len(waiting) == (3 if when == "before" else 2)
        home.rounds.go()
        home.rounds.go()
        assert home.standing() == []
        assert home.told("centre_cancelled") == [phone(n) for n in range(6)]
        assert Counter(outcomes(home)) == {"cancelled": 6}
    finally:
        home.close()


def outcomes(home: Home) -> list[str]:
    def look(session: Session) -> list[str]:
        return list(session.exec(select(DisplacedRow.outcome)))

    return home.store.call(look)
