"""The conversation that brings a log to a peer, as a pure machine: no sockets, no clock, no log, no chance of its own.

Ask `next` what to do, do it, and tell what came of it by `replied` or `failed`; see tests/sync/test_exchange.py, which
reads like the conversations. It never drops an event and never gives up: whatever the peer says, what is not
acknowledged is offered again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import NamedTuple

from queueing.wire import Stream, WireError, instant_from_wire
from sync.log import Head

SCHEMA = 1
"""The version of the conversation that hello tells the peer."""

BATCH = 500
HELLO_EVERY_S = 20.0
"""An idle line says hello this often: it learns of new settings, and that the peer is still there."""

FORK_RETRY_S = 60.0
RETRY_MIN_S = 1.0
RETRY_MAX_S = 60.0
RETRY_AFTER_MAX_S = 600.0

_OF_THE_STREAM = frozenset({400, 403, 404, 409, 422})
"""Refusals that may be of one stream only: a device that the peer does not know, an event that it cannot read."""


# --- what to do. Named tuples, these and the answers: some are made for each request, in a third of the time.


class Hello(NamedTuple):
    """POST /v1/hello with this."""

    stream: Stream
    next_seq: int
    head_hash: str

    def to_wire(self) -> dict[str, object]:
        """Return the request's JSON."""
        return {
            "dev": self.stream.device,
            "inc": self.stream.incarnation,
            "next_seq": self.next_seq,
            "head_hash": self.head_hash,
            "schema": SCHEMA,
        }


class Push(NamedTuple):
    """POST /v1/events with up to `limit` events of the stream, the first of them `first_seq`."""

    stream: Stream
    first_seq: int
    limit: int


class Wait(NamedTuple):
    """Nothing to do for so many seconds; when `until_poked`, a poke ends it."""

    seconds: float
    until_poked: bool


Step = Hello | Push | Wait


# --- what came of it


class Acked(NamedTuple):
    """The peer has the stream safe up to seq; it may be less than before, when the peer lost its disk."""

    stream: Stream
    seq: int


@dataclass(frozen=True, slots=True)
class ClockWrong:
    """The peer's time is this; sign by it from now on."""

    now: datetime


Effect = Acked | ClockWrong


class Reply(NamedTuple):
    """An answer of the peer: its status, its JSON object ({} when it was none), and Retry-After in seconds."""

    status: int
    body: Mapping[str, object]
    retry_after_s: float | None = None


@dataclass(slots=True)
class _Line:
    """What the machine knows of one stream at the peer. `expect_seq` is None until hello was answered."""

    expect_seq: int | None = None
    hello_at: float = 0.0
    forked: bool = False
    not_before: float = 0.0
    refusals: int = 0


class Exchange:
    """One device's side of the conversation with one peer. `random` gives [0, 1); times are monotonic seconds."""

    def __init__(self, random: Callable[[], float], batch: int = BATCH) -> None:
        self._random = random
        self._largest = batch
        self._batch = batch
        self._lines: dict[Stream, _Line] = {}
        self._step: Step | None = None
        self._offered = 0
        self._not_before = 0.0
        self._failures = 0
        self._clock_corrected = False
        self.up = False
        self.why = "not tried yet"
        self.answers = False
        """Whether the last request had any answer at all: then the line stands, whatever the peer thinks of us."""
        self.settings_version: int | None = None

    @property
    def forked(self) -> tuple[Stream, ...]:
        """The streams that the peer knows another history of: these devices have to be enrolled again."""
        return tuple(sorted(stream for stream, line in self._lines.items() if line.forked))

    def next(self, now: float, heads: Mapping[Stream, Head]) -> Step:
        """Return the next step. `heads` has every stream that is to be forwarded, in the order of their urgency."""
        if now < self._not_before:
            return Wait(self._not_before - now, until_poked=False)
        lines = self._lines
        idle: Hello | None = None
        wake_at = inf
        for stream, head in heads.items():
            line = lines.get(stream)
            if line is None:
                line = lines[stream] = _Line()
            if line.not_before > now:
                has_more = line.expect_seq is not None and line.expect_seq <= head.seq
                wake_at = min(wake_at, line.not_before if has_more else max(line.hello_at, line.not_before))
                continue
            if line.expect_seq is None:
                if line.hello_at <= now:
                    self._step = hello = Hello(stream, head.seq + 1, head.hash)
                    return hello
            elif line.expect_seq <= head.seq:
                self._step = push = Push(stream, line.expect_seq, self._batch)
                return push
            elif idle is None and line.hello_at <= now:
                idle = Hello(stream, head.seq + 1, head.hash)
            if line.hello_at < wake_at:
                wake_at = line.hello_at
        self._step = idle
        if idle is not None:
            return idle
        return Wait(max(0.0, wake_at - now) if wake_at < inf else HELLO_EVERY_S, until_poked=True)

    def offered(self, count: int) -> None:
        """Tell how many events the push in hand really carries (its limit, or fewer)."""
        self._offered = count

    def spoiled(self, now: float) -> None:
        """Tell that the push in hand cannot be made: the disk has changed an event. Only its stream waits for that."""
        step, self._step = self._step, None
        assert isinstance(step, Push), "no push in hand"
        self._held(now, step.stream, "spoiled on this disk")

    def replied(self, now: float, reply: Reply) -> list[Effect]:
        """Take the answer to the step in hand."""
        step, self._step = self._step, None
        assert isinstance(step, Hello | Push), "a reply to nothing"
        self.answers = True
        if reply.status == 200:
            return self._accepted(now, step, reply.body)
        code = reply.body.get("code")
        if reply.status == 401 and code == "STALE" and not self._clock_corrected:
            peers_now = _instant(reply.body.get("now"))
            if peers_now is not None:
                self._clock_corrected = True  # Once; a second STALE in a row waits like any other failure.
                return [ClockWrong(peers_now)]
        if reply.status == 409 and code == "FORK":
            self._forked(now, step.stream)
        elif reply.status == 409 and code == "GAP":
            return self._gap(now, step, reply.body.get("expect_seq"))
        elif reply.status == 413 and isinstance(step, Push) and self._batch > 1:
            self._halve()
        elif reply.status in (429, 503) and reply.retry_after_s is not None:
            self._down(now, f"busy {reply.status}", min(max(reply.retry_after_s, RETRY_MIN_S), RETRY_AFTER_MAX_S))
        else:
            why = f"refused {reply.status} {code}" if code else f"answered {reply.status}"
            if reply.status in _OF_THE_STREAM:
                self._held(now, step.stream, why)
            else:
                self._down(now, why)
        return []

    def failed(self, now: float, why: str, *, timeout: bool = False) -> None:
        """No answer came to the step in hand: no connection, or (`timeout`) none in time."""
        step, self._step = self._step, None
        self.answers = False
        if timeout and isinstance(step, Push):
            self._halve()
        # The peer may have died and come back with less: ask it where it stands.
        for line in self._lines.values():
            line.expect_seq = None
            line.hello_at = now
        self._down(now, why)

    def _accepted(self, now: float, step: Hello | Push, body: Mapping[str, object]) -> list[Effect]:
        line = self._lines[step.stream]
        if isinstance(step, Hello):
            expect_seq = _count(body.get("expect_seq"))
            if expect_seq is None or not 1 <= expect_seq <= step.next_seq:
                self._down(now, "nonsense in the answer to hello")
                return []
            line.expect_seq, line.forked = expect_seq, False
            line.hello_at = now + HELLO_EVERY_S
            self.settings_version = _count(body.get("settings_version"))
            self._fine()
            return [Acked(step.stream, expect_seq - 1)]
        ack_seq = _count(body.get("ack_seq"))
        if ack_seq is None or not step.first_seq <= ack_seq:
            self._down(now, "nonsense in the answer to events")
            return []
        line.expect_seq = ack_seq + 1
        line.refusals = 0
        self._batch = min(self._largest, self._batch * 2)
        self._fine()
        return [Acked(step.stream, ack_seq)]

    def _gap(self, now: float, step: Hello | Push, expect: object) -> list[Effect]:
        expect_seq = _count(expect)
        # A gap lies before what was offered: going back is all there is, so this comes to an end.
        if not isinstance(step, Push) or expect_seq is None or not 1 <= expect_seq < step.first_seq:
            self._down(now, "nonsense in the answer to events")
            return []
        self._lines[step.stream].expect_seq = expect_seq
        return [Acked(step.stream, expect_seq - 1)]

    def _forked(self, now: float, stream: Stream) -> None:
        line = self._lines[stream]
        line.forked, line.expect_seq = True, None
        line.hello_at = now + FORK_RETRY_S
        self._fine()  # The line itself works; the other streams go on.

    def _held(self, now: float, stream: Stream, why: str) -> None:
        """Let a stream wait that the peer refuses or the disk has spoiled; the others go on. It is tried for ever."""
        line = self._lines[stream]
        self.up, self.why = False, why
        self._clock_corrected = False
        line.not_before = now + self._pause_s(line.refusals)
        line.refusals += 1

    def _halve(self) -> None:
        self._batch = max(1, min(self._batch, self._offered or self._batch) // 2)

    def _fine(self) -> None:
        self.up, self.why = True, ""
        self._failures = 0
        self._clock_corrected = False

    def _down(self, now: float, why: str, wait_s: float | None = None) -> None:
        self.up, self.why = False, why
        self._clock_corrected = False
        if wait_s is None:
            wait_s = self._pause_s(self._failures)
        self._failures += 1
        self._not_before = now + wait_s

    def _pause_s(self, failures: int) -> float:
        # Full jitter, but never at once: a hall of devices that lost its hub must not come back as one.
        widest: float = min(RETRY_MAX_S, RETRY_MIN_S * 2 ** min(failures + 1, 6))
        return RETRY_MIN_S + self._random() * (widest - RETRY_MIN_S)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else None


def _instant(value: object) -> datetime | None:
    try:
        return instant_from_wire(value) if isinstance(value, str) else None
    except WireError:
        return None
