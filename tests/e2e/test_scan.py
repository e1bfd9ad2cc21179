"""A booking's QR, a ticket's QR and a card before the kiosk's scanner: real processes, and a pty for the scanner."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from assets.paths import ROOT
from queueing.following import follow_id
from queueing.wire import Event
from scripts.dawr_dev.demo import KIOSK
from scripts.dawr_dev.processes import wait_until
from tests.e2e.centre import Centre, centre
from tests.kiosk.cards import card
from tests.kiosk.test_scanner import Reader

NEAREST, NEXT = "demo-04", "demo-03"
_SCANNER_FOUND = re.compile(r"scanner_found")


def code_of(running: Centre, booking: str) -> str:
    """Return the text of a booking's QR, as the server prints it while it runs."""
    config = running.demo.data / "server.toml"
    command = [sys.executable, "-m", "server", "booking-code", booking, "--config", str(config)]
    return subprocess.run(
        command, cwd=ROOT.parent, capture_output=True, text=True, timeout=60, check=True
    ).stdout.strip()


def appointments(events: list[Event]) -> list[object]:
    return [event.body["appointment"] for event in events if event.type == "TicketTaken"]


@pytest.mark.timeout(180)
def test_codes_and_cards_check_in_with_the_hub_and_without_it(tmp_path: Path) -> None:
    reader = Reader(tmp_path / "ttyACM0")
    with centre(tmp_path / "centre", f"serial://{reader.link}") as running:
        visitor, house = running.visitor, running.demo.house
        house["kiosk"].wait_for(_SCANNER_FOUND)

        # A booking's code: one tap to the ticket.
        reader.sends(code_of(running, NEAREST).encode() + b"\r")
        visitor.page("found")
        visitor.tap_first("confirm-")
        visitor.page("ticket")
        visitor.leave()
        (taken,) = running.taken_at_hub(1)
        assert taken.body["appointment"] and taken.body["customer"]

        # The ticket's own QR, as it stands on the paper, and the booking's code again: the same ticket.
        for shown in (f"{running.demo.hub_url.upper()}/T/{follow_id(taken)}", code_of(running, NEAREST)):
            reader.sends(shown.encode() + b"\r")
            assert visitor.page("ticket").texts["ticket-number"] == taken.body["number"]
            visitor.leave()

        # A card's zone gives the number; its owner has no booking.
        cpr = running.demo.people.walk_ins[0]
        reader.sends("\r".join(card(first=cpr)).encode() + b"\r")
        visitor.page("services")
        visitor.tap("start-over")
        visitor.page("start")

        # With the hub gone the server's signature is enough, and the hub hears of it when it is back.
        code = code_of(running, NEXT)
        running.kill("hub")
        reader.sends(code.encode() + b"\r")
        visitor.page("found")
        visitor.tap_first("confirm-")
        visitor.page("ticket")
        visitor.leave()
        assert len(appointments(running.kiosk_events())) == 2
        running.back("hub")
        assert None not in appointments(running.taken_at_hub(2))

        # Nothing of what was scanned is anywhere on the kiosk.
        said = house["kiosk"].output()
        files = [path for path in (running.demo.data / KIOSK).rglob("*") if path.is_file()]
        kept = b"".join(path.read_bytes() for path in files)
        for personal in (cpr, code, "AL<TEST"):
            assert personal not in said and personal.encode() not in kept
        wait_until(lambda: visitor.at_rest().screen == "start" or None, 10, "the start screen")
    reader.pull()
