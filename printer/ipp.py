"""The little of IPP that a ticket needs: one request to a scheduler's socket, one answer, nothing kept.

It carries operations and attributes and knows neither tickets nor what a state means: that is `printer.cups`. CUPS'
own commands are not used, because `lpstat` tells neither a job's reasons nor whether it was ever begun; no library is,
because the well-kept one (pycups) has to be compiled against CUPS and keeps its connection in global state.

Sources: RFC 8010 (the bytes), RFC 8011 (operations and attributes), CUPS' "Implementation of IPP".
"""

from __future__ import annotations

import enum
import http.client
import os
import pwd
import socket
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Value = int | str | bytes | None
"""None is a value that the scheduler says it does not have ("no-value")."""
Attributes = Mapping[str, tuple[Value, ...]]


class Op(enum.IntEnum):
    """The operations."""

    PRINT_JOB = 0x0002
    CANCEL_JOB = 0x0008
    JOB_ATTRIBUTES = 0x0009
    JOBS = 0x000A
    PRINTER_ATTRIBUTES = 0x000B


class Tag(enum.IntEnum):
    """What stands before a group or a value."""

    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME = 0x49


_FIRST_VALUE = 0x10  # smaller ones begin a group
_NO_VALUE = range(0x10, 0x20)
_NUMBERS = (Tag.INTEGER, Tag.ENUM)
_TEXTS = range(0x40, 0x60)
_MOST = 1_000_000

Given = tuple[Tag, str, Value | Sequence[Value]]
"""An attribute to send: how it is written, its name, its value or values."""


class SchedulerError(Exception):
    """The scheduler gave no answer that can be read: it is not there, or went away. `sent`: it may have heard."""

    def __init__(self, what: object, *, sent: bool) -> None:
        super().__init__(str(what))
        self.sent = sent


class RefusedError(Exception):
    """The scheduler said no; `status` is IPP's word for why."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status:#06x} {text}".strip())
        self.status = status


NOT_POSSIBLE, NOT_FOUND = 0x0404, 0x0406


@dataclass(frozen=True, slots=True)
class Answer:
    """The groups of an answer, each with its tag, in the order in which they came."""

    groups: tuple[tuple[int, Attributes], ...]

    def of(self, tag: int) -> list[Attributes]:
        """Return the groups of a kind."""
        return [attributes for found, attributes in self.groups if found == tag]


class _LocalConnection(http.client.HTTPConnection):
    """HTTP over a socket in the file system."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def user() -> str:
    """Return the name of the user that this process runs as: its jobs are that user's. Raises SchedulerError."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as error:
        raise SchedulerError(f"no name for the user {os.geteuid()}", sent=False) from error


def ask(
    path: str, op: Op, given: Sequence[Given], job: Sequence[Given] = (), data: bytes = b"", *, timeout: float
) -> Answer:
    """Ask the scheduler behind the socket `path`, as this process's user; it has `timeout` seconds for each step.

    `given` are the operation's own attributes after the usual two, `job` those of a job, `data` a document. Raises
    SchedulerError and RefusedError.
    """
    body = b"".join(_request(op, given, job)) + data
    # The scheduler asks the kernel who stands at the other end of the socket: no password, and no pretending.
    head = {"Content-Type": "application/ipp", "Authorization": f"PeerCred {user()}"}
    connection = _LocalConnection(path, timeout)
    try:
        try:
            connection.connect()
        except OSError as error:
            raise SchedulerError(f"{path}: {error}", sent=False) from error
        try:
            connection.request("POST", "/", body, head)
            response = connection.getresponse()
            said = response.read(_MOST)
        except (OSError, http.client.HTTPException) as error:
            raise SchedulerError(f"{path}: {error!r}", sent=True) from error
    finally:
        connection.close()
    if response.status != http.HTTPStatus.OK:
        raise RefusedError(response.status, response.reason)
    return read(said)


def _request(op: Op, given: Sequence[Given], job: Sequence[Given]) -> Iterator[bytes]:
    yield struct.pack(">BBHI", 2, 0, op, 1)
    yield bytes((Tag.OPERATION,))
    yield from _written(Tag.CHARSET, "attributes-charset", "utf-8")
    yield from _written(Tag.LANGUAGE, "attributes-natural-language", "en")
    for attribute in given:
        yield from _written(*attribute)
    if job:
        yield bytes((Tag.JOB,))
    for attribute in job:
        yield from _written(*attribute)
    yield bytes((Tag.END,))


def _written(tag: Tag, name: str, values: Value | Sequence[Value]) -> Iterator[bytes]:
    for value in [values] if isinstance(values, str | int) or values is None else values:
        match value:
            case bool():
                raw = struct.pack(">B", value)
            case int():
                raw = struct.pack(">i", value)
            case _:
                raw = str(value).encode()
        label = name.encode()
        yield struct.pack(">BH", tag, len(label)) + label + struct.pack(">H", len(raw)) + raw
        name = ""  # a further value of the same attribute has none


def read(said: bytes) -> Answer:
    """Read the bytes of an answer. Raises SchedulerError for what is none, RefusedError for a "no"."""
    try:
        return _read(said)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise SchedulerError(f"no answer of a scheduler: {error}", sent=True) from error


def _read(said: bytes) -> Answer:
    _, _, status, _ = struct.unpack_from(">BBHI", said)
    groups: list[tuple[int, dict[str, tuple[Value, ...]]]] = []
    at, name = 8, ""
    while (tag := said[at]) != Tag.END:
        at += 1
        if tag < _FIRST_VALUE:
            groups.append((tag, {}))
            continue
        label, at = _counted(said, at)
        raw, at = _counted(said, at)
        name = label.decode() or name
        group = groups[-1][1]
        group[name] = (*group.get(name, ()), _value(tag, raw))
    if status >= 0x0100:
        text = next((group["status-message"][0] for _, group in groups if "status-message" in group), "")
        raise RefusedError(status, str(text))
    return Answer(tuple(groups))


def _counted(said: bytes, at: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from(">H", said, at)
    end = at + 2 + length
    if end > len(said):
        raise IndexError("cut short")
    return said[at + 2 : end], end


def _value(tag: int, raw: bytes) -> Value:
    if tag in _NO_VALUE:
        return None
    if tag in _NUMBERS:
        return int.from_bytes(raw, signed=True)
    if tag == Tag.BOOLEAN:
        return int(raw != b"\0")
    return raw.decode() if tag in _TEXTS else raw
