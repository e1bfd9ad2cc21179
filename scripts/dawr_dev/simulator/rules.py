"""What the simulated devices hold to. Each field is a rule that a mutant breaks; the product holds to all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from queueing.state import State, evolve
from queueing.wire import Event
from sync.exchange import Exchange
from sync.receiving import goes_on_at, is_new


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force. The callables are the product's own; the flags are what its devices do with them."""

    exchange: type[Exchange] = Exchange
    is_new: Callable[..., bool] = is_new
    goes_on_at: Callable[..., int] = goes_on_at
    evolve: Callable[[State, Event], State] = evolve
    own_series: bool = True
    """Each kiosk numbers from a series of its own."""
    series_folded: bool = True
    """A kiosk that starts folds its log to know what it has given."""
    hub_tells_day: bool = True
    """A series begins anew only at the hub's word, never by the kiosk's clock."""
    commit_before_print: bool = True
    sync_before_ack: bool = True
    sync_before_answer: bool = True
    claims_kept: bool = True
    """A claim that comes again gets the answer that it got."""
    decided_on_newest: bool = True
    """Claims are decided on the state with all that was decided before."""
    arbiter_alone: bool = True
    """Only the hub's word counts on calls."""
    customer_hashed: bool = True
