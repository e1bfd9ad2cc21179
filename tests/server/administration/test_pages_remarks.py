"""Words that came with ratings on the staff's pages: page by page, for who may help there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from server.feedback.ratings import words_place
from server.feedback.tables import RatingRow
from tests.server.administration.workplace import Worker, Workplace
from tests.server.pages.ministry import SECOND, SERVICE
from tests.server.site import CENTRE


@pytest.fixture(scope="module")
def told(workplace: Workplace) -> Workplace:
    store, now = workplace.ministry.client.service.store, workplace.clock.now()

    def fill(session: Session) -> None:
        for n in range(60):
            visit, words = f"said-{n}", f"Remark <{n}> of 850000001"
            session.add(RatingRow(
                centre=CENTRE, visit=visit, service=SERVICE if n % 2 else SECOND, score=1 + n % 5,
                words=store.vault.seal(words, words_place(CENTRE, visit)), given_at=now - timedelta(hours=n),
                given_at_place="page",
            ))  # fmt: skip

    store.call(fill)
    return workplace


def test_they_are_read_page_by_page(told: Workplace) -> None:
    omar = Worker(told, "omar")
    first = omar.get(f"{omar.here}/ratings").text
    assert "Remark &lt;0&gt;" in first and "Remark &lt;49&gt;" in first and "Remark &lt;50&gt;" not in first
    assert "850000001" not in first and 'rel="next"' in first
    path = first.partition('rel="next"')[0].rpartition('href="')[2].rstrip('" ').replace("&amp;", "&")
    second = omar.get(path).text
    assert "Remark &lt;50&gt;" in second and "Remark &lt;59&gt;" in second and "Remark &lt;49&gt;" not in second
    assert 'rel="next"' not in second and "To the beginning" in second
    # One service, low scores, and days on which nobody wrote.
    some = omar.get(f"{omar.here}/ratings?service={SECOND}&score=low").text
    assert "Remark &lt;0&gt;" in some and "Remark &lt;1&gt;" not in some and "Remark &lt;4&gt;" not in some
    assert "Nobody wrote anything then." in omar.get(f"{omar.here}/ratings?first=2026-01-01&last=2026-01-02").text
    assert omar.get(f"{omar.here}/ratings?first=x&last=9999-12-31&service=no&score=no&after=no").status_code == 200


@pytest.mark.parametrize("name", ["zain", "noor", "riffa"])
def test_who_may_not_help_there_reads_nothing(told: Workplace, name: str) -> None:
    stranger = Worker(told, name)
    assert f"{stranger.here}/ratings" not in stranger.get(stranger.here).text
    answer = stranger.get(f"{stranger.here}/ratings")
    assert answer.status_code == 403 and "Remark" not in answer.text
