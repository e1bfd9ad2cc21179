"""What the hub and the server share: a disk, and judgement over what others send. And the server, which only keeps."""

from __future__ import annotations

from collections.abc import Sequence

from queueing.facts import fact_of
from queueing.wire import Event, Stream
from scripts.dawr_dev.simulator.disk import Claim, DiskFullError, Journal
from scripts.dawr_dev.simulator.rules import Rules
from scripts.dawr_dev.simulator.witness import Witness
from scripts.dawr_dev.simulator.world import World
from sync.exchange import Hello, Reply
from sync.receiving import ForkError, GapError, Head

_LATE_SYNC_S = 4.0
_BUSY = Reply(503, {"code": "UNAVAILABLE"}, retry_after_s=2.0)
_STRANGER = Reply(401, {"code": "UNKNOWN"})


class Keeper:
    """Receives streams. `revoked` are the devices that it is to have nothing to do with."""

    def __init__(self, world: World, rules: Rules, witness: Witness, name: str) -> None:
        self.name = name
        self.journal = Journal(Stream(name, 1))
        self.alive = False
        self.revoked: frozenset[str] = frozenset()
        self._world, self._rules, self._witness = world, rules, witness

    @property
    def settings_version(self) -> int:
        """The version of the settings, which hello tells."""
        return 1

    def hello(self, sender: str, said: Hello) -> Reply | None:
        """Answer POST /v1/hello."""
        if not self.alive:
            return None
        if self._refuses(sender):
            return _STRANGER
        journal, stream = self.journal, said.stream
        head = journal.head(stream)
        is_its_own_device = sender == stream.device
        try:
            expect_seq = self._rules.goes_on_at(
                stream, said.next_seq, said.head_hash, head, journal.hash_at, is_its_own_device=is_its_own_device
            )
        except ForkError as fork:
            return Reply(409, {"code": "FORK", "seq": fork.seq})
        return Reply(200, {"expect_seq": expect_seq, "head_hash": head.hash, "settings_version": self.settings_version})

    def events(self, sender: str, events: list[Event]) -> Reply | None:
        """Answer POST /v1/events."""
        if not self.alive:
            return None
        if self._refuses(sender):
            return _STRANGER
        journal, is_new, hash_at, new = self.journal, self._rules.is_new, self.journal.hash_at, []
        stream = events[0].stream
        is_own = stream == journal.own
        head = journal.head(stream)
        try:
            for event in events:
                if is_new(event, head, hash_at, is_own=is_own):
                    new.append(event)
                    head = Head(event.seq, event.hash)
        except GapError as gap:
            return Reply(409, {"code": "GAP", "expect_seq": gap.expect_seq})
        except ForkError as fork:
            return Reply(409, {"code": "FORK", "seq": fork.seq})
        if len(new) < len(events):
            self._world.met["events known already"] += len(events) - len(new)
        if not self._rules.unknown_kept:
            new = [event for event in new if fact_of(event) is not None]
        if new:
            try:
                self._commit(new, synced=self._rules.sync_before_ack)
            except DiskFullError:
                self._world.met["full disks' noes"] += 1
                return _BUSY if self._rules.ack_only_kept else Reply(200, {"ack_seq": head.seq})
            self.keep(new)
        return Reply(200, {"ack_seq": journal.head(stream).seq})

    def keep(self, events: list[Event]) -> None:
        """Do what follows from events that were kept."""

    def _refuses(self, sender: str) -> bool:
        if sender not in self.revoked or not self._rules.revoked_refused:
            return False
        self._world.met["revoked devices refused"] += 1
        return True

    def _commit(self, events: Sequence[Event] = (), *, claim: Claim | None = None, synced: bool = True) -> None:
        self.journal.commit(events, claim=claim, synced=synced)
        if not synced:
            self._sync_later()

    def _sync_later(self) -> None:
        self._world.after(self._world.random() * _LATE_SYNC_S, self._sync)

    def _sync(self) -> None:
        if self.alive:
            self.journal.sync()


class Server(Keeper):
    """The central server, as far as the exchange and the register of devices go."""

    def __init__(self, world: World, rules: Rules, witness: Witness) -> None:
        super().__init__(world, rules, witness, "server")
        self._backup = 0
        self._out: frozenset[str] = frozenset()

    @property
    def settings_version(self) -> int:
        """The version of the settings: it grows with each revocation."""
        return 1 + len(self._out)

    def start(self) -> None:
        """Start."""
        self.alive = True
        self._witness.remembers(self.name, self.journal)
        self._world.note("the server starts")

    def crash(self) -> None:
        """Lose power."""
        self.alive = False
        self.journal.crash()
        self._world.note("the server loses power")

    def back_up(self) -> None:
        """Copy the store, as at night."""
        self._backup = self.journal.image()

    def restore(self) -> None:
        """Go on with the copy: the store is gone. The hub is to bring what is missing."""
        before = len(self.journal.arrived)
        self.crash()
        self.journal.restore(self._backup)
        self._witness.excuses(self.name, self.journal, self._world.now)
        self._world.note("the server's store is its copy: %d events of %d", len(self.journal.arrived), before)

    def revoke(self, device: str) -> None:
        """Strike a device off the register. The server itself goes on taking what the hub forwards of it."""
        self._out |= {device}
        self._world.note("%s is revoked at the server", device)

    def register(self) -> tuple[int, frozenset[str]] | None:
        """Answer which devices are revoked, with the settings' version."""
        return (self.settings_version, self._out) if self.alive else None
