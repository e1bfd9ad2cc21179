"""PostgreSQL below the server: its connections, which of its failures are known, and a turn that one process has.

A known failure (gone, full, read-only, busy, damaged) becomes `StorageUnavailable` here and nowhere else; any other
error of psycopg is a bug and passes through. It knows no table.
"""

from __future__ import annotations

import hashlib
import logging
import re
import threading

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Engine, create_engine, text
from sqlmodel import Session, func, select

from sync.storage import StorageReason, StorageUnavailable

STATEMENT_S = 15
"""No statement of ours takes so long; one that does waits for something that is broken."""
LOCK_S = 8
CONNECT_S = 5

AGAIN = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock: nothing is wrong with the transaction but its moment."""

_BY_STATE = {
    "53100": StorageReason.FULL,
    "25006": StorageReason.READ_ONLY,
    "42501": StorageReason.READ_ONLY,  # the role may not
    "58030": StorageReason.IO,
    "25P03": StorageReason.GONE,
    "55P03": StorageReason.BUSY,
    "57014": StorageReason.BUSY,
    "XX001": StorageReason.CORRUPT,
    "XX002": StorageReason.CORRUPT,
} | dict.fromkeys(AGAIN, StorageReason.BUSY)
_BY_CLASS = {"08": StorageReason.GONE, "53": StorageReason.BUSY, "57": StorageReason.GONE}
"""SQLSTATE and its class. Source: PostgreSQL 15, appendix A."""

_DEFAULTS: dict[str, str | int] = {
    "application_name": "dawr",
    "client_encoding": "utf8",
    "connect_timeout": CONNECT_S,
    # A machine that vanished without a word is noticed.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
# The server's side notices, too: else the turn of a process whose machine vanished would pass on after hours.
_OPTIONS = (
    f"-c statement_timeout={STATEMENT_S}s -c lock_timeout={LOCK_S}s -c idle_in_transaction_session_timeout=60s"
    " -c timezone=UTC -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
)

_PORTS = re.compile(r"[0-9]*(,[0-9]*)*")
"""One for each host."""

_log = logging.getLogger(__name__)


class _KnownFailures:
    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, psycopg.Error):
            known = unavailable(error)
            if known is not None:
                raise known from error


_KNOWN_FAILURES = _KnownFailures()


def known_failures() -> _KnownFailures:
    """Turn psycopg's known failures within the block into `StorageUnavailable`; let bugs through."""
    return _KNOWN_FAILURES


def unavailable(error: psycopg.Error) -> StorageUnavailable | None:
    """Return a known failure as the house calls it, None for a bug."""
    state = error.sqlstate
    if state is None:
        # libpq's own: there is no connection, or it broke.
        reason = StorageReason.GONE if isinstance(error, psycopg.OperationalError) else None
    else:
        reason = _BY_STATE.get(state) or _BY_CLASS.get(state[:2])
    # The first line says what failed; others may quote a row's values.
    return None if reason is None else StorageUnavailable(reason, str(error).partition("\n")[0])


def fault_of(url: str) -> str:
    """Say what is wrong with a PostgreSQL's URL, "" for a good one. Nothing of it is quoted: it may hold a password."""
    if not url.startswith(("postgresql://", "postgres://")):
        return "has to be PostgreSQL's URL, postgresql://user@host/name"
    try:
        said = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return "is no URL: % is written %25, and what stands behind ? has to be libpq's options"
    # libpq takes a password's own @ or / for the end of it, and what follows for a host, which its errors then name.
    places, ports = f"{said.get('host', '')}{said.get('dbname', '')}", str(said.get("port", ""))
    if "@" in places or not _PORTS.fullmatch(ports):
        return "has an @, / or : too many: in a password they are written %40, %2F, %3A"
    return ""


def connect(url: str) -> psycopg.Connection:
    """Open a connection of its own, each statement its own transaction. Raises psycopg.OperationalError.

    `url` is libpq's: its query may name several hosts, certificates and so on.
    """
    return psycopg.connect(_conninfo(url), autocommit=True)


def engine(url: str, connections: int) -> Engine:
    """Return an engine with a pool of so many connections."""
    conninfo = _conninfo(url)
    # Parameters are hidden: an error's text goes to the log, and a parameter may be somebody's.
    return create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(conninfo),
        hide_parameters=True,
        max_overflow=0,
        pool_size=connections,
        pool_timeout=CONNECT_S,
        pool_use_lifo=True,
    )


def lock_number(name: str) -> int:
    """Return the number of the advisory lock with a name, the same in every process and version."""
    return int.from_bytes(hashlib.sha256(f"dawr:{name}".encode()).digest()[:8], "big", signed=True)


def one_at_a_time(session: Session, name: str, *, is_patient: bool = False) -> None:
    """Be the only one of all processes that does something, until the transaction ends. On SQLite one always is.

    `is_patient`: at a start; wait for another, and work oneself, for as long as it takes.
    """
    if session.get_bind().dialect.name == "postgresql":
        for limit in ("statement_timeout", "lock_timeout") if is_patient else ():
            session.execute(text(f"SET LOCAL {limit} = 0"))
        session.execute(select(func.pg_advisory_xact_lock(lock_number(name))))


class Turn:
    """What one process at a time does. This one is for a process that is alone: it has it always."""

    def is_mine(self) -> bool:
        """Tell whether this process has the turn now, taking it when nobody has. Raises StorageUnavailable."""
        return True

    def close(self) -> None:
        """Let another have it."""


class SharedTurn(Turn):
    """An advisory lock on a connection of its own: with the process, or the connection, it passes on. Any thread."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self._lock = threading.Lock()
        self._connection: psycopg.Connection | None = None
        self._has = False

    def is_mine(self) -> bool:
        """Tell whether this process has the turn now, taking it when nobody has. Raises StorageUnavailable."""
        with self._lock, known_failures():
            try:
                if self._connection is None:
                    self._connection = connect(self._url)
                if self._has:
                    self._connection.execute("SELECT 1")  # The lock lives as long as the connection.
                else:
                    question = "SELECT pg_try_advisory_lock(%s)"
                    row = self._connection.execute(question, (lock_number(self._name),)).fetchone()
                    self._has = row is not None and bool(row[0])
                    if self._has:
                        _log.info("turn_taken what=%s", self._name)
            except psycopg.Error:
                self._drop()
                raise
            return self._has

    def close(self) -> None:
        """Let another have it."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._has:
            _log.info("turn_left what=%s", self._name)
        connection, self._connection, self._has = self._connection, None, False
        if connection is not None:
            connection.close()


def _conninfo(url: str) -> str:
    said = conninfo_to_dict(url)
    options = f"{_OPTIONS} {said.get('options') or ''}".strip()
    return make_conninfo(url, **{**_DEFAULTS, **said, "options": options})
