"""A device's side of the exchange on a simulated line: what `sync.link` does with sockets and threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from queueing.wire import Event, Stream
from scripts.dawr_dev.simulator.disk import DiskFullError, Journal
from scripts.dawr_dev.simulator.line import Line
from scripts.dawr_dev.simulator.rules import Rules
from scripts.dawr_dev.simulator.witness import Witness
from scripts.dawr_dev.simulator.world import Alarm, World
from sync.exchange import Acked, Hello, Push, Reply, Wait

_TIMEOUT_S = 10.0


class Receiver(Protocol):
    """The peer. None is no answer: it is down."""

    @property
    def name(self) -> str:
        """What the witness calls it."""
        ...

    @property
    def journal(self) -> Journal:
        """Its disk; only whoever looks at all from outside asks for it."""
        ...

    def hello(self, sender: str, said: Hello) -> Reply | None:
        """Answer POST /v1/hello."""
        ...

    def events(self, sender: str, events: list[Event]) -> Reply | None:
        """Answer POST /v1/events."""
        ...


class Sender:
    """Drives one exchange: every stream of the journal. `start` at each start of the device, `stop` at its crash.

    `on_hello` gets the version of the settings that the peer's answer for the device's own stream tells; `on_forked`
    comes when the peer knows another history of it, `on_stranger` when it no longer knows the device.
    """

    def __init__(
        self,
        world: World,
        rules: Rules,
        witness: Witness,
        line: Line,
        journal: Journal,
        peer: Receiver,
        *,
        on_hello: Callable[[int | None], None],
        on_forked: Callable[[], None] = lambda: None,
        on_stranger: Callable[[], None] = lambda: None,
    ) -> None:
        self._world, self._rules, self._witness = world, rules, witness
        self._line, self._journal, self._peer = line, journal, peer
        self._on_forked, self._on_hello, self._on_stranger = on_forked, on_hello, on_stranger
        self._turn = 0
        self._step: Hello | Push | None = None
        self._asked_at = 0.0
        self._asleep = False
        self._alarm = Alarm(world, self._ring)

    def start(self) -> None:
        """Begin the conversation."""
        self._machine = self._rules.exchange(self._world.random)
        self._advance()

    def stop(self) -> None:
        """Forget the conversation; what is under way comes to nobody."""
        self._turn += 1
        self._step = None
        self._asleep = False
        self._alarm.stop()

    @property
    def is_done(self) -> bool:
        """Whether nothing is under way and the peer has everything, whatever it was heard to have."""
        kept = self._peer.journal
        has_all = all(kept.head(stream).seq >= head.seq for stream, head in self._journal.heads.items())
        return self._asleep and self._machine.up and has_all

    def poke(self) -> None:
        """Say that there is something to send."""
        if self._asleep:
            self._advance()

    def _advance(self) -> None:
        self._turn = turn = self._turn + 1
        journal = self._journal
        step = self._machine.next(self._world.now, journal.heads)
        if isinstance(step, Wait):
            self._step = None
            self._asleep = step.until_poked
            self._alarm.set(step.seconds + 1e-6)
            return
        self._asleep = False
        self._step = step
        self._asked_at = self._world.now
        self._alarm.set(_TIMEOUT_S)
        device, peer = journal.own.device, self._peer
        if isinstance(step, Hello):
            said = step
            self._line.ask(lambda: peer.hello(device, said), lambda reply: self._replied(turn, reply))
        else:
            events = journal.streams[step.stream][step.first_seq - 1 : step.first_seq - 1 + step.limit]
            self._machine.offered(len(events))
            self._line.ask(lambda: peer.events(device, events), lambda reply: self._replied(turn, reply))

    def _ring(self) -> None:
        if self._step is not None:
            self._world.met["requests given up"] += 1
            self._machine.failed(self._world.now, "no answer in time", timeout=True)
        self._advance()

    def _replied(self, turn: int, reply: object) -> None:
        step = self._step
        if self._turn != turn:
            self._world.met["replies too late"] += 1
            if self._rules.replies_matched:
                return
        if step is None:
            return
        assert isinstance(reply, Reply)
        for effect in self._machine.replied(self._world.now, reply):
            if isinstance(effect, Acked):
                self._note(effect.stream, effect.seq)
        if reply.status == 401:
            self._on_stranger()
            if self._turn != turn:
                return
        if isinstance(step, Hello) and step.stream == self._journal.own:
            if reply.status == 200:
                self._on_hello(self._machine.settings_version)
            elif self._journal.own in self._machine.forked:
                self._on_forked()
                return
        self._advance()

    def _note(self, stream: Stream, seq: int) -> None:
        if self._journal.acks.get(stream) == seq:
            return
        try:
            self._journal.note_ack(stream, seq)
        except DiskFullError:
            return  # It is told again: by the next acknowledgement, or by the next hello.
        self._witness.acked(self._peer.name, stream, seq, self._asked_at)
