"""What schemathesis is told before it runs: who asks (a device, a customer, a system with its key), and not to wait.

Loaded by schemathesis in a process of its own (SCHEMATHESIS_HOOKS); `callers.json` beside its configuration has the
credentials of the server that is tried, which live as long as the test.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import requests
import schemathesis
from requests.auth import AuthBase

from sync.clock import SystemClock
from sync.identity import DeviceKey, Signer

CALLERS = json.loads(Path(os.environ["DAWR_CALLERS"]).read_text(encoding="utf-8"))
DEVICE = Signer(DeviceKey.load(Path(CALLERS["device_key"])), CALLERS["device"], 1, SystemClock())
WAITS_MOST = 25


class Caller(AuthBase):
    """Brings what the operation asks for, by the description itself."""

    def __init__(self) -> None:
        document = requests.get(f"{CALLERS['url']}/openapi.json", timeout=10).json()
        self._schemes = [
            (method.upper(), re.compile(re.sub(r"\{[^}]+\}", "[^/]*", path)), next(iter(operation["security"][0])))
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
            if operation.get("security")
        ]

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        path = r.path_url.split("?")[0]
        scheme = next((name for way, known, name in self._schemes if way == r.method and known.fullmatch(path)), "")
        body = r.body.encode() if isinstance(r.body, str) else r.body or b""
        if scheme == "DeviceSignature":
            r.headers["Authorization"] = DEVICE.authorization(r.method, r.path_url, body)
        elif scheme in CALLERS["tokens"]:
            # Signing out would leave nobody to ask the rest.
            name = "leaver" if path.endswith("/sessions/end") else scheme
            r.headers["Authorization"] = f"Bearer {CALLERS['tokens'][name]}"
        return r


schemathesis.auth.set_from_requests(Caller())


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Ask for no long wait: what is tried is the answer, and a question that waits waits long."""
    wait = (case.query or {}).get("wait")
    try:
        is_long = 0 < float(wait) <= WAITS_MOST
    except (TypeError, ValueError):
        return
    if is_long:
        case.query["wait"] = 0
