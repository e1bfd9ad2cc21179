"""What a queue's words mean, and schedulers by hand: those that a real one cannot be brought to be within seconds.

The real one is in test_cups_faults.py.
"""

from __future__ import annotations

import pytest

from printer import PaperLeft, State, Why
from printer.cups import Condition, Queue
from printer.devices import BadUrlError
from printer.ipp import Answer, Op, RefusedError
from printer.printing import ask_health, keep_logo


@pytest.mark.parametrize(
    ("said", "trouble", "left"),
    [
        (("none",), Why.NONE, PaperLeft.UNKNOWN),
        (("media-empty-error", "offline-report"), Why.PAPER_OUT, PaperLeft.OUT),
        (("media-needed",), Why.PAPER_OUT, PaperLeft.OUT),
        (("media-low-warning",), Why.NONE, PaperLeft.NEAR_END),
        (("cover-open",), Why.COVER_OPEN, PaperLeft.UNKNOWN),
        (("media-jam-error",), Why.ERROR, PaperLeft.UNKNOWN),
        (("connecting-to-device",), Why.CANNOT_CONNECT, PaperLeft.UNKNOWN),
        (("offline-report",), Why.OFFLINE, PaperLeft.UNKNOWN),
        (("marker-supply-low-warning",), Why.NONE, PaperLeft.UNKNOWN),
    ],
)
def test_what_a_queues_words_mean(said: tuple[str, ...], trouble: Why, left: PaperLeft) -> None:
    condition = Condition.of({"printer-state": (3,), "printer-state-reasons": said})
    assert (condition.trouble, condition.paper) == (trouble, left)


@pytest.mark.parametrize("url", ["cups://", "cups:///receipts", "cups://a/b", "cups://a?host=b"])
def test_an_address_that_is_no_queue(url: str) -> None:
    with pytest.raises(BadUrlError):
        ask_health(url)


def test_a_queue_is_no_wire() -> None:
    with pytest.raises(BadUrlError, match="no wire"):
        keep_logo("cups://receipts", None)  # type: ignore[arg-type]


class Told:
    """A scheduler by hand: what it says of the ticket's job, one state a look; the other jobs are handed over."""

    def __init__(self, *states: int | None, cancels: bool = True) -> None:
        self._states = list(states)
        self._cancels = cancels
        self._names: dict[int, str] = {}
        self.cancelled: list[str] = []
        self.limits: list[object] = []

    def __call__(self, _path, op: Op, given, job, data: bytes, *, timeout: float) -> Answer:
        assert timeout > 0
        words = {name: value for _, name, value in given}
        if op is Op.PRINTER_ATTRIBUTES:
            return Answer(((4, {"printer-state": (3,), "printer-state-reasons": ("none",)}),))
        if op is Op.JOBS:
            return Answer(())
        if op is Op.PRINT_JOB:
            number = len(self._names) + 1
            self._names[number] = words["job-name"]
            self.limits += [value for _, name, value in job if name == "job-cancel-after"]
            return Answer(((2, {"job-id": (number,), "job-state": (3,)}),))
        number = int(words["job-uri"].rsplit("/", 1)[1])
        name = self._names[number]
        if op is Op.CANCEL_JOB:
            self.cancelled.append(name)
            return Answer(())
        state: int | None = 9
        if "ticket" in name:
            state = (
                7 if self.cancelled and self._cancels else self._states.pop(0) if self._states[1:] else self._states[0]
            )
        if state is None:
            raise RefusedError(0x0406, "no such job")
        reasons = ("job-canceled-by-user",) if state == 7 else ("none",)
        said = {"job-name": (name,), "job-state": (state,), "job-state-reasons": reasons, "time-at-processing": (1,)}
        return Answer(((2, said),))


@pytest.mark.parametrize(
    ("told", "why", "cancelled"),
    [
        (Told(5, 9), Why.NO_ANSWER, False),
        (Told(5, 8), Why.CONNECTION_LOST, False),  # its backend gave up
        (Told(5, 3), Why.TIMEOUT, True),  # put back, to be begun again
        (Told(5, 6), Why.TIMEOUT, True),  # stopped with its queue
        (Told(5), Why.TIMEOUT, True),
        (Told(5, None), Why.NO_ANSWER, False),  # it keeps no history
        (Told(5, cancels=False), Why.CONNECTION_LOST, True),  # it does not let itself be cancelled
    ],
)
def test_what_a_scheduler_does_with_a_ticket(told: Told, why: Why, cancelled: bool) -> None:
    now = [0.0]

    def pause(seconds: float) -> None:
        now[0] += seconds

    queue = Queue("cups://receipts", 3, clock=lambda: now[0], pause=pause, request=told)
    outcome = queue.print(lambda: (b"ticket", b"cut"), clear=False, begin=lambda: None, first_byte=lambda _at: None)
    assert (outcome.state, outcome.why) == (State.UNKNOWN, why)
    assert ("dawr-ticket-3" in told.cancelled) == cancelled
    assert now[0] < 15, "an installer was promised an answer"
    assert told.limits
    assert set(told.limits) == {12}, "the scheduler ends what nobody cancels"
