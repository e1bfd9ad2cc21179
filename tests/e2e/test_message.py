"""A number by SMS with the real Kannel, with the hub there and with it gone; and no phone left on the kiosk."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.dawr_dev.demo import KIOSK
from scripts.dawr_dev.processes import wait_until
from tests.e2e.centre import Centre, centre

FIRST, SECOND = "36001290", "36001291"


def kept_at_kiosk(running: Centre, phone: str) -> bool:
    files = [path for path in (running.demo.data / KIOSK).rglob("*") if path.is_file()]
    return any(phone.encode() in path.read_bytes() for path in files)


@pytest.mark.timeout(240)
def test_a_number_by_message_with_the_hub_and_without_it(tmp_path: Path) -> None:
    with centre(tmp_path, sms=True) as running:
        running.demo.until_messages_can_arrive()
        number = running.take_by_message(FIRST)
        assert number in running.message_to(FIRST)
        wait_until(lambda: not kept_at_kiosk(running, FIRST) or None, 20, "the kiosk without the phone")

        # The line goes; the choice stays for a while, and the phone waits on the kiosk.
        running.kill("hub")
        later = running.take_by_message(SECOND)
        assert kept_at_kiosk(running, SECOND)
        running.back("hub")
        assert later in running.message_to(SECOND)
        wait_until(lambda: not kept_at_kiosk(running, SECOND) or None, 20, "the kiosk without the phone")

        taken = [event.body["delivery"] for event in running.taken_at_hub(2)]
        assert taken == ["sms", "sms"]
        said = running.demo.house["kiosk"].output() + running.demo.house["hub"].output()
        assert FIRST not in said and SECOND not in said
