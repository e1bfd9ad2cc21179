"""Words that came with ratings, on SQLite and on PostgreSQL: none twice, no number of anybody's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from server.feedback import remarks
from server.feedback.ratings import words_place
from server.feedback.remarks import Remark, without_numbers
from server.feedback.tables import RatingRow
from tests.clusters import fresh_database
from tests.server.booking.house import CENTRE, NOW, OTHER, SERVICE, House

DAY = timedelta(days=1)


class Written:
    """A house with ratings: one a minute, two in each instant, every third without words."""

    def __init__(self, home: House) -> None:
        self.home = home
        home.store.call(self._fill)

    def _fill(self, session: Session) -> None:
        for n in range(60):
            words = f"words {n:02}" if n % 3 else ""
            self.add(session, CENTRE, f"v{n:02}", NOW + timedelta(minutes=n // 2), 1 + n % 5, words)
        self.add(session, OTHER, "v00", NOW, 1, "of another centre")

    def add(self, session: Session, centre: str, visit: str, at: datetime, score: int, words: str) -> None:
        sealed = self.home.store.vault.seal(words, words_place(centre, visit)) if words else None
        session.add(RatingRow(
            centre=centre, visit=visit, service=SERVICE if score < 5 else "other", score=score, words=sealed,
            given_at=at, given_at_place="page",
        ))  # fmt: skip

    def read(self, since: datetime = NOW, until: datetime = NOW + DAY, **asked: Any) -> remarks.Remarks:
        store = self.home.store
        return store.call(lambda session: remarks.read(session, store.vault, CENTRE, since, until, **asked))

    def all(self, **asked: Any) -> list[Remark]:
        """Return what one reads who goes from page to page."""
        found, after = [], ""
        while True:
            page = self.read(after=after, **asked)
            found += page.remarks
            after = page.next
            if not after:
                return found


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    database = fresh_database("remarks") if request.param == "postgresql" else ""
    folder: Path = tmp_path_factory.mktemp("remarks")
    home = House(folder / "data", database=database)
    yield Written(home)
    home.close()


def test_each_is_read_once_the_newest_first_whatever_a_page_holds(written: Written) -> None:
    expected = [f"words {n:02}" for n in reversed(range(60)) if n % 3]
    for limit in (1, 7, 40, 50):
        assert [each.words for each in written.all(limit=limit)] == expected, limit
    assert [each.given_at for each in written.all()] == sorted((each.given_at for each in written.all()), reverse=True)


def test_only_what_is_asked_for_is_read(written: Written) -> None:
    assert {each.score for each in written.all(scores=(1, 2), limit=3)} == {1, 2}
    assert {each.service for each in written.all(service="other", limit=3)} == {"other"}
    until = NOW + timedelta(minutes=10)
    assert [each.words for each in written.all(since=NOW + timedelta(minutes=9), until=until)] == ["words 19"]
    assert written.read(since=NOW + DAY, until=NOW + 2 * DAY).remarks == ()
    for nobodys in ("nobody's", "v10", "00" * 40):  # one that is none begins at the newest
        assert len(written.read(after=nobodys).remarks) == 40


def test_where_a_page_ends_names_no_visit(written: Written) -> None:
    after = written.read(limit=1).next
    assert after and b"v59" not in bytes.fromhex(after)


@pytest.mark.parametrize(
    ("written_there", "read_there"),
    [
        ("My number is 850000001, call me", "My number is •••, call me"),
        ("call 3600 1234", "call •••"),
        ("+973-36001234.", "+•••."),
        ("رقمي ٨٥٠٠٠٠٠٠١ شكرا", "رقمي ••• شكرا"),
        ("write to me@example.bh please", "write to ••• please"),
        ("Counter 12, 45 minutes, ticket A047, 5 stars", "Counter 12, 45 minutes, ticket A047, 5 stars"),
    ],
)
def test_numbers_and_addresses_of_people_are_left_out(written_there: str, read_there: str) -> None:
    assert without_numbers(written_there) == read_there
