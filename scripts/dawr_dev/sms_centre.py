"""An operator's message centre for development: SMPP 3.4 for Kannel, and a page that shows what the phones would get.

    python -m scripts.dawr_dev.sms_centre [--port N] [--page N]

How a message ends follows from its number, so that every end can be tried by hand and by test (`Fate`). It is no
operator: it keeps nothing, believes every password, and its phones are a list.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import re
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, StrEnum

from sms.alphabet import decoded


class Fate(StrEnum):
    """What becomes of a message."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    THROTTLED = "throttled"
    UNDELIVERABLE = "undeliverable"
    UNREPORTED = "unreported"


_FATES = {"01": Fate.REFUSED, "02": Fate.THROTTLED, "03": Fate.UNDELIVERABLE, "04": Fate.UNREPORTED}
THROTTLED_TIMES = 2


def fate_of(number: str) -> Fate:
    """Return what becomes of a message to a number, by its last two digits; most are delivered."""
    return _FATES.get(number[-2:], Fate.DELIVERED)


class _Command(IntEnum):
    """SMPP 3.4, 5.1.2.1; an answer has the highest bit set."""

    BIND_RECEIVER = 0x01
    BIND_TRANSMITTER = 0x02
    SUBMIT_SM = 0x04
    DELIVER_SM = 0x05
    UNBIND = 0x06
    BIND_TRANSCEIVER = 0x09
    ENQUIRE_LINK = 0x15
    GENERIC_NACK = 0x80000000


_ANSWER = 0x80000000
_OK, _INVALID_COMMAND, _INVALID_NUMBER, _THROTTLED = 0x00, 0x03, 0x0B, 0x58
_LONGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Sms:
    """A message that the centre took. `coding` is SMPP's data_coding: 0 GSM 7 bit, 8 UCS-2."""

    id: str
    sender: str
    number: str
    text: str
    coding: int
    is_part: bool
    at: datetime


@dataclass
class Centre:
    """The centre's state. `fate` may be set by a test; `on_sms` hears of each message that was taken."""

    fate: Callable[[str], Fate] = fate_of
    on_sms: Callable[[Sms], None] = lambda _sms: None
    messages: list[Sms] = field(default_factory=list)
    held: bool = False
    """While it is set no submission is answered: the centre is silent."""
    _throttled: dict[str, int] = field(default_factory=dict)
    _receivers: set[asyncio.StreamWriter] = field(default_factory=set)
    _sequence: int = 0
    _server: asyncio.Server | None = None

    async def open(self, port: int = 0) -> int:
        """Listen on loopback; return the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Cut every line and listen no more."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._receivers):
            writer.transport.abort()
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None

    @property
    def bound(self) -> int:
        """How many clients are bound."""
        return len(self._receivers)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                length, command, _status, sequence = struct.unpack(">IIII", await reader.readexactly(16))
                if not 16 <= length <= _LONGEST:
                    return
                await self._heed(writer, command, sequence, await reader.readexactly(length - 16))
        except (asyncio.IncompleteReadError, ConnectionError, struct.error):
            return  # the other side has gone
        finally:
            self._receivers.discard(writer)
            writer.close()

    async def _heed(self, writer: asyncio.StreamWriter, command: int, sequence: int, body: bytes) -> None:
        match command:
            case _Command.BIND_RECEIVER | _Command.BIND_TRANSMITTER | _Command.BIND_TRANSCEIVER:
                if command != _Command.BIND_TRANSMITTER:
                    self._receivers.add(writer)
                _send(writer, command | _ANSWER, _OK, sequence, b"centre\0")
            case _Command.SUBMIT_SM:
                await self._submit(writer, sequence, body)
            case _Command.ENQUIRE_LINK | _Command.UNBIND:
                _send(writer, command | _ANSWER, _OK, sequence)
            case _ if command & _ANSWER:
                pass  # an answer to a report of ours
            case _:
                _send(writer, _Command.GENERIC_NACK, _INVALID_COMMAND, sequence)

    async def _submit(self, writer: asyncio.StreamWriter, sequence: int, body: bytes) -> None:
        sms, wants_report = _submitted(body, f"{len(self.messages) + 1:08x}")
        fate = self.fate(sms.number)
        answer = _Command.SUBMIT_SM | _ANSWER
        if fate is Fate.REFUSED:
            _send(writer, answer, _INVALID_NUMBER, sequence)
            return
        if fate is Fate.THROTTLED:
            tries = self._throttled[sms.text] = self._throttled.get(sms.text, 0) + 1
            if tries <= THROTTLED_TIMES:
                _send(writer, answer, _THROTTLED, sequence)
                return
        self.messages.append(sms)
        self.on_sms(sms)
        if self.held:
            return
        _send(writer, answer, _OK, sequence, sms.id.encode() + b"\0")
        if wants_report and fate is not Fate.UNREPORTED:
            self.report(sms, "UNDELIV" if fate is Fate.UNDELIVERABLE else "DELIVRD")

    def report(self, sms: Sms, state: str) -> None:
        """Send a delivery report (SMPP 3.4, appendix B) over a line that takes them."""
        receiver = next(iter(self._receivers), None)
        if receiver is None:
            return
        at = sms.at.strftime("%y%m%d%H%M")
        done = state == "DELIVRD"
        told = (
            f"id:{sms.id} sub:001 dlvrd:{int(done):03} submit date:{at} done date:{at} stat:{state}"
            f" err:{0 if done else 1:03} text:{sms.text[:20] if sms.coding == 0 else ''}"
        ).encode("ascii", "replace")
        addresses = f"\0\1\1{sms.number}\0\0\0{sms.sender}\0".encode()
        self._sequence += 1
        # esm_class 4: a report; then protocol, priority, two times, registered, replace, coding, message id.
        body = addresses + bytes([4, 0, 0, 0, 0, 0, 0, 0, 0, len(told)]) + told
        _send(receiver, _Command.DELIVER_SM, _OK, self._sequence, body)


def _submitted(body: bytes, identity: str) -> tuple[Sms, bool]:
    """Read the body of a submit_sm (SMPP 3.4, 4.4.1); also whether a report is wanted."""
    fields = _Fields(body)
    fields.text()  # service_type
    sender, number = fields.address(), fields.address()
    esm_class, _protocol, _priority = fields.take(3)
    fields.text(), fields.text()  # schedule_delivery_time, validity_period
    registered, _replace, coding, _default, length = fields.take(5)
    content = fields.take(length)
    for tag, value in fields.options():
        if tag == 0x0424:  # message_payload
            content = value
    has_header = bool(esm_class & 0x40)
    if has_header:
        content = content[content[0] + 1 :]
    text = content.decode("utf-16-be", "replace") if coding == 8 else decoded(content)
    return Sms(identity, sender, number, text, coding, has_header, datetime.now(UTC)), bool(registered & 1)


class _Fields:
    """Reads the fields of a PDU's body one after another."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        self._at += count
        return self._body[self._at - count : self._at]

    def text(self) -> str:
        """Return the next text that a zero byte ends."""
        end = self._body.index(0, self._at)
        found = self._body[self._at : end].decode("latin-1")
        self._at = end + 1
        return found

    def address(self) -> str:
        """Return the next address without its type and plan."""
        self.take(2)
        return self.text()

    def options(self) -> Iterator[tuple[int, bytes]]:
        """Give the optional parameters that follow."""
        while len(self._body) - self._at >= 4:
            tag, length = struct.unpack(">HH", self.take(4))
            yield tag, self.take(length)


def _send(writer: asyncio.StreamWriter, command: int, status: int, sequence: int, body: bytes = b"") -> None:
    writer.write(struct.pack(">IIII", 16 + len(body), command, status, sequence) + body)


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="2"><title>Messages</title>
<style>
body{{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:2rem auto;padding:0 1rem}}
body{{background:#eef1f4;color:#17202a}}
article{{background:#fff;border-radius:14px;padding:.7rem 1rem;margin:.8rem 0;box-shadow:0 1px 2px #0002}}
p{{margin:.2rem 0;overflow-wrap:anywhere;white-space:pre-wrap}}small{{color:#5b6770}}
</style><h1>Messages</h1>{messages}</html>
"""
_LINK = re.compile(r"https?://[^\s<>&]+")
_BUBBLE = '<article><small>{sender} → {number} · {at} · {size}</small><p dir="auto">{text}</p></article>'


def page(messages: list[Sms]) -> str:
    """Return the page of the messages, newest first."""
    bubbles = [
        _BUBBLE.format(
            sender=html.escape(sms.sender),
            number=html.escape(sms.number),
            at=sms.at.astimezone().strftime("%H:%M:%S"),
            size=f"{len(sms.text)} of {70 if sms.coding == 8 else 160}",
            text=_LINK.sub(r'<a href="\g<0>">\g<0></a>', html.escape(sms.text)),
        )
        for sms in reversed(messages)
    ]
    return _PAGE.format(messages="".join(bubbles) or "<p>None yet.</p>")


async def _serve_page(centre: Centre, port: int) -> int:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
            body = page(centre.messages).encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
            writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
            await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass  # a browser that went away
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port)
    return int(server.sockets[0].getsockname()[1])


async def _run(port: int, page_port: int) -> None:
    centre = Centre(on_sms=lambda sms: print(f"sms to={sms.number} text={sms.text!r}", flush=True))
    listening = await centre.open(port)
    shown = await _serve_page(centre, page_port)
    print(f"ready smpp=127.0.0.1:{listening} url=http://127.0.0.1:{shown}", flush=True)
    await asyncio.Event().wait()


def main(arguments: list[str]) -> int:
    """Serve until it is ended; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.dawr_dev.sms_centre", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="SMPP, on loopback")
    parser.add_argument("--page", type=int, default=0, help="the page, on loopback")
    chosen = parser.parse_args(arguments)
    try:
        asyncio.run(_run(chosen.port, chosen.page))
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
