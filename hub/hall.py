"""The centre's state as the hub decides on it, with the few indexes that a press of a key needs.

Folded from the log alone, so it can be thrown away and made again at any time. It belongs to the writer's thread.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable

from hub.devices import Devices, Pulse
from queueing.state import State, evolve
from queueing.ticket import Ticket
from queueing.wire import Event

_HELD = frozenset({"waiting", "called", "serving", "parked"})


class Hall:
    """The state, who is parked where, whose tickets are whose, and how many were taken. `state` is read by all.

    `arbiter` is this hub's device: what another says of calls, counters or the day changes nothing. `pulse` is what the
    kiosks say of their health, which no log holds.
    """

    def __init__(self, arbiter: str, pulse: Pulse | None = None) -> None:
        self.state = State(arbiter)
        self.devices = Devices(pulse)
        self.virtual: dict[str, str] = {}
        """The tickets by video, by the booking that each was taken for."""
        self._parked: dict[str, str] = {}
        self._by_customer: dict[str, list[str]] = {}
        self._taken: Tally[tuple[str, str]] = Tally()

    def fold(self, event: Event) -> None:
        """Take one more event."""
        self.devices.fold(event)
        is_taken = event.type == "TicketTaken"
        ticket_id = event.id if is_taken else event.body.get("ticket")
        tickets = self.state.tickets
        is_new = is_taken and event.id not in tickets
        self.state = evolve(self.state, event)
        ticket = tickets.get(ticket_id) if isinstance(ticket_id, str) else None
        if ticket is None:
            return
        if ticket.status == "parked" and ticket.counter is not None:
            self._parked[ticket.id] = ticket.counter
        else:
            self._parked.pop(ticket.id, None)
        if is_new:
            self._taken[ticket.day, ticket.taken_service] += 1
            if ticket.is_virtual and ticket.appointment is not None:
                self.virtual.setdefault(ticket.appointment, ticket.id)
            if ticket.customer is not None:
                self._by_customer.setdefault(ticket.customer, []).append(ticket.id)

    def forget(self, before: str) -> None:
        """Forget the tickets of the days before one."""
        self.state.forget(before)
        tickets = self.state.tickets
        self.virtual = {booking: ticket for booking, ticket in self.virtual.items() if ticket in tickets}
        self._parked = {ticket: at for ticket, at in self._parked.items() if ticket in tickets}
        kept = ((customer, [i for i in ids if i in tickets]) for customer, ids in self._by_customer.items())
        self._by_customer = {customer: ids for customer, ids in kept if ids}
        self._taken = Tally({key: count for key, count in self._taken.items() if key[0] >= before})

    def parked(self, counter: str) -> list[Ticket]:
        """Return today's tickets that a counter has parked, oldest first; `State.parked` without its walk over all."""
        tickets = (self.state.tickets[ticket] for ticket, at in self._parked.items() if at == counter)
        return sorted((t for t in tickets if self.state.is_today(t)), key=lambda ticket: (ticket.taken_at, ticket.id))

    def taken_today(self, service: str) -> int:
        """Return how many tickets were taken for a service today."""
        return self._taken[self.state.day, service]

    def of_customer(self, customer: str) -> list[Ticket]:
        """Return today's tickets of a customer (the keyed hash), in order of arrival."""
        tickets = (self.state.tickets[ticket] for ticket in self._by_customer.get(customer, ()))
        return [ticket for ticket in tickets if self.state.is_today(ticket)]

    def held_by(self, customer: str) -> Ticket | None:
        """Return the ticket with which a customer still waits or is served, or None."""
        return next((ticket for ticket in self.of_customer(customer) if ticket.status in _HELD), None)

    def used_appointments(self, tickets: Iterable[Ticket] | None = None) -> frozenset[str]:
        """Return the bookings that a ticket stands for already; one that was given up or not come for is free again."""
        found = self.state.tickets.values() if tickets is None else tickets
        return frozenset(t.appointment for t in found if t.appointment and t.status not in ("cancelled", "no_show"))
