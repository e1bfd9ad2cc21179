"""Single questions to the hub, signed as this kiosk: its settings, and who a customer is.

The log's own line is `sync.link`. A question has one answer or none; nothing is repeated but a corrected clock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import requests

from queueing.wire import WireError, instant_from_wire
from sync.identity import Signer


class HubUnavailable(Exception):  # noqa: N818  # the house names failures by kind: unavailable
    """No usable answer came; the text is for logs and holds nothing of the question."""


class HubLine:
    """Asks the hub. For one thread; a second one takes a line of its own."""

    def __init__(self, url: str, signer: Signer) -> None:
        self._url = url.rstrip("/")
        self._signer = signer
        self._session = requests.Session()
        # The hub is named by the configuration: no proxy of the environment.
        self._session.trust_env = False

    def get(self, target: str, timeout_s: float) -> Mapping[str, object]:
        """Return the JSON object of a GET. Raises HubUnavailable."""
        return self._ask("GET", target, b"", timeout_s)

    def post(self, target: str, content: Mapping[str, object], timeout_s: float) -> Mapping[str, object]:
        """Return the JSON object of a POST. Raises HubUnavailable."""
        return self._ask("POST", target, json.dumps(content).encode(), timeout_s)

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def _ask(self, method: str, target: str, body: bytes, timeout_s: float) -> Mapping[str, object]:
        try:
            response = self._send(method, target, body, timeout_s)
            if response.status_code == 401 and self._corrected(response):
                response = self._send(method, target, body, timeout_s)
            if response.status_code != 200:
                raise HubUnavailable(f"answered {response.status_code}")
            content = response.json()
        except requests.RequestException as error:
            raise HubUnavailable(f"no answer ({type(error).__name__})") from error
        if not isinstance(content, dict):
            raise HubUnavailable("the answer is no object")
        return content

    def _send(self, method: str, target: str, body: bytes, timeout_s: float) -> requests.Response:
        headers = {"Authorization": self._signer.authorization(method, target, body)}
        if body:
            headers["Content-Type"] = "application/json"
        return self._session.request(
            method, self._url + target, data=body or None, headers=headers, timeout=timeout_s, allow_redirects=False
        )

    def _corrected(self, response: requests.Response) -> bool:
        try:
            problem = response.json()
            if not isinstance(problem, dict) or problem.get("code") != "STALE":
                return False
            self._signer.correct(instant_from_wire(str(problem.get("now"))))
        except (requests.JSONDecodeError, WireError):
            return False
        return True
