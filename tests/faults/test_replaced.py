"""Boxes that burn and are replaced, on real processes: the steps of docs/recovery.md, as they are typed there.

With their screens, kiosk and display are replaced in tests/e2e/test_devices.py; a display keeps nothing else.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.dawr_dev import PROJECT
from scripts.dawr_dev.demo import HUB, KIOSK, Demo
from scripts.dawr_dev.logs import events
from scripts.dawr_dev.processes import House, wait_until
from sync.care import copied
from sync.clock import SystemClock
from tests.faults.back import back, call_all
from tests.faults.spread import HUB_LOG, SERVER_LOG

pytestmark = [pytest.mark.timeout(240)]

WITHIN_S = 60


def typed(*arguments: str, answer: str = "") -> str:
    """Type a command in a shell, and an answer to what it asks; return what it says."""
    said = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=PROJECT,
        input=answer,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    return said.stdout


def new_code(demo: Demo, role: str, device: str) -> str:
    """Make a code at the server's own machine."""
    asked = ["new-code", "--centre", demo.people.centre, "--role", role, "--device", device]
    told = typed("server", "devices", *asked, "--config", str(demo.data / "server.toml"), "--json")
    return str(json.loads(told)["code"])


def until(there: Callable[[], bool], what: str) -> None:
    wait_until(lambda: there() or None, WITHIN_S, what)


@pytest.mark.survives("a box that burns and is replaced", 3)
@pytest.mark.long
def test_the_server_the_hub_and_the_kiosk_burn_in_turn(tmp_path: Path) -> None:
    server, hub = tmp_path / "server", tmp_path / HUB

    def ids(log: str) -> set[str]:
        return {event.id for event in events(tmp_path / log)}

    with House(tmp_path / "logs") as house:
        demo = Demo(house, tmp_path)
        demo.begin()
        demo.start_server()
        demo.start_hub()
        with back(demo, os.environ) as kiosk:
            first = kiosk.take(4)
            taken = [each.ticket for each in first]
            until(lambda: set(taken) <= ids(HUB_LOG), "the tickets at the hub")
            assert call_all(demo) == taken
            until(lambda: ids(SERVER_LOG) == ids(HUB_LOG), "the calls at the server")
            before = ids(SERVER_LOG)

            # The night's copy was fetched to another machine, with the keys. Then the server burns.
            copied(server / "registers.sqlite", tmp_path / "fetched", None, SystemClock())
            shutil.copytree(server / "keys", tmp_path / "fetched" / "keys")
            house["server"].kill()
            shutil.rmtree(server)
            burnt = time.monotonic()
            (copy,) = (tmp_path / "fetched").glob("registers-*.db")
            server.mkdir(mode=0o700)
            shutil.copy(copy, server / "registers.sqlite")
            shutil.copytree(tmp_path / "fetched" / "keys", server / "keys")
            demo.restart("server")
            until(lambda: ids(SERVER_LOG) >= before, "all of the centre at the new server")
            print(f"server replaced in {time.monotonic() - burnt:.1f} s")

            # The hub burns. Its kiosk goes on giving tickets.
            house["hub"].kill()
            shutil.rmtree(hub)
            taken += [each.ticket for each in kiosk.take(2)]
            burnt = time.monotonic()
            config = tmp_path / "hub.toml"
            config.write_text(config.read_text(encoding="utf-8").replace(f'device = "{HUB}"', 'device = ""'), "utf-8")
            code = new_code(demo, "hub", HUB)
            assert f"{HUB} of {demo.people.centre}, incarnation 2" in typed(
                "sync", "enrol", "hub", "--config", str(config), answer=f"{code}\n"
            )
            demo.restart("hub")
            until(lambda: set(taken) <= ids(HUB_LOG), "every ticket of the day at the new hub")
            print(f"hub replaced in {time.monotonic() - burnt:.1f} s")
            # Who was served before waits again: those calls were the old hub's, and are the server's now.
            assert sorted(call_all(demo)) == sorted(taken)
            until(lambda: ids(SERVER_LOG) >= before | ids(HUB_LOG), "old calls and new ones at the server")

        # The kiosk burns: another series, no number twice.
        shutil.rmtree(tmp_path / KIOSK)
        burnt = time.monotonic()
        code = new_code(demo, "kiosk", KIOSK)
        typed("sync", "enrol", "kiosk", "--config", str(tmp_path / f"{KIOSK}.toml"), answer=f"{code}\n")
        with back(demo, os.environ) as anew:
            given = anew.take(2)
            until(lambda: {each.ticket for each in given} <= ids(HUB_LOG), "the new kiosk's tickets at the hub")
            print(f"kiosk replaced in {time.monotonic() - burnt:.1f} s")
        assert not {each.number for each in given} & {each.number for each in first}
