"""What the simulated devices hold to. Each field is a rule that a mutant breaks; the product holds to all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from display.board import Board
from queueing.numbers import Series
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
    series: type[Series] = Series
    older: Callable[[Board, Board], bool] = Board.older_than
    own_series: bool = True
    """Each kiosk numbers from a series of its own."""
    series_anew: bool = True
    """A kiosk that is enrolled anew gets another series."""
    series_folded: bool = True
    """A kiosk that starts folds its log to know what it has given."""
    hub_tells_day: bool = True
    """A series begins anew only at the hub's word, never by the kiosk's clock."""
    commit_before_print: bool = True
    print_only_kept: bool = True
    """What a full disk did not take is not printed."""
    sync_before_ack: bool = True
    ack_only_kept: bool = True
    """What a full disk did not take is not acknowledged."""
    unknown_kept: bool = True
    """Events of a later version are kept and passed on."""
    replies_matched: bool = True
    """A reply that comes after its time is nobody's."""
    sync_before_answer: bool = True
    claims_kept: bool = True
    """A claim that comes again gets the answer that it got."""
    decided_on_newest: bool = True
    """Claims are decided on the state with all that was decided before."""
    arbiter_alone: bool = True
    """Only the hub's word counts on calls."""
    hub_agrees_first: bool = True
    """A kiosk whose disk was put back gives no tickets before the hub has agreed to its history."""
    revoked_refused: bool = True
    customer_hashed: bool = True
