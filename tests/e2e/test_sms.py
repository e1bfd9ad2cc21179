"""A visit by message: a finger at the kiosk, the phone's messages at the operator, and no trace of the number."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from queueing.wire import Event
from tests.e2e.centre import Centre, Counter, centre
from tests.waiting import until

PHONE = "36001234"


def _settled(running: Centre) -> dict[str, str]:
    events: list[Event] = [event for event in running.hub_events() if event.type == "MessageSettled"]
    return {str(event.body["kind"]): str(event.body["outcome"]) for event in events}


@pytest.mark.long
@pytest.mark.timeout(180)
def test_a_visit_by_message(tmp_path: Path) -> None:
    with centre(tmp_path, sms=True) as running:
        running.demo.until_messages_can_arrive()
        number = running.take_by_message(PHONE)
        until(lambda: number in requests.get(running.messages_url, timeout=5).text, "the e-ticket", 30)
        until(lambda: _settled(running) == {"eticket": "delivered"}, "its end as a fact", 40)
        with Counter(running.demo, "1", running.demo.people.clerks[0]) as counter:
            counter.claim("sms-open-1", "open")
            counter.claim("sms-call-1", "call_next")
            until(lambda: _settled(running).get("called") == "delivered", "the call's end as a fact", 40)
            counter.claim("sms-serve-1", "start_serving")
            counter.claim("sms-finish-1", "finish")
            # Nothing of the centre's own keeps it; the server's outbox does, for a day.
            ours = [path for part in ("kiosk-1", "hub-1") for path in (tmp_path / part).rglob("*") if path.is_file()]
            until(lambda: not any(PHONE.encode() in path.read_bytes() for path in ours), "the number's end", 30)
        for path in [*(tmp_path / "logs").glob("*.log")]:
            # The operator's centre is the phone: it shows what it got.
            assert path.name == "sms-centre.log" or PHONE.encode() not in path.read_bytes(), path
        messages = requests.get(running.messages_url, timeout=5).text
        assert f"Your number is {number}" in messages
        assert "Please go to counter 1" in messages
