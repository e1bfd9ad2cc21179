"""What is forgotten of persons and when, to the second; what reports need stays, and so does who is still named."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Executable, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, delete, select, update

from server import retention
from server.administration.tables import AuditRow, DisplacedRow
from server.booking.answers import Appointment, Customer
from server.booking.tables import BlockRow
from server.feedback import complaints
from server.feedback.answers import Kind
from server.feedback.desk import Feedback
from server.feedback.tables import ComplaintRow, RatingRow
from server.retention import NOBODY, Keeping, Retention
from server.tables import AppointmentRow, CustomerRow
from tests.clusters import fresh_database
from tests.server.booking.house import AMNA, BADER, CENTRE, House

SECOND = timedelta(seconds=1)
KEEPING = Keeping()


class Place:
    """A house with one kept visit of Amna's, rated, with a complaint that was answered."""

    def __init__(self, home: House) -> None:
        self.home = home
        self.retention = Retention(home.store, home.registers, home.clock)
        self.feedback = Feedback(home.store, home.registers, home.clock)
        self.amna: Customer = home.sign_in()
        self.visit: Appointment = home.book(self.amna)
        home.to(self.visit.slot_at)
        home.store.call(lambda session: session.execute(update(AppointmentRow).values(status="kept")) and None)
        asyncio.run(self.feedback.rate(self.amna, CENTRE, self.visit.id, 2, "Amna waited"))
        filed = asyncio.run(self.feedback.complain(self.amna, CENTRE, Kind.STAFF, "Amna was sent away", self.visit.id))
        now, vault = home.clock.now(), home.store.vault
        said = (CENTRE, filed.reference, "staff-1", "We are sorry, Amna", now)
        home.store.call(lambda session: complaints.answer(session, vault, *said))
        self.answered_at = now

    def at(self, instant: datetime) -> None:
        """Let it become an instant, and go."""
        self.home.to(instant)
        self.retention.go()

    def customers(self) -> set[str]:
        return set(self.home.store.call(lambda session: session.exec(select(CustomerRow.id)).all()))

    def appointment(self) -> AppointmentRow:
        key = (CENTRE, self.visit.id)
        return self.home.store.call(lambda session: session.get_one(AppointmentRow, key))

    def rating(self) -> RatingRow:
        return self.home.store.call(lambda session: session.exec(select(RatingRow)).one())

    def complaint(self) -> ComplaintRow:
        return self.home.store.call(lambda session: session.exec(select(ComplaintRow)).one())


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    database = fresh_database("retention") if getattr(request, "param", "") == "postgresql" else ""
    home = House(tmp_path / "data", database=database)
    yield Place(home)
    home.close()


def test_a_visit_is_nobodys_after_thirteen_months_and_stays_for_reports(place: Place) -> None:
    old = place.visit.slot_at + timedelta(days=KEEPING.appointments)
    place.at(old)
    row = place.appointment()
    assert (row.customer, row.link) == (place.amna.id, place.visit.link)
    assert place.rating().words is not None
    place.at(old + SECOND)
    row = place.appointment()
    assert (row.customer, row.link) == (NOBODY, None)
    assert (row.centre, row.service, row.slot_at, row.status) == (
        CENTRE, place.visit.service, place.visit.slot_at, "kept",
    )  # fmt: skip
    assert (place.rating().score, place.rating().words) == (2, None)
    assert place.amna.id in place.customers()


def test_the_next_start_and_a_second_time_change_nothing(place: Place) -> None:
    place.at(place.visit.slot_at + timedelta(days=KEEPING.appointments + 1))
    place.home.begin_again()
    assert place.appointment().customer == NOBODY
    again = Retention(place.home.store, place.home.registers, place.home.clock)
    again.go()
    assert place.appointment().customer == NOBODY


@pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
def test_a_customer_goes_two_years_after_the_last_appointment(place: Place) -> None:
    gone = place.visit.slot_at + timedelta(days=KEEPING.customers)
    place.at(gone - timedelta(days=1))
    assert place.complaint().customer == place.amna.id
    place.at(place.answered_at + timedelta(days=KEEPING.complaints) + SECOND)
    assert place.amna.id not in place.customers()
    row = place.complaint()
    assert (row.customer, row.words, row.answer, row.kind) == (NOBODY, None, None, "staff")
    assert row.reference


@pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
def test_who_has_an_open_complaint_or_a_newer_appointment_stays(place: Place) -> None:
    bader = place.home.sign_in(BADER)
    asyncio.run(place.feedback.complain(bader, CENTRE, Kind.OTHER, "not answered"))
    later = place.visit.slot_at + timedelta(days=KEEPING.customers - 30)
    place.home.to(later)
    amna = place.home.sign_in(AMNA)
    place.home.book(amna, place.home.slots()[20])
    place.at(place.answered_at + timedelta(days=KEEPING.complaints + 5))
    assert {amna.id, bader.id} < place.customers()


def test_who_registered_and_never_booked_goes_as_long_after_registering(place: Place) -> None:
    bader = place.home.sign_in(BADER)
    registered_at = place.home.clock.now()
    place.at(registered_at + timedelta(days=KEEPING.customers))
    assert bader.id in place.customers()
    place.at(registered_at + timedelta(days=KEEPING.customers) + SECOND)
    assert bader.id not in place.customers()


def test_whom_a_seed_has_brought_stays(place: Place) -> None:
    def bring(session: Session) -> None:
        session.add(CustomerRow(id="seeded", lookup="seeded", cpr=b"x", born=b"x", name=b"x"))

    place.home.store.call(bring)
    place.at(place.home.clock.now() + timedelta(days=3 * 365))
    assert "seeded" in place.customers()


def test_an_old_block_loses_its_person_and_what_staff_wrote(place: Place) -> None:
    now = place.home.clock.now()
    until = now + timedelta(days=7)

    def block(session: Session) -> None:
        session.add(
            BlockRow(
                id="b", customer=place.amna.id, centre=CENTRE, misses=4, set_at=now, until=until,
                lifted_at=now, lifted_by="staff-1", lifted_why="was in hospital",
            )
        )  # fmt: skip

    place.home.store.call(block)

    def found() -> tuple[str, str, int]:
        row = place.home.store.call(lambda session: session.get_one(BlockRow, "b"))
        return row.customer, row.lifted_why, row.misses

    place.at(until + timedelta(days=KEEPING.appointments))
    assert found() == (place.amna.id, "was in hospital", 4)
    place.at(until + timedelta(days=KEEPING.appointments) + SECOND)
    assert found() == (NOBODY, "", 4)


@pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
def test_what_became_of_displaced_bookings_goes_and_what_waits_stays(place: Place) -> None:
    now = place.home.clock.now()

    def remember(session: Session) -> None:
        for name, done_at in (("done", now), ("later", now + SECOND), ("waits", None)):
            session.add(
                DisplacedRow(centre=CENTRE, appointment=name, change="c", how="move", made_at=now, done_at=done_at)
            )

    place.home.store.call(remember)

    def left() -> set[str]:
        return set(place.home.store.call(lambda session: session.exec(select(DisplacedRow.appointment)).all()))

    place.at(now + timedelta(days=KEEPING.appointments))
    assert left() == {"done", "later", "waits"}
    place.at(now + timedelta(days=KEEPING.appointments) + SECOND)
    assert left() == {"later", "waits"}


def line(identity: str, at: datetime, body: str = CENTRE) -> AuditRow:
    """Return a line of the audit log, named as `server.administration.audit` names them."""
    return AuditRow(
        body=body, id=f"{int(at.timestamp() * 1000):012x}{identity}", at=at, by="door", by_name="", address="", act="x",
        about="", before={}, after={},
    )  # fmt: skip


def _try(session: Session, attempt: Executable) -> None:
    session.execute(attempt)


def _all_of(session: Session, what: Any) -> list[Any]:
    return list(session.exec(select(what)).all())


def lines(place: Place) -> list[str]:
    found = place.home.store.call(lambda session: session.exec(select(AuditRow.id).order_by(col(AuditRow.id))).all())
    return [identity[12:] for identity in found]


@pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
def test_the_audit_log_goes_line_by_line_after_ten_years(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    began = place.home.clock.now() - timedelta(days=KEEPING.audit)

    def write(session: Session) -> None:
        session.add_all([line(f"old-{n}", began, ("", CENTRE)[n % 2]) for n in range(5)])
        session.add_all([line("next", began + SECOND), line("young", place.home.clock.now())])

    place.home.store.call(write)
    place.retention.go()
    assert len(lines(place)) == 7
    place.at(place.home.clock.now() + SECOND)
    assert lines(place) == ["next", "young"]


@pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
def test_the_database_itself_keeps_young_lines_and_changes_none(place: Place) -> None:
    store, now = place.home.store, datetime.now(UTC)  # the database looks at its own clock
    young, old = line("young", now - timedelta(days=364)), line("old", now - timedelta(days=366))
    again = {"body": young.body, "id": young.id}
    store.call(lambda session: session.add_all([young, old]))
    attempts: list[Executable] = [
        delete(AuditRow).where(col(AuditRow.id).endswith("young")),
        delete(AuditRow),
        update(AuditRow).values(by="me"),
        text("TRUNCATE audit") if store.is_shared else text("INSERT OR REPLACE INTO audit SELECT * FROM audit"),
    ]
    for attempt in attempts:
        with pytest.raises((DBAPIError, sqlite3.IntegrityError), match="only added to"):
            store.call(partial(_try, attempt=attempt))
    assert lines(place) == ["old", "young"]
    store.call(lambda session: session.execute(delete(AuditRow).where(col(AuditRow.id).endswith("old"))) and None)
    assert lines(place) == ["young"]
    assert store.call(lambda session: session.get_one(AuditRow, again).by) == "door"


@pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
def test_more_than_one_transaction_takes_is_taken_in_several(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)

    def more(session: Session) -> None:
        for n in range(5):
            at = place.visit.slot_at - timedelta(hours=n)
            session.add(
                AppointmentRow(
                    centre=CENTRE, id=f"old-{n}", service="renew", slot_at=at, customer=place.amna.id, status="kept"
                )
            )
            # Of a ticket: no appointment leads to it.
            session.add(
                RatingRow(
                    centre=CENTRE,
                    visit=f"ticket-{n}",
                    service="renew",
                    score=1,
                    words=b"x",
                    given_at=at,
                    given_at_place="kiosk",
                )
            )
            session.add(BlockRow(id=f"b-{n}", customer=place.amna.id, centre=CENTRE, misses=4, set_at=at, until=at))
            session.add(
                ComplaintRow(
                    centre=CENTRE, id=f"c-{n}", reference=f"260000000{n}", customer=place.amna.id, once=f"form-{n}",
                    kind="other", words=b"x", made_at=at, due_at=at, state="answered", answered_at=at, answer=b"x",
                )
            )  # fmt: skip

    place.home.store.call(more)
    place.at(place.visit.slot_at + timedelta(days=KEEPING.complaints + 1))
    for owner, count in ((AppointmentRow.customer, 6), (BlockRow.customer, 5), (ComplaintRow.customer, 6)):
        owners = place.home.store.call(partial(_all_of, what=owner))
        assert owners == [NOBODY] * count
    assert place.home.store.call(partial(_all_of, what=RatingRow.words)) == [None] * 6
    assert place.amna.id not in place.customers()


def test_the_rounds_go_once_a_day(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    went: list[datetime] = []
    monkeypatch.setattr(Retention, "go", lambda self: went.append(place.home.clock.now()))
    for hours in (0, 1, 22, 1, 1):
        place.home.clock.pass_time(3600 * hours)
        place.retention.go_when_due()
    assert len(went) == 2


@pytest.mark.parametrize("days", [{"appointments": 30}, {"customers": 0}, {"complaints": -1}, {"audit": 365}])
def test_what_is_still_needed_cannot_be_configured_away(days: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="366" if "audit" in days else "31"):
        Keeping(**days)
