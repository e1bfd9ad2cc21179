"""Who sees all and judges: what customers and clerks were given, and whether the guarantees held.

The numbers are those of the architecture's guarantees. It looks from outside and helps nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from display.board import Board
from queueing.state import State, evolve
from queueing.wire import Event, Stream
from scripts.dawr_dev.simulator.disk import Answer, Journal


@dataclass(frozen=True, slots=True)
class Violation:
    """A guarantee that was broken, and how."""

    guarantee: int
    what: str

    def __str__(self) -> str:
        return f"guarantee {self.guarantee}: {self.what}"


@dataclass(slots=True)
class Witness:
    """What was seen so far."""

    violations: list[Violation] = field(default_factory=list)
    handed_out: dict[str, Event] = field(default_factory=dict)
    """Tickets whose printing began, by id, with the event as it was then."""
    personal: set[str] = field(default_factory=set)
    """Personal numbers that were typed."""
    rogue: set[str] = field(default_factory=set)
    """Events that a device wrote which is not to write them."""
    _numbers: dict[tuple[str, str], str] = field(default_factory=dict)
    _answers: dict[str, object] = field(default_factory=dict)
    _holders: dict[str, str] = field(default_factory=dict)
    _promised: dict[tuple[str, Stream], int] = field(default_factory=dict)
    _excused: dict[str, float] = field(default_factory=dict)
    _shut_out: dict[str, dict[Stream, int]] = field(default_factory=dict)
    _shown: dict[str, tuple[str, int] | None] = field(default_factory=dict)

    def violated(self, guarantee: int, what: str) -> None:
        """Write a breach down."""
        self.violations.append(Violation(guarantee, what))

    def hands_out(self, event: Event, day: str, number: str) -> None:
        """See a ticket come out of a kiosk."""
        ticket = event.id
        other = self._numbers.setdefault((day, number), ticket)
        if other != ticket or ticket in self.handed_out:
            self.violated(1, f"{number} of {day} was given twice: {other} and {ticket}")
        self.handed_out[ticket] = event

    def answers(self, claim: str, answer: Answer) -> None:
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

    def shows(self, display: str, board: Board) -> None:
        """See what a display shows: no call after a later one. A board without calls, as of a morning, says nothing."""
        newest = board.announce[-1] if board.announce else None
        before = self._shown.get(display)
        if newest is not None and before is not None and newest.source == before[0] and newest.seq < before[1]:
            self.violated(5, f"{display} shows {newest.call_id} as the newest call, and has shown {before[1]}")
        self._shown[display] = None if newest is None else (newest.source, newest.seq)

    def acked(self, by: str, stream: Stream, seq: int, asked_at: float) -> None:
        """See a device be told that its events are safe with another, as it asked at a second."""
        if asked_at >= self._excused.get(by, 0.0):
            self._promised[by, stream] = max(seq, self._promised.get((by, stream), 0))

    def excuses(self, who: str, journal: Journal, now: float) -> None:
        """See a receiver lose its store for a copy: it promises no more than what that has."""
        self._excused[who] = now
        for keeper, stream in self._promised:
            if keeper == who:
                self._promised[keeper, stream] = journal.head(stream).seq

    def remembers(self, who: str, journal: Journal) -> None:
        """See a receiver start: what it has acknowledged has to be on its disk."""
        for (keeper, stream), seq in self._promised.items():
            if keeper == who and journal.head(stream).seq < seq:
                self.violated(4, f"the {who} acknowledged {stream.device} up to {seq} and has forgotten it")

    def shuts_out(self, devices: Iterable[str], hub: Journal) -> None:
        """See the hub hear of the revoked: it keeps nothing more of theirs."""
        for device in devices:
            known = {stream: head.seq for stream, head in hub.heads.items() if stream.device == device}
            self._shut_out.setdefault(device, known)

    def judge(
        self,
        kiosks: Sequence[Journal],
        hub: Journal,
        server: Journal,
        hall: State,
        boards: Sequence[Board],
        dice: Random,
    ) -> None:
        """Judge at the end, when the lines have been well for long enough. `boards` are what displays show."""
        self._judge_tickets(server)
        self._judge_logs([*(each for each in kiosks if each.own.device not in self._shut_out), hub], hub, server)
        self._judge_turns(hub)
        self._judge_boards(boards, hall)
        self._judge_state(server, hall, dice)
        self._judge_privacy(server)
        self._judge_rights(hub, hall)

    def _judge_tickets(self, server: Journal) -> None:
        for ticket, event in self.handed_out.items():
            # What a revoked kiosk gave while it was cut off is nobody's: the hub may not believe it.
            if server.hash_at(event.stream, event.seq) != event.hash and event.device not in self._shut_out:
                self.violated(2, f"{ticket} was handed out and is not what the server knows")

    def _judge_logs(self, senders: Sequence[Journal], hub: Journal, server: Journal) -> None:
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
        for (keeper, stream), seq in self._promised.items():
            if keeper == hub.own.device and hub.head(stream).seq < seq:
                self.violated(4, f"the hub acknowledged {stream.device} up to {seq} and does not have it")
        for journal in (hub, server):
            for stream, events in journal.streams.items():
                if [event.seq for event in events] != list(range(1, len(events) + 1)):
                    self.violated(4, f"the log of {stream.device} has a gap")

    def _judge_turns(self, hub: Journal) -> None:
        """Look through the hub's decisions: nobody calls who is called, and a booking is one ticket's."""
        at: dict[str, str] = {}
        bookings: dict[str, str] = {}
        for event in hub.streams.get(hub.own, ()):
            kind = event.type
            if kind in _BEGINS:
                ticket, counter = str(event.body["ticket"]), str(event.body["counter"])
                if ticket in at or counter in at.values():
                    self.violated(3, f"{event.id} calls {ticket} to {counter} while {at}")
                at[ticket] = counter
            elif kind in _ENDS:
                at.pop(str(event.body["ticket"]), None)
            elif kind == "AppointmentMatched":
                booking, ticket = str(event.body["appointment"]), str(event.body["ticket"])
                if bookings.setdefault(booking, ticket) != ticket:
                    self.violated(3, f"{event.id} gives {ticket} the booking that {bookings[booking]} has")

    def _judge_boards(self, boards: Sequence[Board], hall: State) -> None:
        for board in boards:
            newest = board.announce[-1].call_id if board.announce else ""
            if newest and newest != hall.calls[-1].id:
                self.violated(6, f"a display's newest call is {newest}, the hub's {hall.calls[-1].id}")

    def _judge_state(self, server: Journal, hall: State, dice: Random) -> None:
        random = dice.random
        again = [event for event in server.arrived if random() < _REPEATED]
        folded = State("hub")
        for event in sorted(server.arrived + again, key=lambda _: random()):
            folded = evolve(folded, event)
        # Two that are alike in all their parts have one hash; it is asked for where they are not.
        if folded != hall and folded.hash() != hall.hash():
            self.violated(5, "the hub's state is not what its events come to in another order")

    def _judge_privacy(self, server: Journal) -> None:
        everything = "\n".join([event.text for event in server.arrived])
        for event in server.arrived if any(number in everything for number in self.personal) else ():
            if any(number in event.text for number in self.personal):
                self.violated(7, f"{event.id} holds a personal number")

    def _judge_rights(self, hub: Journal, hall: State) -> None:
        if self.rogue:
            kept = {event.id for event in hub.arrived}
            for event_id in self.rogue:
                if event_id in kept and event_id not in hall.unheeded:
                    self.violated(8, f"{event_id} was heeded")
        for device, known in self._shut_out.items():
            for stream, head in hub.heads.items():
                if stream.device == device and head.seq > known.get(stream, 0):
                    self.violated(8, f"the hub took events of {device} up to {head.seq} after it was revoked")


_REPEATED = 0.25
_BEGINS = frozenset({"TicketCalled", "TicketResumed"})
_ENDS = frozenset({"TicketFinished", "NoShowMarked", "TicketParked", "TicketTransferred"})
