"""The folder that keeps a demonstration's state: one run has it at a time, and it stays with one kind of database."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.dawr_dev.processes import ProcessError

_LOCK = "run.lock"


@contextmanager
def held(data: Path) -> Iterator[None]:
    """Make the folder, and keep other runs out of it: they would write its files anew. Raises ProcessError."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = os.open(data / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ProcessError(f"{data} cannot be used: {error.strerror}") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ProcessError(
                f"Dawr is running with {data} already. To run another beside it, give it its own folder: --data FOLDER"
            ) from error
        yield
    finally:
        os.close(lock)


def keep_database(data: Path, *, postgres: bool) -> None:
    """Refuse to start a server beside registers that it would not look into: its devices would be nobody's.

    Raises ProcessError.
    """
    server = data / "server"
    if not (server / "keys").exists():
        return
    in_files = (server / "registers.sqlite").exists()
    if postgres and in_files:
        raise ProcessError(f"{data} keeps its registers in files. For PostgreSQL take another folder: --data FOLDER")
    if not postgres and not in_files:
        raise ProcessError(f"{data} keeps its registers in PostgreSQL: add --postgres, or take another --data FOLDER")
