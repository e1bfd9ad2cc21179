"""What can be wrong with a printer, one row a fault: what is promised then, and how the emulator is brought to do it.

The table of docs/printers.md is made from these rows (`python -m printer.emulator.faults`) and the tests drive each of
them over TCP and over a line: what stands there is what was seen. Nothing here knows how a fault is found out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from assets.texts import Catalogue
from printer.emulator.machine import Traits
from printer.outcome import PaperLeft, State, Why

Wire = Literal["tcp", "serial"]
WIRES: tuple[Wire, ...] = ("tcp", "serial")
_PRINTED, _NOT, _UNKNOWN = State.PRINTED, State.NOT_PRINTED, State.UNKNOWN
_HALF = 3000  # bytes into a ticket

SEES = {
    _PRINTED: "Your ticket is printing, take it",
    _NOT: "the number, and that the turn is kept without paper",
    _UNKNOWN: "the number, and that the turn is kept if no paper comes",
}
LATER = "; after that paper is not offered"


@dataclass(frozen=True, slots=True)
class Fault:
    """A row. `before` are orders to the emulator, `within` those given when a ticket's first byte has gone.

    `ends` are the outcomes of a ticket then; `on` overrides them for a wire. `mend` puts it right, empty for what is no
    fault. `comes_out` is how many whole tickets there may be of the one in hand, the mending included.
    """

    title: str
    ends: tuple[tuple[State, Why], ...]
    before: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    mend: tuple[str, ...] = ()
    comes_out: tuple[int, ...] = (0,)
    on: tuple[tuple[Wire, tuple[tuple[State, Why], ...]], ...] = ()
    proof: tuple[tuple[State, Why], ...] | None = None
    paper: PaperLeft | None = None
    wires: tuple[Wire, ...] = WIRES
    url: str = ""
    baud: int = 0
    traits: Traits = field(default_factory=Traits)
    itself: str = "asked again every 4 s; paper is offered again when it is well"
    promise: str = ""

    def outcomes(self, wire: Wire) -> tuple[tuple[State, Why], ...]:
        """Return what may become of a ticket over a wire."""
        return dict(self.on).get(wire, self.ends)

    def proofs(self, wire: Wire) -> tuple[tuple[State, Why], ...]:
        """Return what `--status` may say over a wire."""
        return self.outcomes(wire) if self.proof is None else self.proof


_WELL = ((_PRINTED, Why.NONE),)
_NOTHING_CAME = "nothing was sent: nothing can come out later"
_UNCONFIRMED = "comes out once at most; a copy is marked as one"

FAULTS: tuple[Fault, ...] = (
    Fault(
        "Paper out before the ticket", ((_NOT, Why.PAPER_OUT),), ("paper out",), (), ("paper ok",),
        paper=PaperLeft.OUT, promise=_NOTHING_CAME,
    ),
    Fault(
        "Paper out within the ticket", ((_NOT, Why.PAPER_OUT),), (f"paper-out-after {_HALF}",), (), ("paper ok",),
        proof=_WELL, promise="its rest is cleared from the printer's memory and does not come out after the refill",
    ),
    Fault(
        "Paper out after the ticket's cut", ((_UNKNOWN, Why.PAPER_OUT), *_WELL), ("paper-out-after cut",), (),
        ("paper ok",), (1,), proof=_WELL, promise="the ticket is out; nothing comes out after the refill",
    ),
    Fault(
        "Paper out within the ticket, no DLE DC4", ((_UNKNOWN, Why.PAPER_OUT),),
        ("answers eot,asb,gs_r,gs_h,id", f"paper-out-after {_HALF}"), (), ("paper ok",), (0, 1), proof=_WELL,
        promise="such a printer cannot be cleared: the rest of this one ticket may come out after the refill, no other",
    ),
    Fault(
        "Paper near its end", _WELL, ("paper near-end",), (), (), (1,), paper=PaperLeft.NEAR_END,
        itself="nothing to do", promise="prints once",
    ),
    Fault("Cover open", ((_NOT, Why.COVER_OPEN),), ("cover open",), (), ("cover closed",), promise=_NOTHING_CAME),
    Fault(
        "Cover opened within the ticket", ((_NOT, Why.COVER_OPEN),), (), ("cover open",), ("cover closed",),
        traits=Traits(mm_s=40), proof=_WELL, promise="its rest is cleared: it does not come out when the cover is shut",
    ),
    Fault("Offline, and it does not say why", ((_NOT, Why.OFFLINE),), ("offline on",), (), ("offline off",),
          promise=_NOTHING_CAME),
    Fault("Knife jammed or head too hot", ((_NOT, Why.ERROR),), ("error on",), (), ("error off",),
          promise=_NOTHING_CAME),
    Fault(
        "Switched off", ((_NOT, Why.CANNOT_CONNECT),), ("power off",), (), ("power on",), (0,),
        on=(("serial", ((_UNKNOWN, Why.TIMEOUT), (_UNKNOWN, Why.NO_ANSWER))),),
        promise=f"{_NOTHING_CAME}; over a line that cannot tell a dead printer from a silent one: unknown",
    ),
    Fault(
        "Switched off within the ticket",
        ((_UNKNOWN, Why.TIMEOUT), (_UNKNOWN, Why.NO_ANSWER), (_UNKNOWN, Why.CONNECTION_LOST)),
        (), ("power off",), ("power on",), (0,), traits=Traits(mm_s=40), proof=_WELL, promise=_UNCONFIRMED,
    ),
    Fault("Cable out", ((_NOT, Why.CANNOT_CONNECT),), ("cable out",), (), ("cable in",), promise=_NOTHING_CAME),
    Fault(
        "Cable pulled within the ticket, put back later",
        ((_UNKNOWN, Why.TIMEOUT), (_UNKNOWN, Why.NO_ANSWER), (_UNKNOWN, Why.CONNECTION_LOST)),
        (), ("cable out",), ("cable in",), (0, 1), traits=Traits(mm_s=40), proof=_WELL, promise=_UNCONFIRMED,
    ),
    Fault(
        "Silent: takes everything, answers nothing", ((_UNKNOWN, Why.NO_ANSWER),), ("answers none",), (),
        ("answers all",), (1,), itself="every ticket is sent to it: paper is still offered", promise=_UNCONFIRMED,
    ),
    Fault(
        "Tells its state, confirms nothing", ((_UNKNOWN, Why.NO_ANSWER),), ("answers eot,asb",), (), ("answers all",),
        (1,), itself="every ticket is sent to it: paper is still offered", promise=_UNCONFIRMED,
    ),
    Fault("Slow line, 19,200 baud", _WELL, baud=19_200, comes_out=(1,), itself="nothing to do", promise="prints once"),
    Fault("Garbage for answers", ((_NOT, Why.GARBLED), (_UNKNOWN, Why.GARBLED)), ("garbage on",), (), ("garbage off",),
          promise="no ticket is sent to what is not understood; unknown when it begins within a ticket"),
    Fault(
        "Another job's belated answer", ((_NOT, Why.PAPER_OUT),),
        ("late 3722303030300037223939393800", f"paper-out-after {_HALF}"), (), ("paper ok",),
        proof=_WELL, promise="it is not taken for this ticket's: each fence has its own number",
    ),
    Fault("No GS ( H", _WELL, ("answers eot,asb,gs_r,clear,id",), (), (), (1,), itself="the older fence, GS r, is used",
          promise="prints once, confirmed by GS r and the paper sensor"),
    Fault("No knife", _WELL, traits=Traits(cutter=False), comes_out=(1,), itself="the paper is fed to the edge",
          promise="prints once, torn off by hand"),
    Fault("Paper of 58 mm", _WELL, traits=Traits(width=384), comes_out=(1,), itself="the ticket is laid out for it",
          promise="prints once"),
    Fault("Refuses the connection, or another program has it", ((_NOT, Why.CANNOT_CONNECT),), ("refuse on",), (),
          ("refuse off",), wires=("tcp",), promise=_NOTHING_CAME),
    Fault("Its host name does not resolve", ((_NOT, Why.CANNOT_CONNECT),), url="tcp://printer.invalid:9100",
          wires=("tcp",), promise=_NOTHING_CAME),
    Fault("No such device", ((_NOT, Why.CANNOT_CONNECT),), url="serial:///dev/no-such-printer", wires=("serial",),
          promise=_NOTHING_CAME),
    Fault("Something else answers at its address", ((_NOT, Why.NOT_A_PRINTER),), url="web", wires=("tcp",),
          itself="asked again every 4 s", promise=_NOTHING_CAME),
)  # fmt: skip


def table(faults: Iterable[Fault] = FAULTS) -> str:
    """Return the rows as the table of docs/printers.md."""
    texts = Catalogue.load("en")
    lines = [
        "| fault | outcome | the customer sees at once | staff are told | what mends itself | promise |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for fault in faults:
        ends = list(dict.fromkeys(end for wire in fault.wires for end in fault.outcomes(wire)))
        outcome = "; ".join(f"*{state}*{f', {why}' if why else ''}" for state, why in ends)
        sees = " or ".join(dict.fromkeys(SEES[state] for state, _ in ends))
        words = dict.fromkeys(why.key for _, why in ends if why)
        if fault.paper is PaperLeft.NEAR_END:
            words = {"near_end": None}
        told = " / ".join(f"**{texts.t(f'paper.trouble.{word}')}.** {texts.t(f'paper.do.{word}')}" for word in words)
        lines.append(f"| {fault.title} | {outcome} | {sees} | {told or 'nothing'} | {fault.itself} | {fault.promise} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table())
