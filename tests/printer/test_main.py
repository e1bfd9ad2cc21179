"""The installers' command: its last line, its exit status, its words."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


def run(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "printer", *arguments], capture_output=True, text=True, timeout=20, check=False
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize(("wire", "language"), [("tcp", "ar"), ("serial", "en")])
def test_a_test_ticket(emulator, wire, language) -> None:
    status, said = run("--printer", getattr(emulator, wire), "--test-ticket", "--json", "--lang", language)
    last = json.loads(said.splitlines()[-1])
    assert (status, last["state"], last["why"], last["paper"]) == (0, "printed", "", "ok")
    assert last["ms"] > 0
    assert emulator.tickets == 1


def test_it_says_what_to_do(emulator) -> None:
    emulator.order("paper out")
    status, said = run("--printer", emulator.tcp, "--test-ticket")
    assert status == 1
    assert "not printed: paper out" in said
    assert "Put in a new roll" in said
    status, said = run("--printer", emulator.tcp, "--status", "--json")
    assert status == 1
    assert json.loads(said) | {"ms": 0} == {"state": "not printed", "why": "paper out", "paper": "out", "ms": 0}


def test_ready(emulator) -> None:
    emulator.order("paper near-end")
    status, said = run("--printer", emulator.tcp, "--status", "--json")
    assert status == 0
    assert json.loads(said) | {"ms": 0} == {"state": "printed", "why": "", "paper": "near end", "ms": 0}
    assert emulator.tickets == 0, "a status prints nothing"


def test_a_wrong_address_is_an_answer_too() -> None:
    status, said = run("--printer", "lpt1", "--test-ticket", "--json")
    assert status == 1
    assert json.loads(said)["why"] == "bad url"


def test_a_name_server_that_never_answers_keeps_nobody_waiting() -> None:
    """The system's resolver knows no deadline, and the thread that waits for it must not hold the process up."""
    code = (
        "import socket, sys, threading\n"
        "socket.getaddrinfo = lambda *_, **__: threading.Event().wait(60)\n"
        "from printer.__main__ import main\n"
        "sys.exit(main(['--printer', 'tcp://printer.example:9100', '--test-ticket', '--json']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=15, check=False)
    assert done.returncode == 1
    said = json.loads(done.stdout.splitlines()[-1])
    assert (said["state"], said["why"]) == ("not printed", "cannot connect")
    assert said["ms"] < 5000


def test_the_import_is_light() -> None:
    """The kiosk imports this before its first frame: neither the library nor a font may come with it."""
    heavy = ("escpos", "serial", "yaml", "PIL", "printer.cups", "http")
    code = f"import printer, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout.strip() == "[]"
