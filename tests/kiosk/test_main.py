"""The kiosk as a process: it starts alone, shows a frame, and ends cleanly when told to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kiosk.config import KioskConfig
from sync.config import ConfigError, load

pytestmark = pytest.mark.usefixtures("words")


def start(config: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software"}
    return subprocess.Popen(
        [sys.executable, "-m", "kiosk", "--config", str(config), "--timings"],
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def until(kiosk: subprocess.Popen[str], text: str) -> list[str]:
    assert kiosk.stderr is not None
    lines: list[str] = []
    for line in kiosk.stderr:
        lines.append(line)
        if text in line:
            return lines
    raise AssertionError("".join(lines))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_alone_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    config = tmp_path / "kiosk.toml"
    config.write_text(
        'device = "kiosk-1"\ndata = "data"\nwindow = [540, 960]\nscreen_mm = [336, 597]\n'
        f'screen_map = "{tmp_path / "map.json"}"\n'
    )
    kiosk = start(config)
    try:
        until(kiosk, "first_frame ms=")
        # The map is another process's file: looking for it is the only way to hear of it.
        waiting = threading.Event()
        for _ in range(1000):
            if (tmp_path / "map.json").exists() or waiting.wait(0.01):
                break
        kiosk.send_signal(number)
        assert kiosk.stderr is not None
        rest = kiosk.stderr.read()
        assert kiosk.wait(20) == 0
        assert "Traceback" not in rest and "Error" not in rest
    finally:
        kiosk.kill()
        kiosk.wait()
        assert kiosk.stderr is not None
        kiosk.stderr.close()
    shown = json.loads((tmp_path / "map.json").read_text(encoding="utf-8"))
    assert shown["screen"] == "start" and shown["language"] == "ar"
    # Without a centre it invites nobody.
    assert "begin-ar" not in shown["items"] and shown["texts"]["title-en"] == "One moment\nplease"
    left, top, width, height = shown["items"]["title-ar"]
    assert 0 <= left < left + width <= 540 and 0 <= top < top + height <= 960


def test_a_wrong_configuration_is_told_at_once_and_wholly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "kiosk.toml"
    config.write_text('device = "kiosk-1"\ndata = "data"\ncolour = "red"\nlayout = "round"\n')
    from kiosk.__main__ import main  # noqa: PLC0415  # Qt is not wanted by the whole module

    assert main(["--config", str(config)]) == 2
    told = capsys.readouterr().err
    assert "colour" in told and "layout" in told


@pytest.mark.parametrize(
    ("line", "wrong"),
    [("window = [1080]", "window"), ("screen_mm = [100]", "screen_mm"), ('window = "half"', "window")],
)
def test_a_window_is_described_wholly(tmp_path: Path, line: str, wrong: str) -> None:
    config = tmp_path / "kiosk.toml"
    config.write_text(f'device = "k"\ndata = "data"\n{line}\n')
    with pytest.raises(ConfigError, match=wrong):
        load(config, KioskConfig)
