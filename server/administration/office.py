"""Puts the administration together for a server: its verbs, its doors and its routes."""

from __future__ import annotations

from fastapi import APIRouter

from server.administration.api import administration_router
from server.administration.desk import Administration
from server.administration.displaced import Displacements
from server.administration.doors import Doors
from server.administration.house import House
from server.api.once import OnceReader
from server.booking.desk import Booking
from server.booking.rounds import Rounds
from server.devices import Devices
from server.registers import Registers
from server.storage import Store
from sync.clock import Clock


class Office:
    """The administration of a running server. `doors.add` lets another way in; `router` is mounted by the app."""

    administration: Administration
    doors: Doors
    router: APIRouter

    def __init__(
        self,
        store: Store,
        registers: Registers,
        clock: Clock,
        devices: Devices,
        booking: Booking,
        rounds: Rounds,
    ) -> None:
        """Have what is displaced worked off in the rounds, too, whatever died before it was done."""
        displacements = Displacements(store, registers, clock)
        rounds.also(displacements.go)
        house = House(store, registers, clock, rounds.wake)
        self.administration = Administration(house, devices, booking, displacements)
        self.doors = Doors(self.administration)
        self.router = administration_router(self.administration, self.doors, OnceReader(store.vault, clock))
