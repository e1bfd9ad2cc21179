"""The same jobs on a real PostgreSQL, many connections at once: what SQLite's one writer would hide, shows here."""

from __future__ import annotations

import random
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine
from sqlmodel import Session, func, select

from assets.texts import Catalogue
from queueing.centre import Centre
from queueing.slots import slots_of
from server import postgres
from server.booking import appointments, attendance, notices, reminders, signing_in, virtual
from server.booking.answers import Customer, RefusedError, Why
from server.booking.appointments import Change
from server.booking.seals import customer_place
from server.booking.tables import SlotRow
from server.migrations import migrate
from server.planting import BOOKED
from server.registers import Registers
from server.tables import AppointmentRow, CentreRow, CustomerRow, ServerRow
from server.vault import Vault
from sms.outbox import Told
from tests.clusters import fresh_database
from tests.server.booking.house import CENTRE, NOW, SERVICE, centre

T = TypeVar("T")

PEOPLE = 60
HOUSE = Centre.from_json(centre(CENTRE, booking={"misses": 300}))


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = postgres.engine(fresh_database("jobs"), 60)
    yield made
    made.dispose()


class Place:
    """A migrated database with a centre and people."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self.engine = engine
        self.vault = vault
        with engine.begin() as connection:
            ServerRow.metadata.drop_all(connection)
            connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")
            migrate(connection)
        self.people = [Customer(f"c{n}", "en", {}, date(1990, 1, 1)) for n in range(PEOPLE)]
        self.slots = [slot.at for slot in slots_of(HOUSE, HOUSE.services[0], NOW.date()) if slot.at > NOW]

        def fill(session: Session) -> None:
            session.add(CentreRow(id=CENTRE, settings=HOUSE.to_json()))
            for person in self.people:
                sealed = {
                    column: vault.seal(text, customer_place(person.id, column))
                    for column, text in (("born", "1990-01-01"), ("name", "{}"), ("phone", "+97336001234"))
                }
                session.add(CustomerRow(id=person.id, lookup=f"{int(person.id[1:]):032x}", cpr=b"x", **sealed))

        self.run(fill)

    def run(self, job: Callable[[Session], T]) -> T:
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            return job(session)

    def book(self, customer: Customer, n: int) -> str:
        change = Change(NOW, secrets.token_hex(8))
        at = self.slots[n]
        return self.run(lambda session: appointments.book(session, change, HOUSE, SERVICE, at, customer, "counter")).id

    def counted(self) -> tuple[int, int]:
        def look(session: Session) -> tuple[int, int]:
            rows = select(func.count()).select_from(AppointmentRow).where(AppointmentRow.status == BOOKED)
            return session.exec(rows).one(), session.exec(select(func.coalesce(func.sum(SlotRow.taken), 0))).one()

        return self.run(look)

    def together(self, acts: list[Callable[[], object]]) -> Counter[str]:
        """Do all at the same moment; return how many were done, and the refusals. Anything else is raised."""
        told: list[str] = []
        broken: list[BaseException] = []
        barrier = threading.Barrier(len(acts))

        def one(act: Callable[[], object]) -> None:
            barrier.wait()
            try:
                act()
                told.append("done")
            except RefusedError as error:
                told.append(error.why.name)
            except Exception as error:  # noqa: BLE001  # a thread's error is the test's
                broken.append(error)

        threads = [threading.Thread(target=one, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        if broken:
            raise broken[0]
        return Counter(told)


@pytest.fixture
def place(engine: Engine, tmp_path: Path) -> Place:
    return Place(engine, Vault.make(tmp_path))


def test_what_is_migrated_is_what_is_declared(place: Place) -> None:
    with place.engine.begin() as connection:
        migrate(connection)
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), ServerRow.metadata) == []


def test_fifty_at_once_get_two_places(place: Place) -> None:
    told = place.together([lambda who=who: place.book(who, 0) for who in place.people[:50]])  # type: ignore[misc]
    assert told == {"done": 2, Why.TAKEN.name: 48}
    assert place.counted() == (2, 2)


def test_one_customer_from_twenty_places_books_once(place: Place) -> None:
    told = place.together([lambda n=n: place.book(place.people[0], n) for n in range(20)])  # type: ignore[misc]
    assert told == {"done": 1, Why.ONE_ALREADY.name: 19}
    assert place.counted() == (1, 1)


def test_moving_across_each_other_ends_and_adds_up(place: Place) -> None:
    def about(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(25):
            who, at = place.people[chance.randrange(12)], place.slots[chance.randrange(5)]
            own = select(AppointmentRow.id).where(AppointmentRow.customer == who.id, AppointmentRow.status == BOOKED)
            mine = place.run(lambda session, own=own: session.exec(own).all())  # type: ignore[misc]
            change = Change(NOW, secrets.token_hex(8))
            verb = chance.choice(["move", "move", "cancel", "book"]) if mine else "book"

            def job(session: Session, verb: str = verb, mine: list[str] = mine, change: Change = change) -> None:
                if verb == "book":
                    appointments.book(session, change, HOUSE, SERVICE, at, who, "counter")  # noqa: B023
                elif verb == "move":
                    appointments.move(session, change, HOUSE, mine[0], at, who)  # noqa: B023
                else:
                    appointments.cancel(session, change, HOUSE, mine[0], who)  # noqa: B023

            try:
                place.run(job)
            except RefusedError as error:
                assert error.why in (Why.TAKEN, Why.ONE_ALREADY, Why.NOT_OPEN)

    place.together([lambda seed=seed: about(seed) for seed in range(16)])  # type: ignore[misc]
    booked, taken = place.counted()
    assert booked == taken > 0
    assert all(0 <= row.taken <= 2 for row in place.run(lambda session: session.exec(select(SlotRow)).all()))


def test_every_job_runs_there(place: Place) -> None:
    made = place.book(place.people[0], 3)
    place.run(lambda session: signing_in.make_code(session, place.vault, "850000001", None, "en", NOW))
    wrong = place.run(
        lambda session: signing_in.use_code(
            session, place.vault, "850000001", "1", None, None, NOW.date(), "token", NOW
        )
    )
    assert isinstance(wrong, RefusedError) and wrong.why is Why.WRONG_CODE
    place.run(lambda session: reminders.remind(session, NOW))
    due = place.run(
        lambda session: notices.waiting(session, place.vault, {CENTRE: HOUSE}, cache(Catalogue.load), ("973",), NOW)
    )
    assert [each.message.kind for each in due if each.message] == ["booking_confirmed"]
    accepted = {each.id: Told("accepted") for each in due}
    assert place.run(lambda session: notices.settle(session, due, accepted, NOW)) == len(due)
    came = attendance.CheckIn(CENTRE, NOW, appointment=made)
    for cursor in ("a:1", "a:2"):
        said = attendance.Read((came,), {(CENTRE, "hub-1"): NOW}, frozenset({(CENTRE, NOW)}))
        place.run(
            lambda session, said=said, cursor=cursor: attendance.keep(session, said, cursor, {CENTRE: HOUSE}, NOW)  # type: ignore[misc]
        )
    assert place.run(attendance.cursor) == "a:2"
    assert place.run(lambda session: session.get_one(AppointmentRow, (CENTRE, made)).status) == "kept"
    registers = place.run(Registers.read)
    assert place.run(lambda session: attendance.settle_due(session, HOUSE, registers, NOW)) == 0
    taken = virtual.Step(CENTRE, "hub-1.1.1", 1, 1, NOW, "waiting", appointment=made, identity="A" * 16)
    called = virtual.Step(CENTRE, "hub-1.1.1", 1, 2, NOW, "called", is_call=True)
    place.run(lambda session: virtual.keep(session, [taken, called, called], {CENTRE: HOUSE}, NOW))
    turn = place.run(lambda session: virtual.turn_of(session, CENTRE, made))
    assert turn == virtual.VideoTurn("A" * 16, "called", 1)
    assert place.run(lambda session: virtual.settle_due(session, HOUSE, registers, NOW)) == 0
    for forget in (signing_in.forget_old, notices.forget_old, attendance.forget_old, virtual.forget_old):
        place.run(lambda session, forget=forget: forget(session, NOW))  # type: ignore[misc]
