"""A CUPS scheduler of the test's own: Debian's cupsd with its own folders and socket, and raw queues to TCP printers.

It works as root (its backends are then the user lp's) and as any other user. No system scheduler is asked or needed.
"""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.printer.rig import until

CUPSD = Path("/usr/sbin/cupsd")
BACKEND = Path("/usr/lib/cups/backend/socket")

_FILES = """
ServerRoot {folder}/etc
StateDir {folder}/state
CacheDir {folder}/cache
RequestRoot {folder}/spool
TempDir {folder}/spool/tmp
AccessLog {folder}/access_log
ErrorLog {folder}/error_log
PageLog {folder}/page_log
SystemGroup {group}
{user}
"""
# Who may cancel a job is as in Debian's own file; jobs are on the disk at once, not after half a minute as there.
_RULES = """
LogLevel info
DirtyCleanInterval 0
Listen {folder}/cups.sock
Browsing Off
WebInterface No
DefaultAuthType Basic
<Location />
  Order allow,deny
</Location>
<Policy default>
  <Limit Cancel-Job Send-Document Hold-Job Release-Job Restart-Job>
    Require user @OWNER @SYSTEM
    Order deny,allow
  </Limit>
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""


class Scheduler:
    """One cupsd. `socket` is where it listens."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "cups.sock"
        self._process: subprocess.Popen[bytes] | None = None
        for name in ("etc", "state", "cache", "spool", "spool/tmp"):
            (folder / name).mkdir()
        root = os.geteuid() == 0
        files = _FILES.format(
            folder=folder,
            group="root" if root else getpass.getuser(),
            user="User lp\nGroup lp" if root else "",
        )
        (folder / "etc/cups-files.conf").write_text(files)
        (folder / "etc/cupsd.conf").write_text(_RULES.format(folder=folder))

    def start(self) -> None:
        etc = self.folder / "etc"
        command = [CUPSD, "-f", "-c", etc / "cupsd.conf", "-s", etc / "cups-files.conf"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen(command, start_new_session=True, **quiet)
        assert until(self._answers), (self.folder / "error_log").read_text()

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as asking, suppress(OSError):
            asking.connect(str(self.socket))
            return True
        return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop it as its unit does: asked to, or after a sudden death; its backends never outlive it there."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(20)
            for pid in _of_session(self._process.pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process = None

    def empty(self) -> None:
        """Do what docs/printers.md has the unit do before each start."""
        for path in [*(self.folder / "spool").iterdir(), self.folder / "cache/job.cache"]:
            if path.is_file():
                path.unlink()

    def hang(self, *, on: bool) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if on else signal.SIGCONT)

    def queue(self, name: str, printer: str, policy: str = "abort-job") -> str:
        """Make a raw queue to a `tcp://` printer, as docs/printers.md does; return its URL."""
        device = printer.replace("tcp:", "socket:")
        self.command("lpadmin", "-p", name, "-E", "-m", "raw", "-v", device, "-o", f"printer-error-policy={policy}")
        return self.url(name)

    def url(self, name: str) -> str:
        return f"cups://{name}?socket={self.socket}"

    def command(self, *words: str) -> str:
        """Run one of CUPS' commands with this scheduler."""
        env = {**os.environ, "CUPS_SERVER": str(self.socket), "LC_ALL": "C"}
        done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    def jobs(self, name: str) -> list[str]:
        """Return the jobs that are not at an end."""
        return self.command("lpstat", "-o", name).splitlines()

    @property
    def log(self) -> str:
        return (self.folder / "error_log").read_text()


def _of_session(leader: int) -> Iterator[int]:
    """Give the processes of a session: backends have a group of their own, and stay in the session."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # Behind the name, which may hold anything: state, parent, group, session.
            if int(stat.read_text().rpartition(")")[2].split()[3]) == leader:
                yield int(stat.parent.name)


@contextmanager
def scheduler() -> Iterator[Scheduler]:
    """Start a cupsd in a folder that its backends' user can enter, as pytest's folders are not."""
    is_there = CUPSD.exists() and BACKEND.exists() and shutil.which("lpadmin") is not None
    assert is_there, "there is no CUPS: install Debian's packages cups and cups-client (scripts/setup does)"
    with tempfile.TemporaryDirectory(prefix="cups-") as folder:
        Path(folder).chmod(0o755)
        made = Scheduler(Path(folder))
        try:
            made.start()
            yield made
        finally:
            with suppress(ProcessLookupError, AssertionError):
                made.hang(on=False)
            made.stop()
