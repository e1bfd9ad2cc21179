"""Machines out of the box on real processes: a code on the kiosk's glass, one at the display's keyboard, no shell."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from queueing.facts import TicketTaken, fact_of
from scripts.dawr_dev.demo import DISPLAY, DISPLAY_GLASS_MM, HUB, KIOSK, KIOSK_GLASS_MM, Demo, Screen
from scripts.dawr_dev.logs import events
from scripts.dawr_dev.processes import House, wait_until
from scripts.dawr_dev.visitor import Visitor
from scripts.dawr_dev.xscreen import ScreenMap, XScreen
from tests.e2e.test_devices import operator_of

WITHIN_S = 30.0
PIXELS, HALL = (1080, 1920), (1280, 720)


class Kiosk(Visitor):
    """Whoever stands before the kiosk with a code in hand."""

    def type_code(self, code: str) -> None:
        """Type it on the glass, from the public's page on if that is shown, and send it."""
        if "type-code-en" in self.at_rest().items:
            self.tap("type-code-en")
        self.page("code")
        self.tap_digits(code.replace("-", ""))
        self.tap("send-code")

    def reads(self, text: str) -> None:
        self._map.wait(lambda shown: text in shown.texts.get("code-trouble", ""), WITHIN_S, text)


@pytest.mark.long
@pytest.mark.timeout(240)
def test_machines_out_of_the_box_are_put_into_service_without_a_shell(tmp_path: Path) -> None:
    kiosk_map, hall_map = ScreenMap(tmp_path / "kiosk.json"), ScreenMap(tmp_path / "hall.json")
    with XScreen(*PIXELS) as glass, XScreen(*HALL) as hall, House(tmp_path / "logs") as house:
        demo = Demo(house, tmp_path, by_codes=True, installed=[HUB])
        demo.begin()
        demo.start_server()
        demo.start_hub()
        demo.start_paper()
        screen = Screen(PIXELS, KIOSK_GLASS_MM["portrait"], glass.environment, screen_map=str(kiosk_map.path))
        kiosk = demo.start_kiosk(screen, demo.paper_url, "en")
        wide = Screen(HALL, DISPLAY_GLASS_MM, hall.environment, screen_map=str(hall_map.path))
        display = demo.start_display(wide, audio=False)
        hand = Kiosk(glass, kiosk_map, rest_s=0.15)

        # Nobody has enrolled them: both say so, calmly, and which hub the code goes to.
        shown = hand.page("closed", WITHIN_S)
        assert shown.texts["closed-title-en"] == "Not in service yet"
        shown = hall_map.wait(lambda shown: shown.screen == "closed", WITHIN_S, "a display that is none")
        assert "not in service" in shown.texts["no-board-1"]

        # The wrong kind of code; then the right one, while the hub is away, and again when it is back.
        hand.type_code(demo.new_code("display"))
        hand.reads("another kind of device")
        house["hub"].kill()
        code = demo.new_code("kiosk")
        hand.type_code(code)
        hand.reads("does not answer")
        demo.restart("hub")
        hand.tap("send-code")
        hand.page("start", WITHIN_S)
        assert kiosk.exit_code is None, "it is the same process: no unit and no shell has started it again"
        first = hand.take_ticket("en").texts["ticket-number"]
        hand.leave()

        # A television has no glass: a keyboard types it.
        for digit in demo.new_code("display").replace("-", ""):
            hall.key(digit)
        hall_map.wait(lambda shown: shown.screen == "code", WITHIN_S, "the digits")
        hall.key("Return")
        hall_map.wait(lambda shown: shown.screen == "board" and "clock" in shown.items, WITHIN_S, "the board")
        wait_until(lambda: (tmp_path / DISPLAY / "board.json").exists() or None, WITHIN_S, "the hub's board")
        assert display.exit_code is None

        # Taken out of service it shows the same page, and goes on as another kiosk.
        operator_of(demo, "revoke", KIOSK)
        shown = kiosk_map.wait(lambda shown: shown.screen == "closed", WITHIN_S + 20, "a closed kiosk")
        assert "taken out of service" in shown.texts["closed-staff-en"]
        hand.type_code(demo.new_code("kiosk"))
        hand.page("start", WITHIN_S)
        second = hand.take_ticket("en").texts["ticket-number"]

        taken = wait_until(lambda: _taken(demo), WITHIN_S, "both tickets at the hub")
        assert [each.number for each in taken] == [first, second]
        assert first != second
        assert not re.search(r"Traceback|bug thread", kiosk.output() + display.output())


def _taken(demo: Demo) -> list[TicketTaken] | None:
    facts = [fact_of(event) for event in events(demo.data / HUB / "hub.db") if event.type == "TicketTaken"]
    taken = [fact for fact in facts if isinstance(fact, TicketTaken)]
    return taken if len(taken) == 2 else None
