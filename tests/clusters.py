"""PostgreSQLs for tests: one for all tests of a run that want a database, and one of its own for a test that stops it.

What a run that was killed has left is removed by the next one: each cluster is written down, with the process that it
is for, before it is made.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from types import FrameType

import pytest

from scripts.dawr_dev.cluster import Cluster
from scripts.dawr_dev.processes import ProcessError
from server import postgres
from tests.waiting import until

_NOTES = Path(tempfile.gettempdir()) / f"dawr-test-clusters-{os.geteuid()}"


@cache
def shared_cluster() -> Cluster:
    """Return the run's cluster, which nobody else stops."""
    until_the_end = ExitStack()
    atexit.register(until_the_end.close)
    return until_the_end.enter_context(own_cluster())


@contextmanager
def own_cluster(*, is_durable: bool = False) -> Iterator[Cluster]:
    """Make and start a cluster; the block may stop it and start it again. It is gone after the block."""
    _begin()
    folder = Path(tempfile.mkdtemp(prefix="dawr-test-"))
    cluster = Cluster(folder / "data", is_durable=is_durable)
    note = _NOTES / f"{_life(os.getpid())}.{folder.name}"
    note.write_text(json.dumps([str(folder), *map(str, cluster.folders)]), encoding="utf-8")
    try:
        cluster.make()
        cluster.start()
        yield cluster
    finally:
        with suppress(ProcessError):  # The test has stopped it.
            cluster.stop()
        cluster.forget()
        shutil.rmtree(folder, ignore_errors=True)
        note.unlink(missing_ok=True)


def remove_left() -> None:
    """Stop and remove the clusters whose processes are dead, never a living one's."""
    for note in sorted(_NOTES.iterdir()):
        owner = ".".join(note.name.split(".")[:2])
        mine = note.with_name(f"{_life(os.getpid())}.{note.name}")
        if owner == _life(int(owner.partition(".")[0])):
            continue
        with suppress(FileNotFoundError):  # Another run was quicker.
            note.rename(mine)
            folders = [Path(folder) for folder in json.loads(mine.read_text(encoding="utf-8") or "[]")]
            for folder in folders:
                _stop(folder)
            for folder in folders:
                shutil.rmtree(folder, ignore_errors=True)
            mine.unlink()


@cache
def _begin() -> None:
    """Make the notes' folder, remove what others left, and leave nothing when the run is told to end."""
    _NOTES.mkdir(mode=0o700, exist_ok=True)
    # What stands there is deleted: by nobody else's word.
    assert _NOTES.stat().st_uid == os.geteuid() and not _NOTES.is_symlink()
    remove_left()
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _told_to_end)


def _told_to_end(signum: int, frame: FrameType | None) -> None:
    pytest.exit("told to end", returncode=128 + signum)


def _life(pid: int) -> str:
    """Name a living process so that a later one with its number has another name; "" when there is none."""
    try:
        about = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return ""
    # The name in brackets may have anything in it; behind it come the state and, 20th, when it began. Source: proc(5).
    state, *rest = about.rpartition(")")[2].split()
    return "" if state == "Z" else f"{pid}.{rest[18]}"


def _stop(data: Path) -> None:
    """End the PostgreSQL that serves a folder, as a power cut would, if there is one."""
    with suppress(OSError, ValueError, IndexError, ProcessLookupError):
        pid = int((data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        # Its number may be another process' by now.
        if f"\0{data}\0" in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8"):
            os.kill(pid, signal.SIGQUIT)
            until(lambda: not _life(pid), "an earlier run's PostgreSQL to end")


def fresh_database(name: str) -> str:
    """Return the URL of an empty database of the run's cluster."""
    with postgres.connect(shared_cluster().url()) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return shared_cluster().url(name)


def copied_database(name: str, like: str) -> str:
    """Return the URL of a database that is as another is, which nobody is connected to: quicker than migrating."""
    with postgres.connect(shared_cluster().url()) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"'.encode())
    return shared_cluster().url(name)


def whole(url: str) -> bytes:
    """Return all that is in a database, as its files would hold it: texts as they are, bytes as hexadecimal digits."""
    with postgres.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = [connection.execute(f'SELECT t::text FROM "{name}" AS t'.encode()).fetchall() for (name,) in tables]  # noqa: S608
    return "\n".join(text for of_table in rows for (text,) in of_table).encode()
