"""Kannel's HTTP interface: messages go to its smsbox, its delivery reports come back to an address of ours.

What its answers say of a message (Kannel 1.4.5, user guide, "Using the HTTP Interface to Send SMS", and tried):
202 it is with Kannel, which keeps it on its disk; 503 not taken, try again; 400 and its like refused; no connection
certainly not taken; a line that is cut under way leaves it open.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode, urlsplit

from sms.alphabet import is_gsm
from sms.life import Answer, Report
from sms.outbox import Outgoing

log = logging.getLogger(__name__)

TIMEOUT_S = 10.0
_WANTED_REPORTS = Report.DELIVERED | Report.UNDELIVERABLE | Report.BUFFERED | Report.ACCEPTED | Report.REFUSED
_GSM, _UCS2 = "0", "2"
_WITHOUT_RECEIVER = 400


@dataclass(frozen=True, slots=True)
class KannelAddress:
    """Where Kannel is: `url` of its sendsms, the sendsms-user and password, the sender that phones show.

    `reports_url` is our own address as Kannel reaches it, to which `/<token>?...` is added. `status_url` is bearerbox's
    status.xml with its password, "" when it may not be asked: then a lost operator is noticed late.
    """

    url: str
    user: str
    password: str
    sender: str
    reports_url: str
    status_url: str = ""
    lines: int = 4


class _NotReachedError(OSError):
    """No connection: not a byte went out."""


class KannelGateway:
    """Sends through a Kannel; `lines` requests at once."""

    look_every_s = 15.0

    def __init__(self, address: KannelAddress, *, timeout_s: float = TIMEOUT_S) -> None:
        self._address = address
        self._timeout_s = timeout_s

    @property
    def lines(self) -> int:
        """How many may be sent at the same time."""
        return self._address.lines

    def send(self, outgoing: Outgoing) -> Answer:
        """Hand one message to Kannel."""
        message = outgoing.message
        asked = self._login() | {
            "from": self._address.sender,
            "to": message.to,
            "text": message.text,
            "charset": "UTF-8",
            "coding": _GSM if is_gsm(message.text) else _UCS2,
            "validity": str(max(1, round(outgoing.valid_s / 60))),
            "dlr-mask": str(_WANTED_REPORTS),
            # %d and %F are Kannel's own: the report's number, the operator's id. Not %A, the operator's words: they
            # hold the message's beginning, and Kannel logs an address that it cannot reach.
            "dlr-url": f"{self._address.reports_url}/{outgoing.token}?report=%d&foreign=%F",
        }
        try:
            status, _ = self._get(self._address.url, asked)
        except _NotReachedError:
            return Answer.DOWN
        except (OSError, HTTPException) as error:
            log.warning("message=%s unanswered error=%s", message.id, type(error).__name__)
            return Answer.UNSURE
        return self._answer(status, message.id)

    def look(self) -> bool:
        """Tell whether Kannel takes messages, and where it may be asked whether it has a line to the operator."""
        try:
            if self._address.status_url:
                _, status = self._get(self._address.status_url, {})
                # Before its smsbox has joined, a question to it ends it: 1.4.5 serves before it knows its users.
                if b"<status>online" not in status or b"<type>smsbox" not in status:
                    return False
            # Without a receiver nothing can go out; a wrong password is told before that.
            return self._get(self._address.url, self._login())[0] == _WITHOUT_RECEIVER
        except (OSError, HTTPException) as error:
            log.info("kannel_silent error=%s", type(error).__name__)
            return False

    def close(self) -> None:
        """Nothing is kept open."""

    def _login(self) -> dict[str, str]:
        return {"username": self._address.user, "password": self._address.password}

    def _answer(self, status: int, identity: str) -> Answer:
        if status == 202:
            return Answer.TAKEN
        log.warning("message=%s kannel=%d", identity, status)
        if status in (401, 403, 404):
            return Answer.DOWN  # A wrong password or path here: an installer's mistake is no fault of the message's.
        if status == 503:
            return Answer.LATER
        return Answer.REFUSED if 400 <= status < 500 else Answer.UNSURE

    def _get(self, url: str, query: dict[str, str]) -> tuple[int, bytes]:
        """Return status and body of a GET. Raises _NotReachedError, OSError, HTTPException.

        Over a line of its own: a kept one that Kannel closes as we write would leave a message's fate open. And by
        http.client, which writes nothing of what it asks for to any log.
        """
        parts = urlsplit(url)
        asked = "&".join(part for part in (parts.query, urlencode(query)) if part)
        line = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=self._timeout_s)
        try:
            try:
                line.connect()
            except OSError as error:
                raise _NotReachedError from error
            line.request("GET", f"{parts.path}?{asked}", headers={"Connection": "close"})
            answer = line.getresponse()
            return answer.status, answer.read()
        finally:
            line.close()


def read_report(number: str) -> Report | None:
    """Return the report that Kannel's %d tells, None when it is of a kind that we did not ask for."""
    try:
        return Report(int(number))
    except ValueError:
        return None
