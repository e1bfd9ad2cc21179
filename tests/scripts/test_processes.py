from __future__ import annotations

import os
import re
import signal
import socket
import sys
from pathlib import Path

import pytest

from scripts.dawr_dev.processes import (
    READY,
    House,
    ProcessError,
    Program,
    Restarts,
    free_port,
    wait_until,
)

SERVES = "import signal; print('ready url=http://127.0.0.1:1', flush=True); signal.pause()"


def python(name: str, code: str, **environment: str | None) -> Program:
    return Program(name, [sys.executable, "-c", code], environment)


def gone(pid: int) -> bool | None:
    """Say True once a process is no more; one that is dead but not yet waited for is no more either."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return True if state == "Z" else None


def test_a_program_is_started_and_says_where_it_serves(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        running = house.start(python("hub", SERVES), READY)
        assert running.wait_for(READY)[1] == "http://127.0.0.1:1"
        assert running.exit_code is None


def test_one_that_dies_before_it_is_ready_is_told_with_its_last_words(tmp_path: Path) -> None:
    with House(tmp_path) as house, pytest.raises(ProcessError, match=r"hub ended with 3 .*\n.*no settings"):
        house.start(python("hub", "import sys; print('no settings'); sys.exit(3)"), READY)


def test_an_earlier_life_does_not_count_as_ready(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.start(python("hub", SERVES), READY).kill()
        with pytest.raises(ProcessError, match="ended with 0"):
            house.start(python("hub", "pass"), READY)


def test_leaving_the_house_ends_everything_the_grandchildren_too(tmp_path: Path) -> None:
    grandchild = (
        "import subprocess; child = subprocess.Popen(['sleep', '600']);"
        " print('child', child.pid, flush=True); child.wait()"
    )
    with House(tmp_path) as house:
        running = house.start(python("kiosk", grandchild))
        child = int(running.wait_for(re.compile(r"child (\d+)"))[1])
        pid = running.pid
    wait_until(lambda: gone(child), 5, "the grandchild's end")
    wait_until(lambda: gone(pid), 5, "the child's end")


def test_nothing_is_left_when_the_one_who_started_it_is_killed(tmp_path: Path) -> None:
    starter = (
        "from pathlib import Path; import signal, sys; from scripts.dawr_dev.processes import *;"
        f" house = House(Path({str(tmp_path)!r}));"
        f" running = house.start(Program('inner', [sys.executable, '-c', {SERVES!r}]), READY);"
        " print('inner', running.pid, flush=True); signal.pause()"
    )
    with House(tmp_path / "outer") as house:
        outer = house.start(python("starter", starter))
        inner = int(outer.wait_for(re.compile(r"inner (\d+)"))[1])
        os.kill(outer.pid, signal.SIGKILL)
        wait_until(lambda: gone(inner), 5, "the inner process's end")


def test_the_environment_is_laid_over_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":5")
    code = "import os; print('seen', os.environ.get('DISPLAY'), os.environ.get('COLOUR'))"
    with House(tmp_path) as house:
        running = house.start(python("one", code, DISPLAY=None, COLOUR="green"))
        assert running.wait_for(re.compile(r"seen (.*)"))[1] == "None green"


def test_a_program_may_die_now_and_then_but_not_again_and_again() -> None:
    restarts = Restarts(most=2, within_s=60)
    assert restarts.count("hub", 0)
    assert restarts.count("hub", 10)
    assert not restarts.count("hub", 20)
    assert restarts.count("kiosk", 20)
    assert restarts.count("hub", 200)


def test_a_port_that_is_taken_is_not_given_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert free_port(port) != port
    assert free_port(port) == port
