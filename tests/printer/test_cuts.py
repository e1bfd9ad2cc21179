"""The roll ends after any byte of a ticket: what is said of the ticket is true, and nothing comes out after the refill.

The whole conversation in memory, dialogue against emulated machine, with a clock of its own: a cut takes milliseconds.
"""

from __future__ import annotations

import pytest

from printer.dialogue import Dialogue
from printer.emulator.machine import ANSWERS, Machine
from printer.outcome import Outcome, State, Why
from printer.phases import Phase
from tests.printer.conftest import ticket

KINDS = {
    "numbered": ANSWERS,
    "unnumbered": ANSWERS - {"gs_h"},
    "no clearing": ANSWERS - {"clear"},
    "no confirming": frozenset({"eot", "asb", "clear"}),
}
EDGE, BEYOND = 20, 60  # bytes before and after the ticket's end in which every byte is tried: the fences and the cut
SHORT_STEP = 197  # bytes between two cuts in the short form; the long one tries every byte


def converse(machine: Machine, parts: tuple[bytes, bytes], now: float, *, clear: bool) -> Outcome:
    dialogue = Dialogue(now, 5, clear=clear)
    heard = b""
    while dialogue.outcome is None:
        if dialogue.phase is Phase.READY:
            dialogue.load(*parts, now)
        # In small pieces, as over a line: the machine is told to stop while the rest is still on its way.
        piece = dialogue.to_send[:512]
        dialogue.sent(len(piece), now)
        heard = machine.feed(piece)
        if heard:
            dialogue.received(heard, now)
        elif not piece:
            now = max(now, dialogue.wake_at)
            dialogue.tick(now)
    return dialogue.outcome


def try_cut(after: int | None, parts: tuple[bytes, bytes], answers: frozenset[str]) -> tuple[State, int]:
    """End the roll after so many bytes, or with the knife's fall; return what was said, and how many whole came out."""
    machine = Machine(lambda: 0.0)
    machine.condition.answers = answers
    machine.condition.paper_out_after = after
    machine.condition.paper_out_at_cut = after is None
    outcome = converse(machine, parts, 0.0, clear=False)
    assert outcome.printed or outcome.why in (Why.PAPER_OUT, Why.NO_ANSWER)
    before = sum(parts[0] in piece.data for piece in machine.pieces)
    machine.refill()
    machine.settle()
    if "clear" in answers:
        assert machine.held == 0
        assert sum(parts[0] in piece.data for piece in machine.pieces) == before, "it came out after the refill"
    # And the next customer's is whole and alone.
    assert converse(machine, parts, 100.0, clear=not outcome.printed).state is not State.NOT_PRINTED
    assert machine.pieces[-1].data.count(parts[0]) == 1
    return outcome.state, sum(parts[0] in piece.data for piece in machine.pieces) - 1


def cuts(parts: tuple[bytes, bytes], step: int, answers: frozenset[str]) -> int:
    """Try cuts through the ticket and a little beyond it; return how many."""
    edge = len(parts[0]) - EDGE
    places = [*range(1, edge, step), *range(edge, len(parts[0]) + BEYOND), None]
    said = set()
    for after in places:
        state, came_out = try_cut(after, parts, answers)
        said.add(state)
        if state is State.PRINTED:
            assert came_out == 1, f"said to be printed, cut after byte {after}"
        if state is State.NOT_PRINTED:
            assert came_out == 0, f"said not to be printed, cut after byte {after}"
        assert came_out <= 1
    if answers == ANSWERS:
        assert said >= {State.PRINTED, State.NOT_PRINTED}
    if "gs_r" not in answers:
        assert State.PRINTED not in said
    return len(places)


@pytest.fixture(scope="module")
def parts(encoder) -> tuple[bytes, bytes]:
    return encoder.encode(ticket(needs={}, number="A1")).parts


@pytest.mark.parametrize("kind", KINDS)
def test_the_roll_ends_within_a_ticket(parts, kind: str) -> None:
    assert cuts(parts, SHORT_STEP, KINDS[kind]) == (len(parts[0]) - EDGE - 2) // SHORT_STEP + 2 + EDGE + BEYOND > 100


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", KINDS)
def test_the_roll_ends_after_every_byte(parts, kind: str) -> None:
    assert cuts(parts, 1, KINDS[kind]) == len(parts[0]) + BEYOND > 5000
