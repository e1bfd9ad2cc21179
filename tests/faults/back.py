"""A kiosk's back (`office.py`) as a process, the tickets that it gives, and a clerk who calls them."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from scripts.dawr_dev.demo import KIOSK, Demo, Value, toml
from tests.e2e.centre import Counter

_OFFICE = Path(__file__).with_name("office.py")


class Taken(NamedTuple):
    """A ticket that a customer has."""

    ticket: str
    number: str
    day: str


class Back:
    """The process; `prefix` is what it is started by, where that matters."""

    def __init__(self, config: Path, log: Path, environment: Mapping[str, str], prefix: Sequence[str]) -> None:
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                [*prefix, sys.executable, str(_OFFICE), str(config)],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def take(self, count: int) -> list[Taken]:
        """Take tickets."""
        return [Taken(*line.removeprefix("taken ").split()) for line in self.ask(str(count))]

    def is_open(self) -> bool:
        """Say whether its screen would tell a customer that tickets are given now."""
        return self.ask("open?") == ["open\n"]

    def ask(self, what: str) -> list[str]:
        """Send a line; return those of the answer."""
        assert self._process.stdin is not None and self._process.stdout is not None
        print(what, file=self._process.stdin, flush=True)
        said = []
        while (line := self._process.stdout.readline()) != "done\n":
            assert line, "the kiosk has ended"
            said.append(line)
        return said

    def end(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        assert self._process.wait(20) == 0

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=10)


@contextmanager
def back(
    demo: Demo,
    environment: Mapping[str, str],
    prefix: Sequence[str] = (),
    *,
    hub_url: str = "",
    device: str = KIOSK,
    series: str = "0",
) -> Iterator[Back]:
    """Run one; it ends in peace, but after a failure. `hub_url`: where it looks for its hub, if not at its address."""
    config = demo.data / f"{device}.toml"
    known: dict[str, Value] = {"device": device, "data": device, "series": series, "hub_url": hub_url or demo.hub_url}
    config.write_text(toml(known), encoding="utf-8")
    log = demo.data / "logs" / f"{'kiosk' if device == KIOSK else device}.log"
    running = Back(config, log, environment, prefix)
    try:
        yield running
    except BaseException:
        running.kill()
        raise
    running.end()


def call_all(demo: Demo) -> list[str]:
    """Let a clerk call until nobody waits; return the tickets."""
    called = []
    with Counter(demo, "6", demo.people.clerks[0]) as counter:
        assert counter.claim(str(uuid.uuid4()), "open")[0] in (200, 409)  # 409: it is open already
        while (answer := counter.claim(str(uuid.uuid4()), "call_next"))[0] == 200:
            called.append(answer[1]["ticket"]["ticket"])
            for verb in ("start_serving", "finish"):
                assert counter.claim(str(uuid.uuid4()), verb)[0] == 200
    return called
