"""The hub's own word on devices: what it passes on to the server, and what it refuses or does by itself."""

from __future__ import annotations

import requests

from queueing.wire import GENESIS
from tests.hub.house import Web

ASKED = {"code": "4821739405", "role": "kiosk", "public_key": "A" * 43 + "=", "proof": "x"}


def test_a_hub_is_enrolled_at_the_server_and_nowhere_else(web: Web) -> None:
    refused = requests.post(f"{web.url}/v1/enrol", json=ASKED | {"role": "hub"}, timeout=10)
    assert (refused.status_code, refused.json()["code"]) == (403, "ROLE")
    passed_on = requests.post(f"{web.url}/v1/enrol", json=ASKED, timeout=10)
    assert (passed_on.status_code, passed_on.json()["code"]) == (503, "NO_SERVER"), "this house has none to ask"
    assert requests.post(f"{web.url}/v1/enrol", json=ASKED | {"role": "clerk"}, timeout=10).status_code == 422


def test_a_kiosk_is_forked_until_it_is_enrolled_anew_whatever_its_old_log_says(web: Web) -> None:
    boss = web.clerk("boss")

    def state_after(incarnation: int, head: str) -> str:
        said = {"dev": "kiosk-1", "inc": incarnation, "next_seq": 1, "head_hash": head, "schema": 1}
        answer = web.device("kiosk-1", "POST", "/v1/hello", said)
        assert answer.status_code == (200 if head == GENESIS else 409)
        rows = boss.get(f"{web.url}/v1/devices", timeout=10).json()["devices"]
        return next(str(row["state"]) for row in rows if row["device"] == "kiosk-1")

    another = "ab" * 32
    assert [state_after(1, another), state_after(1, GENESIS), state_after(1, another)] == ["forked", "active", "forked"]
    assert [state_after(2, GENESIS), state_after(1, another)] == ["active", "active"], "it sends both logs, always"
    assert state_after(2, another) == "forked"
