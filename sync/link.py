"""A device's line to a peer: drives `sync.exchange` with requests in a thread of its own.

It reads the log through the log's one writer and goes on until the peer has everything, for ever. It decides nothing
about when to send what: that is the machine's.
"""

from __future__ import annotations

import gzip
import json
import logging
import random as chance
import threading
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import requests

from queueing.dating import Age
from queueing.wire import Stream
from sync.exchange import Acked, Exchange, Hello, Push, Reply, Wait
from sync.identity import Signer
from sync.lateness import Behind, Lateness
from sync.log import Head, Transaction
from sync.storage import StorageUnavailable
from sync.writer import Committed, LogWriter, WriterClosedError

_log = logging.getLogger(__name__)

GZIP_FROM = 1024
"""Bodies from this many bytes on are packed."""

GZIP_LEVEL = 3
"""Half the work of the usual 6 for a tenth more bytes."""

PUSH_BYTES = 512 * 1024
"""A push carries no more than this before packing, whatever its events weigh."""

_STORAGE_RETRY_S = 2.0
_KEEP_EVERY_S = 1.0
_LOOK_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """How the line stands. `behind`: events that the peer does not have yet, the oldest of them from `behind_since`.

    `why` is for logs and technicians, empty while the line is up. `forked` are the streams of which the peer knows
    another history: those devices have to be enrolled again. `answers`: the line itself stands, even when the peer
    refuses; `late` is the alarm of `sync.lateness`.
    """

    up: bool
    why: str
    behind: int
    behind_since: datetime | None
    settings_version: int | None
    forked: tuple[Stream, ...] = ()
    answers: bool = False
    late: bool = False

    def told(self) -> Behind:
        """Return what the peer is told of it."""
        return Behind(self.behind, self.behind_since, self.late)


class Link:
    """Sends a log's streams to one peer and keeps the acknowledgements in the log.

    `forward_all` sends every stream of the log (hub to server), else only the device's own (kiosk to hub): also what it
    wrote before it was enrolled anew and had not handed over.
    `on_status` is called in the link's thread, at each change. `random` gives [0, 1) for the pauses between tries.
    """

    def __init__(
        self,
        peer: str,
        url: str,
        writer: LogWriter,
        signer: Signer,
        *,
        forward_all: bool = False,
        on_status: Callable[[LinkStatus], None] | None = None,
        random: Callable[[], float] = chance.random,
        timeout_s: float = 10.0,
    ) -> None:
        self._peer = peer
        self._url = url.rstrip("/")
        self._writer = writer
        self._signer = signer
        self._forward_all = forward_all
        self._on_status = on_status
        self._timeout_s = timeout_s
        self._machine = Exchange(random)
        self._session = requests.Session()
        # The peer is on the centre's own network or pinned by configuration: no proxy of the environment.
        self._session.trust_env = False
        self._earlier: tuple[Stream, ...] | None = None
        self._acked: dict[Stream, int] = {}
        self._unkept: dict[Stream, int] = {}
        self._kept_at = float("-inf")
        self._lateness = Lateness()
        self._unacked_at: dict[Stream, tuple[int, datetime]] = {}
        self._age = Age("", 0.0)
        self._ahead: tuple[Push, Future[_Parcel]] | None = None
        # Its thread begins with the first push that leaves some for another.
        self._packing = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"link-{peer}-packing")
        self._poked = threading.Event()
        self._ended = threading.Event()
        self._status = LinkStatus(False, self._machine.why, 0, None, None)
        self._thread = threading.Thread(target=self._serve, name=f"link-{peer}", daemon=True)

    def start(self) -> None:
        """Start the thread. Also listens to the writer, so that every commit pokes it."""
        self._writer.listen(self._on_commit)
        self._thread.start()

    def poke(self) -> None:
        """Say that there may be something to send. Any thread, never blocks."""
        self._poked.set()

    @property
    def status(self) -> LinkStatus:
        """The newest status. Any thread."""
        return self._status

    def close(self, timeout_s: float = 2.0) -> None:
        """End the thread; what is not acknowledged stays for the next start. Close it before the writer."""
        self._ended.set()
        self._poked.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        if not self._thread.is_alive():  # One that the disk or the peer still keeps may pack once more before it ends.
            self._packing.shutdown(wait=False, cancel_futures=True)
        self._session.close()

    def _on_commit(self, committed: Committed) -> None:
        if self._forward_all or any(event.device == self._signer.device for event in committed.events):
            self.poke()

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                self._advance()
            except StorageUnavailable as error:
                _log.error("link_storage peer=%s reason=%s", self._peer, error.reason)
                self._ended.wait(_STORAGE_RETRY_S)
            except WriterClosedError:
                return

    def _advance(self) -> None:
        """Make one step of the conversation."""
        self._poked.clear()  # Before the log is looked at: what is appended from here on pokes again.
        heads = self._writer.submit(self._look).result()
        step = self._machine.next(time.monotonic(), heads)
        if not isinstance(step, Push) or time.monotonic() - self._kept_at > _KEEP_EVERY_S:
            self._keep_acked()
        self._tell(heads)
        if isinstance(step, Wait):
            # Not longer than the alarm is exact.
            seconds = min(step.seconds, _LOOK_EVERY_S) if self._status.behind else step.seconds
            (self._poked if step.until_poked else self._ended).wait(seconds)
        elif isinstance(step, Hello):
            self._send("/v1/hello", _json({**step.to_wire(), "behind": self._status.told().to_wire()}))
        else:
            self._push(step, heads)

    def _push(self, step: Push, heads: Mapping[Stream, Head]) -> None:
        ahead, self._ahead = self._ahead, None
        # Events never change: what was packed for this very step is right, whenever that was.
        parcel = ahead[1].result() if ahead is not None and ahead[0] == step else self._pack(step)
        if not parcel.count:
            _log.error("link_storage peer=%s reason=corrupt device=%s", self._peer, step.stream.device)
            self._machine.spoiled(time.monotonic())
            return
        self._machine.offered(parcel.count)
        following = step._replace(first_seq=step.first_seq + parcel.count)
        if following.first_seq <= heads[step.stream].seq:
            # What the machine will most likely ask for next; should it ask for something else, this is thrown away.
            self._ahead = following, self._packing.submit(self._pack, following)
        dev, inc = step.stream
        head = {"dev": dev, "inc": inc, "first_seq": step.first_seq, "behind": self._status.told().to_wire()}
        # The age is that of now, not of the packing: the peer dates events by it.
        body = parcel.with_head(_json(head | {"age": self._age.to_wire()}))
        self._send("/v1/events", body, is_packed=parcel.is_packed)

    def _pack(self, step: Push) -> _Parcel:
        """Read a push's events and pack them; none when the disk has changed one. Any thread.

        Raises StorageUnavailable, WriterClosedError.
        """
        rows = self._writer.submit(lambda tx: tx.log.read_texts(step.stream, step.first_seq - 1, step.limit)).result()
        return _Parcel(_bounded(rows))

    def _send(self, path: str, body: bytes, *, is_packed: bool = False) -> None:
        """POST JSON, and tell the machine what came of it."""
        headers = {"Content-Type": "application/json"}
        if not is_packed and len(body) >= GZIP_FROM:
            body, is_packed = gzip.compress(body, GZIP_LEVEL, mtime=0), True
        if is_packed:
            headers["Content-Encoding"] = "gzip"
        headers["Authorization"] = self._signer.authorization("POST", path, body)
        try:
            response = self._session.post(
                self._url + path, data=body, headers=headers, timeout=self._timeout_s, allow_redirects=False
            )
        except requests.Timeout:
            self._machine.failed(time.monotonic(), "no answer in time", timeout=True)
            return
        except requests.RequestException as error:
            self._machine.failed(time.monotonic(), f"no connection ({type(error).__name__})")
            return
        self._take(Reply(response.status_code, _object(response), _retry_after(response)))

    def _take(self, reply: Reply) -> None:
        for effect in self._machine.replied(time.monotonic(), reply):
            if isinstance(effect, Acked):
                self._note_acked(effect)
            else:
                _log.warning("clock_corrected peer=%s", self._peer)
                self._signer.correct(effect.now)

    def _note_acked(self, effect: Acked) -> None:
        if self._acked.get(effect.stream) != effect.seq:
            self._acked[effect.stream] = self._unkept[effect.stream] = effect.seq

    def _keep_acked(self) -> None:
        """Bring acknowledgements to the log: at a pause, and now and then while there is more to send.

        One that is lost with a crash is told again at the next hello; a commit for each would cost as much as what is
        acknowledged.
        """
        if self._unkept:
            unkept = dict(self._unkept)

            def keep(tx: Transaction) -> None:
                for stream, seq in unkept.items():
                    tx.set_acked(self._peer, stream, seq)

            self._writer.submit(keep).result()
            self._unkept.clear()
        self._kept_at = time.monotonic()

    def _look(self, tx: Transaction) -> dict[Stream, Head]:
        """Return the heads of what is to be forwarded, the device's own stream first. Runs in the writer's thread."""
        self._age = tx.log.age()
        own = tx.log.stream
        heads = {own: tx.log.head(own)}
        if self._earlier is None:
            # Nothing is ever added to them.
            streams = sorted(tx.log.streams())
            self._earlier = tuple(each for each in streams if each.device == own.device and each != own)
        heads |= {stream: tx.log.head(stream) for stream in self._earlier}
        if self._forward_all:
            heads |= {stream: head for stream, head in sorted(tx.log.streams().items()) if stream not in heads}
        for stream, head in heads.items():
            if stream not in self._acked:
                self._acked[stream] = tx.log.acked(self._peer, stream)
            self._note_oldest(tx, stream, head)
        return heads

    def _note_oldest(self, tx: Transaction, stream: Stream, head: Head) -> None:
        """Know from when the stream's first unacknowledged event is; read it only when it is another one."""
        seq = self._acked[stream] + 1
        if seq > head.seq:
            self._unacked_at.pop(stream, None)
        elif self._unacked_at.get(stream, (0,))[0] != seq:
            self._unacked_at[stream] = (seq, tx.log.read_stream(stream, seq - 1, 1)[0].at)

    def _tell(self, heads: Mapping[Stream, Head]) -> None:
        machine = self._machine
        # An earlier history that the peer knows otherwise was dealt with when the device was enrolled anew.
        past = set(machine.forked) & set(self._earlier or ())
        behind = sum(max(0, head.seq - self._acked[stream]) for stream, head in heads.items() if stream not in past)
        since = min((at for stream, (_, at) in self._unacked_at.items() if stream not in past), default=None)
        forked = tuple(stream for stream in machine.forked if stream not in past)
        oldest = {stream: seq for stream, (seq, _) in self._unacked_at.items() if stream not in past}
        late = self._lateness.look(time.monotonic(), oldest, behind, answers=machine.answers)
        status = LinkStatus(
            machine.up, machine.why, behind, since, machine.settings_version, forked, machine.answers, late
        )
        if status == self._status:
            return
        if status.late and not self._status.late:
            _log.error("link_late peer=%s behind=%d since=%s why=%r", self._peer, behind, since, status.why)
        elif self._status.late and not status.late:
            _log.info("link_late_over peer=%s behind=%d", self._peer, behind)
        if status.up != self._status.up or status.forked != self._status.forked:
            _log.info(
                "link peer=%s up=%s why=%r behind=%d forked=%d",
                *(self._peer, status.up, status.why, status.behind, len(status.forked)),
            )
        self._status = status
        if self._on_status is not None:
            self._on_status(status)


class _Parcel:
    """The events of a push, packed already but for the head: that tells of the moment of sending, so it comes last."""

    __slots__ = ("_events", "_packer", "count")

    def __init__(self, texts: Sequence[bytes]) -> None:
        self.count = len(texts)
        # The events' own texts, never read and written anew: they are the most of the work.
        self._events = b'{"events":[%b],' % b",".join(texts)
        # 16 + 15: with a gzip header.
        self._packer = zlib.compressobj(GZIP_LEVEL, wbits=31) if len(self._events) >= GZIP_FROM else None
        if self._packer is not None:
            self._events = self._packer.compress(self._events)

    @property
    def is_packed(self) -> bool:
        """Whether the body is gzip."""
        return self._packer is not None

    def with_head(self, head: bytes) -> bytes:
        """Return the request's body; once."""
        rest = head[1:]
        return self._events + (rest if self._packer is None else self._packer.compress(rest) + self._packer.flush())


def _bounded(rows: Sequence[tuple[str, str]]) -> list[bytes]:
    """Return the events' JSON, as many from the first on as a push may weigh, and always the first.

    None at all when the disk has changed one: its peer would refuse it without knowing why.
    """
    texts: list[bytes] = []
    weight = 0
    for text, hash_ in rows:
        told = text.encode()
        weight += len(told)
        if texts and weight > PUSH_BYTES:
            break
        if sha256(told).hexdigest() != hash_:
            return []
        texts.append(told)
    return texts


def _json(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def _object(response: requests.Response) -> dict[str, object]:
    try:
        content = response.json()
    except requests.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def _retry_after(response: requests.Response) -> float | None:
    """Return Retry-After in seconds; its form as a date is not used in this house."""
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdecimal() else None
