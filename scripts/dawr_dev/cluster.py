"""A PostgreSQL of one's own from Debian's package, for the demonstration and tests: nobody else's is touched.

It listens on a socket in a folder of its own and on no port. Root's is run as `postgres`: it refuses to be root's.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from scripts.dawr_dev.processes import ProcessError

READY = re.compile(r"database system is ready to accept connections")
_USER = "dawr"
_HOME = Path("/var/lib/postgresql")
"""Where `postgres` may be, for a folder of root's that it cannot reach."""
_WITHIN_S = 60.0
_SOCKET_MOST = 85
"""A socket's path may have 107 bytes and no more, and a demonstration's folder may lie deep."""


class Cluster:
    """One cluster in one folder. `make` it, then either `start` it or run `command` oneself."""

    def __init__(self, folder: Path, *, is_durable: bool = True, most: int = 100) -> None:
        """`is_durable`: what is committed survives a power cut; tests are quicker without. `most`: connections."""
        self._is_root = os.geteuid() == 0
        self._data = folder.absolute()
        if self._is_root and not self._reaches(self._data):
            self._data = _HOME / f"dawr-{hashlib.sha256(str(self._data).encode()).hexdigest()[:12]}"
        self._sockets = self._data
        if len(str(self._data)) > _SOCKET_MOST:
            self._sockets = Path(tempfile.mkdtemp(prefix="dawr-pg-"))
            if self._is_root:
                shutil.chown(self._sockets, "postgres", "postgres")
        self._is_durable = is_durable
        self._most = most

    def url(self, database: str = "postgres") -> str:
        """Return where a server finds it."""
        return f"postgresql://{_USER}@/{database}?host={self._sockets}"

    @property
    def command(self) -> list[str]:
        """The program that serves it, until it is told to end; it says READY."""
        settings = ["listen_addresses=", f"max_connections={self._most}"]
        settings += [] if self._is_durable else ["fsync=off", "full_page_writes=off"]
        options = [word for setting in settings for word in ("-c", setting)]
        return [*self._who(), _program("postgres"), "-D", str(self._data), "-k", str(self._sockets), *options]

    def make(self, *, anew: bool = False) -> None:
        """Make its files where there are none; `anew`: what an earlier one left is thrown away. Raises ProcessError."""
        if anew and self._data.exists():
            shutil.rmtree(self._data)
        if (self._data / "PG_VERSION").exists():
            return
        if self._is_root:
            self._data.mkdir(mode=0o700, parents=True)
            shutil.chown(self._data, "postgres", "postgres")
        how = ["-A", "trust", "-U", _USER, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        self._run(_program("initdb"), "-D", str(self._data), *how)

    def start(self) -> None:
        """Serve it, until `stop`. Raises ProcessError."""
        _, *options = self.command[self.command.index("-D") + 1 :]
        log = self._data / "log"
        self._run(_program("pg_ctl"), "-D", str(self._data), "-o", " ".join(options), "-l", str(log), "-w", "start")

    def stop(self, how: str = "immediate") -> None:
        """End it: `immediate` is as a power cut would, `fast` says goodbye to its clients. Raises ProcessError."""
        self._run(_program("pg_ctl"), "-D", str(self._data), "-m", how, "-w", "stop")

    @property
    def folders(self) -> frozenset[Path]:
        """Where its files are."""
        return frozenset({self._data, self._sockets})

    def forget(self) -> None:
        """Delete its files."""
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)

    def _who(self) -> Sequence[str]:
        if not self._is_root:
            return []
        # With its parent's end it ends, too: another user's process does not keep that by itself.
        as_postgres = ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig=keep"]
        return ["setpriv", *as_postgres]

    def _reaches(self, folder: Path) -> bool:
        above = next(each for each in folder.parents if each.exists())
        return subprocess.run([*self._who(), "test", "-x", str(above)], check=False, cwd="/").returncode == 0

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            [*self._who(), *command], timeout=_WITHIN_S, capture_output=True, text=True, check=False, cwd="/"
        )
        if done.returncode:
            raise ProcessError(f"{Path(command[0]).name}: {(done.stderr or done.stdout).strip()}")


def _program(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise ProcessError("PostgreSQL is missing: install the package postgresql (scripts/setup does)")
    return str(found[-1])
