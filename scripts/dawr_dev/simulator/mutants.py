"""The rules broken on purpose, one at a time: what would happen, were the product built so. Each must be caught."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from queueing import facts
from queueing.facts import Fact, SeriesBegan, fact_of
from queueing.numbers import Series
from queueing.state import State, evolve
from queueing.wire import Event
from scripts.dawr_dev.simulator.rules import Rules
from sync.exchange import Effect, Exchange, Push, Reply
from sync.receiving import Head


@dataclass(frozen=True, slots=True)
class Mutant:
    """A broken rule: what it does, the guarantees that it breaks, and the rules with it."""

    does: str
    breaks: tuple[int, ...]
    rules: Rules


class _Trimmed(Exchange):
    """An outbox that drops what it has sent, answered or not."""

    def failed(self, now: float, why: str, *, timeout: bool = False) -> None:
        step = self._step
        super().failed(now, why, timeout=timeout)
        if isinstance(step, Push) and timeout:
            self._lines[step.stream].expect_seq = step.first_seq + self._offered
            self._lines[step.stream].hello_at = now + 1e9


class _GivesUp(Exchange):
    """A sender that stops after three failures in a row."""

    def _down(self, now: float, why: str, wait_s: float | None = None) -> None:
        super()._down(now, why, wait_s)
        if self._failures >= 3:
            self._not_before = now + 1e9


class _NeverBack(Exchange):
    """A sender for which what was acknowledged once is done with for ever, whatever the peer says that it has."""

    def replied(self, now: float, reply: Reply) -> list[Effect]:
        before = {stream: line.expect_seq or 0 for stream, line in self._lines.items()}
        effects = super().replied(now, reply)
        for stream, line in self._lines.items():
            if line.expect_seq is not None and line.expect_seq < before[stream]:
                line.expect_seq = before[stream]
                self._not_before = now + 1.0
        return effects

    def failed(self, now: float, why: str, *, timeout: bool = False) -> None:
        before = {stream: line.expect_seq for stream, line in self._lines.items()}
        super().failed(now, why, timeout=timeout)
        for stream, line in self._lines.items():
            line.expect_seq = before[stream]


class _AnyDay(Series):
    """A series that begins anew with any other day that it hears of."""

    def begins(self, day: str) -> bool:
        return day != self.day

    def evolve(self, fact: Fact) -> None:
        if isinstance(fact, SeriesBegan):
            self.day = ""
        super().evolve(fact)


def _no_history(stream: object, next_seq: int, head_hash: str, head: Head, hash_at: object, **_: Any) -> int:
    return min(head.seq + 1, next_seq)


def _any_history(event: Event, head: Head, hash_at: object, **_: Any) -> bool:
    return event.seq > head.seq


def _by_arrival(state: State, event: Event) -> State:
    """Fold a ticket's steps in the order in which they come."""
    fact = fact_of(event)
    if isinstance(fact, facts.OfTurn):
        count = sum(len(line.steps) for line in state._lines.values())
        event = replace(event, seq=count + 1)
    return evolve(state, event)


def _of(*breaks: int, **broken: Any) -> Callable[[str], Mutant]:
    return lambda does: Mutant(does, breaks, replace(Rules(), **broken))


MUTANTS: Mapping[str, Mutant] = {
    "series-shared": _of(1, own_series=False)("two kiosks number from one series"),
    "series-forgotten": _of(1, series_folded=False)("a kiosk that starts counts from the beginning"),
    "series-by-clock": _of(1, hub_tells_day=False)("a kiosk's own clock begins its series anew"),
    "series-of-any-day": _of(1, series=_AnyDay)("a late word of an earlier day begins a series anew"),
    "series-kept": _of(1, series_anew=False)("a kiosk that is enrolled anew goes on with its old series"),
    "old-image-trusted": _of(1, 2, hub_agrees_first=False)("a kiosk gives tickets before the hub knows its history"),
    "print-before-commit": _of(1, 2, commit_before_print=False)("a ticket is printed before it is safe"),
    "print-when-full": _of(1, 2, print_only_kept=False)("a ticket is printed that a full disk did not take"),
    "claim-without-id": _of(3, claims_kept=False)("a claim that comes again is decided again"),
    "stale-read": _of(3, decided_on_newest=False)("claims are decided on a state of some seconds ago"),
    "answer-before-fsync": _of(3, 4, sync_before_answer=False)("a claim is answered before it is safe"),
    "everybody-heeded": _of(3, 5, 8, arbiter_alone=False)("a kiosk's word counts on calls"),
    "ack-before-fsync": _of(2, 4, 6, sync_before_ack=False)("events are acknowledged before they are safe"),
    "ack-when-full": _of(2, 4, 6, ack_only_kept=False)("events are acknowledged that a full disk did not take"),
    "unknown-dropped": _of(4, 6, unknown_kept=False)("events of a later version are not kept"),
    "outbox-trimmed": _of(2, 4, 6, exchange=_Trimmed)("what was sent and not answered is taken out of the outbox"),
    "never-back": _of(2, 4, 6, exchange=_NeverBack)("what was acknowledged once is never sent again"),
    "reply-mistaken": _of(2, 4, 6, replies_matched=False)("a late reply is taken for the answer to another request"),
    "gives-up": _of(2, 4, 6, exchange=_GivesUp)("a sender stops trying after three failures"),
    "fold-by-arrival": _of(5, evolve=_by_arrival)("the state follows the order of delivery"),
    "old-board-shown": _of(5, older=lambda board, shown: False)("a display shows whatever board comes last"),
    "number-in-the-log": _of(7, customer_hashed=False)("personal numbers are written into events"),
    "fork-overlooked": _of(2, 4, 8, goes_on_at=_no_history, is_new=_any_history)("nobody compares histories"),
    "revoked-heard": _of(8, revoked_refused=False)("the hub goes on taking what a revoked device sends"),
}
"""By name."""
