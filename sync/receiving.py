"""What a receiver makes of another device's stream: where it goes on, and what is new, a gap or another history.

Pure: the log's transaction, the answer to hello and the simulator ask the same rules. It keeps and sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from queueing.wire import GENESIS, Event, Stream


class LogError(Exception):
    """What was handed in does not continue the log."""


class GapError(LogError):
    """Events between the head and these are missing; send again from `expect_seq`."""

    def __init__(self, stream: Stream, expect_seq: int) -> None:
        super().__init__(f"{stream} continues at {expect_seq}")
        self.stream = stream
        self.expect_seq = expect_seq


class ForkError(LogError):
    """Another event is already known at `seq`: the sender was restored from an old image, or lies."""

    def __init__(self, stream: Stream, seq: int) -> None:
        super().__init__(f"{stream} forks at {seq}")
        self.stream = stream
        self.seq = seq


class Head(NamedTuple):
    """The newest event of a stream: its seq (0 when there is none) and hash (GENESIS when there is none).

    A named tuple, since one is made for each event that comes: it is made three times as fast as a dataclass.
    """

    seq: int
    hash: str


NO_HEAD = Head(0, GENESIS)

HashAt = Callable[[Stream, int], str | None]
"""The hash of the event that is kept at a stream's seq, GENESIS for seq 0, None when there is none."""


def goes_on_at(
    stream: Stream, next_seq: int, head_hash: str, head: Head, hash_at: HashAt, *, is_its_own_device: bool
) -> int:
    """Return the seq that the receiver (who has the stream up to `head`) wants next from a sender.

    The sender's next event will be `next_seq`, after one with `head_hash`. Raises ForkError when the two know different
    histories: another event at the same seq, or a device that knows less of its own stream than others do.
    """
    if next_seq <= head.seq + 1:
        # Who forwards another's stream may be behind; the stream's own device may not.
        behind = next_seq <= head.seq
        if hash_at(stream, next_seq - 1) != head_hash or (behind and is_its_own_device):
            raise ForkError(stream, next_seq)
    return min(head.seq + 1, next_seq)


def is_new(event: Event, head: Head, hash_at: HashAt, *, is_own: bool) -> bool:
    """Say whether a received event is to be kept (else it is known already). `is_own`: it is of the receiver's stream.

    Raises GapError when events before it are missing, ForkError when another history is known.
    """
    if event.seq <= head.seq:
        if event.hash != hash_at(event.stream, event.seq):
            raise ForkError(event.stream, event.seq)
        return False
    if is_own:
        # Somebody knows a future of our own that we do not: this file was restored from an old image.
        raise ForkError(event.stream, event.seq)
    if event.seq > head.seq + 1:
        raise GapError(event.stream, head.seq + 1)
    if event.prev != head.hash:
        raise ForkError(event.stream, event.seq)
    return True
