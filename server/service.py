"""Puts the server together from its configuration, and takes it apart again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Self

from fastapi import FastAPI
from sqlmodel import Session

from queueing.wire import Stream
from server import seed as seeds
from server.admin import AdminDoor, Asked, Told
from server.administration.office import Office
from server.administration.operating import verbs_of
from server.administration.pages.site import serve_staff_pages
from server.api.door import KeyDoor
from server.api.keys import Keys
from server.api.once import OnceReader
from server.api.operating import KEY_VERBS, do_to_keys
from server.api.systems import systems_router
from server.app import create_app, include_first
from server.booking.api import booking_router
from server.booking.desk import Booking
from server.booking.registry import PeopleFile
from server.booking.rounds import Rounds
from server.config import ServerConfig
from server.devices import Devices
from server.feedback.api import feedback_router
from server.feedback.desk import Feedback
from server.followers import Followed
from server.limits import limit
from server.logs.writer import CentresWriter
from server.messages import Messages
from server.outbox import SharedShelf
from server.pages.site import serve_pages
from server.pages.video import VideoTurns
from server.planting import OWN_LOG, plant
from server.postgres import one_at_a_time
from server.registers import Registers
from server.renewing import Renewing
from server.retention import Retention
from server.rooms.jitsi import Jitsi
from server.rooms.room import Names
from server.sign_on.customers import BACK, SignOn
from server.sign_on.provider import Provider
from server.sign_on.staff import BACK as STAFF_BACK
from server.sign_on.staff import StaffSignOn
from server.signing import ServerKey
from server.standings import Standings
from server.storage import REGISTERS_FILE, DataFolder, Store
from server.tables import RegistersRow
from server.vault import VaultError
from sync.care import OF_LOG, Keeper, open_log
from sync.clock import Clock, boot_id
from sync.log import DeviceLog
from sync.problems import problem_docs
from sync.writer import LogWriter

LOG_FILE = "log.sqlite"


def load_seeds(
    store: Store, paths: Sequence[Path], clock: Clock, new_id: Callable[[], str] = lambda: secrets.token_hex(8)
) -> bool:
    """Read seed files and store them; tell whether anything changed. Raises SeedError, StorageUnavailable."""
    now = clock.now()
    seed = seeds.read(paths, now)

    def job(session: Session) -> bool:
        one_at_a_time(session, "seeds", is_patient=True)
        return plant(session, seed, store.vault, now, new_id)

    return store.call(job)


def _open_log(path: Path, clock: Clock) -> DeviceLog:
    # The server writes no event of its own: should its log break, the hubs fill a new one.
    return open_log(path, Stream(OWN_LOG, 1), clock, boot_id(), begins_anew=True)


def _writer(config: ServerConfig, store: Store, registers: Registers, clock: Clock) -> LogWriter | CentresWriter:
    if not store.is_shared:
        return LogWriter(lambda: _open_log(config.data / LOG_FILE, clock))

    def centre(device: str) -> str:
        found = registers.devices.get(device)
        return "" if found is None else found.device.centre

    return CentresWriter(config.database, centre, store.news, clock, boot_id())


def _messages(config: ServerConfig, store: Store, clock: Clock) -> Messages | None:
    if config.sms is None:
        return None
    if not store.is_shared:
        return Messages(config.data, config.sms, clock)
    shelf = SharedShelf(config.database, store.vault)
    return Messages(config.data, config.sms, clock, shelf=shelf, news=store.news)


def _server_key(session: Session, data: Path) -> ServerKey:
    """Return the key that belongs to these registers, making it at the very first start. Raises VaultError.

    With another one every code on people's phones would be unreadable, and no device would believe a revocation.
    """
    one_at_a_time(session, "signing key")
    registers = session.get_one(RegistersRow, 1)
    key = ServerKey.read(data) if registers.signing_key else ServerKey.open(data)
    if registers.signing_key not in ("", key.public):
        raise VaultError(f"{data}: its signing key is not the one of these registers; copy the folder keys")
    registers.signing_key = key.public
    return key


class Service:
    """A running server but for its sockets. Use it as a context manager."""

    def __init__(self, config: ServerConfig, clock: Clock) -> None:
        """Open everything. Raises DataFolderError, VaultError, SeedError, StorageUnavailable."""
        with ExitStack() as opened:
            folder = DataFolder(config.data)
            opened.callback(folder.close)
            store = Store(config.data, config.database)
            opened.callback(store.close)
            load_seeds(store, config.seeds, clock)
            key = store.call(lambda session: _server_key(session, config.data))
            registers = store.call(Registers.read)
            writer = _writer(config, store, registers, clock)
            writer.start()
            opened.callback(writer.close)
            self.store, self.writer = store, writer
            self.messages = _messages(config, store, clock)
            if self.messages is not None:
                opened.callback(self.messages.close)
            self.devices = Devices(store, registers, clock, writer)
            self.standings = Standings(clock, store if store.is_shared else None)
            halls = self._halls(registers)
            keys = Keys(store, registers, clock)
            more: dict[str, Callable[[Asked], Told]] = {verb: partial(do_to_keys, keys) for verb in KEY_VERBS}
            more["halls"] = lambda _: halls()
            opened.callback(AdminDoor(config.data, self.devices, more).close)
            rooms = Jitsi(config.rooms, Names.of_vault(store.vault)) if config.rooms is not None else None
            self.app: FastAPI = create_app(
                registers,
                store,
                writer,
                clock,
                key=key,
                lookups_per_minute=config.lookups_per_minute,
                lookups_per_customer=config.lookups_per_customer,
                messages=self.messages,
                devices=self.devices,
                standings=self.standings,
                rooms=rooms,
            )
            self.followed = Followed(registers, store, writer, clock)
            self.standings.listen(self.followed.heard_elsewhere)
            registers.listen(lambda _: self.followed.revised())
            opened.callback(self.followed.close)
            self.followed.start()
            self.app.include_router(self.followed.router)
            turn = store.turn("rounds")
            opened.callback(turn.close)
            rounds = Rounds(store, registers, writer, clock, self.messages, turn=turn)
            rounds.also(Retention(store, registers, clock, config.keeping).go_when_due)
            opened.callback(rounds.close)
            people = PeopleFile(config.people or config.seeds)
            self.booking = Booking(store, registers, people, key, rounds, clock, has_rooms=rooms is not None)
            self.office = Office(store, registers, clock, self.devices, self.booking, rounds)
            self.app.include_router(self.office.router, responses=problem_docs(429))  # too much with one key
            more |= verbs_of(self.office.administration)
            rounds.start()
            # Who cannot be sent a code cannot sign in, but by the national sign-on.
            has_codes, sign_on = self.messages is not None, None
            if config.sign_on is not None:
                sign_on = SignOn(config.sign_on, Provider(config.sign_on, BACK, clock), store.vault)
            booking, once = self.booking if has_codes or sign_on is not None else None, OnceReader(store.vault, clock)
            if booking is not None:
                include_first(self.app, booking_router(booking, once, has_codes=has_codes))
            door = KeyDoor(keys, limit(store, clock, "api_key", config.key_per_minute))
            self.app.include_router(systems_router(door, self.booking, store, once, clock))
            self.office.doors.add(door.asker)
            feedback = Feedback(store, registers, clock)
            if booking is not None:
                self.app.include_router(feedback_router(feedback, booking))
            staff_sign_on = None
            if config.staff_sign_on is not None:
                provider = Provider(config.staff_sign_on, STAFF_BACK, clock)
                staff_sign_on = StaffSignOn(config.staff_sign_on, provider, store.vault)
            serve_staff_pages(
                self.app, self.office.administration, registers, clock, standings=self.standings, sign_on=staff_sign_on
            )
            serve_pages(
                self.app, registers, clock, config.everywhere, booking,
                has_codes=has_codes, sign_on=sign_on, feedback=feedback, video=VideoTurns(rooms, self.followed),
            )  # fmt: skip
            # The registers' values are sealed, and their key is not copied. PostgreSQL is copied by its own means.
            self.keeper = Keeper(config.data, {LOG_FILE: OF_LOG, REGISTERS_FILE: None}, clock)
            opened.callback(self.keeper.close)
            if store.is_shared:
                Renewing(store, registers)
            else:
                self.keeper.start()
            store.news.start()
            opened.callback(store.news.close)  # Before what it wakes is closed.
            self._opened = opened.pop_all()

    def _halls(self, registers: Registers) -> Callable[[], Told]:
        def told() -> Told:
            return {"halls": [standing.to_json() for standing in self.standings.all(registers.centres)]}

        return told

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._opened.close()
