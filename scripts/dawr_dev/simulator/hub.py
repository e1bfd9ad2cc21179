"""The hub: keeps what comes, decides claims, knows the day; and the server, which only keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from queueing import commands
from queueing.centre import Centre
from queueing.commands import OpenDay
from queueing.decide import Reason, Refused, decide
from queueing.state import State
from queueing.wire import Event, Stream
from scripts.dawr_dev.simulator.rules import Rules
from scripts.dawr_dev.simulator.sender import Sender
from scripts.dawr_dev.simulator.witness import Witness
from scripts.dawr_dev.simulator.world import Journal, Line, Op, World
from sync.exchange import Hello, Reply
from sync.receiving import ForkError, GapError, Head

CENTRE = Centre.from_json(
    {
        "id": "sim",
        "name": {"ar": "مركز", "en": "Centre"},
        "services": [
            {"id": "renew", "letter": "A", "name": {"ar": "تجديد", "en": "Renewal"}},
            {"id": "test", "letter": "B", "name": {"ar": "فحص", "en": "Test"}},
        ],
        "counters": [{"id": each, "label": each, "services": ["renew", "test"]} for each in ("1", "2", "3")],
        "hours": {day: [["00:00", "24:00"]] for day in ("sat", "sun", "mon", "tue", "wed", "thu", "fri")},
    }
)
_TICK_S = 30.0
_LATE_SYNC_S = 4.0

Answer = tuple[str, str]
"""What a claim comes to: "ok" and the ticket, "refused" and why, or "nobody"."""


class Keeper:
    """What the hub and the server share: a disk, and judgement over what others send."""

    def __init__(self, world: World, rules: Rules, witness: Witness, name: str) -> None:
        self.name = name
        self.journal = Journal(Stream(name, 1))
        self.alive = False
        self._world, self._rules, self._witness = world, rules, witness

    def hello(self, sender: str, said: Hello) -> Reply | None:
        """Answer POST /v1/hello."""
        if not self.alive:
            return None
        journal = self.journal
        head = journal.head(said.stream)
        try:
            expect_seq = self._rules.goes_on_at(
                *(said.stream, said.next_seq, said.head_hash, head, journal.hash_at),
                is_its_own_device=sender == said.stream.device,
            )
        except ForkError as fork:
            return Reply(409, {"code": "FORK", "seq": fork.seq})
        return Reply(200, {"expect_seq": expect_seq, "head_hash": head.hash, "settings_version": 1})

    def events(self, sender: str, events: list[Event]) -> Reply | None:
        """Answer POST /v1/events."""
        if not self.alive:
            return None
        journal, new = self.journal, []
        stream = events[0].stream
        head = journal.head(stream)
        try:
            for event in events:
                if self._rules.is_new(event, head, journal.hash_at, is_own=stream == journal.own):
                    new.append(event)
                    head = Head(event.seq, event.hash)
        except GapError as gap:
            return Reply(409, {"code": "GAP", "expect_seq": gap.expect_seq})
        except ForkError as fork:
            return Reply(409, {"code": "FORK", "seq": fork.seq})
        if new:
            self._commit([("event", event) for event in new], synced=self._rules.sync_before_ack)
            self.keep(new)
        return Reply(200, {"ack_seq": journal.head(stream).seq})

    def keep(self, events: list[Event]) -> None:
        """Do what follows from events that were kept."""

    def _commit(self, ops: list[Op], *, synced: bool) -> None:
        self.journal.commit(ops, synced=synced)
        if not synced:
            self._world.after(self._world.dice.random() * _LATE_SYNC_S, self._sync)

    def _sync(self) -> None:
        if self.alive:
            self.journal.commit([])


class Server(Keeper):
    """The central server, as far as the exchange goes."""

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


class Hub(Keeper):
    """A centre's arbiter."""

    def __init__(self, world: World, rules: Rules, witness: Witness, line: Line, server: Server) -> None:
        super().__init__(world, rules, witness, "hub")
        self.line = line
        self.offset_s = 0.0
        self.state = State()
        self._life = 0
        self._series: dict[tuple[str, int], str] = {}
        self._sender = Sender(world, rules, witness, line, self.journal, server, forward_all=True)

    def series_of(self, device: str, incarnation: int) -> str:
        """Return the series that a kiosk's enrolment gives it: one that nobody has had today."""
        return self._series.setdefault((device, incarnation), str(len(self._series)))

    def start(self) -> None:
        """Start, as after power."""
        self.alive = True
        self._life += 1
        self._witness.remembers(self.name, self.journal)
        self.state = State("hub" if self._rules.arbiter_alone else "")
        for event in self.journal.arrived:
            self._rules.evolve(self.state, event)
        self._world.note("the hub starts")
        self._tick(self._life)
        self._sender.start()

    def crash(self) -> None:
        """Lose power."""
        self.alive = False
        self._sender.stop()
        self.journal.crash()
        self._world.note("the hub loses power")

    def board(self) -> str | None:
        """Answer which day runs."""
        return self.state.day if self.alive else None

    def current(self, counter: str) -> str | None:
        """Return the ticket that a counter's page shows."""
        ticket = self.state.current(counter)
        return None if ticket is None else ticket.id

    def claim(self, claim_id: str, verb: str, arguments: Mapping[str, Any]) -> Answer | None:
        """Answer POST /v1/claims."""
        if not self.alive:
            return None
        if self._rules.claims_kept and claim_id in self.journal.claims:
            known = self.journal.claims[claim_id]
            assert isinstance(known, tuple)
            return known
        try:
            facts = decide(self.state, _COMMANDS[verb](claim=claim_id, **arguments), CENTRE, self._wall())
        except Refused as refused:
            answer: Answer = ("nobody", "") if refused.reason is Reason.NOBODY_WAITS else ("refused", refused.reason)
            self._commit([("claim", claim_id, answer)], synced=self._rules.sync_before_answer)
            return answer
        answer = ("ok", str(getattr(facts[-1], "ticket", "")))
        synced = self._rules.sync_before_answer
        events = self.journal.append(facts, self._wall(), self._world.now, [("claim", claim_id, answer)], synced=synced)
        if not synced:
            self._world.after(self._world.dice.random() * _LATE_SYNC_S, self._sync)
        if self._rules.decided_on_newest:
            self._fold(events)
        else:
            life = self._life
            self._world.after(3.0, lambda: self._fold(events) if life == self._life and self.alive else None)
        self._sender.poke()
        return answer

    def keep(self, events: list[Event]) -> None:
        """Fold what came."""
        self._fold(events)
        self._sender.poke()

    def _fold(self, events: list[Event]) -> None:
        for event in events:
            self._rules.evolve(self.state, event)

    def _wall(self) -> Any:
        return self._world.wall(self.offset_s)

    def _tick(self, life: int) -> None:
        if life != self._life or not self.alive:
            return
        day = CENTRE.local_day(self._wall())
        if day > self.state.day:
            facts = decide(self.state, OpenDay(day), CENTRE, self._wall())
            self._fold(self.journal.append(facts, self._wall(), self._world.now))
            self._world.note("the hub opens %s", day)
            self._sender.poke()
        self._world.after(_TICK_S, lambda: self._tick(life))


_COMMANDS: Mapping[str, Any] = {
    "open": lambda claim, counter: commands.OpenCounter(counter, claim, f"clerk-{counter}"),
    "call_next": lambda claim, counter: commands.CallNext(counter, claim),
    "recall": lambda claim, counter: commands.Recall(counter, claim),
    "start_serving": lambda claim, counter: commands.StartServing(counter, claim),
    "finish": lambda claim, counter: commands.Finish(counter, claim),
    "mark_no_show": lambda claim, counter: commands.MarkNoShow(counter, claim),
    "transfer": lambda claim, counter, to_service: commands.Transfer(counter, claim, to_service, None),
    "close": lambda claim, counter: commands.CloseCounter(counter, claim),
}
