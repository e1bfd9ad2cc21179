"""A machine that presses every key in every order: what holds for all histories."""

from __future__ import annotations

import random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from queueing import commands
from queueing.centre import Centre
from queueing.decide import Refused
from queueing.facts import fact_of
from queueing.numbers import Series
from queueing.priority import next_for, ranking
from queueing.state import replay
from tests.queueing.hall import Hall, Writer, centre_json

COUNTERS = st.sampled_from(["1", "2", "3"])


class CentreMachine(RuleBasedStateMachine):
    """Two kiosks with their series, three counters, one hub."""

    tickets = Bundle("tickets")

    def __init__(self) -> None:
        super().__init__()
        self.hall = Hall(Centre.from_json(centre_json()))
        self.hall.open()
        self.kiosks = [(Writer("kiosk-1"), Series("0")), (Writer("kiosk-2"), Series("1"))]

    @rule(
        target=tickets,
        kiosk=st.integers(0, 1),
        service=st.sampled_from([("renew", "A"), ("test", "B")]),
        priority=st.sampled_from([None, None, "older"]),
        booked=st.booleans(),
    )
    def take(self, kiosk: int, service: tuple[str, str], priority: str | None, booked: bool) -> str:
        self.hall.kiosk, series = self.kiosks[kiosk]
        more: dict[str, object] = {"appointment": "x", "slot_at": self.hall.now} if booked else {}
        ticket = self.hall.take(series.next(service[1]), service[0], priority=priority, **more)
        fact = fact_of(self.hall.kiosk.log[-1])
        assert fact is not None
        series.evolve(fact)
        return ticket.id

    @rule(
        counter=COUNTERS,
        verb=st.sampled_from(
            [
                commands.CallNext,
                commands.StartServing,
                commands.Finish,
                commands.MarkNoShow,
                commands.Park,
                commands.Recall,
                commands.Undo,
                commands.CloseCounter,
            ]
        ),
    )
    def press(self, counter: str, verb: type[commands.AtCounter]) -> None:
        self._try(verb, counter)

    @rule(counter=COUNTERS, ticket=tickets, verb=st.sampled_from([commands.Call, commands.Resume]))
    def press_with_ticket(self, counter: str, ticket: str, verb: type[commands.AtCounter]) -> None:
        self._try(verb, counter, ticket=ticket)

    @rule(counter=COUNTERS, to=st.sampled_from([{"to_service": "test"}, {"to_counter": "2"}, {"to_service": "renew"}]))
    def transfer(self, counter: str, to: dict[str, str]) -> None:
        self._try(commands.Transfer, counter, **to)

    @rule(counter=COUNTERS)
    def open(self, counter: str) -> None:
        self._try(commands.OpenCounter, counter, clerk=f"clerk-{counter}")

    @rule(ticket=tickets)
    def give_up(self, ticket: str) -> None:
        try:
            self.hall.do(commands.CancelTicket(ticket))
        except Refused:
            return

    @rule(ticket=tickets, wish=st.sampled_from([commands.StepOut, commands.StepBack, commands.Rejoin]))
    def wish(self, ticket: str, wish: type[commands.StepOut | commands.StepBack | commands.Rejoin]) -> None:
        before = self.hall.state.hash()
        try:
            self.hall.do(wish(ticket))
        except Refused:
            assert self.hall.state.hash() == before

    @rule(seconds=st.integers(1, 600))
    def wait(self, seconds: int) -> None:
        self.hall.later(seconds=seconds)

    def _try(self, verb: type[commands.AtCounter], counter: str, **more: object) -> None:
        before = self.hall.state.hash()
        try:
            self.hall.press(verb, counter, **more)
        except Refused:
            assert self.hall.state.hash() == before

    @invariant()
    def at_most_one_counter_holds_a_ticket_and_one_ticket_a_counter(self) -> None:
        held = [ticket for tickets in self.hall.state.at_counter.values() for ticket in tickets]
        assert len(held) == len(set(held))
        assert all(len(tickets) == 1 for tickets in self.hall.state.at_counter.values())

    @invariant()
    def numbers_are_unique(self) -> None:
        numbers = [ticket.number for ticket in self.hall.state.tickets.values()]
        assert len(numbers) == len(set(numbers))

    @invariant()
    def nobody_is_lost(self) -> None:
        """Every ticket waits, is at a counter, is parked, or has an end."""
        waiting = {ticket.id for ticket in self.hall.state.waiting()}
        held = {ticket for tickets in self.hall.state.at_counter.values() for ticket in tickets}
        for ticket in self.hall.state.tickets.values():
            assert (ticket.id in waiting) == (ticket.status == "waiting")
            assert (ticket.id in held) == (ticket.status in ("called", "serving"))
            assert ticket.status != "parked" or ticket in self.hall.state.parked(ticket.counter or "")

    @invariant()
    def who_is_next_is_the_first_of_those_who_have_not_stepped_out(self) -> None:
        state, centre, now = self.hall.state, self.hall.centre, self.hall.now
        for place in centre.counters:
            found = next_for(state, centre, place.id, place.services, now)
            ranked = ranking(state, centre, now, place)
            assert (found.ticket if found else None) == (ranked[0].ticket if ranked else None)
            assert found is None or not found.ticket.is_away(now)

    @invariant()
    def replay_equals_live_in_any_order(self) -> None:
        events = [*self.hall.hub.log, *self.kiosks[0][0].log, *self.kiosks[1][0].log]
        random.Random(len(events)).shuffle(events)
        state = replay(events)
        assert state.hash() == self.hall.state.hash()
        assert state.lanes == self.hall.state.lanes


CentreMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestCentre = CentreMachine.TestCase
