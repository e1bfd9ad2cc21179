"""Server-sent events out of bytes (WHATWG HTML, 9.2.6). Pure: bytes in, events out, however they were split."""

from __future__ import annotations

from dataclasses import dataclass

# A board is some kilobytes; what is larger is no board, and must not fill the memory.
LARGEST = 1 << 20


class TooLargeError(Exception):
    """The source sends an event without an end."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event: its name (`message` when unnamed) and its data."""

    name: str
    data: str


class Decoder:
    """Holds what has come and was not yet a whole event."""

    def __init__(self) -> None:
        self._rest = b""
        self._name = ""
        self._data: list[str] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """Take the next bytes; return the events that they complete. Raises TooLargeError."""
        if len(self._rest) + len(chunk) + self._size > LARGEST:
            raise TooLargeError
        events = []
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            event = self._line(line.removesuffix(b"\r").decode("utf-8", "replace"))
            if event:
                events.append(event)
        return events

    def _line(self, line: str) -> ServerEvent | None:
        if not line:
            done = ServerEvent(self._name or "message", "\n".join(self._data)) if self._data else None
            self._name, self._data, self._size = "", [], 0
            return done
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            self._name = value
        elif field == "data":
            self._data.append(value)
            self._size += len(value)
        return None
