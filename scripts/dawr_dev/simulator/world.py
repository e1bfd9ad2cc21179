"""Time, chance, lines and disks of the simulation. Everything that happens follows from the seed."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random

from queueing.facts import Fact
from queueing.wire import GENESIS, Event, Stream
from sync.receiving import NO_HEAD, Head

BEGIN = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
"""Eight o'clock in Bahrain, a Sunday."""

Note = tuple[float, str, tuple[object, ...]]
"""A line of the script that is not put into words yet: its second, its form, what belongs into it."""

Op = tuple[object, ...]
"""One row of a journal: ("event", Event), ("ack", Stream, seq) or ("claim", id, answer)."""


class World:
    """The clock that everybody's timers hang on, the dice, and what happened (for a violation's script)."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.now = 0.0
        self.script: list[Note] = []
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        """Do something so many seconds from now."""
        self._count += 1
        heapq.heappush(self._queue, (self.now + seconds, self._count, do))

    def run(self, until: float) -> None:
        """Let time pass."""
        queue = self._queue
        while queue and queue[0][0] <= until:
            self.now, _, do = heapq.heappop(queue)
            do()
        self.now = until

    def note(self, what: str, *values: object) -> None:
        """Write a line of the script; it is put into words only when somebody reads it."""
        self.script.append((self.now, what, values))

    def wall(self, offset_s: float = 0.0) -> datetime:
        """Return the wall time of a clock that is so many seconds off."""
        return BEGIN + timedelta(seconds=self.now + offset_s)


class Journal:
    """A device's disk: commits in order, of which a crash leaves those that were synced, each whole or not at all."""

    def __init__(self, own: Stream) -> None:
        self.own = own
        self._commits: list[list[Op]] = []
        self._synced = 0
        self._read()

    def commit(self, ops: list[Op], *, synced: bool = True) -> None:
        """Write some rows at once. Without `synced` a crash before the next synced commit takes them back."""
        self._commits.append(ops)
        self._take(ops)
        if synced:
            self._synced = len(self._commits)

    def append(
        self, facts: list[Fact], at: datetime, mono: float, also: list[Op] | None = None, *, synced: bool = True
    ) -> list[Event]:
        """Stamp facts and append them to the device's own stream, in one commit with other rows."""
        head = self.head(self.own)
        events = []
        for fact in facts:
            event = Event(
                device=self.own.device,
                incarnation=self.own.incarnation,
                seq=head.seq + 1,
                type=type(fact).__name__,
                version=fact.VERSION,
                at=at,
                boot="sim",
                mono=mono,
                prev=head.hash,
                body=fact.to_body(),
            )
            head = Head(event.seq, event.hash)
            events.append(event)
        self.commit([("event", event) for event in events] + (also or []), synced=synced)
        return events

    def crash(self) -> None:
        """Lose what was not synced."""
        if len(self._commits) > self._synced:
            del self._commits[self._synced :]
            self._read()

    def image(self) -> int:
        """Return the name of an image of the disk as it is."""
        return self._synced

    def restore(self, image: int) -> None:
        """Put an old image back."""
        del self._commits[image:]
        self._synced = len(self._commits)
        self._read()

    def begin_stream(self, own: Stream) -> None:
        """Write to another stream from now on: the device was enrolled anew."""
        self.own = own

    def head(self, stream: Stream) -> Head:
        """Return the newest seq and hash of a stream."""
        return self._heads.get(stream, NO_HEAD)

    def hash_at(self, stream: Stream, seq: int) -> str | None:
        """Return the hash of a stream's event, as `DeviceLog.hash_at`."""
        if seq == 0:
            return GENESIS
        events = self.streams.get(stream, ())
        return events[seq - 1].hash if seq <= len(events) else None

    def heads(self) -> Mapping[Stream, Head]:
        """Return every stream's head, the own one first."""
        return {self.own: self.head(self.own)} | self._heads

    def _read(self) -> None:
        self.streams: dict[Stream, list[Event]] = {}
        self.arrived: list[Event] = []
        self.acks: dict[Stream, int] = {}
        self.claims: dict[str, object] = {}
        self._heads: dict[Stream, Head] = {}
        for ops in self._commits:
            self._take(ops)

    def _take(self, ops: list[Op]) -> None:
        for op in ops:
            if op[0] == "event":
                event = op[1]
                assert isinstance(event, Event)
                self.streams.setdefault(event.stream, []).append(event)
                self.arrived.append(event)
                self._heads[event.stream] = Head(event.seq, event.hash)
            elif op[0] == "ack":
                assert isinstance(op[1], Stream) and isinstance(op[2], int)
                self.acks[op[1]] = op[2]
            else:
                self.claims[str(op[1])] = op[2]


class Line:
    """A line between two machines that loses, repeats, delays, reorders, and is cut in either direction."""

    def __init__(self, world: World, name: str, loss: float, slow_s: float) -> None:
        self.name = name
        self.forth = True
        self.back = True
        self._world = world
        self._loss = loss
        self._slow_s = slow_s

    def heal(self) -> None:
        """Be a good line from now on."""
        self.forth = self.back = True
        self._loss = 0.0
        self._slow_s = 0.01

    def ask(self, serve: Callable[[], object | None], answered: Callable[[object], None]) -> None:
        """Carry a request there (perhaps twice, perhaps late) and what `serve` answers back; None is no answer."""
        dice = self._world.dice
        copies = 2 if self._loss and dice.random() < self._loss / 2 else 1
        for _ in range(copies):
            if dice.random() < self._loss:
                continue
            self._world.after(self._delay(), lambda: self._arrive(serve, answered))

    def _arrive(self, serve: Callable[[], object | None], answered: Callable[[object], None]) -> None:
        if not self.forth:
            return
        answer = serve()
        if answer is not None and self._world.dice.random() >= self._loss:
            self._world.after(self._delay(), lambda: answered(answer) if self.back else None)

    def _delay(self) -> float:
        return 0.001 + self._world.dice.random() * self._slow_s
