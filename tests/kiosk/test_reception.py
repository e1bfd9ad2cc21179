"""What comes before the office is open waits, and without a log it is refused."""

from __future__ import annotations

import threading

from kiosk.known import Known
from kiosk.moves import Draft, NotIssued, Reason
from kiosk.reception import Openable, Reception
from sync.codes import BookingCode
from tests.kiosk.callboard import Board
from tests.kiosk.conftest import NOW

DRAFT = Draft("licence-renewal", "ar", None, None, False, None, None, "paper")


class NoDiskError(Exception):
    pass


class Back:
    """An office that opens when it is told to, and fails as often as it is told."""

    def __init__(self) -> None:
        self.may_open = threading.Event()
        self.opened = threading.Event()
        self.failures = 0
        self.done: list[tuple[str, int]] = []
        self.closed = 0

    def open(self) -> None:
        assert self.may_open.wait(10)
        if self.failures:
            self.failures -= 1
            raise NoDiskError
        self.opened.set()

    def close(self) -> None:
        self.closed += 1

    def look_up(self, turn: int, number: str) -> None:
        self.done.append(("look_up", turn))

    def check_in(self, turn: int, code: BookingCode) -> None:
        self.done.append(("check_in", turn))

    def find_ticket(self, turn: int, follow: str) -> None:
        self.done.append(("find_ticket", turn))

    def take(self, turn: int, draft: Draft, known: Known, touched: float) -> None:
        self.done.append(("take", turn))


def reception(back: Back, board: Board) -> Reception:
    def make() -> tuple[Openable, tuple[type[Exception], ...]]:
        return back, (NoDiskError,)

    return Reception(make, board, retry_s=0.01)


def test_what_comes_early_is_done_in_order_once_it_is_open() -> None:
    back, board = Back(), Board()
    front = reception(back, board)
    front.start()
    front.look_up(1, "850112345")
    front.take(2, DRAFT, Known(NOW), 0.0)
    assert back.done == []
    back.may_open.set()
    front.close()
    assert back.done == [("look_up", 1), ("take", 2)] and back.closed == 1


def test_without_a_log_it_refuses_until_one_can_be_had() -> None:
    back, board = Back(), Board()
    back.failures = 1
    front = reception(back, board)
    front.start()
    front.take(7, DRAFT, Known(NOW), 0.0)
    back.may_open.set()
    assert board.news.get(timeout=10) == NotIssued(7, Reason.STORAGE)
    assert back.opened.wait(10)
    front.close()
    front.take(8, DRAFT, Known(NOW), 0.0)
    assert back.done == [("take", 8)]
