"""Follows a peer's snapshots of one view in a thread: server-sent events, or polling.

For devices without Qt's network stack. It keeps nothing and gives up never.
"""

from __future__ import annotations

import json
import logging
import random as chance
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

import requests

from queueing.wire import WireError, instant_from_wire
from sync.identity import Signer
from sync.revocation import FIELD

_log = logging.getLogger(__name__)

RETRY_MIN_S = 0.5
RETRY_MAX_S = 10.0
CONNECT_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One server-sent event."""

    name: str
    data: str


class EventParser:
    """Takes the bytes of an event stream in any pieces and gives whole events (HTML standard, section 9.2.6)."""

    def __init__(self) -> None:
        self._rest = b""
        self._name = ""
        self._data: list[str] = []

    def feed(self, piece: bytes) -> Iterator[ServerEvent]:
        """Give the events that this piece completes. Lines end with LF or CRLF, as this house's servers send them."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            text = line.removesuffix(b"\r").decode("utf-8", "replace")
            if not text:
                if self._data:
                    yield ServerEvent(self._name or "message", "\n".join(self._data))
                self._name, self._data = "", []
                continue
            field, _, value = text.partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                self._name = value
            elif field == "data":
                self._data.append(value)


class _Lost(Exception):  # noqa: N818  # never leaves this module
    """The source is lost; the text says why."""


class Watch:
    """Gives each new snapshot's decoded JSON ({"state", "cursor", "state_hash"}) to a callback, in its own thread.

    `on_status(up, why)` tells when the source is lost or back. `poll_s` asks for the snapshot that often instead of
    following the live stream. A live stream that is silent for `inactivity_s` counts as lost (its
    heartbeat is 5 s). `on_revoked` is told each time that the peer says this device may no longer take
    part, with the server's signed word on it as it came, which whoever is told has to check (`sync.revocation`).
    """

    def __init__(
        self,
        url: str,
        view: str,
        signer: Signer,
        on_snapshot: Callable[[Mapping[str, object]], None],
        on_status: Callable[[bool, str], None] | None = None,
        *,
        poll_s: float | None = None,
        inactivity_s: float = 7.0,
        on_revoked: Callable[[object], None] = lambda word: None,
        random: Callable[[], float] = chance.random,
    ) -> None:
        self._url = url.rstrip("/")
        self._query = urlencode({"view": view})
        self._signer = signer
        self._on_snapshot = on_snapshot
        self._on_status = on_status
        self._poll_s = poll_s
        self._inactivity_s = inactivity_s
        self._on_revoked = on_revoked
        self._random = random
        self._failures = 0
        self._status: tuple[bool, str] | None = None
        self._session = requests.Session()
        self._session.trust_env = False  # as in sync.link
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, name=f"watch-{view}", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self, timeout_s: float = 2.0) -> None:
        """Ask the thread to end and wait so long; a read in hand ends with the peer's next heartbeat at the latest."""
        self._ended.set()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)

    def _serve(self) -> None:
        with self._session:
            while not self._ended.is_set():
                try:
                    if self._poll_s is None:
                        self._follow()
                    else:
                        self._poll(self._poll_s)
                except _Lost as lost:
                    self._tell(False, str(lost))
                    widest = min(RETRY_MAX_S, RETRY_MIN_S * 2 ** min(self._failures + 1, 6))
                    self._failures += 1
                    self._ended.wait(RETRY_MIN_S + self._random() * (widest - RETRY_MIN_S))

    def _follow(self) -> None:
        with self._get("/v1/live") as response:
            parser = EventParser()
            try:
                # None: pieces as they arrive, each within the inactivity time.
                for piece in response.iter_content(chunk_size=None):
                    for event in parser.feed(piece):
                        self._event(event)
                    if self._ended.is_set():
                        return
            except requests.RequestException as error:
                raise _Lost(f"silent or cut off ({type(error).__name__})") from error
        raise _Lost("ended by the peer")

    def _event(self, event: ServerEvent) -> None:
        if event.name == "snapshot":
            self._take(event.data)
        self._tell(True, "")

    def _poll(self, every_s: float) -> None:
        with self._get("/v1/snapshot") as response:
            try:
                text = response.text
            except requests.RequestException as error:
                raise _Lost(f"cut off ({type(error).__name__})") from error
        self._take(text)
        self._tell(True, "")
        self._ended.wait(every_s)

    def _get(self, path: str) -> requests.Response:
        """Return a good answer whose body is still to be read. Raises _Lost."""
        for attempt in (1, 2):
            target = f"{path}?{self._query}"
            headers = {"Authorization": self._signer.authorization("GET", target), "Accept-Encoding": "identity"}
            try:
                response = self._session.get(
                    self._url + target,
                    headers=headers,
                    stream=True,
                    timeout=(CONNECT_TIMEOUT_S, self._inactivity_s),
                    allow_redirects=False,
                )
                if response.status_code == 200:
                    return response
                with response:
                    problem = _problem(response)
                    if problem.get("code") == "REVOKED":
                        self._on_revoked(problem.get(FIELD))
                        raise _Lost("revoked")
                    if attempt == 1 and self._corrected(problem):
                        continue
                    raise _Lost(f"answered {response.status_code}")
            except requests.RequestException as error:
                raise _Lost(f"no connection ({type(error).__name__})") from error
        raise _Lost("the clock does not agree")

    def _corrected(self, problem: Mapping[str, object]) -> bool:
        """Correct the signer's clock when that is what the peer complains of."""
        if problem.get("code") != "STALE":
            return False
        try:
            self._signer.correct(instant_from_wire(str(problem.get("now"))))
        except WireError:
            return False
        _log.warning("clock_corrected")
        return True

    def _take(self, text: str) -> None:
        try:
            snapshot = json.loads(text)
        except ValueError as error:
            raise _Lost("the snapshot is no JSON") from error
        if not isinstance(snapshot, dict):
            raise _Lost("the snapshot is no object")
        self._on_snapshot(snapshot)

    def _tell(self, up: bool, why: str) -> None:
        if up:
            self._failures = 0
        if (up, why) == self._status:
            return
        was_up = self._status is not None and self._status[0]
        self._status = (up, why)
        if up or was_up:
            _log.info("watch up=%s why=%r", up, why)
        if self._on_status is not None:
            self._on_status(up, why)


def _problem(response: requests.Response) -> Mapping[str, object]:
    """Return what a refusal by signature says, nothing for any other answer."""
    try:
        problem = response.json() if response.status_code == HTTPStatus.UNAUTHORIZED else None
    except requests.RequestException:
        return {}
    return problem if isinstance(problem, dict) else {}
