"""A kiosk: tickets from its own series, committed before they are printed, sent when there is a line."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from queueing.facts import Fact, PrintSettled, SeriesBegan, TicketCalled, TicketTaken, fact_of
from queueing.wire import Event, Stream
from scripts.dawr_dev.simulator.disk import DiskFullError, Journal
from scripts.dawr_dev.simulator.hub import CENTRE, Hub
from scripts.dawr_dev.simulator.line import Line
from scripts.dawr_dev.simulator.rules import Rules
from scripts.dawr_dev.simulator.sender import Sender
from scripts.dawr_dev.simulator.witness import Witness
from scripts.dawr_dev.simulator.world import World

_LOOKS_EVERY_S = 40.0
_FRESH_S = 60.0
_PRINTS_S = 1.5


@dataclass(frozen=True, slots=True)
class ChairWarmed(Fact):
    """A fact of a later version, which this one does not know."""

    by: str


class Kiosk:
    """One kiosk on its line to the hub."""

    def __init__(self, world: World, rules: Rules, witness: Witness, line: Line, hub: Hub, number: int) -> None:
        self.device = f"kiosk-{number}"
        self.line = line
        self.alive = False
        self.offset_s = 0.0
        self.restored = False
        self.barred = False
        self._world, self._rules, self._witness, self._hub = world, rules, witness, hub
        self._series_id = hub.series_of(self.device, 1) if rules.own_series else "0"
        self.journal = Journal(Stream(self.device, 1))
        self._day = ""
        self._fresh_until = 0.0
        self._life = 0
        self._unsettled: list[str] = []
        self.take_image()
        self._sender = Sender(
            *(world, rules, witness, line, self.journal, hub),
            on_hello=self._is_known,
            on_forked=self._enrol_anew,
            on_stranger=self._is_barred,
        )

    @property
    def is_done(self) -> bool:
        """Whether the hub has all that is here, or wants nothing of it."""
        return self.barred or (not self.restored and self._sender.is_done)

    def start(self) -> None:
        """Start, as after power."""
        self._world.note("%s starts", self.device)
        if self.barred:
            return
        self.alive = True
        self._life += 1
        self._fold()
        for ticket in self._unsettled:
            self._write(PrintSettled(ticket, "unknown", "interrupted"))
        self._unsettled.clear()
        self._sender.start()
        self._look(self._life)

    def crash(self) -> None:
        """Lose power."""
        self.alive = False
        self._sender.stop()
        self.journal.crash()
        self._world.note("%s loses power", self.device)

    def take_image(self) -> None:
        """Somebody makes an image of the disk."""
        self._image = (self.journal.image(), self.journal.head(self.journal.own).seq, self.journal.own)

    def restore(self) -> bool:
        """Put the image back, if it is one that can be told from the truth: the hub knows more of the stream.

        What nobody else had seen is lost with its disk, and no rule can find that out: not this simulation's matter.
        """
        image, seq, own = self._image
        before = self.journal.head(own).seq
        if self.barred or own != self.journal.own or not seq < before == self._hub.journal.head(own).seq:
            return False
        self.crash()
        self.journal.restore(image)
        self.restored = True
        self._world.met["old images put back"] += 1
        self._world.note("%s's disk is an old image: %d events of %d", self.device, seq, before)
        return True

    def take(self, service: str, cpr: str, *, says_booked: bool) -> None:
        """Give a customer a ticket; one who finds the kiosk dead, or that it cannot keep a ticket, goes elsewhere."""
        if not self.alive or (self.restored and self._rules.hub_agrees_first):
            return
        customer = hashlib.sha256(cpr.encode()).hexdigest()[:32] if self._rules.customer_hashed else cpr
        self._witness.personal.add(cpr)
        if not self._rules.hub_tells_day:
            self._hear(self._today())
        day = self._business_day()
        letter = "A" if service == "renew" else "B"
        fact = TicketTaken(self._series.next(letter), service, day, "ar", customer=customer, says_booked=says_booked)
        event = self._write(fact, synced=self._rules.commit_before_print, unkept=not self._rules.print_only_kept)
        if event is None:
            self._world.note("%s has no room for a ticket", self.device)
            return
        self._witness.hands_out(event, day, fact.number)
        self._world.note("%s gives %s (%s)", self.device, fact.number, event.id)
        self._unsettled.append(event.id)
        life = self._life
        self._world.after(_PRINTS_S, lambda: self._printed(life, event.id))

    def write_what_is_not_its_own(self) -> None:
        """Claim to have called somebody, as a kiosk that was tampered with may."""
        waiting = [event.id for event in self.journal.arrived if event.type == "TicketTaken"]
        if self.alive and not self.restored and waiting:
            event = self._write(TicketCalled(self._world.dice.choice(waiting), "1", f"rogue-{self._world.now}", 1, ""))
            if event is not None:
                self._witness.rogue.add(event.id)
                self._world.note("%s writes a call of its own: %s", self.device, event.id)

    def write_what_is_of_tomorrow(self) -> None:
        """Write what the others do not understand, as a kiosk of a later version does."""
        if self.alive and not self.restored:
            event = self._write(ChairWarmed("nobody"))
            if event is not None:
                self._world.note("%s writes what only a later version knows: %s", self.device, event.id)

    def _printed(self, life: int, ticket: str) -> None:
        if life == self._life and self.alive and not self.restored and ticket in self._unsettled:
            self._unsettled.remove(ticket)
            self._write(PrintSettled(ticket, "printed"))

    def _write(self, fact: Fact, *, synced: bool = True, unkept: bool = False) -> Event | None:
        """Append a fact; None when the disk is full (`unkept` returns what was not kept)."""
        (event,) = self.journal.stamp([fact], self._world.wall(self.offset_s), self._world.now)
        try:
            self.journal.commit([event], synced=synced)
        except DiskFullError:
            self._world.met["full disks' noes"] += 1
            return event if unkept else None
        self._series.evolve(fact)
        self._sender.poke()
        return event

    def _fold(self) -> None:
        """Know from the log what was given, which day the hub has told of, and what was being printed."""
        self._series = self._rules.series(self._series_id)
        self._day, self._fresh_until = "", 0.0
        settled = set()
        taken = []
        for event in self.journal.arrived:
            fact = fact_of(event)
            if fact is None:
                continue
            if self._rules.series_folded or not isinstance(fact, TicketTaken):
                self._series.evolve(fact)
            if isinstance(fact, PrintSettled):
                settled.add(fact.ticket)
            elif isinstance(fact, TicketTaken):
                taken.append(event.id)
            elif isinstance(fact, SeriesBegan):
                self._day = max(self._day, fact.day)
        self._unsettled = [ticket for ticket in taken if ticket not in settled]

    def _business_day(self) -> str:
        """Return the hub's day while it is told; else the clock's, but none before one that it told of."""
        if not self._rules.hub_tells_day:
            return self._today()
        is_fresh = self._world.now < self._fresh_until
        return self._day if is_fresh else max(self._day, self._today())

    def _today(self) -> str:
        return CENTRE.local_day(self._world.wall(self.offset_s))

    def _hear(self, day: str) -> None:
        if self._series.begins(day) and self._write(SeriesBegan(day)) is not None:
            self._day = day
        self._day = max(self._day, day)
        self._fresh_until = self._world.now + _FRESH_S

    def _look(self, life: int) -> None:
        """Hear from the hub which day it is, every now and then."""
        if life != self._life or not self.alive:
            return

        def heard(day: object) -> None:
            if life == self._life and self.alive and not self.restored and self._rules.hub_tells_day:
                self._hear(str(day))

        self.line.ask(self._hub.day, heard)
        self._world.after(_LOOKS_EVERY_S, lambda: self._look(life))

    def _is_known(self, _: int | None) -> None:
        # Staff bring a machine back with the line up: it gives tickets when the hub has agreed to its history.
        self.restored = False

    def _is_barred(self) -> None:
        self.barred = True
        self.alive = False
        self._sender.stop()
        self._world.note("%s hears that it is revoked, and closes", self.device)

    def _enrol_anew(self) -> None:
        own = Stream(self.device, self.journal.own.incarnation + 1)
        self._world.note("%s is found out and enrolled anew as %d", self.device, own.incarnation)
        self._world.met["devices enrolled anew"] += 1
        self.journal.begin_stream(own)
        if self._rules.own_series and self._rules.series_anew:
            self._series_id = self._hub.series_of(self.device, own.incarnation)
        self.restored = False
        self._fold()
        self._sender.start()
