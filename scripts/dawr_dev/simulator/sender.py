"""A device's side of the exchange on a simulated line: what `sync.link` does with sockets and threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from queueing.wire import Event, Stream
from scripts.dawr_dev.simulator.rules import Rules
from scripts.dawr_dev.simulator.witness import Witness
from scripts.dawr_dev.simulator.world import Journal, Line, World
from sync.exchange import Acked, Hello, Push, Reply, Wait

_TIMEOUT_S = 10.0


class Receiver(Protocol):
    """The peer. None is no answer: it is down."""

    @property
    def name(self) -> str:
        """What the witness calls it."""
        ...

    def hello(self, sender: str, said: Hello) -> Reply | None:
        """Answer POST /v1/hello."""
        ...

    def events(self, sender: str, events: list[Event]) -> Reply | None:
        """Answer POST /v1/events."""
        ...


class Sender:
    """Drives one exchange. `start` at each start of the device, `stop` at its crash."""

    def __init__(
        self,
        world: World,
        rules: Rules,
        witness: Witness,
        line: Line,
        journal: Journal,
        peer: Receiver,
        *,
        forward_all: bool = False,
        on_forked: Callable[[], None] = lambda: None,
        on_hello: Callable[[], None] = lambda: None,
    ) -> None:
        self._world, self._rules, self._witness = world, rules, witness
        self._line, self._journal, self._peer = line, journal, peer
        self._forward_all = forward_all
        self._on_forked, self._on_hello = on_forked, on_hello
        self._turn = 0
        self._asleep = False

    def start(self) -> None:
        """Begin the conversation."""
        self._machine = self._rules.exchange(self._world.dice.random)
        self._advance()

    def stop(self) -> None:
        """Forget the conversation; what is under way comes to nobody."""
        self._turn += 1
        self._asleep = False

    def poke(self) -> None:
        """Say that there is something to send."""
        if self._asleep:
            self._advance()

    def _advance(self) -> None:
        self._turn += 1
        turn = self._turn
        self._asleep = False
        journal = self._journal
        heads = journal.heads() if self._forward_all else {journal.own: journal.head(journal.own)}
        step = self._machine.next(self._world.now, heads)
        if isinstance(step, Wait):
            self._asleep = step.until_poked
            self._world.after(step.seconds + 1e-6, lambda: self._advance() if self._turn == turn else None)
            return
        self._world.after(_TIMEOUT_S, lambda: self._timed_out(turn))
        device, peer = journal.own.device, self._peer
        if isinstance(step, Hello):
            said = step
            self._line.ask(lambda: peer.hello(device, said), lambda reply: self._replied(turn, step, reply))
        else:
            events = journal.streams[step.stream][step.first_seq - 1 : step.first_seq - 1 + step.limit]
            self._machine.offered(len(events))
            self._line.ask(lambda: peer.events(device, events), lambda reply: self._replied(turn, step, reply))

    def _timed_out(self, turn: int) -> None:
        if self._turn == turn:
            self._machine.failed(self._world.now, "no answer in time", timeout=True)
            self._advance()

    def _replied(self, turn: int, step: Hello | Push, reply: object) -> None:
        if self._turn != turn:
            return
        assert isinstance(reply, Reply)
        for effect in self._machine.replied(self._world.now, reply):
            if isinstance(effect, Acked):
                self._note(effect.stream, effect.seq)
        if isinstance(step, Hello) and step.stream == self._journal.own:
            if reply.status == 200:
                self._on_hello()
            elif self._journal.own in self._machine.forked:
                self._on_forked()
                return
        self._advance()

    def _note(self, stream: Stream, seq: int) -> None:
        if self._journal.acks.get(stream) != seq:
            self._journal.commit([("ack", stream, seq)])
            self._witness.acked(self._peer.name, stream, seq)
