"""Carry one conversation over one device: the only place where the dialogue meets a wire and a clock.

Everything here ends within `CONNECT_S`, the dialogue's own deadline and its wait for the printer to be empty, whatever
the printer does. A queue of CUPS is no wire and has no conversation: its tickets go by `printer.cups`.
"""

from __future__ import annotations

import logging
import math
import select
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from printer.devices import Device, GoneError, UnreachableError, is_queue, open_device
from printer.dialogue import Dialogue
from printer.outcome import Health, Outcome, State, Why
from printer.phases import BOTH, FenceKind, Patience, Phase
from printer.phrases import MORE, REPORT_NOTHING, WHICH_LOGOS
from printer.profiles import Identity
from printer.replies import Keys, Listener

if TYPE_CHECKING:
    from printer.logo import Logo

log = logging.getLogger(__name__)

CONNECT_S = 2.5
KEYS_S, STORE_S = 0.7, 5.0  # a printer writes its lasting memory slowly
# A device that is readable and gives nothing (a driver's end of transfer) is looked at again so often, not at once.
_PAUSE_S = 0.05

Clock = Callable[[], float]
Ticket = tuple[bytes, bytes, bytes]
"""The bytes of a ticket but for its last line, those of that line, and those of the cut after it."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """What others want to know while a ticket prints."""

    begin: Callable[[], None] = lambda: None  # the ticket's first byte goes out next: remember it now
    first_byte: Callable[[float], None] = lambda _at: None  # it has gone, at this monotonic second


def print_ticket(
    url: str,
    make: Callable[[Identity], Ticket],
    number: int,
    *,
    clear: bool = False,
    who: bool = False,
    fences: tuple[FenceKind, ...] = BOTH,
    hooks: Hooks | None = None,
    patience: Patience | None = None,
    clock: Clock = time.monotonic,
) -> Outcome:
    """Print what `make` returns, which is called when the printer is ready for it, and return the outcome.

    `number` marks the job for the printer's answer. `clear` first empties what an earlier ticket may have left in the
    printer. With `who` it is asked who it is, for `make`. `fences` are the kinds that it may answer. Raises
    BadUrlError, and what `make` and the hooks raise.
    """
    hooks = hooks or Hooks()
    if is_queue(url):
        from printer.cups import Queue  # noqa: PLC0415

        def whole() -> tuple[bytes, bytes]:
            ticket, last, cut = make(Identity())
            return ticket + last, cut

        queue = Queue(url, number, clock=clock)
        return queue.print(whole, clear=clear, begin=hooks.begin, first_byte=hooks.first_byte)
    dialogue = Dialogue(clock(), number, clear=clear, who=who, fences=fences, patience=patience)
    return _converse(url, dialogue, make, hooks, clock)


def ask_health(
    url: str, *, who: bool = False, clear: bool = False, thorough: bool = True, clock: Clock = time.monotonic
) -> tuple[Health, Identity]:
    """Ask a printer how it is and, with `who`, who it is. Raises BadUrlError.

    `clear` and `thorough` are for queues: to empty what an earlier ticket may have left, and to find out by a job
    whether anything is taken at all. A wire is always asked the same.
    """
    if is_queue(url):
        from printer.cups import Queue  # noqa: PLC0415

        return Queue(url, clock=clock).health(thorough=thorough, clear=clear), Identity()
    dialogue = Dialogue(clock(), purpose="ask", who=who)
    outcome = _converse(url, dialogue, _nothing, Hooks(), clock)
    health = Health(outcome.why) if outcome.why is Why.CANNOT_CONNECT else dialogue.health
    return health, Identity(*dialogue.told[:2])


def prove(
    url: str,
    number: int,
    *,
    fences: tuple[FenceKind, ...] = BOTH,
    patience: Patience | None = None,
    clock: Clock = time.monotonic,
) -> Outcome:
    """Return what would become of a ticket now: *printed* when the printer is well and confirms what it was given.

    Nothing comes out. Raises BadUrlError.
    """
    if is_queue(url):
        from printer.cups import Queue  # noqa: PLC0415

        return Queue(url, number, clock=clock).prove()
    dialogue = Dialogue(clock(), number, purpose="prove", fences=fences, patience=patience)
    return _converse(url, dialogue, _nothing, Hooks(), clock)


def keep_logo(url: str, logo: Logo, *, clock: Clock = time.monotonic) -> bool:
    """Store a logo in a printer unless it has it; return whether it has it now. Raises BadUrlError."""
    try:
        device = open_device(url, CONNECT_S)
    except UnreachableError:
        return False
    try:
        if _keys(device, WHICH_LOGOS, logo.key, clock() + KEYS_S, clock):
            return True
        log.info("printer=%s logo=%s stored", url, logo.key.hex())
        return _keys(device, logo.store + WHICH_LOGOS, logo.key, clock() + STORE_S, clock)
    except GoneError:
        return False
    finally:
        device.close(discard=False)


def _keys(device: Device, orders: bytes, wanted: bytes, until: float, clock: Clock) -> bool:
    """Send orders that end with the question for keys; return whether the wanted one is among the answers in time."""
    listener, poller = Listener(), select.poll()
    while clock() < until:
        orders = orders[device.send(orders) :] if orders else orders
        poller.register(device.fileno(), select.POLLIN | (select.POLLOUT if orders else 0))
        poller.poll(max(1, math.ceil((until - clock()) * 1000)))
        for reply in listener.hear(device.receive()):
            if isinstance(reply, Keys):
                if wanted in reply.keys or not reply.more:
                    return wanted in reply.keys
                orders += MORE
    return False


def _nothing(_who: Identity) -> Ticket:
    raise AssertionError("a question has no ticket")


def _converse(url: str, dialogue: Dialogue, make: Callable[[Identity], Ticket], hooks: Hooks, clock: Clock) -> Outcome:
    try:
        device = open_device(url, CONNECT_S)
    except UnreachableError as error:
        log.warning("printer=%s unreachable reason=%s", url, error)
        return Outcome(State.NOT_PRINTED, Why.CANNOT_CONNECT)
    discard = True
    try:
        try:
            _carry(device, dialogue, make, hooks, clock)
        except GoneError as error:
            log.warning("printer=%s gone reason=%s", url, error)
            dialogue.lost(clock())
        outcome = _outcome(dialogue)
        discard = not (outcome.printed and _part(device))
    finally:
        device.close(discard=discard)
    return outcome


def _part(device: Device) -> bool:
    """Leave a printer that has printed as it was found; return whether its line may be closed in peace."""
    try:
        return device.send(REPORT_NOTHING) == len(REPORT_NOTHING)
    except GoneError:
        return False


def _outcome(dialogue: Dialogue) -> Outcome:
    if dialogue.outcome is None:
        raise AssertionError("a conversation ended without an outcome")
    return dialogue.outcome


def _carry(device: Device, dialogue: Dialogue, make: Callable[[Identity], Ticket], hooks: Hooks, clock: Clock) -> None:
    """Move bytes and time between the device and the dialogue until it is over. Raises GoneError."""
    poller = select.poll()
    first = True
    while True:
        now = clock()
        dialogue.tick(now)
        if dialogue.outcome is not None:
            return
        if dialogue.phase is Phase.READY:
            parts = make(Identity(*dialogue.told[:2]))
            hooks.begin()
            dialogue.load(*parts, clock())
        waiting = dialogue.to_send
        if waiting and (count := device.send(waiting)):
            now = clock()
            dialogue.sent(count, now)
            if dialogue.begun and first:
                first = False
                hooks.first_byte(now)
            waiting = dialogue.to_send
        poller.register(device.fileno(), select.POLLIN | (select.POLLOUT if waiting else 0))
        wait_s = max(0.0, dialogue.wake_at - clock())
        for _, event in poller.poll(math.ceil(wait_s * 1000)):
            if event & ~select.POLLOUT:
                heard = device.receive()
                dialogue.received(heard, clock())
                if not heard and event & (select.POLLHUP | select.POLLERR):
                    raise GoneError("hung up")
                if not heard:
                    select.select([], [], [], _PAUSE_S)
