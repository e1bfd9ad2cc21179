"""Sends what the outbox holds through one gateway, in a thread of its own; never the same message twice.

A batch is noted as being sent in one commit, goes out over as many lines as the gateway has, and its answers are noted
in one commit. With the gateway down nothing is begun: it is looked at, and messages wait in the outbox.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from sms.life import Answer
from sms.outbox import Outbox, Outgoing

log = logging.getLogger(__name__)

DOWN_LOOK_S = (1.0, 15.0)
"""One that is down is looked at after this, doubled each time up to that."""
_TIDY_EVERY = 100
"""Batches between two looks at what time has settled, when there is always something to send."""


class Gateway(Protocol):
    """Where messages go. `send` and `look` may take seconds."""

    @property
    def lines(self) -> int:
        """How many may be sent at the same time."""
        ...

    @property
    def look_every_s(self) -> float:
        """How often it is looked at while there is nothing to send."""
        ...

    def send(self, outgoing: Outgoing) -> Answer:
        """Send one message and return what became of the request. Any of `lines` threads; raises nothing known."""
        ...

    def look(self) -> bool:
        """Tell whether a message that is sent now would be taken. Sends nothing."""
        ...

    def close(self) -> None:
        """Let go of the lines."""
        ...


class Sender:
    """The thread. `start` it once; `wake` it when a message was taken."""

    def __init__(self, outbox: Outbox, gateway: Gateway, known: tuple[type[Exception], ...] = (sqlite3.Error,)) -> None:
        """`known` are the outbox's failures that pass."""
        self._outbox = outbox
        self._gateway = gateway
        self._known = known
        self._lines = ThreadPoolExecutor(gateway.lines, thread_name_prefix="sms-line")
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._ready = False
        self._answers: list[tuple[str, Answer]] = []
        self._looked = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="sms-sender", daemon=True)

    @property
    def ready(self) -> bool:
        """Whether the gateway took messages when it was last tried or looked at. Any thread."""
        return self._ready and self._thread.is_alive()

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def wake(self) -> None:
        """Look at the outbox now. Any thread."""
        self._wake.set()

    def wait_looked(self, timeout_s: float) -> bool:
        """Wait until the gateway was looked at for the first time; False when it was not."""
        return self._looked.wait(timeout_s)

    def close(self, timeout_s: float = 15.0) -> None:
        """End after the batch in hand; what waits is kept. A request that takes longer ends as unknown at the start."""
        self._ended.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        self._lines.shutdown(wait=not self._thread.is_alive(), cancel_futures=True)
        self._gateway.close()

    def _serve(self) -> None:
        looks = batches = 0
        idle_s = self._gateway.look_every_s
        while not self._ended.is_set():
            self._wake.clear()
            wait_s = DOWN_LOOK_S[1]
            try:
                if not self._ready:
                    self._set_ready(self._gateway.look())
                    looks = 0 if self._ready else looks + 1
                    wait_s = 0.0 if self._ready else min(DOWN_LOOK_S[1], DOWN_LOOK_S[0] * 2.0 ** (looks - 1))
                elif self._send_batch():
                    batches += 1
                    if batches % _TIDY_EVERY:
                        continue
                    wait_s = 0.0
                else:
                    due_s = self._outbox.next_due_s()
                    wait_s = idle_s if due_s is None else min(idle_s, max(0.05, due_s))
                self._outbox.pass_time()
            except self._known as error:
                log.error("outbox_unavailable error=%s", type(error).__name__)
            # One that is down is not asked more often because there is more to send.
            woken = (self._wake if self._ready else self._ended).wait(wait_s)
            if self._ready and not woken and wait_s >= idle_s:
                self._set_ready(self._gateway.look())

    def _send_batch(self) -> bool:
        """Send what is due, as much as goes at once; False when nothing was due."""
        if self._answers:
            # The disk failed before they could be noted. Until they are, nothing more goes out.
            self._outbox.settle(self._answers)
            self._answers = []
        batch = self._outbox.begin(2 * self._gateway.lines)
        if not batch:
            return False
        answers = list(self._lines.map(self._gateway.send, batch))
        self._answers = [(sent.message.id, answer) for sent, answer in zip(batch, answers, strict=True)]
        for sent, answer in zip(batch, answers, strict=True):
            log.info("message=%s kind=%s answer=%s", sent.message.id, sent.message.kind, answer)
        if Answer.DOWN in answers:
            self._set_ready(False)
        self._outbox.settle(self._answers)
        self._answers = []
        return True

    def _set_ready(self, ready: bool) -> None:
        if ready != self._ready or not self._looked.is_set():
            log.info("gateway ready=%s", ready)
        self._ready = ready
        self._looked.set()
