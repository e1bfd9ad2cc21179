"""Stores that a dying disk has spoiled, on real processes: docs/recovery.md, step by step, as an operator does it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from queueing.wire import Event
from scripts.dawr_dev.demo import HUB
from scripts.dawr_dev.logs import events
from scripts.dawr_dev.processes import House, ProcessError, Program, wait_until
from tests.faults.centre import KIOSKS, BusyCentre

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

READY = re.compile("^ready", re.MULTILINE)


def spoil(store: Path) -> None:
    """Do what a dying disk does: nothing that was written comes back."""
    for file in (store, store.with_name(store.name + "-wal")):
        file.write_bytes(b"\xa5" * max(file.stat().st_size, 65_536))


def asides(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*.broken-*") if not path.name.endswith(("-wal", "-shm"))]


def register_anew(the: BusyCentre, device: str) -> None:
    """Give a device its next incarnation in the server's registers."""
    seed = the.demo.data / "seed.json"
    content = json.loads(seed.read_text(encoding="utf-8"))
    for each in content["devices"]:
        each["incarnation"] = 2 if each["id"] == device else each.get("incarnation", 1)
    seed.write_text(json.dumps(content), encoding="utf-8")
    the.demo.house["server"].stop()
    the.demo.restart("server")


def arrived(log: Path, wanted: set[str]) -> list[Event]:
    """Wait until a log holds these events."""

    def look() -> list[Event] | None:
        there = events(log)
        return there if wanted <= {event.id for event in there} else None

    return wait_until(look, 60, f"{len(wanted)} events in {log.name}")


@pytest.mark.survives("a box that loses its store", 3)
def test_each_box_loses_its_store_in_turn(tmp_path: Path) -> None:
    with House(tmp_path / "logs") as house:
        the = BusyCentre(house, tmp_path)
        wait_until(lambda: True if len(the.handed()) > 30 and the.clerks[0].called() else None, 30, "some work")
        before = the.settle(within_s=60)
        ids = {event.id for event in before}
        tickets = {event.id for event in before if event.type == "TicketTaken"}
        server, hub = tmp_path / "server" / "log.sqlite", tmp_path / HUB / "hub.db"

        # The server's log: nothing to do; the hubs, which never trim, fill a new one.
        house["server"].kill()
        spoil(server)
        the.demo.restart("server")
        assert {event.id for event in arrived(server, ids)} >= ids
        assert len(asides(server.parent)) == 1

        # The hub's: it refuses to go on under its name, and says what to do.
        house["hub"].kill()
        spoil(hub)
        with pytest.raises(ProcessError, match="incarnation over 1"):
            the.demo.restart("hub")
        register_anew(the, HUB)
        config = tmp_path / "hub.toml"
        config.write_text(config.read_text(encoding="utf-8") + "incarnation = 2\n", encoding="utf-8")
        the.demo.restart("hub")
        arrived(hub, tickets)
        (aside,) = asides(hub.parent)
        assert aside.read_bytes().startswith(b"\xa5"), "the broken one is kept as it was"
        again = arrived(server, ids | {f"{HUB}.2.1"})
        assert {event.id for event in again} >= ids, "what was decided before is still at the server"

        # A kiosk's: another incarnation and another series, so that no number can come twice.
        device = next(iter(KIOSKS))
        house[device].kill()
        spoil(tmp_path / device / "log.db")
        program = the.desk(device)
        with pytest.raises(ProcessError, match="incarnation over 1"):
            house.start(program, READY)
        register_anew(the, device)
        there_before = {(event.body["day"], event.body["number"]) for event in again if event.type == "TicketTaken"}
        anew = [*program.arguments[:4], "5", program.arguments[5], "", "2"]
        house.start(Program(program.name, anew), READY)
        hub_has = wait_until(lambda: _new(hub, f"{device}.2."), 60, "tickets of the kiosk's new life at the hub")
        assert not {(event.body["day"], event.body["number"]) for event in hub_has} & there_before


def _new(log: Path, begins: str) -> list[Event] | None:
    return [event for event in events(log) if event.id.startswith(begins) and event.type == "TicketTaken"] or None
