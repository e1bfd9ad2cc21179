"""The hub's own word on devices: what it passes on to the server, and what it refuses or does by itself."""

from __future__ import annotations

import requests

from tests.hub.house import Web

ASKED = {"code": "4821739405", "role": "kiosk", "public_key": "A" * 43 + "=", "proof": "x"}


def test_a_hub_is_enrolled_at_the_server_and_nowhere_else(web: Web) -> None:
    refused = requests.post(f"{web.url}/v1/enrol", json=ASKED | {"role": "hub"}, timeout=10)
    assert (refused.status_code, refused.json()["code"]) == (403, "ROLE")
    passed_on = requests.post(f"{web.url}/v1/enrol", json=ASKED, timeout=10)
    assert (passed_on.status_code, passed_on.json()["code"]) == (503, "NO_SERVER"), "this house has none to ask"
    assert requests.post(f"{web.url}/v1/enrol", json=ASKED | {"role": "clerk"}, timeout=10).status_code == 422
