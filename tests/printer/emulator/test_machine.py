"""The emulated printer behaves as the real ones are known to, the awkward sides too."""

from __future__ import annotations

import pytest

from printer.emulator.machine import Machine

CUT = b"\x1dVB\x00"
CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"


@pytest.fixture
def machine() -> Machine:
    return Machine(lambda: 5.0)


def test_real_time_questions_are_answered_inside_a_picture_too(machine) -> None:
    assert machine.feed(b"\x1dv0\x00\x04\x00\x01\x00\x10") == b""
    assert machine.feed(b"\x04\x01\x00") == b"\x16"


def test_without_paper_it_keeps_what_came_and_prints_it_after_the_refill(machine) -> None:
    machine.condition.paper = "out"
    assert machine.feed(b"hello\n" + CUT + b"\x1dr\x01") == b""
    assert machine.feed(b"\x10\x04\x04") == b"\x7e"
    assert machine.pieces == []
    machine.refill()
    assert machine.settle() == b"\x00"
    assert len(machine.pieces) == 1


def test_what_was_cleared_does_not_come_out(machine) -> None:
    machine.condition.paper = "out"
    machine.feed(b"hello\n" + CUT)
    assert machine.feed(CLEAR) == b"\x37\x25\x00"
    machine.refill()
    machine.settle()
    assert machine.pieces == []


def test_the_fence_with_a_number_is_answered_in_its_turn(machine) -> None:
    assert machine.feed(b"x\n" + CUT + b"\x1d(H\x06\x000042") == b""
    assert machine.feed(b"42") == b"\x37\x224242\x00"


def test_it_tells_changes_when_asked_to(machine) -> None:
    assert machine.feed(b"\x1da\x0e") == b"\x10\x00\x00\x00"
    machine.condition.cover_open = True
    assert machine.settle() == b"\x38\x00\x00\x00"
    assert machine.settle() == b""


def test_paper_can_end_within_a_ticket(machine) -> None:
    machine.condition.paper_out_after = 3
    machine.feed(b"ab\ncd\nef\n" + CUT)
    assert machine.condition.paper == "out"
    assert machine.pieces == []


def test_what_is_not_known_is_noted(machine) -> None:
    machine.feed(b"\x1b\x7fx\n" + CUT)
    assert machine.pieces[0].oddities == ("unknown 1b 7f",)
