"""The page of what was served: what it says of which centres and days, and what of a period that cannot be."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from sqlmodel import Session

from assets.texts import Catalogue
from server.booking.tables import ServedRow
from tests.server.administration.workplace import TRAFFIC, Worker, Workplace
from tests.server.pages.ministry import SECOND, SERVICE
from tests.server.site import CENTRE, OTHER

EN = Catalogue.load("en")
ROWS = [
    (CENTRE, date(2026, 11, 20), SERVICE, "counter", 2997),
    (CENTRE, date(2026, 11, 20), SERVICE, "virtual", 1003),
    (CENTRE, date(2026, 11, 21), SECOND, "counter", 1),
    (OTHER, date(2026, 11, 21), SERVICE, "virtual", 2),
]


@pytest.fixture(scope="module", autouse=True)
def served(workplace: Workplace) -> None:
    def fill(session: Session) -> None:
        for centre, day, service, channel, count in ROWS:
            session.add(ServedRow(centre=centre, day=day, service=service, channel=channel, served=count))

    workplace.ministry.client.service.store.call(fill)


def seen(worker: Worker, query: str = "") -> list[list[str]]:
    """Return what stands in the rows of the page's tables, headings left out."""
    answer = worker.get(f"/en/staff/figures{query}")
    assert answer.status_code == 200
    rows = [re.sub(r"<[^>]*>", "\n", row) for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", answer.text, re.S)]
    return [[unescape(cell) for cell in row.split("\n") if cell.strip()] for row in rows]


def test_headquarters_see_services_centres_and_days(amal: Worker) -> None:
    rows = seen(amal)
    assert ["Vehicle Registration Renewal", "4,002", "1,005", "25%"] in rows
    assert ["Riffa Branch", "2", "2", "100%"] in rows
    assert ["Friday 20 November", "4,000", "1,003", "25%"] in rows
    assert rows.index(["Saturday 21 November", "3", "2", "67%"]) < rows.index(rows[-1]), "the newest day first"


def test_it_is_narrowed_down_to_a_centre_a_service_and_days(amal: Worker) -> None:
    days = [["Saturday 21 November", "1", "0", "0%"], ["Friday 20 November", "4,000", "1,003", "25%"]]
    assert seen(amal, f"?body={CENTRE}")[-2:] == days
    assert "Riffa" not in str(seen(amal, f"?body={CENTRE}"))
    assert seen(amal, f"?body={CENTRE}&service={SECOND}") == days[:1]
    assert seen(amal, f"?body={OTHER}&last=2026-11-20") == []
    assert EN.t("figures.none") in amal.html


def test_everybody_sees_what_is_below_the_own_body(workplace: Workplace) -> None:
    zain = Worker(workplace, "zain")
    assert "/en/staff/figures" in zain.get("/en/staff").text
    assert "Riffa" not in str(seen(zain))
    assert zain.get(f"/en/staff/figures?body={OTHER}").status_code == 403
    assert zain.get(f"/en/staff/figures?body={TRAFFIC}").status_code == 403


@pytest.mark.parametrize(
    "query", ["first=2026-11-21&last=2026-11-20", "first=never", "last=20/11/2026", "first=2020-01-01&last=2026-11-20"]
)
def test_a_period_that_cannot_be_says_so_and_shows_the_usual_one(amal: Worker, query: str) -> None:
    answer = amal.get(f"/en/staff/figures?{query}")
    assert answer.status_code == 422
    assert EN.t("figures.fault") in answer.text and "4,002" in answer.text
