"""The one command, as a newcomer uses it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from PIL import Image

from printer.emulator import execute
from scripts.dawr_dev import PROJECT
from scripts.dawr_dev.paper import read_qr
from scripts.dawr_dev.processes import House, Program, Running, wait_until

PARTS = {"server", "hub", "kiosk", "display", "printer.emulator", "scripts.dawr_dev.sms_centre"}
RUN = [sys.executable, "-m", "scripts.dawr_dev.run"]


def gone(pid: int) -> bool | None:
    return None if Path(f"/proc/{pid}").exists() else True


def children(pid: int) -> dict[str, int]:
    """Return the processes that a run has started, by module."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent == pid and b"-m" in words:
                at = words.index(b"-m") + 1
                module = words[at + 2 if words[at].endswith(b".vnc") else at]
                found[module.decode()] = int(entry.name)
    return found


def listeners(ports: set[int]) -> set[tuple[str, int]]:
    """Return the addresses, as the kernel writes them, and ports of these at which anybody listens."""
    found = set()
    for table in ("tcp", "tcp6"):
        for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            address, _, port = row.split()[1].rpartition(":")
            if row.split()[3] == "0A" and int(port, 16) in ports:
                found.add((address, int(port, 16)))
    return found


def greeting(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        return client.recv(12)


def started(house: House, data: Path) -> Running:
    program = Program("run", [*RUN, "--data", str(data)], {"DISPLAY": None, "WAYLAND_DISPLAY": None})
    running = house.start(program)
    running.wait_for(re.compile("Ctrl-C ends all of it"), 60)
    return running


@pytest.mark.timeout(150)
@pytest.mark.parametrize("number", [pytest.param(signal.SIGINT, marks=pytest.mark.long), signal.SIGTERM])
def test_everything_runs_mends_itself_and_ends_together(tmp_path: Path, number: signal.Signals) -> None:
    with House(tmp_path / "logs") as house:
        running = started(house, tmp_path / "data")
        page = re.search(r"counter page +(\S+)", running.output())
        assert page is not None
        assert requests.get(page[1], timeout=10).status_code == 200

        windows = {int(port) for port in re.findall(r"127\.0\.0\.1:(\d+) \(for example", running.output())}
        assert len(windows) == 2
        loopback = {("0100007F", port) for port in windows}
        wait_until(lambda: True if listeners(windows) == loopback else None, 10, "windows on loopback only")
        assert all(greeting(port).startswith(b"RFB ") for port in windows)

        before = children(running.pid)
        assert set(before) == PARTS
        office = re.search(r"administration (http\S+)/en/staff +(\w+), first password (\S+)", running.output())
        assert office is not None
        said = {"name": office[2], "password": office[3]}
        entered = requests.post(f"{office[1]}/v1/administration/sessions", json=said, timeout=10)
        assert entered.status_code == 200, entered.text

        # Another run on the same folder is told so, before it writes anything.
        second = subprocess.run(
            [*RUN, "--data", str(tmp_path / "data")],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert second.returncode == 1
        assert "already" in second.stderr
        if number is signal.SIGTERM:
            os.kill(before["hub"], signal.SIGKILL)
            running.wait_for(re.compile("hub ended with -9; starting it again"), 20)
            wait_until(lambda: True if "hub" in children(running.pid) else None, 20, "the hub again")
            wait_until(lambda: _answers(page[1]), 30, "the counter page again")

        pids = [*children(running.pid).values(), running.pid]
        os.kill(running.pid, number)
        wait_until(lambda: running.exit_code is not None or None, 30, "the end of the run")
        assert running.exit_code == 0
        for pid in pids:
            wait_until(lambda: gone(pid), 5, "no process left")  # noqa: B023


def _answers(url: str) -> bool | None:
    try:
        return True if requests.get(url, timeout=5).status_code == 200 else None
    except requests.ConnectionError:
        return None


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_tour_leaves_evidence_that_agrees_with_itself(tmp_path: Path, language: str) -> None:
    folder = tmp_path / "tour"
    done = subprocess.run(
        [*RUN, "--tour", str(folder), "--lang", language],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    story = json.loads((folder / "tour.json").read_text(encoding="utf-8"))
    assert story["ok"] is True
    assert [ticket["kind"] for ticket in story["tickets"]] == ["booked", "walk-in"]
    assert story["pictures"][0] == "01-start.png"
    # The booked customer has booked on the phone first, through the public pages.
    assert story["tickets"][0]["service"] == story["booking"]["service"]
    pages = [name[3:] for name in story["pictures"] if "-booking-" in name]
    assert pages == [f"booking-{name}.png" for name in ("home", "times", "code", "ticket", "mine", "message")]
    for name in [*story["pictures"], "board.png", "counter.png"]:
        with Image.open(folder / name) as picture:
            assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 8, f"{name} is blank"
    for place, ticket in enumerate(story["tickets"], 1):
        assert read_qr(folder / f"ticket-{place}.png") == ticket["qr"]
        (printed,) = execute((folder / f"ticket-{place}.bin").read_bytes())
        with Image.open(folder / f"ticket-{place}.png") as picture:
            assert printed.size == picture.size
    shown = {(row["number"], row["counter"]) for row in story["board"] if row["shown"] == "list"}
    assert shown == {(ticket["number"], ticket["counter"]) for ticket in story["tickets"]}
    assert {"first_frame_ms", "tap_paint_ms", "tap_commit_ms", "tap_first_byte_ms", "call_painted_ms"} <= set(
        story["times"]
    )


@pytest.mark.long
@pytest.mark.timeout(120)
def test_a_tour_without_its_printer_fails_and_says_where(tmp_path: Path) -> None:
    folder = tmp_path / "tour"
    done = subprocess.run(
        [*RUN, "--tour", str(folder), "--printer", "tcp://127.0.0.1:1"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 1
    assert "the booked customer's visit" in done.stderr
    assert "not printed" in done.stderr
    assert (folder / "logs" / "kiosk.log").exists()
    assert not (folder / "tour.json").exists()
