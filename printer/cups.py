"""A printer behind a queue of CUPS, `cups://QUEUE`: the last resort, for one that no other way leads to.

CUPS calls a job completed when it has handed the bytes over, and would keep jobs back for a printer that is out and
print them afterwards. So nothing here is ever *printed*: a ticket is *not printed* where CUPS can prove that no byte
went out, else *unknown*. And a backlog cannot form:

- What an earlier process left in the queue is cancelled before anything else is done.
- A ticket is submitted only after a question of three bytes has passed: a ticket for a dead printer is never in CUPS.
- One ticket at a time; it is cancelled when it is not handed over in time, and seen to be.
  CUPS itself cancels it (`job-cancel-after`) should this process die and not come back.
- When it was handed over and had time to print, the printer's memory is emptied by a job of its own (`DLE DC4` 8): what
  a printer without paper has taken does not come out after the refill.

It speaks IPP to the local scheduler's socket (`printer.ipp` says why) and is imported only for such a URL.
"""

from __future__ import annotations

import enum
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self
from urllib.parse import parse_qsl

from printer import ipp
from printer.devices import parse
from printer.ipp import NOT_FOUND, NOT_POSSIBLE, Attributes, Given, Op, RefusedError, SchedulerError, Tag
from printer.outcome import Health, Outcome, PaperLeft, State, Why
from printer.phrases import CLEAR, ask

log = logging.getLogger(__name__)

SOCKET = "/run/cups/cups.sock"
_OURS = "dawr-"
_QUESTION = ask(1)  # no paper moves by it, and a printer has to be there to take it
_PROCESSING = 5
_ENDED = (7, 8, 9)
_COMPLETED = 9
_QUEUE_STOPPED = 5
_STOPPING = "processing-to-stop-point"  # cancelled, and the backend is still at it
_CANCELLED = "job-canceled-by-user"
_ASKED_OF_JOBS = ("job-id", "job-name", "job-state", "job-state-reasons", "time-at-processing")
_ASKED_OF_QUEUES = ("printer-state", "printer-state-reasons", "printer-is-accepting-jobs")

# IPP's words for a printer's state (RFC 8011, 5.4.12), without their severity, as far as staff can do something.
_TROUBLES: tuple[tuple[Why, frozenset[str]], ...] = (
    (Why.PAPER_OUT, frozenset({"media-empty", "media-needed"})),
    (Why.COVER_OPEN, frozenset({"cover-open", "door-open", "interlock-open"})),
    (Why.ERROR, frozenset({"media-jam"})),
    (Why.CANNOT_CONNECT, frozenset({"connecting-to-device", "timed-out"})),
    (Why.OFFLINE, frozenset({"offline", "paused", "shutdown", "stopped-partly"})),
)


class Request(Protocol):
    """One request to a scheduler, as `ipp.ask` makes it."""

    def __call__(
        self, path: str, op: Op, given: Sequence[Given], job: Sequence[Given], data: bytes, *, timeout: float
    ) -> ipp.Answer:
        """Return the answer. Raises SchedulerError and RefusedError."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited, in seconds."""

    request: float = 2.0  # for an answer of the scheduler
    question: float = 3.0  # until three bytes are handed over
    ticket: float = 4.0
    stop: float = 1.5  # until a cancelled job's backend has ended
    settle: float = 4.0  # for a ticket that was handed over to be on paper
    sweep: float = 1.5
    again: float = 0.05  # between looks at a job
    whole: float = 12.0


class Fate(enum.Enum):
    """What became of a job."""

    HANDED_OVER = enum.auto()
    NEVER_BEGUN = enum.auto()  # cancelled, and CUPS had not begun it: no byte went out
    FAILED = enum.auto()  # the backend gave up
    LATE = enum.auto()  # cancelled after it had begun
    LOST = enum.auto()  # the scheduler went away, or does not stop it


@dataclass(frozen=True, slots=True)
class Condition:
    """What a queue says of itself and, by its backend, of its printer."""

    stopped: bool
    accepting: bool
    reasons: frozenset[str]

    @classmethod
    def of(cls, said: Attributes) -> Self:
        """Read a queue's attributes."""
        words = (str(word) for word in said.get("printer-state-reasons", ()))
        severities = ("-error", "-warning", "-report")
        reasons = frozenset(
            next((word.removesuffix(s) for s in severities if word.endswith(s)), word) for word in words
        )
        stopped = said.get("printer-state", (0,))[0] == _QUEUE_STOPPED
        return cls(stopped, bool(said.get("printer-is-accepting-jobs", (1,))[0]), reasons)

    @property
    def trouble(self) -> Why:
        """What is wrong, the nearest cause first."""
        told = (why for why, words in _TROUBLES if words & self.reasons)
        return next(told, Why.NONE if self.accepting and not self.stopped else Why.OFFLINE)

    @property
    def paper(self) -> PaperLeft:
        """The paper, where the backend speaks of it: most do not."""
        if self.trouble is Why.PAPER_OUT:
            return PaperLeft.OUT
        return PaperLeft.NEAR_END if "media-low" in self.reasons else PaperLeft.UNKNOWN


class Queue:
    """One queue, for one conversation. `clock` is monotonic, `pause` waits for so many seconds."""

    def __init__(
        self,
        url: str,
        number: int = 0,
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
        patience: Patience | None = None,
        request: Request = ipp.ask,
    ) -> None:
        """Ask nothing yet; `number` marks the jobs. Raises BadUrlError."""
        parts = parse(url)
        self._name = parts.netloc
        self._socket = dict(parse_qsl(parts.query)).get("socket", SOCKET)
        self._number = number
        self._clock, self._pause, self._request = clock, pause, request
        self._patience = patience or Patience()
        self._end = clock() + self._patience.whole

    def print(
        self,
        make: Callable[[], tuple[bytes, bytes]],
        *,
        clear: bool,
        begin: Callable[[], None],
        first_byte: Callable[[float], None],
    ) -> Outcome:
        """Print what `make` returns and return the outcome, which is never *printed*.

        `clear`: an earlier ticket was interrupted. It is emptied out of the printer, and what hangs out of it cut off.
        Raises what the callables raise.
        """
        trouble = self._greet(clear=clear)
        if trouble.why is not Why.NO_ANSWER:
            return trouble
        ticket, cut = make()
        begin()
        fate = self._do("ticket", (cut if clear else b"") + ticket + cut, self._patience.ticket, first_byte)
        if fate is Fate.NEVER_BEGUN:
            return Outcome(State.NOT_PRINTED, self._cause(Why.CANNOT_CONNECT), trouble.paper)
        if fate is Fate.LOST:
            return Outcome(State.UNKNOWN, Why.CONNECTION_LOST, trouble.paper)
        if fate is Fate.HANDED_OVER:
            self._pause(min(self._patience.settle, self._left()))
        swept = self._do("sweep", CLEAR, self._patience.sweep)
        why = {Fate.LATE: Why.TIMEOUT, Fate.FAILED: Why.CONNECTION_LOST}.get(fate, Why.NO_ANSWER)
        if why is Why.NO_ANSWER and swept is not Fate.HANDED_OVER:
            why = Why.TIMEOUT
        return Outcome(State.UNKNOWN, self._cause(why), self._paper())

    def prove(self, *, clear: bool = False) -> Outcome:
        """Return what would become of a ticket now: *not printed* for a reason, or *unknown*."""
        return self._greet(clear=clear)

    def health(self, *, thorough: bool, clear: bool = False) -> Health:
        """Return what can be known of the printer: some trouble, or that it tells nothing.

        Only with `thorough` is it found out whether the printer takes anything: that costs a job.
        """
        outcome = self._greet(clear=clear, thorough=thorough)
        return Health(outcome.why, outcome.paper)

    def _greet(self, *, clear: bool, thorough: bool = True) -> Outcome:
        """Return what would become of a ticket, *unknown* and "no answer" at best; the queue has nothing of ours."""
        try:
            if not self._tidy():
                return Outcome(State.NOT_PRINTED, Why.TIMEOUT)
            queue = self._condition()
            if not queue.accepting or queue.stopped:
                log.warning("queue=%s stopped=%s accepting=%s", self._name, queue.stopped, queue.accepting)
                return Outcome(State.NOT_PRINTED, queue.trouble, queue.paper)
            if thorough:
                # What the queue says of its printer is of its last job: one more, and it is of now.
                fate = self._do("question", CLEAR if clear else _QUESTION, self._patience.question)
                queue = self._condition()
                if fate is not Fate.HANDED_OVER:
                    log.warning("queue=%s takes nothing fate=%s", self._name, fate.name)
                    return Outcome(State.NOT_PRINTED, queue.trouble or Why.CANNOT_CONNECT, queue.paper)
        except (SchedulerError, RefusedError) as error:
            log.warning("queue=%s unreachable reason=%s", self._name, error)
            return Outcome(State.NOT_PRINTED, Why.CANNOT_CONNECT)
        if queue.trouble is not Why.NONE:
            return Outcome(State.NOT_PRINTED, queue.trouble, queue.paper)
        return Outcome(State.UNKNOWN, Why.NO_ANSWER, queue.paper)

    def _tidy(self) -> bool:
        """Cancel what is ours in the queue; return whether all of it is at an end. Raises what `_ask` raises."""
        left = [job for job in self._jobs() if str(job.get("job-name", ("",))[0]).startswith(_OURS)]
        for job in left:
            log.warning("queue=%s job=%s left by an earlier process: cancelled", self._name, job["job-id"][0])
        fates = [self._stop(int(job["job-id"][0] or 0), str(job["job-name"][0])) for job in left]
        return Fate.LOST not in fates

    def _cause(self, otherwise: Why) -> Why:
        """Return what the queue says is wrong, or the reason that is known without it."""
        try:
            return self._condition().trouble or otherwise
        except (SchedulerError, RefusedError):
            return otherwise

    def _paper(self) -> PaperLeft:
        try:
            return self._condition().paper
        except (SchedulerError, RefusedError):
            return PaperLeft.UNKNOWN

    # One job

    def _do(
        self, what: str, data: bytes, limit_s: float, first_byte: Callable[[float], None] = lambda _at: None
    ) -> Fate:
        """Have the scheduler hand over some bytes within so many seconds, or not at all."""
        name = f"{_OURS}{what}-{self._number}"
        until = self._clock() + min(limit_s, self._left())
        try:
            job = self._submit(name, data)
        except RefusedError as error:
            log.warning("queue=%s refused=%s reason=%s", self._name, what, error)
            return Fate.NEVER_BEGUN
        except SchedulerError as error:
            log.warning("queue=%s lost=%s reason=%s", self._name, what, error)
            return Fate.LOST if error.sent else Fate.NEVER_BEGUN
        begun = False
        try:
            while self._clock() < until:
                seen = self._job(job, name)
                if seen is None:
                    return Fate.HANDED_OVER  # a scheduler that keeps no history; it says no more of it
                state = seen["job-state"][0]
                if not begun and _begun(seen):
                    begun = True
                    first_byte(self._clock())
                if state in _ENDED or (begun and state != _PROCESSING):
                    break  # put back after it had begun: it would be printed again
                if not begun and self._condition().stopped:
                    break
                self._pause(self._patience.again)
        except SchedulerError as error:
            log.warning("queue=%s lost=%s reason=%s", self._name, what, error)
            begun = True  # for all that can be known: who comes back may have forgotten it
        fate = self._stop(job, name)
        return Fate.LOST if begun and fate is Fate.NEVER_BEGUN else fate

    def _stop(self, job: int, name: str) -> Fate:
        """Cancel a job unless it has ended, and return what became of it once its backend is at an end."""
        until = self._clock() + self._patience.stop
        cancelled = False
        while True:
            seen: Attributes | None = {}
            try:
                seen = self._job(job, name)
                if seen is not None and seen["job-state"][0] not in _ENDED and not cancelled:
                    self._cancel(job)
                    cancelled = True
            except SchedulerError:
                cancelled = False  # it may come back, and would begin it again
            if seen is None:
                return Fate.LATE
            state, reasons = seen.get("job-state", (0,))[0], seen.get("job-state-reasons", ())
            if state == _COMPLETED:
                return Fate.HANDED_OVER
            if state in _ENDED and not _begun(seen):
                return Fate.NEVER_BEGUN
            # Some backends' end goes unnoticed, and CUPS says so for ever: it is not waited for longer than for others.
            waited = self._clock() >= until
            if state in _ENDED and (_STOPPING not in reasons or waited):
                return Fate.LATE if cancelled or _CANCELLED in reasons else Fate.FAILED
            if waited:
                log.error("queue=%s job=%d is not known to have stopped", self._name, job)
                return Fate.LOST
            self._pause(self._patience.again)

    # The scheduler

    def _left(self) -> float:
        return max(0.1, self._end - self._clock())

    def _submit(self, name: str, data: bytes) -> int:
        given: list[Given] = [
            self._uri,
            (Tag.NAME, "requesting-user-name", ipp.user()),
            (Tag.NAME, "job-name", name),
            (Tag.MIME, "document-format", "application/vnd.cups-raw"),
        ]
        after: Given = (Tag.INTEGER, "job-cancel-after", round(self._patience.whole))
        answer = self._ask(Op.PRINT_JOB, given, [after], data)
        return int(answer.of(Tag.JOB)[0]["job-id"][0] or 0)

    def _job(self, job: int, name: str) -> Attributes | None:
        """Return what is known of a job of ours, None for nothing. Raises SchedulerError."""
        try:
            answer = self._ask(
                Op.JOB_ATTRIBUTES, [*self._of(job), (Tag.KEYWORD, "requested-attributes", _ASKED_OF_JOBS)]
            )
        except RefusedError:
            return None
        # A scheduler that has lost its memory gives its numbers to others.
        return next((found for found in answer.of(Tag.JOB) if found.get("job-name") == (name,)), None)

    def _jobs(self) -> Iterable[Attributes]:
        given: list[Given] = [
            self._uri,
            (Tag.NAME, "requesting-user-name", ipp.user()),
            (Tag.BOOLEAN, "my-jobs", True),
            (Tag.KEYWORD, "requested-attributes", _ASKED_OF_JOBS),
        ]
        return self._ask(Op.JOBS, given).of(Tag.JOB)

    def _cancel(self, job: int) -> None:
        """Cancel a job that may have ended. Raises SchedulerError."""
        try:
            self._ask(Op.CANCEL_JOB, self._of(job))
        except RefusedError as error:
            if error.status not in (NOT_POSSIBLE, NOT_FOUND):
                log.error("queue=%s job=%d cannot be cancelled: %s", self._name, job, error)

    def _condition(self) -> Condition:
        answer = self._ask(Op.PRINTER_ATTRIBUTES, [self._uri, (Tag.KEYWORD, "requested-attributes", _ASKED_OF_QUEUES)])
        return Condition.of(answer.of(0x04)[0])

    def _ask(self, op: Op, given: list[Given], job: list[Given] | None = None, data: bytes = b"") -> ipp.Answer:
        timeout = min(self._patience.request, self._left())
        return self._request(self._socket, op, given, job or [], data, timeout=timeout)

    @property
    def _uri(self) -> Given:
        return Tag.URI, "printer-uri", f"ipp://localhost/printers/{self._name}"

    def _of(self, job: int) -> list[Given]:
        return [
            (Tag.URI, "job-uri", f"ipp://localhost/jobs/{job}"),
            (Tag.NAME, "requesting-user-name", ipp.user()),
        ]


def _begun(job: Attributes) -> bool:
    """Whether the scheduler had begun to hand a job over. It notes the second in which it starts the backend."""
    return job.get("time-at-processing", (None,))[0] is not None
