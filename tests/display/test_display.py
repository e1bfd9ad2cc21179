"""The display as a process: started, fed, killed, started again without a hub."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from display.board import Call
from display.lastboard import load
from sync.enrolled import Enrolled, keep
from sync.identity import DeviceKey
from sync.revocation import word_of
from tests.display.boards import NOW, Json, board_json
from tests.display.hub import LittleHub
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]


class Process:
    """One display: its log, its screen map and its end."""

    def __init__(self, folder: Path, hub_url: str, program: tuple[str, ...]) -> None:
        self.map = folder / "map.json"
        self.map.unlink(missing_ok=True)
        self.log = folder / "log.txt"
        config = folder / "display.toml"
        config.write_text(
            f'device = "display-1"\ndata = "data"\nhub_url = "{hub_url}"\nwindow = [960, 540]\n'
            f'server_key = "{DeviceKey.load(folder / "server").public}"\n'
            f'reduced_motion = true\nscreen_map = "{self.map}"\n'
        )
        self._log = self.log.open("w")
        self.process = subprocess.Popen(
            [sys.executable, *(program or ("-m", "display")), "--config", str(config)],
            cwd=ROOT,
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
            stdout=self._log,
            stderr=self._log,
        )

    def texts(self) -> dict[str, str]:
        try:
            return dict(json.loads(self.map.read_text(encoding="utf-8"))["texts"])
        except FileNotFoundError:
            return {}

    def until(self, holds: Callable[[dict[str, str]], bool], seconds: float = 20) -> dict[str, str]:
        end = time.monotonic() + seconds
        while not holds(texts := self.texts()):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, f"{texts}\n{self.log.read_text()}"
            time.sleep(0.02)  # another process writes what is waited for: nothing signals it here
        return texts

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        status = self.process.wait(10)
        return status

    def close(self) -> None:
        self._log.close()

    def rss_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


@pytest.fixture
def hub() -> Iterator[LittleHub]:
    hub = LittleHub()
    yield hub
    hub.close()


@pytest.fixture
def start(tmp_path, hub) -> Iterator[Callable[..., Process]]:
    DeviceKey.make(tmp_path / "data")
    DeviceKey.make(tmp_path / "server")
    running: list[Process] = []

    def begin(*program: str) -> Process:
        running.append(Process(tmp_path, hub.url, program))
        return running[-1]

    yield begin
    for each in running:
        if each.process.poll() is None:
            each.end(signal.SIGKILL)
        each.close()


def board_now(*numbers: str) -> Json:
    calls = [Call(f"hub.1.{seq}", seq, n, str(seq), "call", datetime.now(UTC)) for seq, n in enumerate(numbers, 1)]
    return board_json(calls)


def test_a_call_is_shown_and_noted_and_the_board_outlives_a_power_cut(start, hub, tmp_path):
    hub.show(board_now())
    display = start()
    display.until(lambda texts: "clock" in texts)
    hub.show(board_now("A047"))
    shown = display.until(lambda texts: texts.get("stage-number") == "A047")
    assert shown["stage-counter"] == "1"
    log = display.log.read_text()
    assert "first_frame ms=" in log
    assert "call_painted call_id=hub.1.1 ms=" in log
    assert display.rss_mb() <= 120
    kept = tmp_path / "data" / "board.json"
    until(lambda: (saved := load(kept)) and saved.announced, "the board on the disk")
    display.end(signal.SIGKILL)

    hub.close()
    again = start()
    shown = again.until(lambda texts: "call-0" in texts)
    assert shown["call-0"] == "A047 \u2192 1"
    assert "stage-number" not in shown, "what was announced before the cut is not announced again"
    again.until(lambda texts: "since-0" in texts)
    assert again.end(signal.SIGTERM) == 0


def test_a_revoked_display_shows_and_keeps_nothing_of_the_hall(start, hub, tmp_path):
    hub.show(board_now("A047"))
    kept, mark = tmp_path / "data" / "board.json", tmp_path / "data" / "revoked"
    display = start()
    display.until(lambda texts: texts.get("stage-number") == "A047" and kept.exists())
    # Whoever answers at the hub's address may say so.
    hub.answers.put((401, b'{"code": "REVOKED"}'))
    forged = word_of("display-1", 1, NOW, DeviceKey.make(tmp_path / "another").sign)
    hub.answers.put((401, json.dumps({"code": "REVOKED", "revocation": forged.to_wire()}).encode()))
    hub.drop()
    log = display.log
    display.until(lambda _: "why=SIGNATURE" in log.read_text() and hub.answers.empty())
    assert kept.exists() and not mark.exists()
    assert "out of service" not in "".join(display.until(lambda texts: "clock" in texts).values())

    word = word_of("display-1", 1, NOW, DeviceKey.load(tmp_path / "server").sign)
    for _ in range(99):
        hub.answers.put((401, json.dumps({"code": "REVOKED", "revocation": word.to_wire()}).encode()))
    hub.drop()
    shown = display.until(lambda texts: "out of service" in "".join(texts.values()))
    assert "A047" not in "".join(shown.values())
    display.until(lambda _: mark.exists() and not kept.exists())
    display.end(signal.SIGKILL)

    again = start()
    shown = again.until(lambda texts: "no-board-1" in texts)
    assert "out of service" in shown["no-board-1"], "it knows after a restart, too"
    while not hub.answers.empty():
        hub.answers.get()
    again.until(lambda texts: "A047" in "".join(texts.values()))
    again.until(lambda _: not mark.exists())


def test_no_sound_device_is_one_line_in_the_log(start, hub):
    hub.show(board_now("A001"))
    display = start()
    display.until(lambda texts: texts.get("stage-number") == "A001")
    assert display.end(signal.SIGTERM) == 0
    log = display.log.read_text()
    assert log.count("no_sound") <= 1
    assert "ALSA" not in log
    assert "Traceback" not in log


def test_a_display_without_its_key_says_so_and_becomes_one_by_itself(start, hub, tmp_path):
    hub.show(board_now("A047"))
    (tmp_path / "data" / "device.key").rename(tmp_path / "device.key")
    display = start()
    shown = display.until(lambda texts: "not in service" in texts.get("no-board-1", ""))
    assert "For staff" in shown["enrol-step-1"]
    assert "no_identity" in display.log.read_text()
    # What a shell's `python -m sync enrol` leaves.
    (tmp_path / "device.key").rename(tmp_path / "data" / "device.key")
    keep(tmp_path / "data", Enrolled("display-1", "display", "muharraq-traffic", 1, "k"))
    display.until(lambda texts: "A047" in "".join(texts.values()))
    assert display.end(signal.SIGTERM) == 0


def test_a_bug_ends_the_process_so_that_its_unit_starts_it_again(start, hub):
    hub.show(board_now("A001"))
    broken = (
        "import sys, display.hall as hall; from display.__main__ import main\n"
        "def bug(*_): raise ZeroDivisionError('a bug')\n"
        "hall.Hall.board_came = bug; sys.exit(main(sys.argv[1:]))"
    )
    display = start("-c", broken)
    assert display.process.wait(20) == 70
    assert "CRITICAL" in display.log.read_text()
    assert "a bug" in display.log.read_text()


def test_a_configuration_that_cannot_be_used_is_said_and_ends_it(tmp_path):
    path = tmp_path / "display.toml"
    path.write_text('device = 3\ncolour = "red"\n')
    ended = subprocess.run(
        [sys.executable, "-m", "display", "--config", str(path)],
        cwd=ROOT, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 2
    assert all(word in ended.stderr for word in ("device", "colour", "data", "hub_url"))
