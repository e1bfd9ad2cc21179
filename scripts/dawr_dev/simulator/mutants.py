"""The rules broken on purpose, one at a time: what would happen, were the product built so. Each must be caught."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from queueing import facts
from queueing.facts import fact_of
from queueing.state import State, evolve
from queueing.wire import Event
from scripts.dawr_dev.simulator.rules import Rules
from sync.exchange import Exchange, Push
from sync.receiving import Head


@dataclass(frozen=True, slots=True)
class Mutant:
    """A broken rule: what it does, and the rules with it."""

    does: str
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


def _of(**broken: Any) -> Callable[[str], Mutant]:
    return lambda does: Mutant(does, replace(Rules(), **broken))


MUTANTS: Mapping[str, Mutant] = {
    "series-shared": _of(own_series=False)("two kiosks number from one series"),
    "series-forgotten": _of(series_folded=False)("a kiosk that starts counts from the beginning"),
    "series-by-clock": _of(hub_tells_day=False)("a kiosk's own clock begins its series anew"),
    "print-before-commit": _of(commit_before_print=False)("a ticket is printed before it is safe"),
    "ack-before-fsync": _of(sync_before_ack=False)("events are acknowledged before they are safe"),
    "answer-before-fsync": _of(sync_before_answer=False)("a claim is answered before it is safe"),
    "claim-without-id": _of(claims_kept=False)("a claim that comes again is decided again"),
    "stale-read": _of(decided_on_newest=False)("claims are decided on a state of some seconds ago"),
    "everybody-heeded": _of(arbiter_alone=False)("a kiosk's word counts on calls"),
    "outbox-trimmed": _of(exchange=_Trimmed)("what was sent and not answered is taken out of the outbox"),
    "gives-up": _of(exchange=_GivesUp)("a sender stops trying after three failures"),
    "fork-overlooked": _of(goes_on_at=_no_history, is_new=_any_history)("nobody compares histories"),
    "fold-by-arrival": _of(evolve=_by_arrival)("the state follows the order of delivery"),
    "number-in-the-log": _of(customer_hashed=False)("personal numbers are written into events"),
}
"""By name."""
