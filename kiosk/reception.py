"""Stands before the office while it opens: what comes too early waits, and without a log it is refused kindly.

The office is imported and opened in a thread of its own, so that its imports and its disk keep no frame waiting.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from kiosk.known import Known
from kiosk.moves import Draft, NotIssued, Reason
from kiosk.session import Backstage, Callboard

if TYPE_CHECKING:
    from kiosk.staff.moves import Heard
    from kiosk.staff.session import Backroom
    from sync.codes import BookingCode

log = logging.getLogger(__name__)


class Openable(Backstage, Protocol):
    """A backstage that has to be opened and closed."""

    def open(self) -> None:
        """Open it. Raises what `Reception` was told to take as unavailable."""
        ...

    def close(self) -> None:
        """Close it, also when it was not opened wholly."""
        ...

    def errands(self, tell: Callable[[Heard], None]) -> Backroom:
        """Return who does what staff ask for; `tell` takes the answers."""
        ...


class Reception:
    """Opens the office that `make` gives, again every `retry_s` seconds while its storage cannot be used.

    `make` returns the office and the exceptions of its `open` that are no bugs.
    """

    def __init__(
        self,
        make: Callable[[], tuple[Openable, tuple[type[Exception], ...]]],
        callboard: Callboard,
        retry_s: float = 5.0,
    ) -> None:
        self._make = make
        self._callboard = callboard
        self._retry_s = retry_s
        self._office: Openable | None = None
        self._early: list[Callable[[Backstage], None]] = []
        self._failed = False
        self._door = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="office")

    def start(self) -> None:
        """Begin to open the office."""
        self._thread.start()

    def close(self) -> None:
        """Close the office, and stop trying to open one."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()
        if self._office is not None:
            self._office.close()

    def look_up(self, turn: int, number: str) -> None:
        """Pass it on, at once or when the office opens."""
        self._pass(turn, lambda office: office.look_up(turn, number))

    def check_in(self, turn: int, code: BookingCode) -> None:
        """Pass it on, at once or when the office opens."""
        self._pass(turn, lambda office: office.check_in(turn, code))

    def find_ticket(self, turn: int, follow: str) -> None:
        """Pass it on, at once or when the office opens."""
        self._pass(turn, lambda office: office.find_ticket(turn, follow))

    def take(self, turn: int, draft: Draft, known: Known, touched: float) -> None:
        """Pass it on, at once or when the office opens."""
        self._pass(turn, lambda office: office.take(turn, draft, known, touched))

    def errands(self, tell: Callable[[Heard], None]) -> Backroom | None:
        """Return who does what staff ask for, None while the office is not open."""
        with self._door:
            office = self._office
        return office.errands(tell) if office is not None else None

    def _pass(self, turn: int, errand: Callable[[Backstage], None]) -> None:
        with self._door:
            office, failed = self._office, self._failed
            if office is None and not failed:
                self._early.append(errand)
        if office is not None:
            errand(office)
        elif failed:
            self._callboard.tell(NotIssued(turn, Reason.STORAGE))

    def _run(self) -> None:
        while not self._ended.is_set():
            office, unavailable = self._make()
            try:
                office.open()
            except unavailable as error:
                log.error("office_closed error=%s", error)
                office.close()
                self._refuse_early()
                self._ended.wait(self._retry_s)
                continue
            with self._door:
                self._office = office
                early, self._early = self._early, []
            for errand in early:
                errand(office)
            return

    def _refuse_early(self) -> None:
        with self._door:
            self._failed = True
            early, self._early = self._early, []
        for errand in early:
            errand(_Closed(self._callboard))


class _Closed:
    """An office without a log: it refuses."""

    def __init__(self, callboard: Callboard) -> None:
        self._callboard = callboard

    def look_up(self, turn: int, number: str) -> None:
        """Refuse."""
        self._callboard.tell(NotIssued(turn, Reason.STORAGE))

    def check_in(self, turn: int, code: BookingCode) -> None:
        """Refuse."""
        self._callboard.tell(NotIssued(turn, Reason.STORAGE))

    def find_ticket(self, turn: int, follow: str) -> None:
        """Refuse."""
        self._callboard.tell(NotIssued(turn, Reason.STORAGE))

    def take(self, turn: int, draft: Draft, known: Known, touched: float) -> None:
        """Refuse."""
        self._callboard.tell(NotIssued(turn, Reason.STORAGE))
