"""Who may read what was served of which centres, for which days, and that the parts are the whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import Session

from server.administration.answers import RefusedError, Why
from server.administration.figures import ServedPart
from server.administration.roles import Asker, Held, Role, rights_of
from server.booking.tables import ServedRow
from tests.server.administration.home import MANAGER, ROOT, TREE, Home, opened
from tests.server.booking.house import CENTRE, OTHER, SECOND, SERVICE

FRIDAY, SATURDAY, SUNDAY = (date(2026, 11, day) for day in (20, 21, 22))
STRANGER = Asker("account:s", "Stranger", (), tree=TREE)
MINISTER = Asker("account:i", "Minister", (Held("interior", rights_of(Role.VIEWER)),), tree=TREE)
ROWS = [
    (CENTRE, FRIDAY, SERVICE, "counter", 6),
    (CENTRE, FRIDAY, SERVICE, "virtual", 2),
    (CENTRE, SUNDAY, SERVICE, "counter", 1),
    (CENTRE, SUNDAY, SECOND, "virtual", 3),
    (CENTRE, SUNDAY, "fines", "counter", 0),
    (OTHER, SUNDAY, SERVICE, "counter", 4),
    (CENTRE, date(2026, 10, 23), SERVICE, "counter", 100),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    made = opened(Path(tmp_path_factory.mktemp("figures")) / "data")

    def fill(session: Session) -> None:
        for centre, day, service, channel, count in ROWS:
            session.add(ServedRow(centre=centre, day=day, service=service, channel=channel, served=count))

    made.store.call(fill)
    yield made
    made.close()


def test_a_centres_days_services_and_whole(home: Home) -> None:
    found = home.do(home.it.figures.served(MANAGER, CENTRE))
    assert (found.first, found.last) == (date(2026, 10, 24), SUNDAY), "thirty days until today"
    assert found.whole.all == ServedPart(12, 5, 5 / 12)
    assert dict(found.whole.services) == {
        "fines": ServedPart(0, 0, None), SECOND: ServedPart(3, 3, 1.0), SERVICE: ServedPart(9, 2, 2 / 9),
    }  # fmt: skip
    assert [(each.day, each.all.served) for each in found.days] == [(FRIDAY, 8), (SUNDAY, 4)]
    assert found.days[0].services == {SERVICE: ServedPart(8, 2, 0.25)}
    assert [(each.centre, each.all.served) for each in found.centres] == [(CENTRE, 12)]


def test_headquarters_see_all_centres_together_and_each(home: Home) -> None:
    found = home.do(home.it.figures.served(ROOT, "", SUNDAY, SUNDAY))
    assert found.whole.all == ServedPart(8, 3, 0.375)
    assert {each.centre: each.all.served for each in found.centres} == {CENTRE: 4, OTHER: 4}
    assert [each.all.served for each in found.days] == [8]
    assert home.do(home.it.figures.served(ROOT, OTHER)).whole.all.served == 4
    assert home.do(home.it.figures.served(ROOT, "interior")).whole.all.served == 12


@pytest.mark.parametrize("body", ["", "interior", "traffic", CENTRE])
def test_a_ministry_sees_its_own_and_no_other(home: Home, body: str) -> None:
    assert [each.centre for each in home.do(home.it.figures.served(MINISTER, body)).centres] == [CENTRE]


@pytest.mark.parametrize(
    ("asker", "body", "why"),
    [
        (STRANGER, "", Why.MAY_NOT),
        (STRANGER, CENTRE, Why.MAY_NOT),
        (MINISTER, OTHER, Why.MAY_NOT),
        (MANAGER, "traffic", Why.MAY_NOT),
        (ROOT, "nowhere", Why.NO_SUCH_BODY),
    ],
)
def test_others_are_refused(home: Home, asker: Asker, body: str, why: Why) -> None:
    with pytest.raises(RefusedError) as caught:
        home.do(home.it.figures.served(asker, body))
    assert caught.value.why is why


@pytest.mark.parametrize(
    ("first", "last"), [(SUNDAY, SATURDAY), (date(2025, 11, 20), SATURDAY), (date(2026, 11, 23), None)]
)
def test_a_period_has_an_end_after_its_beginning_and_is_a_year_at_most(
    home: Home, first: date, last: date | None
) -> None:
    with pytest.raises(RefusedError) as caught:
        home.do(home.it.figures.served(MANAGER, CENTRE, first, last))
    assert caught.value.why is Why.INVALID and caught.value.errors
    assert home.do(home.it.figures.served(MANAGER, CENTRE, date(2025, 11, 22), SUNDAY)).whole.all.served == 112
