"""A GSM modem on a pseudo-terminal, for the real gammu: AT commands of 3GPP TS 27.005 and 27.007, PDU mode.

It can be silent, refuse a message, lose its network or answer late. What was sent is read back out of the PDU (3GPP TS
23.040), so that a test sees what a phone would get.
"""

from __future__ import annotations

import os
import pty
import select
import shutil
import threading
import tty
from dataclasses import dataclass
from typing import Literal, Self

Mood = Literal["fine", "silent", "refuses", "no network", "hangs on sending"]

_PLAIN = {
    "+CGMI": "DAWR",
    "+CGMM": "TEST MODEM",
    "+CGMR": "1.0",
    "+CGSN": "490154203237518",
    "+CIMI": "426010000000000",
    "+CPIN?": "+CPIN: READY",
    "+CSCA?": '+CSCA: "+97336000000",145',
    "+CSQ": "+CSQ: 20,0",
    "+CPMS=?": '+CPMS: ("SM"),("SM"),("SM")',
    "+CMGF=?": "+CMGF: (0,1)",
    "+CGATT?": "+CGATT: 1",
    "+COPS?": '+COPS: 0,2,"42601"',
    "+CSCS?": '+CSCS: "GSM"',
    "+CMGF?": "+CMGF: 0",
    "+CSCS=?": '+CSCS: ("GSM","UCS2")',
    "+CNMI=?": "+CNMI: (0-2),(0-3),(0,2),(0,1),(0,1)",
}
_TAKEN = ("E", "Z", "H", "+CMEE=", "+CMGF=", "+CSCS=", "+CNMI=", "+CSCA=", "+CPMS=", "+CREG=", "+CGREG=", "+CFUN=")


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that went over the air."""

    number: str
    text: str


class AtModem:
    """The modem; use it as a context manager. `device` is where gammu finds it."""

    def __init__(self, mood: Mood = "fine") -> None:
        assert shutil.which("gammu"), "there is no gammu: install Debian's package gammu (scripts/setup does)"
        self.mood: Mood = mood
        self.sent: list[Sent] = []
        self.heard: list[str] = []
        self._ours, theirs = pty.openpty()
        tty.setraw(theirs)
        self.device = os.ttyname(theirs)
        self._theirs = theirs  # kept open, so that the line does not hang up between two gammus
        self._stop_in, self._stop_out = os.pipe()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.write(self._stop_out, b"x")
        self._thread.join(5)
        for handle in (self._ours, self._theirs, self._stop_in, self._stop_out):
            os.close(handle)

    def _serve(self) -> None:
        waits_for_pdu = False
        kept = b""
        while True:
            readable, _, _ = select.select([self._ours, self._stop_in], [], [])
            if self._stop_in in readable:
                return
            kept += os.read(self._ours, 4096)
            while True:
                end = b"\x1a" if waits_for_pdu else b"\r"
                line, found, rest = kept.partition(end)
                if not found:
                    break
                kept = rest
                text = line.decode("ascii", "replace").strip()
                if waits_for_pdu:
                    waits_for_pdu = False
                    self._take(text)
                elif text:
                    self.heard.append(text)
                    waits_for_pdu = self._heed(text)

    def _heed(self, text: str) -> bool:
        """Answer a command; True when a PDU is to follow."""
        if self.mood == "silent":
            return False
        self._say(f"{text}\r")  # the echo, which gammu asks for and reads
        command = text.upper().removeprefix("AT")
        if command.startswith("+CMGS="):
            self._say("\r\n> ")
            return True
        if command in _PLAIN:
            self._say(f"\r\n{_PLAIN[command]}\r\n\r\nOK\r\n")
        elif command.startswith(("+CREG?", "+CGREG?")):
            state = 0 if self.mood == "no network" else 1
            self._say(f"\r\n{command[: command.index('?')]}: 0,{state}\r\n\r\nOK\r\n")
        elif command == "" or command.startswith(_TAKEN):
            self._say("\r\nOK\r\n")
        else:
            self._say("\r\nERROR\r\n")
        return False

    def _take(self, pdu: str) -> None:
        if self.mood == "hangs on sending":
            self.sent.append(_read(pdu))
            return
        if self.mood == "refuses":
            self._say("\r\n+CMS ERROR: 21\r\n")
            return
        if self.mood == "no network":
            self._say("\r\n+CMS ERROR: 331\r\n")
            return
        self.sent.append(_read(pdu))
        self._say(f"\r\n+CMGS: {len(self.sent)}\r\n\r\nOK\r\n")

    def _say(self, text: str) -> None:
        os.write(self._ours, text.encode("ascii"))


def _read(pdu: str) -> Sent:
    """Read an SMS-SUBMIT (3GPP TS 23.040, 9.2.2.2)."""
    data = bytes.fromhex(pdu)
    at = 1 + data[0]  # the centre's own number
    first, at = data[at], at + 2  # and the message reference
    digits, kind = data[at], data[at + 1]
    length = (digits + 1) // 2
    number = "".join(f"{byte & 15:x}{byte >> 4:x}" for byte in data[at + 2 : at + 2 + length])[:digits]
    at += 2 + length + 1  # and the protocol
    coding, at = data[at], at + 1
    at += {0: 0, 2: 1, 1: 7, 3: 7}[(first >> 3) & 3]  # how long it is good for
    count, content = data[at], data[at + 1 :]
    text = content[:count].decode("utf-16-be") if coding & 0x0C == 0x08 else _unpacked(content, count)
    return Sent(("+" if kind == 0x91 else "") + number, text)


def _unpacked(packed: bytes, count: int) -> str:
    from sms.alphabet import decoded  # noqa: PLC0415  # beside the one use

    bits = int.from_bytes(packed, "little")
    return decoded(bytes((bits >> (7 * n)) & 0x7F for n in range(count)))
