"""The last board on disk, so that after a power cut the hall sees it before there is any network (H5).

Written whole and atomically, in a thread of its own: a slow disk must not hold a frame back.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from display.board import Board, BoardError

log = logging.getLogger(__name__)

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """A board as it came, when the source was last heard, and the calls that were announced."""

    state: Mapping[str, object]
    heard_at: datetime
    announced: tuple[str, ...]

    @property
    def board(self) -> Board:
        """The board read. Raises BoardError."""
        return Board.from_json(self.state)


def load(path: Path) -> Kept | None:
    """Read the kept board; None when there is none, or none that can be used, which is logged."""
    try:
        page = json.loads(path.read_text(encoding="utf-8"))
        if page["format"] != FORMAT:
            raise ValueError(f"format {page['format']}")
        kept = Kept(page["state"], datetime.fromisoformat(page["heard_at"]), tuple(map(str, page["announced"])))
        kept.board  # noqa: B018  # read once, so that a caller need not fear it
        if kept.heard_at.tzinfo is None:
            raise ValueError("heard_at names no zone")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, BoardError) as error:
        log.warning("kept_board_unusable why=%s:%s", type(error).__name__, error)
        return None
    return kept


def save(path: Path, kept: Kept) -> None:
    """Write it whole, or leave what was there. Raises OSError."""
    page = {
        "format": FORMAT,
        "heard_at": kept.heard_at.isoformat(),
        "announced": kept.announced,
        "state": kept.state,
    }
    passing = path.with_suffix(".new")
    with passing.open("w", encoding="utf-8") as file:
        json.dump(page, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    passing.replace(path)


class BoardKeeper:
    """Saves in its own thread; of boards that come faster than the disk, the newest.

    `mark` remembers beyond a restart whether the display is out of service; it may raise OSError.
    """

    def __init__(
        self,
        path: Path,
        write: Callable[[Path, Kept], None] = save,
        mark: Callable[[bool], None] = lambda is_revoked: None,
    ) -> None:
        self._path = path
        self._write = write
        self._mark = mark
        self._newest: Kept | None = None
        self._barred: bool | None = None
        self._ending = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="board-keeper", daemon=True)
        self._thread.start()

    def keep(self, kept: Kept) -> None:
        """Have it saved soon."""
        with self._changed:
            self._newest = kept
            self._changed.notify()

    def bar(self, is_revoked: bool) -> None:
        """Have the mark made and what was saved removed soon; or the mark taken away."""
        with self._changed:
            self._barred = is_revoked
            if is_revoked:
                self._newest = None
            self._changed.notify()

    def close(self) -> None:
        """Save what is left and end the thread."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._newest is not None or self._barred is not None or self._ending,
                )
                kept, self._newest = self._newest, None
                barred, self._barred = self._barred, None
            if kept is None and barred is None:
                return
            try:
                if barred is not None:
                    # The mark first: after a power cut no board is shown of which there was no time to be rid.
                    self._mark(barred)
                    if barred:
                        self._path.unlink(missing_ok=True)
                if kept is not None:
                    self._write(self._path, kept)
            except OSError as error:
                # A full or broken disk: the board on the glass is unharmed; the next one tries again.
                log.warning("board_not_kept why=%s", error)
