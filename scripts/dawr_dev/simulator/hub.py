"""The hub: keeps what comes, decides claims, knows the day, tells the displays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from display.board import Board, Call
from queueing import commands
from queueing.centre import Centre
from queueing.decide import Reason, Refused, decide
from queueing.facts import TicketTaken, fact_of
from queueing.state import State
from queueing.wire import Event
from scripts.dawr_dev.simulator.disk import Answer, DiskFullError
from scripts.dawr_dev.simulator.keeper import Keeper, Server
from scripts.dawr_dev.simulator.line import Line
from scripts.dawr_dev.simulator.rules import Rules
from scripts.dawr_dev.simulator.sender import Sender
from scripts.dawr_dev.simulator.witness import Witness
from scripts.dawr_dev.simulator.world import World

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
_ANNOUNCED = 4


class Hub(Keeper):
    """A centre's arbiter."""

    def __init__(self, world: World, rules: Rules, witness: Witness, line: Line, server: Server) -> None:
        super().__init__(world, rules, witness, "hub")
        self.line = line
        self.offset_s = 0.0
        self.state = State()
        self.displays: list[Display] = []
        self._life = 0
        self._series: dict[tuple[str, int], str] = {}
        self._server = server
        self._register_version = 1
        self._sender = Sender(world, rules, witness, line, self.journal, server, on_hello=self._look_at_register)

    def series_of(self, device: str, incarnation: int) -> str:
        """Return the series that a kiosk's enrolment gives it: one that nobody has had today."""
        return self._series.setdefault((device, incarnation), str(len(self._series)))

    def start(self) -> None:
        """Start, as after power."""
        self.alive = True
        self._life += 1
        self._witness.remembers(self.name, self.journal)
        self.state = State("hub" if self._rules.arbiter_alone else "")
        self._fold(self.journal.arrived)
        self._world.note("the hub starts")
        self._tick(self._life)
        self._sender.start()

    def crash(self) -> None:
        """Lose power."""
        self.alive = False
        self._sender.stop()
        self.journal.crash()
        self._world.note("the hub loses power")

    @property
    def is_done(self) -> bool:
        """Whether the server has all that is here, and every display shows the newest call."""
        newest = self.state.calls[-1].id if self.state.calls else ""
        return self._sender.is_done and all(display.newest in ("", newest) for display in self.displays)

    def day(self) -> str | None:
        """Answer which day runs."""
        return self.state.day if self.alive else None

    def board(self) -> Board | None:
        """Answer what a display is to show, the calls as `hub.views` tells them."""
        if not self.alive:
            return None
        state, calls = self.state, []
        for call in state.calls[: -_ANNOUNCED - 1 : -1]:
            ticket = state.tickets.get(call.ticket)
            if ticket is None:
                continue
            if not state.is_today(ticket):
                break
            calls.append(Call(call.id, call.order[2], ticket.number, call.counter, call.kind, call.at))
        return Board({}, "", state.day, tuple(calls), tuple(calls[::-1]), (), (), (), "latn", ())

    def current(self, counter: str) -> str | None:
        """Return the ticket that a counter's page shows."""
        ticket = self.state.current(counter)
        return None if ticket is None else ticket.id

    def claim(self, claim_id: str, verb: str, arguments: Mapping[str, Any]) -> Answer | None:
        """Answer POST /v1/claims; None while the hub cannot keep what it would answer."""
        if not self.alive:
            return None
        rules = self._rules
        if rules.claims_kept and claim_id in self.journal.claims:
            self._world.met["claims that came again"] += 1
            return self.journal.claims[claim_id]
        now, synced = self._wall(), rules.sync_before_answer
        try:
            facts = decide(self.state, _COMMANDS[verb](claim=claim_id, **arguments), CENTRE, now)
            answer: Answer = ("ok", str(getattr(facts[-1], "ticket", "")))
            events = self.journal.append(facts, now, self._world.now, (claim_id, answer), synced=synced)
        except Refused as refused:
            answer = ("nobody", "") if refused.reason is Reason.NOBODY_WAITS else ("refused", refused.reason)
            try:
                self._commit(claim=(claim_id, answer), synced=synced)
            except DiskFullError:
                return None
            return answer
        except DiskFullError:
            self._world.met["full disks' noes"] += 1
            return None
        if not synced:
            self._sync_later()
        if rules.decided_on_newest:
            self._fold(events)
        else:
            life = self._life
            self._world.after(3.0, lambda: self._fold(events) if life == self._life and self.alive else None)
        if verb in ("call_next", "recall"):
            self._tell_displays()
        self._sender.poke()
        return answer

    def keep(self, events: list[Event]) -> None:
        """Fold what came, and find the bookings that their customers spoke of."""
        self._fold(events)
        for event in events:
            fact = fact_of(event)
            if isinstance(fact, TicketTaken) and fact.says_booked:
                self._match(event, fact)
        self._sender.poke()

    def _match(self, event: Event, taken: TicketTaken) -> None:
        """Give a ticket its customer's booking, which one ticket can have."""
        command = commands.MatchAppointment(event.id, f"of {taken.customer}", event.at + timedelta(minutes=5))
        try:
            facts = decide(self.state, command, CENTRE, self._wall())
        except Refused:
            return
        self._fold(self.journal.append(facts, self._wall(), self._world.now, synced=self._rules.sync_before_ack))
        self._world.met["bookings found"] += 1

    def _fold(self, events: list[Event]) -> None:
        evolve, state = self._rules.evolve, self.state
        for event in events:
            evolve(state, event)

    def _tell_displays(self) -> None:
        board = self.board()
        if board is not None:
            for display in self.displays:
                display.line.tell(display.show, board)

    def _look_at_register(self, version: int | None) -> None:
        """Ask for the register of devices when hello told of newer settings."""
        if version is not None and version > self._register_version:
            self.line.ask(self._server.register, self._hear_register)

    def _hear_register(self, register: object) -> None:
        assert isinstance(register, tuple)
        version, revoked = register
        if self.alive and version > self._register_version:
            self._register_version, self.revoked = version, revoked
            self._witness.shuts_out(revoked, self.journal)
            self._world.note("the hub hears who is revoked: %s", ", ".join(sorted(revoked)))

    def _wall(self) -> datetime:
        return self._world.wall(self.offset_s)

    def _tick(self, life: int) -> None:
        if life != self._life or not self.alive:
            return
        now = self._wall()
        day = CENTRE.local_day(now)
        if day > self.state.day and not self.journal.full:
            facts = decide(self.state, commands.OpenDay(day), CENTRE, now)
            self._fold(self.journal.append(facts, now, self._world.now))
            self._world.note("the hub opens %s", day)
            self._world.met["days opened"] += 1
            self._sender.poke()
        self._world.after(_TICK_S, lambda: self._tick(life))


class Display:
    """A hall display: shows what it is told, and asks now and then. `line` goes to the hub."""

    def __init__(self, world: World, rules: Rules, witness: Witness, line: Line, hub: Hub, name: str) -> None:
        self.name = name
        self.line = line
        self.shown: Board | None = None
        self._world, self._rules, self._witness, self._hub = world, rules, witness, hub

    def start(self) -> None:
        """Ask for the first board."""
        self.line.ask(self._hub.board, self.show)
        self._world.after(_ASKS_EVERY_S, self.start)

    @property
    def newest(self) -> str:
        """The newest call that is shown, "" for none."""
        return self.shown.announce[-1].call_id if self.shown is not None and self.shown.announce else ""

    def show(self, board: object) -> None:
        """Show a board, unless it is older than the one that stands there."""
        assert isinstance(board, Board)
        if self.shown is not None and self._rules.older(board, self.shown):
            self._world.met["boards too old"] += 1
            return
        self.shown = board
        self._witness.shows(self.name, board)


_ASKS_EVERY_S = 25.0

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
