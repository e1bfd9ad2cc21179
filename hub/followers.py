"""Customers who follow their turns at the hub: its log and its say for `follow`, and wishes that the server hands on.

The hub alone decides a wish, whichever way it came: at its own page at once, from the server once for each wish's id.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial

from follow.house import NotHeardError
from follow.turn import Asked, Turn, Wish
from hub.arbiter import Arbiter
from queueing.centre import Centre
from queueing.commands import CancelTicket, Command, Rejoin, StepBack, StepOut
from queueing.decide import Refused, decide
from queueing.wire import Event
from sync.clock import Clock
from sync.line import PeerLine, PeerUnavailable
from sync.log import Page, Transaction
from sync.storage import StorageUnavailable
from sync.writer import WriterClosedError

WAIT_S = 15
"""How long the server may keep a question for wishes: also how soon it notices that the line is cut."""
ANSWER_S = WAIT_S + 10.0
RETRY_S = 5.0
KEPT = 2000
"""Decided wishes that are remembered; the server asks again for none that is older than its own memory of them."""

COMMANDS: dict[Wish, Callable[[str], Command]] = {
    Wish.LEAVE: CancelTicket,
    Wish.REJOIN: Rejoin,
    Wish.OUT: StepOut,
    Wish.BACK: StepBack,
}

_log = logging.getLogger(__name__)


class HubHouse:
    """The hub as `follow.house.House`: one centre, whose news is never old here."""

    def __init__(self, arbiter: Arbiter, device: str, clock: Clock) -> None:
        self._arbiter = arbiter
        self._device = device
        self._clock = clock

    def first_cursor(self) -> str:
        """Return the cursor of the day before the running one, as the arbiter noted it."""

        def look(tx: Transaction) -> str:
            rows = tx.connection.execute("SELECT cursor FROM day ORDER BY day DESC LIMIT 2").fetchall()
            return str(rows[1][0]) if len(rows) == 2 else ""

        return self._arbiter.writer.submit(look).result()

    def read(self, after: str) -> Page:
        """Return the log's next page."""
        return self._arbiter.writer.submit(lambda tx: tx.log.read(after)).result()

    def centre_of(self, event: Event) -> str | None:
        """Return the one centre."""
        return self._arbiter.settings.centre.id

    def centre(self, centre: str) -> Centre | None:
        """Return its settings."""
        return self._arbiter.settings.centre

    def arbiter(self, centre: str) -> str:
        """Return this hub."""
        return self._device

    def news_at(self, centre: str, now: datetime) -> datetime | None:
        """Say that the news is new: it is made here."""
        return None

    def asked(self, turn: Turn, now: datetime) -> Asked | None:
        """Say that nothing waits: a wish is decided at once."""
        return None

    async def ask(self, turn: Turn, wish: Wish) -> bool:
        """Decide a wish; False when the rule says no. Raises NotHeardError."""
        writer = self._arbiter.writer
        try:
            is_granted = await writer.run(lambda tx: grant(self._arbiter, tx, turn.ticket, wish, self._clock))
            # The commit's listeners are called after its waiters: the next job comes when the follower has heard of it.
            await writer.run(lambda tx: None)
            return is_granted
        except (StorageUnavailable, WriterClosedError) as error:
            raise NotHeardError from error


def grant(arbiter: Arbiter, tx: Transaction, ticket: str, wish: Wish, clock: Clock) -> bool:
    """Do what a customer wishes, if the rule allows it; say whether it did. In the writer's thread."""
    try:
        made = decide(arbiter.hall.state, COMMANDS[wish](ticket), arbiter.settings.centre, clock.now())
    except Refused as refused:
        _log.info("wish_refused ticket=%s wish=%s reason=%s", ticket, wish, refused.reason)
        return False
    arbiter.note(tx, made)
    return True


class WishLine:
    """Asks the server for the wishes of its customers, and has each decided once. A thread of its own.

    The server answers at once, too, when the centre's settings or the day's bookings are other ones: `on_version` is
    told which version they have, in this thread.
    """

    def __init__(
        self,
        arbiter: Arbiter,
        line: PeerLine,
        clock: Clock,
        on_version: Callable[[int], object] = lambda _version: None,
    ) -> None:
        self._on_version = on_version
        self._version: int | None = None
        self._has_heard = False
        self._arbiter = arbiter
        self._line = line
        self._clock = clock
        self._ended = threading.Event()
        self._is_up = True
        self._thread = threading.Thread(target=self._serve, name="wishes", daemon=True)

    def start(self) -> None:
        """Start the thread, after the arbiter."""
        self._thread.start()

    def close(self, timeout_s: float = 0.5) -> None:
        """End the thread; a question under way is left to itself."""
        self._ended.set()
        self._line.close()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def _serve(self) -> None:
        after: int | None = None
        try:
            while not self._ended.is_set():
                try:
                    after = self._ask(self._arbiter.writer.submit(_newest).result() if after is None else after)
                except StorageUnavailable as error:
                    # What was decided is remembered by its id; the server tells the rest again.
                    _log.error("wishes_wait reason=%s", error.reason)
                    self._ended.wait(RETRY_S)
        except WriterClosedError:
            _log.info("wishes_end reason=writer_closed")

    def _ask(self, after: int) -> int:
        try:
            version = "" if self._version is None else f"&version={self._version}"
            # The first question is answered at once: from the second on the server knows what is news to us.
            wait_s = WAIT_S if self._has_heard else 0
            said = self._line.get(f"/v1/wishes?after={after}&wait={wait_s}{version}", timeout_s=ANSWER_S)
            wishes = _wishes(said)
            self._has_heard = True
            self._hear_version(said)
        except (PeerUnavailable, ValueError) as error:
            if self._is_up:  # Once for each time that the line is cut, which may be for hours.
                _log.info("wishes_not_fetched kind=%s why=%s", type(error).__name__, error)
            self._is_up = False
            self._ended.wait(RETRY_S)
            return after
        self._is_up = True
        for number, ticket, wish in wishes:
            if self._ended.is_set():
                return after
            self._arbiter.writer.submit(partial(self._decide, number, ticket, wish)).result()
            after = max(after, number)
        return after

    def _hear_version(self, said: object) -> None:
        """Tell of the version, if the server is one that says it, when it is not the one that it said before."""
        version = said.get("version") if isinstance(said, dict) else None
        if type(version) is int and version != self._version:
            self._version = version
            self._on_version(version)

    def _decide(self, number: int, ticket: str, wish: Wish | None, tx: Transaction) -> None:
        """Decide a wish and remember that, in one commit; a wish that was decided stays as it was."""
        if tx.connection.execute("SELECT 1 FROM wish WHERE id = ?", (number,)).fetchone():
            return
        is_granted = wish is not None and grant(self._arbiter, tx, ticket, wish, self._clock)
        tx.connection.execute("INSERT INTO wish (id, granted) VALUES (?, ?)", (number, is_granted))
        tx.connection.execute(
            "DELETE FROM wish WHERE id <= (SELECT id FROM wish ORDER BY id DESC LIMIT 1 OFFSET ?)", (KEPT,)
        )


def _newest(tx: Transaction) -> int:
    return int(tx.connection.execute("SELECT coalesce(max(id), 0) FROM wish").fetchone()[0])


def _wishes(said: object) -> list[tuple[int, str, Wish | None]]:
    """Read the server's answer; a wish of a later version is None: known, and not granted. Raises ValueError."""
    rows = said.get("wishes") if isinstance(said, dict) else None
    if not isinstance(rows, list):
        raise ValueError("wishes: a list")
    found = []
    for row in rows:
        if not isinstance(row, dict) or type(row.get("id")) is not int or not isinstance(row.get("ticket"), str):
            raise ValueError("wishes: id, ticket, what")
        what = row.get("what")
        found.append((row["id"], row["ticket"], Wish(what) if what in set(Wish) else None))
    return sorted(found, key=lambda each: each[0])
