"""The hub's live board: one long GET of server-sent events, signed, kept up for ever.

It reads boards and heartbeats off the network and tells; it keeps no board and shows nothing.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol, cast

from PySide6.QtCore import QObject, QTimer, QUrl, Signal, Slot
from PySide6.QtNetwork import QNetworkAccessManager, QNetworkProxy, QNetworkReply, QNetworkRequest

from display.sse import Decoder, ServerEvent, TooLargeError

log = logging.getLogger(__name__)

TARGET = "/v1/live?view=board"
# The hub speaks every 5 s; Qt gives a connection up that is silent for longer than this.
SILENT_MS = 7000
FIRST_RETRY_S = 0.5
# A hall looks at it: a hub that is back is to be seen at once, and it has no more screens than it can greet.
LONGEST_RETRY_S = 3.0


class Signer(Protocol):
    """Signs a request as this device (`sync.identity.Signer`)."""

    def authorization(self, method: str, target: str, body: bytes = b"") -> str:
        """Return the header's value."""
        ...

    def correct(self, now: datetime) -> None:
        """Take the hub's time."""
        ...


class Source(QObject):
    """Follows the hub. `random` gives 0 to 1 and spreads the retries of many displays.

    `revoked` brings the word that this display may no longer take part, as it came: who takes it checks it.
    """

    boardCame = Signal(object)
    heard = Signal(object)
    broke = Signal()
    revoked = Signal(object)

    def __init__(
        self, hub_url: str, signer: Signer, random: Callable[[], float], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._url = QUrl(hub_url.rstrip("/") + TARGET)
        # What is signed is what is asked for: a hub behind a path prefix sees the prefix too.
        self._target = self._url.path() + "?" + self._url.query()
        self._signer = signer
        self._random = random
        self._network = QNetworkAccessManager(self)
        self._network.setProxy(QNetworkProxy(QNetworkProxy.ProxyType.NoProxy))
        self._reply: QNetworkReply | None = None
        self._decoder = Decoder()
        self._failures = 0
        self._corrected = False
        self._why = ""
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self.connect_now)

    @Slot()
    def connect_now(self) -> None:
        """Ask for the live board."""
        request = QNetworkRequest(self._url)
        request.setTransferTimeout(SILENT_MS)
        request.setAttribute(
            QNetworkRequest.Attribute.CacheLoadControlAttribute, QNetworkRequest.CacheLoadControl.AlwaysNetwork
        )
        request.setAttribute(QNetworkRequest.Attribute.Http2AllowedAttribute, False)
        request.setRawHeader(b"Accept", b"text/event-stream")
        # Qt would ask for gzip by itself, and a compressed stream comes in the compressor's time.
        request.setRawHeader(b"Accept-Encoding", b"identity")
        request.setRawHeader(b"Authorization", self._signer.authorization("GET", self._target).encode())
        self._decoder = Decoder()
        self._reply = self._network.get(request)
        self._reply.readyRead.connect(self._read)
        self._reply.finished.connect(self._finished)

    def close(self) -> None:
        """End the conversation."""
        self._again.stop()
        reply, self._reply = self._reply, None
        if reply is not None:
            reply.abort()
            reply.deleteLater()

    @Slot()
    def _read(self) -> None:
        reply = self._reply
        if reply is None or _status(reply) != 200:
            return
        try:
            events = self._decoder.feed(bytes(reply.readAll().data()))
        except TooLargeError:
            log.error("live_too_large")
            reply.abort()
            return
        for event in events:
            self._take(event, reply)

    def _take(self, event: ServerEvent, reply: QNetworkReply) -> None:
        try:
            page = json.loads(event.data)
            if event.name == "heartbeat":
                now = datetime.fromisoformat(page["now"]).astimezone(UTC)
                self.heard.emit(now)
            elif event.name == "snapshot":
                if self._failures or self._why:
                    log.info("live_back after_failures=%d", self._failures)
                self._failures, self._corrected, self._why = 0, False, ""
                if (date := _date(reply)) is not None and event.name == "snapshot" and not self._dated(reply):
                    self.heard.emit(date)
                self.boardCame.emit(page["state"])
        except (ValueError, KeyError, TypeError) as error:
            log.error("live_unreadable event=%s why=%s:%s", event.name, type(error).__name__, error)

    @staticmethod
    def _dated(reply: QNetworkReply) -> bool:
        """Say whether the answer's own date was used already: it ages with the connection."""
        if reply.property("dated"):
            return True
        reply.setProperty("dated", True)
        return False

    @Slot()
    def _finished(self) -> None:
        reply, self._reply = self._reply, None
        if reply is None:
            return
        reply.deleteLater()
        status = _status(reply)
        why = f"status:{status}" if status not in (0, 200) else reply.error().name
        problem = _problem(reply) if status == 401 else {}
        if status == 401 and not self._corrected and (now := _peer_time(problem)) is not None:
            self._signer.correct(now)
            self._corrected = True
            self.connect_now()
            return
        self._corrected = False
        if why != self._why:
            # Said once for each new reason, not at every try of a night.
            log.warning("live_lost why=%s", why)
            self._why = why
        self._failures += 1
        if problem.get("code") == "REVOKED":
            self.revoked.emit(problem.get("revocation"))
        self.broke.emit()
        ceiling = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(self._failures - 1, 10))
        self._again.start(int(1000 * (0.1 + ceiling * self._random())))


def _status(reply: QNetworkReply) -> int:
    status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
    return status if isinstance(status, int) else 0


def _date(reply: QNetworkReply) -> datetime | None:
    """Return the answer's Date header, whole seconds."""
    try:
        return parsedate_to_datetime(bytes(reply.rawHeader("Date").data()).decode("ascii")).astimezone(UTC)
    except (ValueError, TypeError):
        return None


def _problem(reply: QNetworkReply) -> Mapping[str, object]:
    """Return the problem that an answer tells of; nothing when it tells of none."""
    try:
        problem = json.loads(bytes(reply.readAll().data()))
    except ValueError:
        return {}
    return cast(dict[str, object], problem) if isinstance(problem, dict) else {}


def _peer_time(problem: Mapping[str, object]) -> datetime | None:
    """Return the `now` of a problem that says our clock is wrong; None when it says anything else."""
    try:
        return datetime.fromisoformat(str(problem["now"])) if problem.get("code") == "STALE" else None
    except (ValueError, KeyError):
        return None
