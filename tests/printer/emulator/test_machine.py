"""The emulated printer behaves as the real ones are known to, the awkward sides too."""

from __future__ import annotations

import pytest

from printer.emulator import execute
from printer.emulator.commands import Command, take
from printer.emulator.machine import Machine
from printer.emulator.page import HEAD_TO_KNIFE

CUT = b"\x1dVB\x00"
CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"


@pytest.fixture
def machine() -> Machine:
    return Machine(lambda: 5.0)


def test_a_stream_is_cut_into_the_same_commands_however_it_arrives(encoder, make_ticket) -> None:
    data = encoder.encode(make_ticket()).data
    whole, at = [], 0
    while (taken := take(data, at)) is not None:
        command, at = taken
        whole.append(command)
    assert at == len(data)
    pieces = Machine(lambda: 5.0)
    for byte in data:
        pieces.feed(bytes((byte,)))
    (piece,) = pieces.pieces
    (alone,) = execute(data)
    assert piece.picture.tobytes() == alone.tobytes()


def test_an_unfinished_command_waits_for_its_bytes() -> None:
    assert take(b"\x1dv0\x00\x01\x00\x02\x00\xff") is None
    assert take(b"\x1dv0\x00\x01\x00\x02\x00\xff\x00") == (Command(b"\x1dv0", b"\x00\x01\x00\x02\x00", b"\xff\x00"), 10)
    assert take(b"") is None


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


def test_the_paper_between_head_and_knife_belongs_to_the_next_piece() -> None:
    with_feed, without = execute(b"\x1dV\x00" + b"first\n" + CUT + b"second\n\x1dV\x00" + b"\x1dV\x00", 576)[:2]
    assert with_feed.height == 30 + HEAD_TO_KNIFE
    # A cut without a feed leaves the ink that has not passed the knife yet to the piece after it.
    assert without.height > 0


def test_letters_sizes_and_places() -> None:
    (picture,) = execute(b"\x1ba\x02" + b"\x1d!\x11" + b"II\n" + CUT)
    ink = picture.convert("L").point(lambda shade: 255 - shade).getbbox()
    assert ink is not None
    assert ink[0] >= 576 - 2 * 24
    assert ink[3] - ink[1] > 24


def test_doubled_pictures_are_twice_as_large() -> None:
    sizes = []
    for mode in range(4):
        picture = execute(b"\x1dv0" + bytes((mode,)) + b"\x01\x00\x08\x00" + b"\xff" * 8 + CUT)[0]
        box = picture.convert("L").point(lambda shade: 255 - shade).getbbox()
        assert box is not None
        sizes.append((box[2] - box[0], box[3] - box[1]))
    assert sizes == [(8, 8), (16, 8), (8, 16), (16, 16)]


def test_the_columns_of_another_clients_picture_stand_upright() -> None:
    (picture,) = execute(b"\x1b*\x21\x02\x00" + b"\xff\xff\xff" + b"\x00\x00\x00" + b"\n" + CUT)
    box = picture.convert("L").point(lambda shade: 255 - shade).getbbox()
    assert box is not None
    assert (box[2] - box[0], box[3] - box[1]) == (1, 24)


def test_what_is_not_known_is_noted(machine) -> None:
    machine.feed(b"\x1b\x7fx\n" + CUT)
    assert machine.pieces[0].oddities == ("unknown 1b 7f",)
