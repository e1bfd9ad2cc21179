"""Tells customers by SMS: hands what is due to the server, or to the modem in its stead, and asks what became of it.

What is due is decided once, by `messages`; a message's way is written down before it is tried: once a request to the
server may have arrived it is the server's for ever, so it never goes out by both. A thread of its own; the hall never
waits for it. Phones come from `contacts` and go nowhere but to the gateway.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

from assets.texts import Catalogue
from hub.arbiter import Arbiter
from hub.messages import NEW, SETTLED, MessageBook, Pending
from hub.modem import ModemPost
from sms.message import Message
from sms.outbox import Told
from sync.clock import Clock
from sync.line import PeerLine, PeerUnavailable
from sync.log import StorageUnavailable
from sync.writer import WriterClosedError

ROUND_S = 1.0
ASK_S, ASK_SOON_S = 10.0, 2.0
"""The server is asked how messages stand so often; while some are new, that often."""
ASK_OF_UNKNOWN_S = 300.0
NEW_FOR_S = 120.0
FRESH_S = 30.0
"""What the server last said of its gateway counts for so long."""
_MOST = 100
_ANSWER_WITHIN_S = 5.0

_log = logging.getLogger(__name__)


class Messenger:
    """Decides and hands over. `line` is a line of its own to the server, None without one; `modem` may be None.

    `on_ready(bool)` hears whether a message that is taken now can arrive, in the messenger's thread. `catalogues` are
    the texts by language. The modem gets what the server has certainly not taken for `modem_after_s` seconds.
    """

    def __init__(
        self,
        arbiter: Arbiter,
        clock: Clock,
        catalogues: Mapping[str, Catalogue],
        on_ready: Callable[[bool], None],
        *,
        line: PeerLine | None = None,
        modem: ModemPost | None = None,
        modem_after_s: float = 30.0,
    ) -> None:
        self._book = MessageBook(arbiter, clock, catalogues)
        self._clock = clock
        self._on_ready = on_ready
        self._line = line
        self._modem = modem
        self._modem_after_s = modem_after_s
        self._was_ready = self._is_cut_off = False
        self._gateway_heard_at = float("-inf")
        self._asked_at = self._asked_of_unknown_at = float("-inf")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="messenger", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        if self._modem is not None:
            self._modem.start()
        self._thread.start()

    def close(self, timeout_s: float = 2.0) -> None:
        """End the thread, then the modem and the line."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        if self._modem is not None:
            self._modem.close()
        if self._line is not None:
            self._line.close()

    def round(self) -> None:
        """Do what is due now: decide, hand over, ask, note. In the messenger's thread, or a test's.

        Raises StorageUnavailable, WriterClosedError.
        """
        pending = self._book.decide()
        told = self._with_server(pending)
        if self._ended.is_set():
            return  # What was told is asked for again after the next start.
        told |= self._with_modem(pending)
        told |= {
            each.id: Told("failed", "too_late")
            for each in pending
            if each.way == "" and each.valid_s <= 0 and each.id not in told
        }
        self._book.note(pending, told)
        self._tell_ready()

    def _serve(self) -> None:
        try:
            while not self._ended.wait(ROUND_S):
                try:
                    self.round()
                except StorageUnavailable as error:
                    _log.error("messenger_waits reason=%s", error.reason)
        except WriterClosedError:
            _log.info("messenger_ends reason=writer_closed")

    def _tell_ready(self) -> None:
        ready = self._can_arrive()
        if ready != self._was_ready:
            _log.info("messages can_arrive=%s", ready)
        self._was_ready = ready
        self._on_ready(ready)

    def _can_arrive(self) -> bool:
        if self._modem is not None and self._modem.ready:
            return True
        return self._clock.monotonic() - self._gateway_heard_at <= FRESH_S

    # --- the server

    def _with_server(self, pending: Sequence[Pending]) -> dict[str, Told]:
        """Ask how messages stand and hand new ones over; return what was told, by id."""
        if self._line is None:
            return {}
        now = self._clock.monotonic()
        fresh = [each for each in pending if each.way == "" and each.valid_s > 0 and each.phone is not None]
        theirs = [each for each in pending if each.way == "server"]
        of_unknown = now - self._asked_of_unknown_at >= ASK_OF_UNKNOWN_S
        asked = [each for each in theirs if of_unknown or each.state != "unknown"]
        is_new = any(each.age_s < NEW_FOR_S for each in asked if each.state != "unknown")
        unsure = [each for each in theirs if each.state == NEW]
        if not fresh and not unsure and now - self._asked_at < (ASK_SOON_S if is_new else ASK_S):
            return {}
        self._asked_at = now
        self._asked_of_unknown_at = now if of_unknown else self._asked_of_unknown_at
        try:
            told = self._ask(self._line, asked)
        except PeerUnavailable as error:
            if not self._is_cut_off:
                _log.info("messages_not_asked why=%s", error)
            self._is_cut_off = True
            return {}
        self._is_cut_off = False
        lost = [each for each in unsure if each.id not in told]
        # It was never taken, and now it is too late: the question just answered came after the request that was lost.
        told |= {each.id: Told("failed", "too_late") for each in lost if each.valid_s <= 0 or each.phone is None}
        again = [each for each in lost if each.id not in told]
        if fresh and self._modem is not None and not self._is_gateway_heard():
            fresh = []  # The server could only keep them; the modem can send them.
        return told | self._hand_over(self._line, fresh, again)

    def _is_gateway_heard(self) -> bool:
        return self._gateway_heard_at == self._asked_at

    def _ask(self, line: PeerLine, asked: Sequence[Pending]) -> dict[str, Told]:
        told: dict[str, Told] = {}
        for first in range(0, max(1, len(asked)), _MOST):
            ids = ",".join(each.id for each in asked[first : first + _MOST])
            answer = line.get(f"/v1/messages?ids={quote(ids, safe=':,.-_')}", timeout_s=_ANSWER_WITHIN_S)
            told |= self._read(answer)
        return told

    def _hand_over(self, line: PeerLine, fresh: Sequence[Pending], again: Sequence[Pending]) -> dict[str, Told]:
        """Hand messages over; those of `fresh` that the server has certainly not taken stay nobody's."""
        told: dict[str, Told] = {}
        batch = [*again, *fresh]
        for first in range(0, len(batch), _MOST):
            part = batch[first : first + _MOST]
            mine = [each for each in part if each.way == ""]
            self._book.give_way(mine, "server")
            try:
                told |= self._read(
                    line.post("/v1/messages", {"messages": [_wire(each) for each in part]}, timeout_s=_ANSWER_WITHIN_S)
                )
            except PeerUnavailable as error:
                _log.warning("messages_not_handed_over count=%d taken=%s why=%s", len(part), error.taken, error)
                if not error.taken:
                    self._book.give_way(mine, "")
                break
        return told

    def _read(self, answer: object) -> dict[str, Told]:
        """Return what the server said of messages, and take notice of its gateway."""
        said = answer if isinstance(answer, dict) else {}
        if said.get("gateway") is True:
            self._gateway_heard_at = self._asked_at
        else:
            self._gateway_heard_at = float("-inf")
        states, why = said.get("states"), said.get("why")
        reasons = why if isinstance(why, dict) else {}
        return {
            str(identity): Told(state, str(reasons.get(identity, "")))
            for identity, state in (states.items() if isinstance(states, dict) else ())
            if state in ("accepted", "sent") or state in SETTLED
        }

    # --- the modem

    def _with_modem(self, pending: Sequence[Pending]) -> dict[str, Told]:
        """Give the modem what nobody has taken for too long; return what it says of its own, by id."""
        if self._modem is None:
            return {}
        own = [each for each in pending if each.way == "modem"]
        told = self._modem.states([each.id for each in own]) if own else {}
        # A start that was cut off between the two writes: the outbox takes an id once, so it is given again.
        given = [each for each in own if each.id not in told]
        waited_s = self._modem_after_s if self._line is not None else 0.0
        ways = self._book.ways([each.id for each in pending if each.way == ""])
        for each in pending:
            is_nobodys = ways.get(each.id) == "" and each.phone is not None and each.valid_s > 0
            if is_nobodys and each.age_s >= waited_s and self._modem.ready:
                given.append(each)
        new = [each for each in given if each.way == ""]
        self._book.give_way(new, "modem")
        ready = [(each, each.phone) for each in given if each.phone is not None and each.valid_s > 0]
        messages = [Message(each.id, phone, each.lang, each.kind, each.text) for each, phone in ready]
        if messages:
            _log.warning("messages_by_modem count=%d", len(messages))
            told |= self._modem.submit(messages, {each.id: each.valid_s for each, _ in ready})
        told |= {each.id: Told("failed", "too_late") for each in own if each.id not in told and each.valid_s <= 0}
        return told


def _wire(message: Pending) -> dict[str, object]:
    return {
        "id": message.id,
        "to": message.phone,
        "lang": message.lang,
        "kind": message.kind.value,
        "text": message.text,
        "valid_s": message.valid_s,
    }
