"""A gateway that answers as it is told; `test_gateways.py` holds it to what the real ones do."""

from __future__ import annotations

import threading

from sms.life import Answer
from sms.outbox import Outgoing


class FakeGateway:
    """Takes every message, but for the numbers in `answers` and while it is down. `lines` as a real one has."""

    lines = 2
    look_every_s = 0.05

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.answers: dict[str, Answer] = {}
        self.up = True
        self.came = threading.Condition()
        self.hold = threading.Event()
        self.hold.set()

    def send(self, outgoing: Outgoing) -> Answer:
        answer = self.answers.get(outgoing.message.to, Answer.TAKEN) if self.up else Answer.DOWN
        self.hold.wait(10)
        with self.came:
            if answer not in (Answer.DOWN, Answer.LATER, Answer.REFUSED):
                self.sent.append(outgoing)
            self.came.notify_all()
        return answer

    def look(self) -> bool:
        return self.up

    def close(self) -> None:
        """Nothing is open."""

    def wait_for(self, count: int) -> list[Outgoing]:
        """Wait until so many messages went out; give them."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.sent) >= count, 10)
            return list(self.sent)
