"""Who sees all and judges: what customers and clerks were given, and whether the guarantees held.

The numbers are those of the architecture's guarantees. It looks from outside and helps nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from queueing.state import State, evolve
from queueing.wire import Event, Stream
from scripts.dawr_dev.simulator.world import Journal


@dataclass(frozen=True, slots=True)
class Violation:
    """A guarantee that was broken, at a second of the schedule."""

    guarantee: int
    what: str

    def __str__(self) -> str:
        return f"guarantee {self.guarantee}: {self.what}"


@dataclass(slots=True)
class Witness:
    """What was seen so far."""

    violations: list[Violation] = field(default_factory=list)
    handed_out: dict[str, Event | None] = field(default_factory=dict)
    """Tickets whose printing began, by id, with the event as it was then."""
    personal: set[str] = field(default_factory=set)
    """Personal numbers that were typed."""
    rogue: set[str] = field(default_factory=set)
    """Events that a device wrote which is not to write them."""
    _numbers: dict[tuple[str, str], str] = field(default_factory=dict)
    _answers: dict[str, object] = field(default_factory=dict)
    _holders: dict[str, str] = field(default_factory=dict)
    _promised: dict[tuple[str, Stream], int] = field(default_factory=dict)

    def violated(self, guarantee: int, what: str) -> None:
        """Write a breach down."""
        self.violations.append(Violation(guarantee, what))

    def hands_out(self, ticket: str, day: str, number: str, event: Event) -> None:
        """See a ticket come out of a kiosk."""
        other = self._numbers.setdefault((day, number), ticket)
        if other != ticket or ticket in self.handed_out:
            self.violated(1, f"{number} of {day} was given twice: {other} and {ticket}")
        self.handed_out[ticket] = event

    def answers(self, claim: str, answer: object) -> None:
        """See a claim answered."""
        first = self._answers.setdefault(claim, answer)
        if first != answer:
            self.violated(3, f"claim {claim} was answered {first}, then {answer}")

    def holds(self, ticket: str, counter: str) -> None:
        """See a clerk be given a ticket's turn."""
        other = self._holders.setdefault(ticket, counter)
        if other != counter:
            self.violated(3, f"{ticket} is at the counters {other} and {counter}")

    def gives_up(self, ticket: str, counter: str) -> None:
        """See a clerk be done with a ticket."""
        if self._holders.get(ticket) == counter:
            del self._holders[ticket]

    def acked(self, by: str, stream: Stream, seq: int) -> None:
        """See a device be told that its events are safe with another."""
        self._promised[by, stream] = max(seq, self._promised.get((by, stream), 0))

    def remembers(self, who: str, journal: Journal) -> None:
        """See a receiver start: what it has acknowledged has to be on its disk."""
        for (keeper, stream), seq in self._promised.items():
            if keeper == who and journal.head(stream).seq < seq:
                self.violated(4, f"the {who} acknowledged {stream.device} up to {seq} and has forgotten it")

    def judge(self, kiosks: Iterable[Journal], hub: Journal, server: Journal, hall: State, dice: Random) -> None:
        """Judge at the end, when the lines have been well for long enough."""
        self._judge_tickets(server)
        self._judge_logs([*kiosks, hub], hub, server)
        self._judge_turns(hub)
        self._judge_state(server, hall, dice)
        for event in server.arrived:
            if any(number in event.text for number in self.personal):
                self.violated(7, f"{event.id} holds a personal number")
        for event_id in self.rogue:
            if event_id in {event.id for event in hub.arrived} and event_id not in hall.unheeded:
                self.violated(8, f"{event_id} was heeded")

    def _judge_tickets(self, server: Journal) -> None:
        there = {event.id: event for event in server.arrived}
        for ticket, event in self.handed_out.items():
            found = there.get(ticket)
            if found is None or (event is not None and found.hash != event.hash):
                self.violated(2, f"{ticket} was handed out and is not what the server knows")

    def _judge_logs(self, senders: list[Journal], hub: Journal, server: Journal) -> None:
        for journal in senders:
            own = journal.own
            for peer, name in ((hub, "hub"), (server, "server")):
                missing = journal.head(own).seq - peer.head(own).seq
                if missing > 0:
                    self.violated(6, f"the {name} lacks {missing} events of {own.device}")
                elif journal.head(own) != peer.head(own):
                    self.violated(4, f"the {name} knows another history of {own.device}")
        for _, stream in self._promised:
            if hub.head(stream) != server.head(stream):
                self.violated(4, f"the server does not know what the hub knows of {stream.device}")
        for journal in (hub, server):
            for stream, events in journal.streams.items():
                if [event.seq for event in events] != list(range(1, len(events) + 1)):
                    self.violated(4, f"the log of {stream.device} has a gap")

    def _judge_turns(self, hub: Journal) -> None:
        """Look through the hub's decisions: nobody calls who is called."""
        at: dict[str, str] = {}
        for event in hub.streams.get(hub.own, ()):
            ticket, counter = event.body.get("ticket"), event.body.get("counter")
            if not isinstance(ticket, str) or not isinstance(counter, str):
                continue
            if event.type in ("TicketCalled", "TicketResumed"):
                if ticket in at or counter in at.values():
                    self.violated(3, f"{event.id} calls {ticket} to {counter} while {at}")
                at[ticket] = counter
            elif event.type in ("TicketFinished", "NoShowMarked", "TicketParked", "TicketTransferred"):
                at.pop(ticket, None)

    def _judge_state(self, server: Journal, hall: State, dice: Random) -> None:
        events = server.arrived + dice.sample(server.arrived, len(server.arrived) // 4)
        dice.shuffle(events)
        folded = State("hub")
        for event in events:
            folded = evolve(folded, event)
        if folded.hash() != hall.hash():
            self.violated(5, "the hub's state is not what its events come to in another order")
