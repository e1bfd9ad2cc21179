"""The roll ends, or the cover opens, after any byte of a ticket: what is said of it is true, and nothing comes later.

The whole conversation in memory, dialogue against emulated machine, with a clock of its own: a cut takes milliseconds.
"""

from __future__ import annotations

import pytest

from printer.dialogue import Dialogue
from printer.emulator.machine import ANSWERS, Machine
from printer.outcome import Outcome, State, Why
from printer.phases import Phase
from printer.printing import Ticket
from tests.printer.conftest import ticket
from tests.printer.rig import without_fences

KINDS = {
    "numbered": ANSWERS,
    "unnumbered": ANSWERS - {"gs_h"},
    "no clearing": ANSWERS - {"clear"},
    "no confirming": frozenset({"eot", "asb", "clear"}),
}
EDGE, BEYOND = 20, 60  # bytes before and after the ticket's end in which every byte is tried: a fence and the cut
SHORT_STEP = 197  # bytes between two cuts in the short form; the long one tries every byte


def whole(parts: Ticket) -> bytes:
    """Return a ticket up to its cut."""
    return parts[0] + parts[1]


def converse(machine: Machine, parts: Ticket, now: float, *, clear: bool) -> Outcome:
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


def try_cut(after: int | None, parts: Ticket, answers: frozenset[str], what: str) -> tuple[State, int]:
    """End the roll after so many bytes, or with the knife's fall; return what was said, and how many whole came out.

    Or open the cover: nobody tears off what hangs out then, and the next ticket pushes it out before it.
    """
    machine = Machine(lambda: 0.0)
    machine.condition.answers = answers
    if what == "cover":
        machine.condition.cover_opens_after = after
    else:
        machine.condition.paper_out_after = after
        machine.condition.paper_out_at_cut = after is None
    outcome = converse(machine, parts, 0.0, clear=False)
    assert outcome.printed or outcome.why in (Why.PAPER_OUT, Why.COVER_OPEN, Why.NO_ANSWER)
    before = sum(whole(parts) in without_fences(piece.data) for piece in machine.pieces)
    machine.refill()
    machine.condition.cover_open, machine.condition.cover_opens_after = False, None
    machine.settle()
    if "clear" in answers:
        assert machine.held == 0
        assert sum(whole(parts) in without_fences(piece.data) for piece in machine.pieces) == before, (
            "it came out after the refill"
        )
    # And the next customer's is whole and alone.
    assert converse(machine, parts, 100.0, clear=not outcome.printed).state is not State.NOT_PRINTED
    assert without_fences(machine.pieces[-1].data).count(whole(parts)) == 1
    return outcome.state, sum(whole(parts) in without_fences(piece.data) for piece in machine.pieces) - 1


def cuts(parts: Ticket, step: int, answers: frozenset[str], what: str = "paper") -> int:
    """Try cuts through the ticket and a little beyond it; return how many."""
    edge = len(whole(parts)) - EDGE
    places = [*range(1, edge, step), *range(edge, len(whole(parts)) + BEYOND), None]
    said = set()
    for after in places:
        state, came_out = try_cut(after, parts, answers, what)
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
def parts(encoder) -> Ticket:
    return encoder.encode(ticket(needs={}, number="A1")).fenced


@pytest.mark.survives("the roll ends, or the cover opens, within a ticket", 100)
@pytest.mark.parametrize("kind", KINDS)
def test_the_roll_ends_within_a_ticket(parts, kind: str) -> None:
    assert (
        cuts(parts, SHORT_STEP, KINDS[kind]) == (len(whole(parts)) - EDGE - 2) // SHORT_STEP + 2 + EDGE + BEYOND > 100
    )


@pytest.mark.survives("the roll ends, or the cover opens, within a ticket", 100)
@pytest.mark.parametrize("kind", KINDS)
def test_the_cover_opens_within_a_ticket(parts, kind: str) -> None:
    assert cuts(parts, SHORT_STEP, KINDS[kind], "cover") > 100


@pytest.mark.survives("the roll ends, or the cover opens, within a ticket", 5000)
@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("what", ["paper", "cover"])
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_stopped_after_every_byte(parts, kind: str, what: str) -> None:
    assert cuts(parts, 1, KINDS[kind], what) == len(whole(parts)) + BEYOND > 5000
