"""The one thread that follows: folds what a log brings, reckons, and makes the news of the pages that are open.

It has a state of its own, so that no phone is in the way of a call: the arbiter's thread only hands events over. What
concerns a ticket itself goes out at once, what follows for others (people ahead, waits) at a pace that leaves the
machine free. It decides nothing.
"""

from __future__ import annotations

import logging
import queue
import threading
from asyncio import AbstractEventLoop, Future, get_running_loop, timeout
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from follow.house import House
from follow.line import Line
from follow.live import Key, Streams
from follow.turn import Turn
from follow.words import Words
from queueing.centre import Centre
from queueing.wire import Event
from sync.clock import Clock
from sync.log import UnknownCursorError
from sync.storage import StorageUnavailable
from sync.writer import Committed, WriterClosedError

PACE_S = 0.1
"""The least time between two reckonings of a centre; the first after a quiet time is at once."""
SHARE = 0.2
"""No more than this part of the time goes into reckoning, however busy the hall."""
TICK_S = 5.0
"""As often what time alone changes is looked at: waits, the end of a stepping out, the age of news."""
READ_AGAIN_S = 2.0
"""A log that cannot be read is asked for again after this; what it holds is said to be not known yet until then."""
ANSWER_S = 5.0
"""A question that waits longer is not answered: the thread is behind, or about to end."""

_log = logging.getLogger(__name__)


class NotReadyError(Exception):
    """The log is still being read after a start: what is not known yet may exist."""


@dataclass(slots=True)
class _Centre:
    """A centre's line, and what of it has to be told."""

    line: Line
    touched: dict[str, None] = field(default_factory=dict)
    is_stirred: bool = True
    reckoned: float = float("-inf")
    reckon_at: float = float("-inf")


@dataclass(slots=True)
class _Watched:
    """A turn that open pages follow: of which centre, in which languages, and what was told of it last."""

    centre: str
    languages: dict[str, None] = field(default_factory=dict)
    turn: Turn | None = None


class Followers:
    """Answers what is asked of turns, and keeps the open pages' news new. `streams` are the pages."""

    def __init__(self, house: House, words: Words, clock: Clock) -> None:
        self._house = house
        self._words = words
        self._clock = clock
        self.streams = Streams(self._watch)
        self._queue: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._heard: deque[Sequence[Event]] = deque()
        self._centres: dict[str, _Centre] = {}
        self._watched: dict[str, _Watched] = {}
        self._is_reading = True
        self._read_to: str | None = None
        self._read_at = float("-inf")
        self._unread = self._pages()
        self._is_ended = False
        self._thread = threading.Thread(target=self._serve, name="followers", daemon=True)

    def start(self) -> None:
        """Start the thread; it begins by reading the log."""
        self._thread.start()

    def close(self, timeout_s: float = 5.0) -> None:
        """End the open pages and the thread."""
        self._is_ended = True
        self.streams.close()
        self._queue.put(None)
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def heard(self, committed: Committed) -> None:
        """Take what was committed; a listener of the log's writer. Any thread.

        While no page is open it wakes nobody: the thread folds it when somebody asks, or at its next tick.
        """
        self._heard.append(committed.events)
        if self._watched:
            self._queue.put(_nothing)

    def stir(self, identity: str | None = None) -> None:
        """Look again: at one turn (a wish was made or answered), or at all. Any thread."""
        self._queue.put(lambda: self._stir(identity))

    async def find(self, identity: str) -> Turn | None:
        """Return what is told of a turn now, None when there is none. Raises NotReadyError."""
        if self._is_ended:
            raise NotReadyError
        loop = get_running_loop()
        found: Future[Turn | None] = loop.create_future()
        self._queue.put(lambda: self._answer(identity, loop, found))
        try:
            async with timeout(ANSWER_S):
                return await found
        except TimeoutError as error:
            raise NotReadyError from error

    def _watch(self, key: Key, is_open: bool) -> None:
        self._queue.put(lambda: self._watch_in_thread(key, is_open))

    # What follows runs in the thread.

    def _serve(self) -> None:
        while True:
            try:
                jobs = self._jobs()
            except _EndedError:
                return
            while self._heard:
                self._fold(self._heard.popleft())
            for job in jobs:
                job()
            if self._is_reading:
                self._read_on()
            self._tell()

    def _jobs(self) -> list[Callable[[], None]]:
        """Wait for work until something is due; return what there is."""
        jobs: list[Callable[[], None]] = []
        try:
            first = self._queue.get(timeout=self._idle_s())
            while True:
                if first is None:
                    raise _EndedError
                jobs.append(first)
                first = self._queue.get_nowait()
        except queue.Empty:
            return jobs

    def _idle_s(self) -> float:
        monotonic = self._clock.monotonic()
        if self._is_reading:
            return max(0.0, self._read_at - monotonic)
        due = [self._due_at(self._centres[centre]) for centre in {each.centre for each in self._watched.values()}]
        return max(0.0, min([*due, monotonic + TICK_S]) - monotonic)

    @staticmethod
    def _due_at(centre: _Centre) -> float:
        return centre.reckon_at if centre.is_stirred or centre.touched else centre.reckoned + TICK_S

    def _pages(self) -> Iterator[tuple[Event, ...]]:
        """Give the log's pages: from where it still matters, or where the reading was broken off."""
        if self._read_to is None:
            self._read_to = self._house.first_cursor()
        while True:
            try:
                page = self._house.read(self._read_to)
            except UnknownCursorError:
                _log.warning("follow_cursor_unknown")
                self._read_to = ""
                continue
            yield page.events
            if not page.more:
                return
            self._read_to = page.cursor

    def _read_on(self) -> None:
        """Read the log's next page when it is time; one that cannot be read is asked for again, for ever."""
        if self._clock.monotonic() < self._read_at:
            return
        try:
            events = next(self._unread, None)
        except StorageUnavailable as error:
            # A page twice is harmless: a fold knows what it has.
            _log.error("follow_log_unread reason=%s", error.reason)
            self._unread, self._read_at = self._pages(), self._clock.monotonic() + READ_AGAIN_S
            return
        except WriterClosedError:
            _log.info("follow_log_unread reason=writer_closed")
            events = None
        if events is None:
            self._is_reading = False
            _log.info("follow_ready tickets=%d", sum(len(each.line) for each in self._centres.values()))
            return
        self._fold(events)

    def _fold(self, events: Iterable[Event]) -> None:
        now = self._clock.now()
        for event in events:
            name = self._house.centre_of(event)
            settings = None if name is None else self._house.centre(name)
            if name is None or settings is None:
                continue
            centre = self._centres.get(name)
            if centre is None:
                centre = self._centres[name] = _Centre(Line(self._house.arbiter(name)))
            identity = centre.line.fold(event, settings, now)
            centre.is_stirred = True
            if identity is not None and identity in self._watched:
                centre.touched[identity] = None

    def _stir(self, identity: str | None) -> None:
        for centre in self._centres.values():
            if identity is None or identity in centre.line:
                centre.is_stirred = True
                if identity in self._watched:
                    centre.touched[identity] = None

    def _answer(self, identity: str, loop: AbstractEventLoop, found: Future[Turn | None]) -> None:
        turn = self._turn(identity)
        is_unsure = turn is None and self._is_reading

        def settle() -> None:
            if found.cancelled():
                return
            if is_unsure:
                found.set_exception(NotReadyError())
            else:
                found.set_result(turn)

        try:
            loop.call_soon_threadsafe(settle)
        except RuntimeError:
            return  # The loop was closed: nobody waits there any more.

    def _watch_in_thread(self, key: Key, is_open: bool) -> None:
        name = self._name_of(key.identity)
        if is_open and name is not None:
            watched = self._watched.setdefault(key.identity, _Watched(name))
            watched.languages[key.language] = None
            watched.turn = None  # told anew, whatever was told before
            self._centres[name].touched[key.identity] = None
        elif not is_open and key.identity in self._watched:
            watched = self._watched[key.identity]
            watched.languages.pop(key.language, None)
            if not watched.languages:
                del self._watched[key.identity]

    def _name_of(self, identity: str) -> str | None:
        return next((name for name, centre in self._centres.items() if identity in centre.line), None)

    def _turn(self, identity: str) -> Turn | None:
        name = self._name_of(identity)
        settings = None if name is None else self._house.centre(name)
        if name is None or settings is None:
            return None
        centre, now = self._centres[name], self._clock.now()
        monotonic = self._clock.monotonic()
        if monotonic >= self._due_at(centre):
            self._reckon(centre, settings, now)
        turn = centre.line.turn(identity, settings, now)
        return None if turn is None else self._with_line(turn, now)

    def _with_line(self, turn: Turn, now: datetime) -> Turn:
        """Add what the log does not know: how old its news is, and a wish that has no answer yet."""
        news_at = self._house.news_at(turn.centre, now)
        if news_at is not None:
            turn = turn._replace(news_at=news_at)
        asked = self._house.asked(turn, now)
        return turn if asked is None else turn._replace(asked=asked)

    def _reckon(self, centre: _Centre, settings: Centre, now: datetime) -> None:
        begun = self._clock.monotonic()
        centre.line.reckon(settings, now)
        centre.is_stirred = False
        centre.reckoned = begun
        self._pace(centre, begun)

    def _pace(self, centre: _Centre, begun: float) -> None:
        centre.reckon_at = begun + max(PACE_S, (self._clock.monotonic() - begun) / SHARE)

    def _tell(self) -> None:
        """Make the news that is due: of the tickets that something happened to, then of all that wait behind them."""
        if self._is_reading or not self._watched:
            return
        for name in {each.centre for each in self._watched.values()}:
            centre, settings = self._centres[name], self._house.centre(name)
            if settings is None:
                continue
            is_due = self._clock.monotonic() >= self._due_at(centre)
            is_by_time = not centre.is_stirred and not centre.touched
            if centre.touched:
                touched, centre.touched = centre.touched, {}
                self._publish(centre, settings, touched, only_own=centre.is_stirred)
            if is_due:
                begun = self._clock.monotonic()
                self._reckon(centre, settings, self._clock.now())
                self._publish(centre, settings, [i for i, each in self._watched.items() if each.centre == name])
                self._pace(centre, begun)
                if is_by_time:
                    # It comes seldom enough by itself, and the call that may come next is not to wait for it.
                    centre.reckon_at = begun

    def _publish(self, centre: _Centre, settings: Centre, identities: Iterable[str], *, only_own: bool = False) -> None:
        """Tell what has changed, whose turn is near first. `only_own`: before the reckoning, nobody's who waits."""
        now, changed = self._clock.now(), list[tuple[Turn, _Watched]]()
        for identity in identities:
            watched = self._watched.get(identity)
            if watched is None:
                continue
            told = centre.line.turn(identity, settings, now)
            if told is None:
                continue
            turn = self._with_line(told, now)
            if turn == watched.turn or (only_own and turn.phase == "waiting"):
                continue
            watched.turn = turn
            changed.append((turn, watched))
        changed.sort(key=lambda one: -1 if one[0].ahead is None else one[0].ahead)
        frames = {
            Key(turn.identity, language): self._words.line(turn, language)
            for turn, watched in changed
            for language in watched.languages
        }
        if frames:
            self.streams.publish(frames)


def _nothing() -> None:
    """Do nothing but wake the thread."""


class _EndedError(Exception):
    """The thread was told to end."""
