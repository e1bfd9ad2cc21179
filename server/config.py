"""What the server reads from its TOML file."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from server import postgres
from server.messages import SmsConfig
from server.retention import Keeping
from server.rooms.jitsi import RoomsConfig
from server.sign_on.config import SignOnConfig, StaffSignOnConfig
from sync.config import ConfigError, load

DATABASE_VARIABLE = "DAWR_DATABASE"
"""In the environment: what `database` is, for a password that is to be in no file."""


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """`data` keeps all its state; `seeds` are loaded at each start (see `server.seed`); `port` 0 takes any free one."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8460
    seeds: tuple[Path, ...] = ()
    database: str = field(default="", repr=False)
    """PostgreSQL's URL, `postgresql://user@host/name`; without one registers, logs and outbox are files in `data`.

    `data` then keeps the keys alone. Several processes, each with a `data` of its own, may have one database.
    """

    lookups_per_minute: int = 240
    """How many customers one device may ask for in a minute; a hub asks for all its kiosks."""
    lookups_per_customer: int = 30
    """How often one customer may be asked for in a minute, by all devices of a centre together."""
    key_per_minute: int = 600
    """How many requests one key of another system may make in a minute."""
    sms: SmsConfig | None = None
    """The table [sms]; without it the server sends no messages."""

    sign_on: SignOnConfig | None = None
    """The table [sign_on]: customers may sign in with the national sign-on, too, or with it alone without [sms]."""

    rooms: RoomsConfig | None = None
    """The table [rooms]; without it no appointment by video is offered."""

    staff_sign_on: StaffSignOnConfig | None = None
    """The table [staff_sign_on]: who administers may sign in with it, where an account is linked to it."""

    people: tuple[Path, ...] = ()
    """Files of the registry of persons, see `server.booking.registry`; without any the seeds' customers."""

    everywhere: Path | None = None
    """A file with the notices and answers that are for all centres, see `server.pages.everywhere`."""

    keeping: Keeping = field(default_factory=Keeping)
    """The table [keeping]: for how many days persons are kept with what was theirs, see `server.retention`."""

    def __post_init__(self) -> None:
        """Refuse what no server can do. Raises ValueError."""
        if not 0 <= self.port <= 65535:
            raise ValueError("port has to be 0 to 65535")
        fault = postgres.fault_of(self.database) if self.database else ""
        if fault:
            raise ValueError(f"database {fault}")
        if self.lookups_per_minute < 1 or self.lookups_per_customer < 1 or self.key_per_minute < 1:
            raise ValueError("limits by the minute have to be 1 or more")


def configured(path: Path, environment: Mapping[str, str]) -> ServerConfig:
    """Read the file, and what the environment says instead of it. Raises ConfigError."""
    config = load(path, ServerConfig)
    database = environment.get(DATABASE_VARIABLE, "")
    if not database:
        return config
    try:
        return dataclasses.replace(config, database=database)
    except ValueError as error:
        raise ConfigError(path, [f"{DATABASE_VARIABLE}: {error}"]) from error
