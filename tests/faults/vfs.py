"""SQLite's own file layer with a witness: every write, cut, sync and removal is written down, and any can be refused.

It wraps the VFS of the SQLite library that this very process's `sqlite3` uses, through ctypes: the code under test
opens its files as ever. It loses nothing itself; what a power cut makes of the journal is `tests.faults.power`'s.
"""

from __future__ import annotations

import ctypes as c
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OK = sqlite3.SQLITE_OK
_NAME = b"dawr-witness"
_CREATE = 0x4
_NAMES_SYNCED_BY = 0x800 | 0x4000 | 0x80000
"""Main journal, super-journal, WAL: the first sync of such a new file also syncs its folder (os_unix.c, DIRSYNC)."""


@dataclass(frozen=True, slots=True)
class Made:
    """A file got its name. `folder_too`: its first sync makes names durable."""

    path: Path
    folder_too: bool


@dataclass(frozen=True, slots=True)
class Removed:
    """A file lost its name; `synced`: the folder was synced after it."""

    path: Path
    synced: bool


@dataclass(frozen=True, slots=True)
class Wrote:
    """Bytes went to the system's cache, no further."""

    path: Path
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """A file was cut to a size, in the cache."""

    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    """What was written to this file before is on the disk."""

    path: Path


@dataclass(frozen=True, slots=True)
class Said:
    """The program told somebody something; put in by the test."""

    what: Any


Op = Made | Removed | Wrote | Cut | Synced | Said
Refuse = Callable[[Op], int]
"""Looks at what is about to happen; OK lets it, another code of SQLite is what the disk answers instead."""


class Witness:
    """What happened to the files, in order."""

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self.refuse: Refuse = lambda _: OK
        self.bugs: list[BaseException] = []

    def say(self, what: Any) -> None:
        """Note that the program has told somebody something."""
        self.ops.append(Said(what))

    def _happens(self, op: Op, act: Callable[[], int]) -> int:
        answer = self.refuse(op)
        if answer == OK:
            answer = act()
            if answer == OK:
                self.ops.append(op)
        return answer


_INT, _PTR, _I64 = c.c_int, c.c_void_p, c.c_int64


class _Vfs(c.Structure):
    """sqlite3_vfs, version 3."""

    _fields_ = (
        ("iVersion", _INT), ("szOsFile", _INT), ("mxPathname", _INT), ("pNext", _PTR), ("zName", c.c_char_p),
        ("pAppData", _PTR), ("xOpen", _PTR), ("xDelete", _PTR), ("more", _PTR * 14),
    )  # fmt: skip


class _Methods(c.Structure):
    """sqlite3_io_methods, version 3."""

    _fields_ = (
        ("iVersion", _INT), ("xClose", _PTR), ("xRead", _PTR), ("xWrite", _PTR), ("xTruncate", _PTR),
        ("xSync", _PTR), ("more", _PTR * 13),
    )  # fmt: skip


_Open = c.CFUNCTYPE(_INT, _PTR, _PTR, _PTR, _INT, c.POINTER(_INT))
_Delete = c.CFUNCTYPE(_INT, _PTR, _PTR, _INT)
_Close = c.CFUNCTYPE(_INT, _PTR)
_Write = c.CFUNCTYPE(_INT, _PTR, _PTR, _INT, _I64)
_Truncate = c.CFUNCTYPE(_INT, _PTR, _I64)
_Sync = c.CFUNCTYPE(_INT, _PTR, _INT)


class _Wrapped:
    """The wrapper's structures and callbacks; they live as long as SQLite may call them.

    A file is opened by the real VFS into SQLite's own memory; then its table of methods is replaced by a copy in which
    writes, cuts, syncs and the end are ours. All else (locks, shared memory) goes its own way.
    """

    def __init__(self, real: _Vfs, witness: Witness) -> None:
        self._real = real
        self._witness = witness
        self._paths: dict[int, Path] = {}
        self._tables: dict[int, _Methods] = {}
        self._keep: list[object] = []
        self.vfs = _Vfs.from_buffer_copy(real)
        self.vfs.zName, self.vfs.pNext = _NAME, None
        self.vfs.xOpen = self._callback(_Open, self._open)
        self.vfs.xDelete = self._callback(_Delete, self._delete)

    def _callback(self, kind: Any, function: Callable[..., int]) -> int | None:
        def guarded(*arguments: Any) -> int:
            try:
                return function(*arguments)
            except BaseException as error:  # noqa: BLE001  # C has no exceptions: the fixture raises it afterwards
                self._witness.bugs.append(error)
                return sqlite3.SQLITE_IOERR

        callback = kind(guarded)
        self._keep.append(callback)
        return c.cast(callback, _PTR).value

    def _open(self, _: int, name: int | None, file: int, flags: int, out: Any) -> int:
        real_open = _Open(self._real.xOpen)
        # SQLite keeps the pointer to the name: it has to be the one that it gave.
        if name is None:
            return int(real_open(c.addressof(self._real), name, file, flags, out))
        path = Path(c.string_at(name).decode())
        is_new = bool(flags & _CREATE) and not path.exists()
        op = Made(path, bool(flags & _NAMES_SYNCED_BY))

        def act() -> int:
            return int(real_open(c.addressof(self._real), name, file, flags, out))

        answer = self._witness._happens(op, act) if is_new else act()
        if answer == OK:
            self._paths[file] = path
            methods = c.cast(file, c.POINTER(_PTR))
            methods[0] = c.addressof(self._table(methods[0]))
        return answer

    def _delete(self, _: int, name: int, synced: int) -> int:
        op = Removed(Path(c.string_at(name).decode()), bool(synced))
        return self._witness._happens(op, lambda: _Delete(self._real.xDelete)(c.addressof(self._real), name, synced))

    def _table(self, address: int) -> _Methods:
        if address not in self._tables:
            real = _Methods.from_address(address)
            table = _Methods.from_buffer_copy(real)
            write, truncate = _Write(real.xWrite), _Truncate(real.xTruncate)
            sync, close = _Sync(real.xSync), _Close(real.xClose)
            happens, paths = self._witness._happens, self._paths

            def on_write(file: int, data: int, size: int, offset: int) -> int:
                op = Wrote(paths[file], offset, c.string_at(data, size))
                return happens(op, lambda: write(file, data, size, offset))

            def on_truncate(file: int, size: int) -> int:
                return happens(Cut(paths[file], size), lambda: truncate(file, size))

            def on_sync(file: int, flags: int) -> int:
                return happens(Synced(paths[file]), lambda: sync(file, flags))

            def on_close(file: int) -> int:
                paths.pop(file, None)
                return close(file)

            table.xWrite = self._callback(_Write, on_write)
            table.xTruncate = self._callback(_Truncate, on_truncate)
            table.xSync = self._callback(_Sync, on_sync)
            table.xClose = self._callback(_Close, on_close)
            self._tables[address] = table
        return self._tables[address]


@contextmanager
def witnessed() -> Iterator[Witness]:
    """Watch every SQLite file that this process opens within the block. Close them before its end."""
    library = c.CDLL("libsqlite3.so.0")
    library.sqlite3_libversion.restype = c.c_char_p
    library.sqlite3_vfs_find.restype = c.POINTER(_Vfs)
    library.sqlite3_vfs_find.argtypes = (c.c_char_p,)
    if library.sqlite3_libversion().decode() != sqlite3.sqlite_version:
        raise RuntimeError("this Python carries an SQLite of its own: its files cannot be watched")
    witness = Witness()
    wrapped = _Wrapped(library.sqlite3_vfs_find(None).contents, witness)
    library.sqlite3_vfs_register(c.byref(wrapped.vfs), 1)
    try:
        yield witness
    finally:
        library.sqlite3_vfs_unregister(c.byref(wrapped.vfs))
        assert not wrapped._paths, f"still open: {set(wrapped._paths.values())}"
        # An unregistered VFS is never called again, and neither are the methods of its closed files.
        if witness.bugs:
            raise witness.bugs[0]
