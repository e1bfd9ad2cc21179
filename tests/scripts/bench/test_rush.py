"""A small rush on a real server, and that its judges would see what they are there for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlmodel import Session, select

from scripts.dawr_dev.bench import rush
from scripts.dawr_dev.bench.crowd import Crowd, Outcome, Seen
from scripts.dawr_dev.bench.town import Town
from scripts.dawr_dev.processes import House
from server.booking.tables import SlotRow
from server.planting import BOOKED, CANCELLED
from server.tables import AppointmentRow


def outcome(said: str, sent_at: float, slot: str = "20261123T0600Z") -> Outcome:
    return Outcome(1, "centre-0", slot, sent_at, sent_at, sent_at + 1, said)


def test_who_pressed_a_second_earlier_is_not_refused_what_a_later_one_got() -> None:
    assert rush.unfair([outcome("taken", 1.0), outcome("yes", 1.9)]) == []
    assert rush.unfair([outcome("yes", 1.0), outcome("taken", 3.0)]) == []
    assert rush.unfair([outcome("taken", 1.0), outcome("yes", 9.0, "20261124T0600Z")]) == []
    assert "by up to 1.10 s" in rush.unfair([outcome("taken", 1.0), outcome("taken", 1.5), outcome("yes", 2.1)])[0]


@pytest.fixture(scope="module")
def rushed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Seen]]:
    """Let 60 customers press for three slots of five places within a tenth of a second: more than can be in hand."""
    folder = tmp_path_factory.mktemp("rush")
    town = rush.town_of(folder, 60)
    with House(folder / "logs") as house:
        url = town.start(house)
        presses = [replace(each, at_s=number / 600) for number, each in enumerate(rush.presses(town, 1.0))]
        # Everybody wants one of three times first.
        presses = [replace(each, slot=presses[number % 3].slot) for number, each in enumerate(presses)]
        seen = Crowd(url.hostname or "", url.port or 0, presses).come()
    yield town, seen


def test_a_small_rush_ends_well(rushed: tuple[Town, Seen]) -> None:
    town, seen = rushed
    assert (seen.errors, rush.faults(town, seen)) == ([], [])
    said = [each.said for each in seen.outcomes]
    assert said.count("yes") >= 15 and said.count("taken") >= 40 and set(said) == {"yes", "taken"}


@pytest.mark.parametrize("harm", ["overfull", "lost", "kept back"])
def test_what_the_database_has_wrong_is_seen(rushed: tuple[Town, Seen], harm: str) -> None:
    town, seen = rushed

    def spoil(session: Session) -> list[str]:
        row = session.exec(select(AppointmentRow).where(AppointmentRow.status == BOOKED)).first()
        slot = session.exec(select(SlotRow)).first()
        assert row is not None and slot is not None
        if harm == "overfull":
            slot.taken = 6
        elif harm == "lost":
            row.status = CANCELLED
        session.flush()
        told = seen.outcomes if harm != "kept back" else [each for each in seen.outcomes if each.said != "yes"]
        found = rush.wrong_rows(session, told)
        session.rollback()
        return found

    assert town.look(spoil)
