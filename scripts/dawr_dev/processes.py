"""Real processes for the demonstration, the tour and the measurements: started, watched, ended with all their children.

It knows nothing of what the processes do; a process says that it serves by a line of its output.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from scripts.dawr_dev import PROJECT

_PR_SET_PDEATHSIG = 1
_STOP_WITHIN_S = 8.0
_LOOK_EVERY_S = 0.01

T = TypeVar("T")

READY = re.compile(r"\bready url=(\S+)")


class ProcessError(RuntimeError):
    """A process did not start, did not get ready, or died. The message says which and shows its last lines."""


@dataclass(frozen=True, slots=True)
class Program:
    """How a process is started. `environment` is laid over this process's own; None as a value takes a name away."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str | None] = field(default_factory=dict)


def free_port(preferred: int = 0) -> int:
    """Return `preferred` when nobody listens there on loopback, else a port that is free now."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            number: int = probe.getsockname()[1]
            return number
    raise ProcessError("no free port on loopback")


def wait_until(look: Callable[[], T | None], within_s: float, what: str) -> T:
    """Return the first thing that `look` finds. Raises TimeoutError, saying `what`, after `within_s` seconds."""
    end = time.monotonic() + within_s
    while True:
        found = look()
        if found is not None:
            return found
        if time.monotonic() > end:
            raise TimeoutError(f"waited {within_s:g} s for {what}")
        time.sleep(_LOOK_EVERY_S)


class Running:
    """One process and its log. Start it with `start`; it leads a process group of its own."""

    def __init__(self, program: Program, log: Path) -> None:
        self.program = program
        self.log = log
        environment = dict(os.environ)
        for name, value in program.environment.items():
            if value is None:
                environment.pop(name, None)
            else:
                environment[name] = value
        self._begins_at = log.stat().st_size if log.exists() else 0
        self.started_at = time.monotonic()
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                list(program.arguments),
                cwd=PROJECT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    @property
    def pid(self) -> int:
        """The process's id, which is its group's too."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def output(self) -> str:
        """Everything that this process, and not an earlier one of the same name, has written."""
        with self.log.open("rb") as file:
            file.seek(self._begins_at)
            return file.read().decode(errors="replace")

    def wait_for(self, pattern: re.Pattern[str], within_s: float = 60.0) -> re.Match[str]:
        """Return the first match in the output. Raises ProcessError when the process dies or stays silent."""

        def look() -> re.Match[str] | None:
            match = pattern.search(self.output())
            if match is None and self.exit_code is not None:
                raise self.failure(f"ended with {self.exit_code}")
            return match

        try:
            return wait_until(look, within_s, pattern.pattern)
        except TimeoutError as error:
            raise self.failure(f"said no {pattern.pattern!r} in {within_s:g} s") from error

    def failure(self, what: str) -> ProcessError:
        """Describe a failure of this process with the end of its log."""
        last = "\n".join(f"    {line}" for line in self.output().splitlines()[-15:])
        return ProcessError(f"{self.program.name} {what} (log: {self.log})\n{last}")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole group; nothing happens when it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Ask it to end, and end it by force when it does not within some seconds."""
        if self.exit_code is None:
            self.signal(signal.SIGTERM)
            try:
                self._process.wait(_STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                self.kill()
        # A child that outlived its leader is still in the group.
        self.signal(signal.SIGKILL)


def _die_with_parent() -> None:
    """Run in the child: the kernel ends it when the one who started it is killed, so that nothing is left over."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class House:
    """The processes of one run, in the order of their starting. Ends all of them, last first, when it is left."""

    def __init__(self, logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._logs = logs
        self._running: dict[str, Running] = {}

    def __enter__(self) -> House:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __iter__(self) -> Iterator[Running]:
        return iter(list(self._running.values()))

    def __getitem__(self, name: str) -> Running:
        return self._running[name]

    def start(self, program: Program, ready: re.Pattern[str] | None = None) -> Running:
        """Start a program (again) and wait until it says `ready`. Raises ProcessError."""
        running = Running(program, self._logs / f"{program.name}.log")
        self._running[program.name] = running
        if ready is not None:
            running.wait_for(ready)
        return running

    def stop(self) -> None:
        """End everything."""
        for running in reversed(list(self._running.values())):
            running.stop()
        self._running.clear()

    def first_dead(self) -> Running | None:
        """Return a process that has ended by itself, if there is one."""
        return next((running for running in self if running.exit_code is not None), None)


class Restarts:
    """How often each program may die: more than `most` times within `within_s` seconds is a fault of its own."""

    def __init__(self, most: int = 3, within_s: float = 60.0) -> None:
        self._most = most
        self._within_s = within_s
        self._deaths: dict[str, list[float]] = {}

    def count(self, name: str, at: float) -> bool:
        """Note a death at the monotonic second `at`; False when the program has died too often."""
        recent = [death for death in self._deaths.get(name, []) if at - death < self._within_s]
        self._deaths[name] = [*recent, at]
        return len(self._deaths[name]) <= self._most
