"""A stream of bytes is cut into commands without guessing."""

from __future__ import annotations

from printer.emulator import execute
from printer.emulator.commands import Command, take
from printer.emulator.machine import Machine


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
