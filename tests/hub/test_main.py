"""The hub as a process: it says where it serves, ends cleanly, survives kill -9, tells what is wrong with its files."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from sync import enrolled
from sync.clock import SystemClock
from sync.enrolled import Enrolled
from sync.identity import DeviceKey
from tests.hub.house import House, Web, settings_json


class Process:
    """`python -m hub` in a folder with a seed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.house = House(folder, SystemClock())
        (folder / "seed.json").write_text(json.dumps(self.house.settings_json), encoding="utf-8")
        (folder / "hub.toml").write_text(
            'device = "hub"\ndata = "data"\nport = 0\nseed = "seed.json"\n', encoding="utf-8"
        )

    @contextmanager
    def running(self) -> Iterator[tuple[subprocess.Popen[str], Web]]:
        command = [sys.executable, "-m", "hub", "--config", str(self.folder / "hub.toml")]
        with (
            (self.folder / "log").open("a", encoding="utf-8") as log,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
        ):
            assert process.stdout is not None
            try:
                ready = process.stdout.readline()
                assert ready.startswith("ready url=http://127.0.0.1:"), (self.folder / "log").read_text()
                yield process, Web(self.house, ready.strip().removeprefix("ready url="))
            finally:
                if process.poll() is None:
                    process.kill()


@pytest.fixture
def process(tmp_path: Path) -> Process:
    return Process(tmp_path)


def test_it_serves_and_ends_on_sigterm_with_a_stream_open(process: Process) -> None:
    with process.running() as (hub, web):
        assert requests.get(web.url, timeout=10).status_code == 200
        clerk = web.clerk()
        assert web.press(clerk, "1", "open").status_code == 200
        with clerk.get(f"{web.url}/v1/live?view=counter", stream=True, timeout=10) as live:
            assert next(live.iter_lines()) == b"event: snapshot"
            hub.send_signal(signal.SIGTERM)
            assert hub.wait(15) == 0
    kept = process.folder / "data" / "hub.db"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "Traceback" not in (process.folder / "log").read_text(encoding="utf-8")


def test_a_claim_and_a_session_outlive_kill_9(process: Process) -> None:
    with process.running() as (hub, web):
        clerk = web.clerk()
        web.press(clerk, "1", "open", "claim-open")
        day = web.device("kiosk-1", "GET", "/v1/snapshot?view=kiosk").json()["state"]["day"]
        events = web.house.kiosk.tickets(2, web.house.clock.now(), day=day)
        content = {"dev": "kiosk-1", "inc": 1, "first_seq": 1, "events": [event.to_wire() for event in events]}
        assert web.device("kiosk-1", "POST", "/v1/events", content).json() == {"ack_seq": 2}
        before = web.press(clerk, "1", "call_next", "claim-call").json()
        hub.kill()
        hub.wait(15)
    with process.running() as (_, web):
        again = web.press(clerk, "1", "call_next", "claim-call")
        assert again.json() == before
        board = web.device("display-1", "GET", "/v1/snapshot?view=board").json()["state"]
        assert [call["number"] for call in board["announce"]] == ["A0001"]
        assert web.press(clerk, "1", "start_serving").status_code == 200


def _fails(folder: Path, toml: str) -> str:
    (folder / "hub.toml").write_text(toml, encoding="utf-8")
    command = [sys.executable, "-m", "hub", "--config", str(folder / "hub.toml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_every_fault_of_its_files_is_told_at_once(tmp_path: Path) -> None:
    told = _fails(tmp_path, 'device = "a.b"\nport = "x"\nwindow = 3\n')
    assert "port has to be a whole number" in told
    assert "data is missing" in told
    assert "window is not known" in told
    (tmp_path / "seed.json").write_text(json.dumps(settings_json(lookup_key="?", staff=[{"id": "x"}])))
    told = _fails(tmp_path, 'device = "hub"\ndata = "data"\nseed = "seed.json"\n')
    assert "lookup_key" in told
    assert "staff[0]: KeyError 'name'" in told


def test_a_hub_that_waits_for_its_first_settings_can_be_ended(tmp_path: Path) -> None:
    DeviceKey.make(tmp_path / "data")
    _waits_for_settings(tmp_path, "hub")


def test_a_hub_whose_enrolment_the_power_cut_short_completes_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    key = DeviceKey.make(data / enrolled.WAITING)
    enrolled.keep(data, Enrolled("hub-7", "hub", "muharraq-traffic", 1, key.public))
    _waits_for_settings(tmp_path, "")
    assert DeviceKey.load(data).public == key.public


def _waits_for_settings(folder: Path, device: str) -> None:
    """Start a hub with a key and no server, and end it."""
    (folder / "hub.toml").write_text(
        f'device = "{device}"\ndata = "data"\nport = 0\nserver_url = "http://127.0.0.1:1"\n'
    )
    command = [sys.executable, "-m", "hub", "--config", str(folder / "hub.toml")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as hub:
        assert hub.stderr is not None
        try:
            while "settings_awaited" not in (line := hub.stderr.readline()):
                assert line, "it ended"
            hub.send_signal(signal.SIGTERM)
            assert hub.wait(15) == 0
        finally:
            if hub.poll() is None:
                os.kill(hub.pid, signal.SIGKILL)
