"""Care for a device's stores: looked at before they are used, copied at night, the copies checked, a broken one kept.

A broken log is never deleted and never written to again; a device that appends goes on only as another incarnation,
because what its customers were given is no longer all known. It repairs nothing and sends nothing.
"""

from __future__ import annotations

import logging
import os
import re
import sqlite3
import threading
import time
from collections.abc import Collection, Mapping
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

from queueing.wire import Stream
from sync.clock import Clock
from sync.log import DeviceLog, LogError
from sync.storage import StorageReason, StorageUnavailable, known_failures, only_reading

KEPT = 7
"""Copies of each store; older ones are deleted once a newer one was found whole."""

NIGHT_HOUR = 3
"""By the machine's own zone."""

_NIGHT = range(NIGHT_HOUR + 2)

OF_LOG = frozenset({"event", "ack", "file"})
"""The tables of a log: nothing personal is in them."""

_AFTER_START_S = 600.0
"""A machine that was off at night does it when it has been on for so long: not while people wait for it to start."""

_LOOK_AGAIN_S = 900.0
"""Clocks are corrected while one sleeps."""

_BESIDE = ("-wal", "-shm", "-journal")

_log = logging.getLogger(__name__)


# --- at the start


def open_log(path: Path, stream: Stream, clock: Clock, boot: str, *, begins_anew: bool = False) -> DeviceLog:
    """Open or make the log at `path` as `DeviceLog.open` does, after a look through its pages (`quick_check`).

    A broken one is set aside under a name with its date and incarnation. Who `begins_anew` gets an empty log then: only
    for a log without events of one's own, its peers send theirs again. Others are refused until they come with a higher
    incarnation. Raises StorageUnavailable. Takes some 10 ms for each 10 MB that the system has in memory.
    """
    if not path.exists():
        _follow(path)
        if not begins_anew:
            _refuse_the_same(path, stream)
    try:
        return _checked(path, stream, clock, boot)
    except StorageUnavailable as error:
        if error.reason is not StorageReason.CORRUPT:
            raise
        aside = set_aside(path, stream.incarnation, clock.now())
        _log.error("store_set_aside path=%s as=%s why=%r", path, aside.name, str(error))
    if not begins_anew:
        _refuse_the_same(path, stream)
    return _checked(path, stream, clock, boot)


def set_aside(path: Path, incarnation: int, now: datetime) -> Path:
    """Give a store's files another name, and return that of the store. Raises StorageUnavailable."""
    stem = f"{path.name}.broken-{now:%Y%m%dT%H%M%S}-{incarnation}"
    target = path.with_name(stem)
    try:
        # Never over another: two within a second are two.
        while target.exists():
            target = target.with_name(target.name + "+")
        path.rename(target)
        _follow(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise StorageUnavailable(
            StorageReason.IO, f"{path} is broken and cannot be renamed: {error.strerror}"
        ) from error
    return target


def _checked(path: Path, stream: Stream, clock: Clock, boot: str) -> DeviceLog:
    began = time.perf_counter()
    log = DeviceLog.open(path, stream, clock, boot)
    try:
        log.check()
    except BaseException:
        log.close()
        raise
    took_ms = 1000 * (time.perf_counter() - began)
    _log.info("store_checked path=%s bytes=%d ms=%.0f", path, path.stat().st_size, took_ms)
    return log


def _follow(path: Path) -> None:
    """Move what lay beside a store that was set aside after it.

    When the power went between the two, SQLite would take the old one's log for the new one's.
    """
    asides = _asides(path)
    for end in _BESIDE:
        beside = path.with_name(path.name + end)
        if beside.exists() and asides:
            beside.rename(asides[-1].with_name(asides[-1].name + end))


def _refuse_the_same(path: Path, stream: Stream) -> None:
    incarnations = [int(found[1]) for aside in _asides(path) if (found := re.search(r"-(\d+)\+*$", aside.name))]
    if incarnations and max(incarnations) >= stream.incarnation:
        raise StorageUnavailable(
            StorageReason.CORRUPT,
            f"{path} was broken and set aside; register the device anew, with an incarnation over {max(incarnations)}",
        )


def _asides(path: Path) -> list[Path]:
    """Return the stores that were set aside, oldest first."""
    return sorted(each for each in path.parent.glob(f"{path.name}.broken-*") if not each.name.endswith(_BESIDE))


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- at night


class Keeper:
    """Copies a running device's stores to `<data>/backup/` each night, and checks every copy. A thread of its own.

    `stores` names each file in `data` and the tables that its copy keeps, None for all: what is personal and not named
    is in no copy. It only reads the stores, from beside: a writer waits for it only to erase something for good, and no
    longer than the reading takes (about 100 ms for 30 MB).
    """

    def __init__(self, data: Path, stores: Mapping[str, Collection[str] | None], clock: Clock) -> None:
        self._data = data
        self._stores = stores
        self._clock = clock
        self._began = clock.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="store-keeper", daemon=True)

    def start(self) -> None:
        """Begin to wait for the night. What a killed process left of a copy is removed now."""
        with suppress(OSError):  # a disk that may not be written now: the next copy removes it
            for name in self._stores:
                _drop(_part(self._folder, name))
        self._thread.start()

    def close(self, timeout_s: float = 2.0) -> None:
        """End the thread; a copy that is being made is left unfinished and made again."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def look_after(self, *, chains: bool = True) -> bool:
        """Copy and check every store now; tell whether all of them are whole. Old copies go when the new one is."""
        whole = True
        for name, tables in self._stores.items():
            if not (self._data / name).exists():
                continue
            began = time.perf_counter()
            try:
                copy = copied(self._data / name, self._folder, tables, self._clock, chains=chains)
            except (StorageUnavailable, OSError) as error:
                _log.error("copy_failed store=%s why=%r", name, str(error))
                whole = False
                continue
            took_ms = 1000 * (time.perf_counter() - began)
            _log.info("copied store=%s as=%s bytes=%d ms=%.0f", name, copy.name, copy.stat().st_size, took_ms)
            for old in _copies(self._folder, name)[:-KEPT]:
                old.unlink()
        return whole

    @property
    def _folder(self) -> Path:
        return self._data / "backup"

    def _serve(self) -> None:
        while not self._ended.is_set():
            wait_s = self._wait_s()
            if wait_s > 0:
                self._ended.wait(min(wait_s, _LOOK_AGAIN_S))
            # By day the chains are left out: their check takes turns with the app's own threads, SQLite's does not.
            elif not self.look_after(chains=self._clock.now().astimezone().hour in _NIGHT):
                self._ended.wait(_LOOK_AGAIN_S * 4)

    def _wait_s(self) -> float:
        newest = [_made_at(copies[-1]) for name in self._stores if (copies := _copies(self._folder, name))]
        now = self._clock.now()
        due_s = (due_at(min(newest, default=None), now) - now).total_seconds()
        return max(due_s, self._began + _AFTER_START_S - self._clock.monotonic())


def due_at(newest: datetime | None, now: datetime) -> datetime:
    """Return when the next copies are to be made, the newest being from then: the first night after, or now.

    A copy from the future (the clock was wrong) counts for nothing.
    """
    if newest is None or newest > now:
        return now
    local = newest.astimezone()
    night = local.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return night if night > local else night + timedelta(days=1)


def copied(store: Path, folder: Path, tables: Collection[str] | None, clock: Clock, *, chains: bool = True) -> Path:
    """Copy a store by SQLite's own backup, empty all `tables` but those named, check it through; return the copy.

    It is one file, whole or not there. `chains`: read every event of a log, too. Raises StorageUnavailable; CORRUPT
    means that the store itself has to be looked at.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"{store.stem}-{clock.now():%Y%m%dT%H%M%SZ}.db"
    part = _part(folder, store.name)
    _drop(part)
    try:
        with (
            known_failures(),
            closing(only_reading(store)) as running,
            closing(sqlite3.connect(part, isolation_level=None)) as copy,
        ):
            part.chmod(0o600)
            running.backup(copy)
            (found,) = copy.execute("PRAGMA integrity_check(1)").fetchone()  # before VACUUM, which would mend indexes
            if found != "ok":
                raise StorageUnavailable(StorageReason.CORRUPT, f"{store}: {found}")
            copy.execute("PRAGMA journal_mode = DELETE")
            names = {str(name) for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            for name in sorted(names - (names if tables is None else set(tables))):
                if not name.startswith("sqlite_"):
                    copy.execute(f'DELETE FROM "{name}"')  # noqa: S608  # a table's own name
            copy.execute("VACUUM")  # What was deleted, here or in the store, is in the copy's free pages until then.
            if chains and "event" in names:
                _check_chains(copy, store, clock)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.rename(target)
        _sync_folder(folder)
    finally:
        _drop(part)
    return target


def _part(folder: Path, name: str) -> Path:
    return folder / f"{Path(name).stem}.part"


def _drop(part: Path) -> None:
    """Remove an unfinished copy: what is personal may still be in it."""
    for left in (part, *(part.with_name(part.name + end) for end in _BESIDE)):
        left.unlink(missing_ok=True)


def _check_chains(copy: sqlite3.Connection, store: Path, clock: Clock) -> None:
    try:
        DeviceLog(copy, Stream("keeper", 1), clock, boot="").verify()
    except LogError as error:
        raise StorageUnavailable(StorageReason.CORRUPT, f"{store}: {error}") from error


def _copies(folder: Path, name: str) -> list[Path]:
    """Return a store's copies, oldest first."""
    of_store = re.compile(re.escape(Path(name).stem) + r"-\d{8}T\d{6}Z\.db")
    return sorted(each for each in folder.glob("*.db") if of_store.fullmatch(each.name))


def _made_at(copy: Path) -> datetime:
    return datetime.strptime(copy.stem[-16:] + "+0000", "%Y%m%dT%H%M%SZ%z")
