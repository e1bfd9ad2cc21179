"""The values of a ticket."""

from __future__ import annotations

from datetime import datetime

import pytest

from printer.ticket import TicketPaper, Wait


def test_it_comes_back_from_the_spools_file_as_it_was(make_ticket) -> None:
    for paper in (make_ticket(), make_ticket(wait=None, ahead=None, copy=True, digits="arab", needs={})):
        assert TicketPaper.from_json(paper.to_json()) == paper


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"taken_at": datetime(2026, 1, 1)}, "aware"),  # noqa: DTZ001
        ({"languages": ()}, "at least one"),
        ({"languages": ("fr", "ar")}, "'fr'"),
        ({"service": {"en": "Licence"}}, "'ar'"),
    ],
)
def test_what_is_no_ticket_is_refused(make_ticket, wrong, said) -> None:
    with pytest.raises(ValueError, match=said):
        make_ticket(**wrong)


def test_a_wait_is_a_range(make_ticket) -> None:
    at = make_ticket().taken_at
    for low, high in ((5, 4), (-1, 3)):
        with pytest.raises(ValueError, match="wait"):
            Wait(low, high, at)
