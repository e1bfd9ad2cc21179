"""`scripts/bench [NAME...]`: measure, and print one JSON line a name."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from scripts.dawr_dev.bench import board, books, exchange, hub, paper, phones, replay, restart, rush, screens, sms, soak
from scripts.dawr_dev.bench.figures import Figures

NAMES: Mapping[str, Callable[[Path], Figures]] = {
    "first_frame": screens.first_frame,
    "first_frame_display": screens.first_frame_display,
    "tap_paint": screens.tap_paint,
    "tap_commit": screens.tap_commit,
    "tap_first_byte": screens.tap_first_byte,
    "ticket": paper.ticket,
    "ticket_printed": paper.ticket_printed,
    "print_frames": paper.print_frames,
    "hub_call": hub.call_alone,
    "hub_ticket": hub.ticket_alone,
    "hub_call_12": hub.call_12,
    "hub_ticket_12": hub.ticket_12,
    "call_painted": board.call_painted,
    "board_100": board.board_100,
    "follow_page": phones.follow_page,
    "sms_outbox": sms.sms_outbox,
    "hub_restart": restart.hub_restart,
    "replay": replay.replay,
    "exchange": exchange.exchange,
    "ticket_at_hub": exchange.ticket_at_hub,
    "display_catch_up": exchange.display_catch_up,
    "follower_catch_up": exchange.follower_catch_up,
    "drain": exchange.drain,
    "kiosk_soak": soak.kiosk_soak,
    "slots_week": books.slots_week,
    "book": books.book_alone,
    "book_12": books.book_12,
    "book_50": books.book_50,
    "book_pg": books.book_pg,
    "book_12_pg": books.book_12_pg,
    "book_50_pg": books.book_50_pg,
    "rush": rush.rush,
}


def main() -> int:
    """Measure what is asked for, all of it by default; return 1 when something could not be measured."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    chosen = parser.parse_args().names or list(NAMES)
    unknown = [name for name in chosen if name not in NAMES]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}")
    status = 0
    for name in chosen:
        folder = Path(tempfile.mkdtemp(prefix=f"dawr-bench-{name}-"))
        try:
            figures = NAMES[name](folder)
        except (OSError, RuntimeError, KeyError) as error:  # TimeoutError and ConnectionError are OSErrors
            figures, status = Figures(name=name, note=f"not measured: {error}"), 1
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        print(figures.line(), flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
