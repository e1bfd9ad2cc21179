"""Devices on real processes: enrolled by a code, put back from an old copy, revoked with the hub cut off.

The commands are those of docs/devices.md, as an operator types them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from queueing.facts import TicketTaken, fact_of
from scripts.dawr_dev import PROJECT
from scripts.dawr_dev.demo import DISPLAY, DISPLAY_GLASS_MM, HUB, KIOSK, Demo, Screen
from scripts.dawr_dev.logs import events
from scripts.dawr_dev.processes import wait_until
from scripts.dawr_dev.xscreen import ScreenMap
from sync.clock import SystemClock
from sync.identity import DeviceKey, Signer
from tests.e2e.centre import Centre, centre

CLOSED = 40.0


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Centre]:
    with centre(tmp_path) as place:
        yield place


def operator(place: Centre, *arguments: str) -> dict[str, object]:
    """Type a command at the server's own machine."""
    return operator_of(place.demo, *arguments)


def operator_of(demo: Demo, *arguments: str) -> dict[str, object]:
    """Type a command at a demonstration's server."""
    config = str(demo.data / "server.toml")
    said = subprocess.run(
        [sys.executable, "-m", "server", "devices", *arguments, "--config", config, "--json"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    told: dict[str, object] = json.loads(said.stdout)
    return told


def enrol(place: Centre, role: str, config: Path, code: object) -> str:
    """Type a command, and then the code, at a device."""
    said = subprocess.run(
        [sys.executable, "-m", "sync", "enrol", role, "--config", str(config)],
        cwd=PROJECT,
        input=f"{code}\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    return said.stdout


def closed(place: Centre, why: str) -> None:
    """Wait until the kiosk's screen says that it is closed, and why."""
    shown = place.screen_map.wait(lambda shown: "closed-staff-en" in shown.texts, CLOSED, "a closed kiosk")
    assert why in shown.texts["closed-staff-en"]


@pytest.mark.long
def test_an_old_copy_is_found_out_and_enrolled_anew_and_a_revoked_device_is_out(place: Centre) -> None:
    demo, kiosk = place.demo, place.demo.data / KIOSK
    display_map = ScreenMap(demo.data / "display.json")
    glass = Screen((960, 540), DISPLAY_GLASS_MM, {"QT_QPA_PLATFORM": "offscreen"}, screen_map=str(display_map.path))
    demo.start_display(glass, audio=False)

    # An image of the kiosk's disk is made, the kiosk goes on, and the image is put back.
    place.take_ticket()
    place.taken_at_hub(1)
    demo.house["kiosk"].stop()
    shutil.copytree(kiosk, demo.data / "image")
    place.back("kiosk")
    place.visitor.page("start")
    place.take_ticket()
    place.taken_at_hub(2)
    demo.house["kiosk"].stop()
    kiosk.rename(demo.data / "kiosk-before")
    (demo.data / "image").rename(kiosk)
    place.back("kiosk")
    closed(place, "old data was put back")

    # It is enrolled anew: another incarnation, and numbers that nobody has.
    told = operator(place, "new-code", "--centre", demo.people.centre, "--role", "kiosk", "--device", KIOSK)
    demo.house["kiosk"].stop()
    assert "kiosk-1 of" in enrol(place, "kiosk", demo.data / "kiosk.toml", told["code"])
    place.back("kiosk")
    place.visitor.page("start")
    number = place.take_ticket()
    taken = place.taken_at_hub(3)
    assert [event.incarnation for event in taken] == [1, 1, 2]
    numbers = []
    for event in taken:
        fact = fact_of(event)
        assert isinstance(fact, TicketTaken)
        numbers.append(fact.number)
    assert len(set(numbers)) == 3 and numbers[-1] == number

    # The old disk is no device any more: what it was enrolled with is refused.
    old = Signer(DeviceKey.load(demo.data / "kiosk-before"), KIOSK, 1, SystemClock())
    headers = {"Authorization": old.authorization("GET", "/v1/settings")}
    for url in (demo.hub_url, demo.server_url):
        refused = requests.get(f"{url}/v1/settings", headers=headers, timeout=10)
        assert (refused.status_code, refused.json()["code"]) == (401, "REVOKED")

    # Two devices are revoked while the hub is away; the hub still knows them when it comes back.
    place.kill("hub")
    board = demo.data / DISPLAY / "board.json"
    wait_until(lambda: True if board.exists() else None, 20, "a kept board")
    for device in (KIOSK, DISPLAY):
        assert operator(place, "revoke", device)["was_in_service"] is True
    place.back("hub")
    closed(place, "taken out of service")
    wait_until(lambda: None if (kiosk / "settings.json").exists() else True, 20, "erased settings")
    wait_until(lambda: None if board.exists() else True, 20, "an erased board")
    display_map.wait(
        lambda shown: any("out of service" in text for text in shown.texts.values()), 20, "a display out of service"
    )
    assert {event.id for event in taken} <= {event.id for event in events(demo.data / HUB / "hub.db")}

    # And in again, by a code that came over the hub.
    told = operator(place, "new-code", "--centre", demo.people.centre, "--role", "display", "--device", DISPLAY)
    demo.house["display"].stop()
    enrol(place, "display", demo.data / "display.toml", told["code"])
    display_map.path.unlink()
    demo.restart("display")
    display_map.wait(lambda shown: "clock" in shown.texts and "no-board-0" not in shown.texts, 20, "a board")
    wait_until(lambda: True if board.exists() else None, 30, "a kept board again")
