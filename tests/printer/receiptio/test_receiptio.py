"""An independent client of receipt printers, receiptio from npm, reads the emulator's status and prints on it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from printer.emulator.machine import Traits
from tests.printer.rig import rig

HERE = Path(__file__).resolve().parent
CLIENT = HERE / "node_modules" / "receiptio" / "bin" / "cli.js"


# It only knows port 9100: each test run has a loopback address of its own for it.
ADDRESS = f"127.91.{os.getpid() // 250 % 250}.{os.getpid() % 250 + 1}"


def receiptio(*arguments: str, text: str = "") -> str:
    node = shutil.which("node")
    assert node is not None, "scripts/setup installs Node"
    assert CLIENT.exists(), "scripts/setup installs receiptio"
    command = [node, str(CLIENT), "-d", ADDRESS, *arguments]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=False)
    return done.stderr.strip()  # where it says how it went


@pytest.mark.parametrize(
    ("order", "said"),
    [("paper ok", "online"), ("cover open", "coveropen"), ("paper out", "paperempty"), ("error on", "error")],
)
def test_it_reads_the_status(tmp_path: Path, order: str, said: str) -> None:
    with rig(tmp_path, host=ADDRESS, port=9100) as printer:
        printer.order(order)
        assert receiptio("-q", "printer") == said


def test_it_prints(tmp_path: Path) -> None:
    with rig(tmp_path, Traits(maker="EPSON", model="TM-T88V"), host=ADDRESS, port=9100) as printer:
        assert receiptio(text="^^^A047\n\n{code:HELLO; option:qrcode,4,M}\n") == "success"
        (piece,) = printer.pieces
    assert piece.oddities == ("unknown 1b 06", "unknown 01"), "it greets printers of another language first"
    piece.picture.save(tmp_path / "paper.png")
    read = subprocess.run(
        ["zbarimg", "--raw", "-q", str(tmp_path / "paper.png")], capture_output=True, text=True, timeout=30, check=True
    )
    assert read.stdout.strip() == "HELLO"
