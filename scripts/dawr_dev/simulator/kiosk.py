"""A kiosk: tickets from its own series, committed before they are printed, sent when there is a line."""

from __future__ import annotations

import hashlib

from queueing.facts import Fact, PrintSettled, SeriesBegan, TicketCalled, TicketTaken, fact_of
from queueing.numbers import Series
from queueing.wire import Event, Stream
from scripts.dawr_dev.simulator.hub import CENTRE, Hub
from scripts.dawr_dev.simulator.rules import Rules
from scripts.dawr_dev.simulator.sender import Sender
from scripts.dawr_dev.simulator.witness import Witness
from scripts.dawr_dev.simulator.world import Journal, Line, World

_LOOKS_EVERY_S = 40.0
_PRINTS_S = 1.5


class Kiosk:
    """One kiosk on its line to the hub."""

    def __init__(self, world: World, rules: Rules, witness: Witness, line: Line, hub: Hub, number: int) -> None:
        self.device = f"kiosk-{number}"
        self.line = line
        self.alive = False
        self.offset_s = 0.0
        self.restored = False
        self._world, self._rules, self._witness, self._hub = world, rules, witness, hub
        self._series_id = hub.series_of(self.device, 1) if rules.own_series else "0"
        self.journal = Journal(Stream(self.device, 1))
        self._day = ""
        self._life = 0
        self._unsettled: list[str] = []
        self.take_image()
        self._sender = Sender(
            *(world, rules, witness, line, self.journal, hub),
            on_forked=self._enrol_anew,
            on_hello=self._is_known,
        )

    def start(self) -> None:
        """Start, as after power."""
        self.alive = True
        self._life += 1
        self._fold()
        for ticket in self._unsettled:
            self._write(PrintSettled(ticket, "unknown", "interrupted"))
        self._unsettled.clear()
        self._sender.start()
        self._look(self._life)
        self._world.note("%s starts", self.device)

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
        if own != self.journal.own or not seq < before == self._hub.journal.head(own).seq:
            return False
        self.crash()
        self.journal.restore(image)
        self.restored = True
        self._world.note("%s's disk is an old image: %d events of %d", self.device, seq, before)
        return True

    def take(self, service: str, cpr: str) -> None:
        """Give a customer a ticket; one who finds the kiosk dead goes elsewhere."""
        if not self.alive or self.restored:
            return
        customer = hashlib.sha256(cpr.encode()).hexdigest()[:32] if self._rules.customer_hashed else cpr
        self._witness.personal.add(cpr)
        if not self._rules.hub_tells_day:
            self._hear(self._today())
        day = self._day or self._today()
        letter = next(each.letter for each in CENTRE.services if each.id == service)
        fact = TicketTaken(self._series.next(letter), service, day, "ar", customer=customer)
        event = self._write(fact, synced=self._rules.commit_before_print)
        self._witness.hands_out(event.id, day, fact.number, event)
        self._world.note("%s gives %s (%s)", self.device, fact.number, event.id)
        self._unsettled.append(event.id)
        life = self._life
        self._world.after(_PRINTS_S, lambda: self._printed(life, event.id))

    def write_what_is_not_its_own(self) -> None:
        """Claim to have called somebody, as a kiosk that was tampered with may."""
        waiting = [event.id for event in self.journal.arrived if event.type == "TicketTaken"]
        if self.alive and not self.restored and waiting:
            event = self._write(TicketCalled(self._world.dice.choice(waiting), "1", f"rogue-{self._world.now}", 1, ""))
            self._witness.rogue.add(event.id)
            self._world.note("%s writes a call of its own: %s", self.device, event.id)

    def _printed(self, life: int, ticket: str) -> None:
        if life == self._life and self.alive and not self.restored and ticket in self._unsettled:
            self._unsettled.remove(ticket)
            self._write(PrintSettled(ticket, "printed"))

    def _write(self, fact: Fact, *, synced: bool = True) -> Event:
        at = self._world.wall(self.offset_s)
        (event,) = self.journal.append([fact], at, self._world.now, synced=synced)
        self._series.evolve(fact)
        self._sender.poke()
        return event

    def _fold(self) -> None:
        self._series = Series(self._series_id)
        settled = set()
        taken = []
        for event in self.journal.arrived:
            fact = fact_of(event)
            if fact is not None and (self._rules.series_folded or not isinstance(fact, TicketTaken)):
                self._series.evolve(fact)
            if isinstance(fact, PrintSettled):
                settled.add(fact.ticket)
            elif isinstance(fact, TicketTaken):
                taken.append(event.id)
        self._unsettled = [ticket for ticket in taken if ticket not in settled]

    def _today(self) -> str:
        return CENTRE.local_day(self._world.wall(self.offset_s))

    def _hear(self, day: str) -> None:
        self._day = day
        if self._series.begins(day):
            self._write(SeriesBegan(day))

    def _look(self, life: int) -> None:
        """Hear from the hub which day it is, every now and then."""
        if life != self._life or not self.alive:
            return

        def heard(day: object) -> None:
            if life == self._life and self.alive and not self.restored and self._rules.hub_tells_day:
                self._hear(str(day))

        self.line.ask(self._hub.board, heard)
        self._world.after(_LOOKS_EVERY_S, lambda: self._look(life))

    def _is_known(self) -> None:
        # Staff bring a machine back with the line up: it gives tickets when the hub has agreed to its history.
        self.restored = False

    def _enrol_anew(self) -> None:
        own = Stream(self.device, self.journal.own.incarnation + 1)
        self._world.note("%s is found out and enrolled anew as %d", self.device, own.incarnation)
        self.journal.begin_stream(own)
        if self._rules.own_series:
            self._series_id = self._hub.series_of(self.device, own.incarnation)
        self.restored = False
        self._fold()
        self._sender.start()
