"""A device's disk: commits in order, of which a crash leaves those that were synced, each whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from queueing.facts import Fact
from queueing.wire import GENESIS, Event, Stream
from sync.receiving import NO_HEAD, Head

Ack = tuple[Stream, int]
Answer = tuple[str, str]
"""What a claim comes to: "ok" and the ticket, "refused" and why, or "nobody"."""
Claim = tuple[str, Answer]

_Commit = tuple[Sequence[Event], Ack | None, Claim | None]


class DiskFullError(Exception):
    """The disk takes nothing more; what it has stays."""


class Journal:
    """What a device keeps: the logs, how far its peer has them, the answers to claims."""

    def __init__(self, own: Stream) -> None:
        self.own = own
        self.full = False
        self._commits: list[_Commit] = []
        self._synced = 0
        self.heads: dict[Stream, Head]
        """Every stream's newest seq and hash, the own one first."""
        self._read()

    def commit(self, events: Sequence[Event] = (), *, claim: Claim | None = None, synced: bool = True) -> None:
        """Write some rows at once. Without `synced` a crash before the next synced commit takes them back.

        Raises DiskFullError, and then nothing of it was written.
        """
        if self.full:
            raise DiskFullError
        commit = events, None, claim
        self._commits.append(commit)
        self._take(commit)
        if synced:
            self._synced = len(self._commits)

    def note_ack(self, stream: Stream, seq: int) -> None:
        """Keep how far the peer has a stream, in a commit of its own. Raises DiskFullError."""
        if self.full:
            raise DiskFullError
        self._commits.append(((), (stream, seq), None))
        self._synced = len(self._commits)
        self.acks[stream] = seq

    def sync(self) -> None:
        """Bring to the disk what was written."""
        self._synced = len(self._commits)

    def stamp(self, facts: Iterable[Fact], at: datetime, mono: float) -> list[Event]:
        """Make facts into the next events of the device's own stream."""
        device, incarnation = self.own
        head = self.head(self.own)
        seq, prev = head.seq, head.hash
        events = []
        for fact in facts:
            seq += 1
            kind, body = type(fact), fact.to_body()
            event = Event(device, incarnation, seq, kind.__name__, kind.VERSION, at, "sim", mono, prev, body)
            prev = event.hash
            events.append(event)
        return events

    def append(
        self, facts: Iterable[Fact], at: datetime, mono: float, claim: Claim | None = None, *, synced: bool = True
    ) -> list[Event]:
        """Stamp facts and append them, in one commit with a claim's answer. Raises DiskFullError."""
        events = self.stamp(facts, at, mono)
        self.commit(events, claim=claim, synced=synced)
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
        self.heads = {own: NO_HEAD, **self.heads}

    def head(self, stream: Stream) -> Head:
        """Return the newest seq and hash of a stream."""
        return self.heads.get(stream, NO_HEAD)

    def hash_at(self, stream: Stream, seq: int) -> str | None:
        """Return the hash of a stream's event, as `DeviceLog.hash_at`."""
        if seq == 0:
            return GENESIS
        events = self.streams.get(stream, ())
        return events[seq - 1].hash if seq <= len(events) else None

    def _read(self) -> None:
        self.streams: dict[Stream, list[Event]] = {}
        self.arrived: list[Event] = []
        self.acks: dict[Stream, int] = {}
        self.claims: dict[str, Answer] = {}
        self.heads = {self.own: NO_HEAD}
        for commit in self._commits:
            self._take(commit)

    def _take(self, commit: _Commit) -> None:
        events, ack, claim = commit
        if events:
            heads = self.heads
            for event in events:
                stream = event.stream
                if stream not in self.streams:
                    self.streams[stream] = []
                self.streams[stream].append(event)
                heads[stream] = Head(event.seq, event.hash)
            self.arrived += events
        if ack is not None:
            self.acks[ack[0]] = ack[1]
        if claim is not None:
            self.claims[claim[0]] = claim[1]
