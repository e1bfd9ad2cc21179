"""The last place of a slot: fifty want it at once, and a server dies between its commit and its answer."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, func, select

from server.booking import places
from server.booking.answers import Customer, RefusedError, Why
from server.booking.tables import NoticeRow, SlotRow
from server.planting import BOOKED
from server.tables import AppointmentRow, CustomerRow
from tests.server.booking import house as made
from tests.server.booking.house import CENTRE, NOW, SERVICE, House

MANY = 50


def customers(home: House, count: int) -> list[Customer]:
    """Register customers without their phones."""
    like = home.sign_in()

    def add(session: Session) -> list[Customer]:
        known = session.get_one(CustomerRow, like.id)
        for n in range(count):
            row = CustomerRow(id=f"c{n}", lookup=f"{n:032x}", cpr=known.cpr, born=known.born, name=known.name)
            session.add(row)
        return [Customer(f"c{n}", "en", like.name, like.born) for n in range(count)]

    return home.store.call(add)


def booked(home: House) -> tuple[int, int]:
    """Return how many appointments are booked and how many places are taken."""

    def look(session: Session) -> tuple[int, int]:
        count = select(func.count()).select_from(AppointmentRow).where(AppointmentRow.status == BOOKED)
        return session.exec(count).one(), session.exec(select(func.coalesce(func.sum(SlotRow.taken), 0))).one()

    return home.store.call(look)


def test_fifty_at_once_get_two_places(home: House) -> None:
    everybody, at = customers(home, MANY), home.slots()[0]
    together, told = threading.Barrier(MANY), []

    def want(customer: Customer) -> None:
        together.wait()
        try:
            told.append(asyncio.run(home.booking.book(customer, CENTRE, SERVICE, at)).id)
        except RefusedError as error:
            told.append(error.why)

    threads = [threading.Thread(target=want, args=(customer,)) for customer in everybody]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(told) == MANY
    assert told.count(Why.TAKEN) == MANY - 2, "no error but taken"
    assert booked(home) == (2, 2)


@settings(max_examples=8, deadline=None)
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(["book", "move", "cancel"]), st.integers(0, 3), st.integers(0, 2)), max_size=20
    )
)
def test_places_taken_are_appointments_booked(
    acts: list[tuple[str, int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with made.house(tmp_path_factory.mktemp("data"), booking={"misses": 300}) as home:
        people, slots = customers(home, 4), home.slots()[:3]
        for verb, who, where in acts:
            coming = home.do(home.booking.mine(people[who])).coming
            try:
                if verb == "book":
                    home.do(home.booking.book(people[who], CENTRE, SERVICE, slots[where]))
                elif verb == "move" and coming:
                    home.do(home.booking.move(people[who], CENTRE, coming[0].id, slots[where]))
                elif coming:
                    home.do(home.booking.cancel(people[who], CENTRE, coming[0].id))
            except RefusedError as error:
                assert error.why in (Why.TAKEN, Why.ONE_ALREADY)
            appointments, taken = booked(home)
            assert appointments == taken
            rows = home.store.call(lambda session: session.exec(select(SlotRow)).all())
            assert all(0 <= row.taken <= 2 for row in rows)


def test_a_place_that_nobody_has_cannot_be_given_back(home: House) -> None:
    def job(session: Session) -> dict[object, int]:
        places.give_back(session, CENTRE, SERVICE, NOW)
        assert places.take(session, CENTRE, SERVICE, NOW, 1)
        assert not places.take(session, CENTRE, SERVICE, NOW, 1)
        assert places.take(session, CENTRE, SERVICE, NOW, None), "a seed's word counts more than the places"
        assert not places.take(session, CENTRE, SERVICE, NOW + timedelta(hours=1), 0)
        return dict(places.taken(session, CENTRE, SERVICE, NOW, NOW + timedelta(minutes=1)))

    assert home.store.call(job) == {NOW: 2}


DIES = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from tests.server.booking.house import CENTRE, SERVICE, House
home = House(Path(sys.argv[1]))
amna = home.sign_in()
verb, at = sys.argv[2], datetime.fromisoformat(sys.argv[3])
mine = home.do(home.booking.mine(amna)).coming
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
# The last thing before the answer: what is committed is told to the rounds.
home.booking._rounds.wake = die
match verb:
    case "book":
        home.do(home.booking.book(amna, CENTRE, SERVICE, at))
    case "move":
        home.do(home.booking.move(amna, CENTRE, mine[0].id, at))
    case "cancel":
        home.do(home.booking.cancel(amna, CENTRE, mine[0].id))
"""


@pytest.mark.parametrize("verb", ["book", *(pytest.param(verb, marks=pytest.mark.long) for verb in ("move", "cancel"))])
def test_killed_between_commit_and_answer_asking_again_gives_the_same(tmp_path: Path, verb: str) -> None:
    folder = tmp_path / "data"
    with made.house(folder) as home:
        amna, at, first = home.sign_in(), home.slots()[8], home.slots()[3]
        if verb != "book":
            old = home.book(amna, first)
    ended = subprocess.run(
        [sys.executable, "-c", DIES, str(folder), verb, at.isoformat()],
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        timeout=60,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL
    with made.house(folder) as home:
        before = booked(home)
        assert before == ((0, 0) if verb == "cancel" else (1, 1)), "it was committed"
        match verb:
            case "book":
                again = home.book(amna, at)
            case "move":
                again = home.do(home.booking.move(amna, CENTRE, old.id, at))
            case _:
                again = home.do(home.booking.cancel(amna, CENTRE, old.id))
        assert (again.slot_at, again.status) == ((first, "cancelled") if verb == "cancel" else (at, "booked"))
        assert booked(home) == before
        kinds = home.store.call(lambda session: session.exec(select(col(NoticeRow.kind))).all())
        assert len([kind for kind in kinds if kind != "one_time_code"]) == (1 if verb == "book" else 2)
