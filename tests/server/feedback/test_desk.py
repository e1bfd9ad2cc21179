"""Ratings and complaints on SQLite and on PostgreSQL: what is given once is once, also when many ask at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select, update

from server.booking.answers import Customer, RefusedError, Why
from server.feedback import complaints
from server.feedback.answers import Complaint, Kind
from server.feedback.complaints import NoSuchComplaintError
from server.feedback.desk import Feedback
from server.feedback.tables import ComplaintRow, RatingRow
from server.tables import AppointmentRow
from tests.clusters import fresh_database
from tests.server.booking.house import BADER, CENTRE, OTHER, PHONES, House


class Said:
    """A house with a kept visit."""

    def __init__(self, home: House) -> None:
        self.home = home
        self.feedback = Feedback(home.store, home.registers, home.clock)
        self.amna: Customer = home.sign_in()
        self.visit = home.book(self.amna)
        home.to(self.visit.slot_at)
        home.store.call(lambda session: session.execute(update(AppointmentRow).values(status="kept")) and None)

    def answer(self, centre: str, reference: str, text: str) -> None:
        """Answer a complaint as staff."""
        store, now = self.home.store, self.home.clock.now()
        store.call(lambda session: complaints.answer(session, store.vault, centre, reference, "staff-1", text, now))

    def of_centre(self, centre: str, *, answered: bool = False) -> tuple[Complaint, ...]:
        """Return what staff of a centre see."""
        store = self.home.store
        return store.call(lambda session: complaints.of_centre(session, store.vault, centre, answered=answered))

    def together(self, acts: list[Coroutine[Any, Any, Any]]) -> list[object]:
        """Do all at once; return what each gave, or the reason of its refusal."""

        async def all_of_them() -> list[object]:
            return await asyncio.gather(*acts, return_exceptions=True)

        return [each.why if isinstance(each, RefusedError) else each for each in asyncio.run(all_of_them())]


@pytest.fixture(params=["sqlite", "postgresql"])
def said(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Said]:
    database = fresh_database("feedback") if request.param == "postgresql" else ""
    home = House(tmp_path / "data", database=database)
    yield Said(home)
    home.close()


def test_of_many_ratings_at_once_the_first_stands(said: Said) -> None:
    scores = [1, 5] * 10
    told = said.together([said.feedback.rate(said.amna, CENTRE, said.visit.id, score, "x") for score in scores])
    (row,) = said.home.store.call(lambda session: session.exec(select(RatingRow)).all())
    refused = Counter(each for each in told if each is Why.RATED)
    assert refused == {Why.RATED: 10}
    assert {each.score for each in told if not isinstance(each, Why)} == {row.score}  # type: ignore[attr-defined]
    assert asyncio.run(said.feedback.mine(said.amna)).to_rate == ()


def test_a_form_sent_many_times_at_once_files_one_complaint(said: Said) -> None:
    acts = [said.feedback.complain(said.amna, CENTRE, Kind.OTHER, "slow", once="form-1") for _ in range(10)]
    told = said.together(acts)
    assert len({each.reference for each in told}) == 1  # type: ignore[attr-defined]
    # The same name of another customer's is another form.
    bader = said.home.sign_in(BADER)
    asyncio.run(said.feedback.complain(bader, CENTRE, Kind.OTHER, "slow", once="form-1"))
    assert len(said.home.store.call(lambda session: session.exec(select(ComplaintRow)).all())) == 2


def test_five_a_day_also_at_once_and_more_the_next_day(said: Said) -> None:
    acts = [said.feedback.complain(said.amna, CENTRE, Kind.OTHER, f"{n}") for n in range(8)]
    assert Counter(isinstance(each, Why) for each in said.together(acts)) == {False: 5, True: 3}
    said.home.clock.pass_time(86_400)
    asyncio.run(said.feedback.complain(said.amna, CENTRE, Kind.OTHER, "tomorrow"))


def test_staff_see_their_centres_own_and_answer_once(said: Said) -> None:
    filed = asyncio.run(said.feedback.complain(said.amna, CENTRE, Kind.STAFF, "sent away", said.visit.id))
    assert [each.reference for each in said.of_centre(CENTRE)] == [filed.reference]
    assert said.of_centre(OTHER) == said.of_centre(CENTRE, answered=True) == ()
    for centre, reference in ((OTHER, filed.reference), (CENTRE, "2600000000")):
        with pytest.raises(NoSuchComplaintError):
            said.answer(centre, reference, "no")
    store = said.home.store
    taken = store.call(lambda session: complaints.take_in_hand(session, store.vault, CENTRE, filed.reference))
    assert taken.state == "in_hand"
    said.answer(CENTRE, filed.reference, " sorry ")
    with pytest.raises(NoSuchComplaintError):
        said.answer(CENTRE, filed.reference, "again")
    (mine,) = asyncio.run(said.feedback.mine(said.amna)).complaints
    assert (mine.state, mine.answer, mine.words) == ("answered", "sorry", "sent away")
    assert said.of_centre(CENTRE) == () and said.of_centre(CENTRE, answered=True) == (mine,)


def test_who_complained_is_told_of_the_answer_once_whatever_restarts(said: Said) -> None:
    bader = said.home.sign_in(BADER, "ar")
    filed = asyncio.run(said.feedback.complain(bader, CENTRE, Kind.STAFF, "sent away"))
    store = said.home.store
    store.call(lambda session: complaints.take_in_hand(session, store.vault, CENTRE, filed.reference))
    said.home.rounds.go()
    assert said.home.outlet.of("complaint_answered") == [], "there is nothing to read yet"
    said.answer(CENTRE, filed.reference, "unmistakable-answer")
    for _ in range(2):
        said.home.begin_again()
        said.home.rounds.go()
    (message,) = said.home.outlet.of("complaint_answered")
    assert (message.to, message.lang) == (PHONES[BADER], "ar")
    assert message.text.endswith(f"https://dawr.example.bh/ar/c/{filed.reference}") and "شكواك" in message.text
    assert "unmistakable" not in message.text
    assert said.home.outlet.submitted == 3, "two codes, and this once"


def test_an_answer_that_was_not_kept_is_told_to_nobody(said: Said) -> None:
    filed = asyncio.run(said.feedback.complain(said.amna, CENTRE, Kind.STAFF, "sent away"))
    store, now = said.home.store, said.home.clock.now()

    def answer_and_die(session: Session) -> None:
        complaints.answer(session, store.vault, CENTRE, filed.reference, "staff-1", "sorry", now)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.call(answer_and_die)
    said.home.rounds.go()
    assert said.home.outlet.of("complaint_answered") == []


def test_nothing_that_was_written_is_readable_in_the_database(said: Said) -> None:
    asyncio.run(said.feedback.rate(said.amna, CENTRE, said.visit.id, 3, "unmistakable-remark"))
    filed = asyncio.run(said.feedback.complain(said.amna, CENTRE, Kind.STAFF, "unmistakable-words"))
    said.answer(CENTRE, filed.reference, "unmistakable-answer")

    def sealed() -> list[bytes | None]:
        rating = said.home.store.call(lambda session: session.exec(select(RatingRow)).one())
        complaint = said.home.store.call(lambda session: session.exec(select(ComplaintRow)).one())
        return [rating.words, complaint.words, complaint.answer]

    found = sealed()
    assert all(found) and not any(b"unmistakable" in (each or b"") for each in found)
