"""Single questions to a peer, signed as this device: settings, a day's appointments, who a customer is.

The log's own line is `sync.link`. A question has one answer or none; nothing is repeated here but a corrected clock.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from queueing.wire import WireError, instant_from_wire
from sync.identity import Signer
from sync.revocation import FIELD

TIMEOUT_S = 10.0


def _never_reached(error: requests.RequestException) -> bool:
    """Say whether a request failed before a byte of it went out: no name, no connection."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


class PeerUnavailable(Exception):  # noqa: N818  # the house names failures by kind: unavailable
    """No usable answer came; the text is for logs and holds nothing of the question.

    `taken`: whether the peer may have acted on the question all the same. False when it certainly has not: it was never
    reached, or refused. `status` is the HTTP status that it answered with, 0 when it did not; `code` its problem's, and
    `revocation` the server's signed word in it, as it came.
    """

    def __init__(
        self, why: str, *, taken: bool = False, status: int = 0, code: str = "", revocation: object = None
    ) -> None:
        super().__init__(why)
        self.taken = taken
        self.status = status
        self.code = code
        self.revocation = revocation


class PeerLine:
    """Asks a peer. One question at a time; any thread."""

    def __init__(self, url: str, signer: Signer) -> None:
        self._url = url.rstrip("/")
        self._signer = signer
        self._session = requests.Session()
        # The peer is named by the configuration: no proxy of the environment.
        self._session.trust_env = False
        self._turn = threading.Lock()

    def get(self, target: str, *, timeout_s: float = TIMEOUT_S) -> object:
        """Return the JSON of a GET. Raises PeerUnavailable."""
        return self._ask("GET", target, b"", timeout_s)

    def post(self, target: str, content: Mapping[str, object], *, timeout_s: float = TIMEOUT_S) -> object:
        """Return the JSON of a POST. Raises PeerUnavailable."""
        return self._ask("POST", target, json.dumps(content).encode(), timeout_s)

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def _ask(self, method: str, target: str, body: bytes, timeout_s: float) -> object:
        if not self._turn.acquire(timeout=timeout_s):
            raise PeerUnavailable("another question waits")
        try:
            response = self._send(method, target, body, timeout_s)
            if response.status_code == 401 and self._corrected(response):
                response = self._send(method, target, body, timeout_s)
            if response.status_code == 204:
                return None
            if response.status_code != 200:
                # What stands before a peer (a proxy) says 502 or 504 when it does not know either; 500 is a bug.
                status = response.status_code
                taken = status in (500, 502, 504)
                problem = _problem(response)
                code, word = str(problem.get("code", "")), problem.get(FIELD)
                raise PeerUnavailable(f"answered {status}", taken=taken, status=status, code=code, revocation=word)
            return response.json()
        except requests.RequestException as error:
            raise PeerUnavailable(f"no answer ({type(error).__name__})", taken=not _never_reached(error)) from error
        finally:
            self._turn.release()

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


def _problem(response: requests.Response) -> Mapping[str, object]:
    """Return what an answered problem says, nothing when it is none."""
    try:
        problem = response.json()
    except requests.JSONDecodeError:
        return {}
    return problem if isinstance(problem, dict) else {}
